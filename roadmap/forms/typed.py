"""Values of fields as a browser would send them: to fill a form, and to settle a conflict."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.http import QueryDict

from dxportal.accounts.models import User
from roadmap.actions.initiatives import InitiativeFields
from roadmap.disclosure import WHOLE
from roadmap.forms.fields import WithheldTable


def form_values(fields: InitiativeFields) -> dict[str, Any]:
    """Fields as the form shows them: the person in charge by e-mail, what is withheld in rows."""
    plain = fields.plain()
    rows = [row for row in plain["withholdings"] if row[0] != WHOLE]
    return {**as_typed(plain), "withholdings": rows}


def as_typed(plain: Mapping[str, Any], names: Iterable[str] | None = None) -> dict[str, Any]:
    """Plain values of fields (those named, or all) as a browser would send them."""
    wanted = plain.keys() if names is None else set(names)
    typed = {name: value for name, value in plain.items() if name in wanted}
    if "contact" in typed:
        person = User.objects.filter(pk=typed["contact"]).first() if typed["contact"] else None
        typed["contact"] = person.email if person else ""
    if "withholdings" in typed:
        typed |= _sent_rows(typed.pop("withholdings"))
    return typed


def _sent_rows(withheld: Sequence[Sequence[str]]) -> dict[str, Any]:
    """What is withheld, as the three columns of the table and the two fields beside it."""
    rows = [row for row in withheld if row[0] != WHOLE]
    whole = next((row for row in withheld if row[0] == WHOLE), ("", "", ""))
    columns = {
        f"withholdings_{part}": [row[place] for row in rows]
        for place, part in enumerate(WithheldTable.PARTS)
    }
    return {**columns, "withheld_reason": whole[1], "withheld_review_on": whole[2]}


def typed_over(data: QueryDict, values: Mapping[str, Any]) -> QueryDict:
    """What was posted, with some fields replaced."""
    changed = data.copy()
    for name, value in values.items():
        items = value if isinstance(value, list) else [] if value in (None, "") else [value]
        changed.setlist(name, [str(item) for item in items])
    return changed
