"""The parameters of a request, decoded strictly: what is not UTF-8 or not percent-encoded is refused."""

import re
from typing import Self
from urllib.parse import parse_qsl

from pyoxigraph import NamedNode
from werkzeug.datastructures import MultiDict

from shimoda.errors import InputError

STRAY_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
MOST_FIELDS = 10_000


class Parameters(MultiDict[str, str]):
    """Names and values; a name may occur more than once."""

    @classmethod
    def decode(cls, raw: bytes) -> Self:
        """Decode a query string or a form (application/x-www-form-urlencoded); InputError when it is broken."""
        try:
            text = raw.decode()
            if STRAY_PERCENT.search(text):
                raise InputError("A % in the request is not followed by two hexadecimal digits.")
            return cls(
                parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
            )
        except UnicodeDecodeError:
            raise InputError("The request's parameters are not UTF-8.") from None
        except ValueError:
            raise InputError(f"The request has more than {MOST_FIELDS} parameters.") from None

    def one(self, name: str) -> str | None:
        """Return the value of a name that may occur once, or None."""
        values = self.getlist(name)
        if len(values) > 1:
            raise InputError(
                f"The parameter {name} is given {len(values)} times; it may be given once."
            )
        return values[0] if values else None

    def iris(self, name: str) -> tuple[str, ...]:
        """Return each value of a name, all of them absolute IRIs."""
        return tuple(absolute(value, name) for value in self.getlist(name))


def absolute(text: str, name: str) -> str:
    """Return the text if it is an absolute IRI; InputError names the parameter if it is not."""
    try:
        return NamedNode(text).value
    except ValueError:
        raise InputError(
            f"The parameter {name} takes an absolute IRI, not {text[:200]!r}."
        ) from None
