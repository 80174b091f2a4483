"""Every setting of the server, declared once: name, type, default, meaning, environment name."""
# ruff: noqa: RUF009 (``declare`` returns a dataclasses.field, which the rule cannot see)

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from types import UnionType
from typing import Any, Self, get_args, get_origin, get_type_hints

from shimoda.errors import InputError

SWITCH = dict.fromkeys(("1", "true", "yes", "on"), True)
SWITCH |= dict.fromkeys(("0", "false", "no", "off"), False)
Texts = tuple[str, ...]


def declare(default: Any, meaning: str, *, secret: bool = False) -> Any:
    """Declare a field of :class:`Settings`; a secret one is never shown."""
    return field(default=default, metadata={"meaning": meaning, "secret": secret}, repr=not secret)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What an operator can choose. Sizes and times say their unit; 0 is no limit only where it says so."""

    host: str = declare("127.0.0.1", "Address to listen on.")
    port: int = declare(7878, "Port to listen on.")
    source: Path | None = declare(None, "A copy of the article, to show its sentences from.")
    store: Path | None = declare(None, "Folder of an on-disk store; without it all is in memory.")
    replica: int = declare(128, "MiB that an on-disk store may have to be in memory, too; 0: none.")
    writable: bool = declare(False, "Allow writes to /update and /graphs; needs store and token.")
    token_file: Path | None = declare(None, "File of bearer tokens that may write, one a line.")
    tokens: Texts = declare((), "Bearer tokens that may write (in the environment).", secret=True)
    empty: bool = declare(False, "Start on an empty dataset and derive nothing: a plain store.")
    unprotected: bool = declare(False, "Let writes delete the triples that come with Shimoda.")
    federate: Texts = declare((), "Endpoints that SERVICE may reach: IRIs, wikidata, dbpedia.")
    federate_timeout: float = declare(20.0, "Seconds that a query with SERVICE may take.")
    load_from: Texts = declare((), "IRI prefixes that LOAD may fetch from.")
    engine: str | None = declare(None, "SPARQL endpoint that holds the dataset, if not this one.")
    public_url: str | None = declare(None, "Address that the public uses, if behind a proxy.")
    trusted_proxies: Texts = declare((), "Proxies (addresses, networks) whose X-Forwarded-* count.")
    timeout: float = declare(10.0, "Seconds that a query may take.")
    update_timeout: float = declare(60.0, "Seconds that a write may take.")
    memory: int = declare(1024, "MiB of memory that a query may take.")
    max_rows: int = declare(1_000_000, "Rows or triples that an answer may have.")
    max_bytes: int = declare(256 * 2**20, "Bytes that an answer may have, before compression.")
    max_body: int = declare(64 * 2**20, "Bytes that a write's body may have, decompressed.")
    max_query: int = declare(2 * 2**20, "Bytes that any other body may have, decompressed.")
    max_header: int = declare(64 * 2**10, "Bytes that a request's head, with its URL, may have.")
    header_timeout: float = declare(10.0, "Seconds that a client may take to send the head.")
    body_timeout: float = declare(30.0, "Seconds that a client may take to send the body.")
    workers: int = declare(0, "Queries that run at once; 0: two a processor, at least four.")
    queue: int = declare(64, "Queries that may wait for a worker; more are answered 503.")
    http_workers: int = declare(1, "Processes that speak HTTP.")
    rate: int = declare(0, "Requests that one client may make in a minute; 0: no limit.")
    cache: int = declare(64, "MiB of answers kept for requests that come again; 0: none.")
    cors_origins: Texts = declare(("*",), "Origins whose scripts may read answers; * for all.")
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
            if value is None:
                value = environ.get(setting.environment)
            if value is not None:
                given[setting.name] = setting.read(value) if isinstance(value, str) else value
        return cls(**given)

    def shown(self) -> dict[str, Any]:
        """Return every setting that is no secret, with values that JSON can hold."""
        values = {one.name: getattr(self, one.name) for one in SETTINGS if not one.secret}
        return {name: str(one) if isinstance(one, Path) else one for name, one in values.items()}


@dataclass(frozen=True, slots=True)
class Setting:
    """One declaration: ``kind`` is the type of a value, or of each value where there may be ``many``."""

    name: str
    kind: type
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
            name, kind = f"{self.option} ({self.environment})", self.kind.__name__
            raise InputError(f"{name} takes a {kind}, not {text!r}.", setting=self.name) from None


def declared() -> Iterator[Setting]:
    """Read the declarations of :class:`Settings`."""
    hints = get_type_hints(Settings)
    for one in fields(Settings):
        hint = hints[one.name]
        many = get_origin(hint) is tuple
        kind = get_args(hint)[0] if many or isinstance(hint, UnionType) else hint
        yield Setting(one.name, kind, many, one.default, **one.metadata)


SETTINGS: tuple[Setting, ...] = tuple(declared())
