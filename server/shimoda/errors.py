"""What can go wrong, in one shape for terminal and HTTP.

ShimodaError
├── InputError           what the caller sent cannot be used
│   ├── SyntaxProblem    a text does not parse; carries file, line and column
│   ├── UnknownName      a name that does not exist; carries the nearest ones
│   ├── NotAcceptable    no media type that the caller accepts can hold the answer
│   └── InconsistentData the statements cannot all hold
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
    "NotAcceptable",
    "Overloaded",
    "Refused",
    "ShimodaError",
    "SyntaxProblem",
    "TooLarge",
    "Unavailable",
    "UnknownName",
]


class ShimodaError(Exception):
    """Root of every error that a user may see.

    ``detail`` is a sentence for a person; ``where`` holds further members of the problem document
    (RFC 9457 section 3.2): ``file``, ``line``, ``column`` (both from 1), ``nearest``, ``limit`` …
    """

    code: ClassVar[str] = "error"
    status: ClassVar[int] = 500
    title: ClassVar[str] = "Something went wrong"

    def __init__(self, detail: str, **where: Any) -> None:
        super().__init__(detail)
        self.detail = detail
        self.where = {name: value for name, value in where.items() if value is not None}

    def problem(self) -> dict[str, Any]:
        """Return the members of a problem document (RFC 9457 section 3.1)."""
        return {
            "type": f"https://w3id.org/shimoda/problem/{self.code}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "code": self.code,
            **self.where,
        }

    def __str__(self) -> str:
        place = ":".join(str(self.where[name]) for name in ("file", "line", "column") if name in self.where)
        return f"{place}: {self.detail}" if place else self.detail


class InputError(ShimodaError):
    """What the caller sent cannot be used."""

    code, status, title = "bad-input", 400, "The request cannot be used"


class SyntaxProblem(InputError):
    """A text does not parse."""

    code, title = "syntax", "The text does not parse"


class UnknownName(InputError):
    """A name that does not exist here."""

    code, status, title = "unknown-name", 404, "There is nothing of that name"


class NotAcceptable(InputError):
    """No media type that the caller accepts can hold the answer."""

    code, status, title = "not-acceptable", 406, "No acceptable format"


class InconsistentData(InputError):
    """The statements cannot all hold together."""

    code, status, title = "inconsistent", 409, "The statements contradict each other"


class Refused(ShimodaError):
    """Understood, and not allowed here."""

    code, status, title = "refused", 403, "That is not allowed here"


class LimitExceeded(ShimodaError):
    """Stopped at a limit."""

    code, status, title = "limit", 503, "A limit was reached"


class TooLarge(LimitExceeded):
    """What was asked for, or sent, is bigger than allowed."""

    code, status, title = "too-large", 413, "That is too large"


class Overloaded(ShimodaError):
    """Too much at once."""

    code, status, title = "overloaded", 503, "Too many requests at once"


class Unavailable(ShimodaError):
    """Something that is needed does not answer."""

    code, status, title = "unavailable", 503, "A part of the service does not answer"
