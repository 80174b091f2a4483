"""Every setting of the server, declared once: name, type, default, meaning, environment name."""
# ruff: noqa: RUF009 (``declare`` returns a dataclasses.field, which the rule cannot see)

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

from shimoda.errors import InputError

Scalar = type[str] | type[int] | type[float] | type[bool] | type[Path]
SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True) | dict.fromkeys(
    ("0", "false", "no", "off"), False
)


def declare(default: Any, meaning: str, *, secret: bool = False) -> Any:
    """Declare a field of :class:`Settings`; a secret one is never shown."""
    return field(default=default, metadata={"meaning": meaning, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True)
class Setting:
    """One declaration: ``kind`` is the type of a value, or of each value where there may be ``many``."""

    name: str
    kind: Scalar
    many: bool
    default: Any
    meaning: str
    secret: bool

    @property
    def option(self) -> str:
        """The option of ``shimoda serve``."""
        return "--" + self.name.replace("_", "-")

    @property
    def environment(self) -> str:
        """The environment variable that sets it where the option is not given."""
        return "SHIMODA_" + self.name.upper()

    def read(self, text: str) -> Any:
        """Read a value as written in the environment or after the option; several stand with commas."""
        if self.many:
            return tuple(self.convert(part.strip()) for part in text.split(",") if part.strip())
        return self.convert(text.strip())

    def convert(self, text: str) -> Any:
        """Turn one text into ``kind``; InputError names the setting."""
        try:
            return SWITCH[text.lower()] if self.kind is bool else self.kind(text)
        except (ValueError, KeyError):
            detail = (
                f"{self.option} ({self.environment}) takes a {self.kind.__name__}, not {text!r}."
            )
            raise InputError(detail, setting=self.name) from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose. Sizes and times say their unit; 0 is no limit only where it says so."""

    host: str = declare("127.0.0.1", "Address to listen on.")
    port: int = declare(7878, "Port to listen on.")
    source: Path | None = declare(None, "A copy of the article, to show its sentences from.")
    store: Path | None = declare(
        None, "Folder of an on-disk store; without it the dataset is in memory."
    )
    writable: bool = declare(
        False, "Allow writes through /update and /graphs; needs a store and a token."
    )
    token_file: Path | None = declare(None, "File of bearer tokens that may write, one a line.")
    tokens: tuple[str, ...] = declare(
        (), "Bearer tokens that may write (for the environment).", secret=True
    )
    empty: bool = declare(False, "Start on an empty dataset and derive nothing: a plain store.")
    unprotected: bool = declare(False, "Let writes delete the triples that come with Shimoda.")
    federate: tuple[str, ...] = declare(
        (), "Endpoints that SERVICE may reach: IRIs, wikidata, dbpedia."
    )
    federate_timeout: float = declare(20.0, "Seconds that a query with SERVICE may take.")
    load_from: tuple[str, ...] = declare((), "IRI prefixes that LOAD may fetch from.")
    engine: str | None = declare(
        None, "SPARQL endpoint that holds the dataset, if not this server."
    )
    public_url: str | None = declare(
        None, "Address at which the public reaches this server, behind a proxy."
    )
    trusted_proxies: tuple[str, ...] = declare(
        (), "Proxies (addresses, networks) whose X-Forwarded-* count."
    )
    timeout: float = declare(10.0, "Seconds that a query may take.")
    update_timeout: float = declare(60.0, "Seconds that a write may take.")
    memory: int = declare(1024, "MiB of memory that a query may take.")
    max_rows: int = declare(1_000_000, "Rows or triples that an answer may have.")
    max_bytes: int = declare(256 * 2**20, "Bytes that an answer may have, before compression.")
    max_body: int = declare(
        64 * 2**20, "Bytes that the body of a write may have, after decompression."
    )
    max_query: int = declare(2 * 2**20, "Bytes that any other body may have, after decompression.")
    max_header: int = declare(
        64 * 2**10, "Bytes that a request's head, its URL included, may have."
    )
    header_timeout: float = declare(
        10.0, "Seconds that a client may take to send a request's head."
    )
    body_timeout: float = declare(30.0, "Seconds that a client may take to send a request's body.")
    workers: int = declare(
        0, "Queries that run at the same time; 0: two for each processor, at least four."
    )
    queue: int = declare(64, "Queries that may wait for a worker; more are answered 503 at once.")
    http_workers: int = declare(1, "Processes that speak HTTP.")
    rate: int = declare(0, "Requests that one client may make in a minute; 0: no limit.")
    cache: int = declare(
        64, "MiB of answers kept for the same request on the same dataset; 0: none."
    )
    cors_origins: tuple[str, ...] = declare(
        ("*",), "Origins whose scripts may read answers; * for all."
    )
    metrics: bool = declare(True, "Show metrics for Prometheus at /-/metrics.")
    log_format: str = declare("json", "How each request is logged: json, text or none.")

    @classmethod
    def gather(cls, options: Mapping[str, Any], environ: Mapping[str, str]) -> Self:
        """Take each setting from the options, else the environment, else its default.

        An option that is absent or None was not given. Texts are read as :meth:`Setting.read` does.
        """
        given: dict[str, Any] = {}
        for setting in SETTINGS:
            value = options.get(setting.name)
            value = environ.get(setting.environment) if value is None else value
            if value is not None:
                given[setting.name] = setting.read(value) if isinstance(value, str) else value
        return cls(**given)

    def shown(self) -> dict[str, Any]:
        """Return every setting that is no secret, with values that JSON can hold."""
        values = {one.name: getattr(self, one.name) for one in SETTINGS if not one.secret}
        return {
            name: str(value) if isinstance(value, Path) else value for name, value in values.items()
        }


def declared() -> Iterable[Setting]:
    """Read the declarations of :class:`Settings`."""
    hints = get_type_hints(Settings)
    for one in fields(Settings):
        hint = hints[one.name]
        many = get_origin(hint) is tuple
        kind = get_args(hint)[0] if many or isinstance(hint, UnionType) else hint
        yield Setting(
            one.name, kind, many, one.default, one.metadata["meaning"], one.metadata["secret"]
        )


SETTINGS: tuple[Setting, ...] = tuple(declared())
