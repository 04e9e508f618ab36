"""What a row of a file was based on: the version of its fields and its latest report, signed."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Final

from django.utils.crypto import constant_time_compare, salted_hmac

_SALT: Final = "dxportal.sheet-row"
_SIGNS: Final = 6
_FORM = re.compile(r"v(\d{1,9})-u(\d{1,18})-([0-9a-f]{6})")


@dataclass(frozen=True, slots=True)
class Basis:
    """Version of the fields, and key of the latest report (0: none)."""

    version: int
    update: int


def basis_text(municipality_id: int, pk: int, basis: Basis) -> str:
    """`v12-u3456-1a2b3c`: bound to one initiative, so that a cell in another row is noticed."""
    return f"v{basis.version}-u{basis.update}-{_sign(municipality_id, pk, basis)}"


def read_basis(text: str, municipality_id: int, pk: int) -> Basis | None:
    """What the text says; None where it is damaged or belongs to another row."""
    found = _FORM.fullmatch(unicodedata.normalize("NFKC", text).strip().lower())
    if found is None:
        return None
    basis = Basis(int(found[1]), int(found[2]))
    whole = constant_time_compare(found[3], _sign(municipality_id, pk, basis))
    return basis if whole else None


def _sign(municipality_id: int, pk: int, basis: Basis) -> str:
    """Short: it is there for slips and mixed-up rows; rights are never taken from it."""
    text = f"{municipality_id}:{pk}:{basis.version}:{basis.update}"
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()[:_SIGNS]
