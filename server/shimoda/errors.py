"""What can go wrong, in one shape for terminal and HTTP.

ShimodaError
├── InputError           what the caller sent cannot be used
│   ├── SyntaxProblem    a text does not parse; carries file, line and column
│   ├── UnknownName      a name that does not exist; carries the nearest ones
│   ├── NotAcceptable    no media type that the caller accepts can hold the answer
│   ├── InconsistentData the statements cannot all hold
│   └── MalformedAxiom   an axiom has something else where a class, a property or a list must stand
├── Outdated             what was to be changed is not what the caller knows
├── Refused              understood, and not allowed here
├── LimitExceeded        stopped at a limit; carries the limit's name
│   └── TooLarge         what was asked for, or sent, is bigger than allowed
├── Overloaded           too much at once; carries when to come back
└── Unavailable          something needed does not answer
"""

from typing import Any, ClassVar

__all__ = [
    "InconsistentData",
    "InputError",
    "LimitExceeded",
    "MalformedAxiom",
    "NotAcceptable",
    "Outdated",
    "Overloaded",
    "Refused",
    "ShimodaError",
    "SyntaxProblem",
    "TooLarge",
    "Unavailable",
    "UnknownName",
]


class ShimodaError(Exception):
    """Root of every error that a user may see; each names its code and its HTTP status, and its docstring is its title.

    ``detail`` is a sentence for a person; ``where`` holds further members of the problem document
    (RFC 9457 section 3.2): ``file``, ``line``, ``column`` (both from 1), ``nearest``, ``limit`` …
    """

    code, status, title = "error", 500, "Something went wrong"
    kinds: ClassVar[dict[str, type["ShimodaError"]]] = {}

    def __init_subclass__(cls, code: str, status: int | None = None) -> None:
        cls.kinds[code] = cls
        cls.code, cls.status, cls.title = code, status or cls.status, str(cls.__doc__).rstrip(".")

    def __init__(self, detail: str, **where: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = {name: value for name, value in where.items() if value is not None}

    def problem(self) -> dict[str, Any]:
        """Return the members of a problem document (RFC 9457 section 3.1)."""
        kind = f"https://w3id.org/shimoda/problem/{self.code}"
        about = {
            "type": kind,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
        }
        return about | self.where

    def __str__(self) -> str:
        place = ":".join(
            str(self.where[name]) for name in ("file", "line", "column") if name in self.where
        )
        return f"{place}: {self.detail}" if place else self.detail


class InputError(ShimodaError, code="bad-input", status=400):
    """The request cannot be used."""


class SyntaxProblem(InputError, code="syntax"):
    """The text does not parse."""


class UnknownName(InputError, code="unknown-name", status=404):
    """There is nothing of that name."""


class NotAcceptable(InputError, code="not-acceptable", status=406):
    """No acceptable format."""


class InconsistentData(InputError, code="inconsistent", status=409):
    """The statements contradict each other."""


class MalformedAxiom(InputError, code="malformed-axiom", status=422):
    """An axiom is malformed."""


class Outdated(ShimodaError, code="outdated", status=412):
    """It has changed in the meantime."""


class Refused(ShimodaError, code="refused", status=403):
    """That is not allowed here."""


class LimitExceeded(ShimodaError, code="limit", status=503):
    """A limit was reached."""


class TooLarge(LimitExceeded, code="too-large", status=413):
    """That is too large."""


class Overloaded(ShimodaError, code="overloaded", status=503):
    """Too many requests at once."""


class Unavailable(ShimodaError, code="unavailable", status=503):
    """A part of the service does not answer."""
