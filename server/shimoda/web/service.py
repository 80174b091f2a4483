"""What the views share: the engine, the settings, the log, and who may write (bearer tokens, RFC 6750)."""

from dataclasses import dataclass
from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from flask import current_app
from werkzeug.datastructures import Authorization

from shimoda.engine.interface import Engine
from shimoda.errors import InputError, Refused
from shimoda.settings import Settings
from shimoda.web.problems import Unauthorized

if TYPE_CHECKING:
    from shimoda.web.log import Log

EXTENSION = "shimoda"


class Tokens:
    """The tokens that may write, kept as digests."""

    def __init__(self, settings: Settings):
        """Read the tokens; InputError when the file cannot be read, or when writes are on and no token is given."""
        self.writable = settings.writable
        self.digests = tuple(digest(token) for token in (*settings.tokens, *listed(settings)))
        if self.writable and not self.digests:
            raise InputError(
                "Writes need a token: give --token-file FILE, or SHIMODA_TOKENS in the environment."
            )

    def check(self, authorization: str | None) -> None:
        """Raise Refused where nobody may write, Unauthorized where this client may not."""
        if not self.writable:
            raise Refused("This server is read-only.")
        if not self.accept(authorization):
            raise Unauthorized(
                "Writing needs a token that counts here: send Authorization: Bearer TOKEN."
            )

    def accept(self, authorization: str | None) -> bool:
        """Tell whether a header holds a token that may write; each is compared, whichever it is."""
        sent = digest(token_of(authorization or ""))
        return sum(compare_digest(sent, known) for known in self.digests) > 0


def token_of(authorization: str) -> str:
    """Return the token that a header holds; "", which is none, if it holds none.

    It may be the password of HTTP Basic credentials (RFC 7617), the only ones that many clients can send. No challenge
    asks for these: a browser would keep them, and send them with whatever another site has it post here.
    """
    scheme, _, credentials = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    given = Authorization.from_header(authorization)
    return given.password or "" if given and given.type == "basic" else ""


def digest(token: str) -> bytes:
    """Return a digest of fixed length, so that the comparison tells nothing about the token's length."""
    return sha256(token.encode("utf-8", "surrogateescape")).digest()


def listed(settings: Settings) -> list[str]:
    """Return the tokens of the file, one a line; empty lines and lines that start with # do not count."""
    if settings.token_file is None:
        return []
    try:
        lines = settings.token_file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"The token file cannot be read: {error}.", file=str(settings.token_file)
        ) from None
    return [line.strip() for line in lines if line.strip() and not line.startswith("#")]


@dataclass(frozen=True, slots=True)
class Service:
    """One running server."""

    engine: Engine
    settings: Settings
    tokens: Tokens
    log: "Log"


def service() -> Service:
    """Return the server that answers the current request."""
    found = current_app.extensions[EXTENSION]
    assert isinstance(found, Service)
    return found
