"""Saying how far the municipality is with an item of the procedure, and taking that back."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User
from roadmap.choices import ProcedureState
from roadmap.content.procedure import ITEMS
from roadmap.models import ProcedureEntry

SAID, UNDONE = "procedure.said", "procedure.undone"


class ProcedureConflict(Exception):
    """Somebody else said something about the item in between; nothing was written."""


@transaction.atomic
def say_procedure(
    municipality: Municipality,
    item: str,
    *,
    state: str,
    evidence: str,
    held_on: date | None,
    seen: int | None,
    by: User,
    today: date,
) -> ProcedureEntry | None:
    """Append what is said of an item; None where nothing differs. `seen`: the entry on the page.

    Raises ValidationError for an unknown item, without evidence for what is in place, and for a
    day that has not come; ProcedureConflict where another entry came in between.
    """
    if item not in ITEMS:
        raise ValidationError(_("This item does not exist."))
    evidence = " ".join(evidence.split())
    if state == ProcedureState.IN_PLACE and not evidence:
        raise ValidationError({"evidence": _("Name the evidence: a document or an address.")})
    if held_on is not None and held_on > today:
        raise ValidationError({"held_on": _("Choose today or an earlier day.")})
    last = _latest(municipality, item)
    wanted = {"state": state, "evidence": evidence, "held_on": held_on}
    if _facts(last) == wanted:
        return None
    if (last.pk if last else None) != seen:
        raise ProcedureConflict
    made = ProcedureEntry.objects.create(municipality=municipality, item=item, by=by, **wanted)
    audit.record(SAID, made, by=by, before=_facts(last), after={"item": item, **wanted})
    return made


@transaction.atomic
def undo_procedure(entry: ProcedureEntry, *, by: User) -> bool:
    """Say again what stood before; once, and only while nothing newer was said."""
    last = _latest(entry.municipality, entry.item)
    if last is None or last.pk != entry.pk or entry.undoes_id is not None:
        return False
    before = (
        ProcedureEntry.objects.filter(municipality=entry.municipality_id, item=entry.item)
        .filter(pk__lt=entry.pk)
        .order_by("-pk")
        .first()
    )
    made = ProcedureEntry.objects.create(
        municipality=entry.municipality, item=entry.item, by=by, undoes=entry, **_facts(before)
    )
    audit.record(UNDONE, made, by=by, before=_facts(entry), after=_facts(before))
    return True


def _latest(municipality: Municipality, item: str) -> ProcedureEntry | None:
    """The newest entry; entries of a municipality come one after the other."""
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    return municipality.procedure.filter(item=item).order_by("-pk").first()


def _facts(entry: ProcedureEntry | None) -> dict[str, Any]:
    if entry is None:
        return {"state": ProcedureState.NOT_YET.value, "evidence": "", "held_on": None}
    return {"state": entry.state, "evidence": entry.evidence, "held_on": entry.held_on}
