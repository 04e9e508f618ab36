"""What holds an initiative back: opening, changing, taking it to the CDO, solving it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from roadmap.actions.parts import record_part
from roadmap.choices import EXTERNAL_CAUSES, Cause
from roadmap.models import Blocker, Initiative
from roadmap.talk_notices import tell_escalated

OPENED, EDITED = "blocker.opened", "blocker.edited"
ESCALATED, WITHDRAWN = "blocker.escalated", "blocker.withdrawn"
CLOSED, REOPENED = "blocker.closed", "blocker.reopened"
_FACTS = ("category", "external", "text", "wanted", "escalated_on", "closed_on", "resolution")


@dataclass(frozen=True)
class BlockerFields:
    """What a person says of an obstacle. `external` None: as the category usually is."""

    category: str
    text: str
    external: bool | None = None
    wanted: str = ""


class BlockerConflict(Exception):
    """Somebody else changed the blocker in between; nothing was written."""

    def __init__(self, theirs: Blocker) -> None:
        """Keep what stands now."""
        super().__init__("the blocker was changed in between")
        self.theirs = theirs


@transaction.atomic
def open_blocker(initiative: Initiative, *, fields: BlockerFields, by: User, on: date) -> Blocker:
    """Write an obstacle down; the same words of an open one again write nothing."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    same = locked.blockers.unsolved().filter(category=fields.category, text=fields.text.strip())
    if found := same.first():
        return found
    row = Blocker(initiative=locked, opened_on=on, opened_by=by)
    _fill(row, fields)
    row.save(force_insert=True)
    record_part(OPENED, locked, row, by=by, after=_facts(row))
    return row


@transaction.atomic
def edit_blocker(blocker: Blocker, *, fields: BlockerFields, version: int, by: User) -> Blocker:
    """Change the words, starting from `version`; raises BlockerConflict."""
    row = _locked(blocker, version)
    before = _facts(row)
    _fill(row, fields)
    return _save(row, EDITED, before, by=by)


@transaction.atomic
def escalate_blocker(blocker: Blocker, *, wanted: str, version: int, by: User, on: date) -> Blocker:
    """Put it on the CDO's list with the decision that is wanted; the CDO is told once."""
    if not wanted.strip():
        raise ValidationError({"wanted": _("Say what the CDO is to decide.")})
    row = _locked(blocker, version)
    if row.closed_on is not None:
        raise ValidationError(_("This blocker is solved already."))
    before = _facts(row)
    row.wanted = wanted.strip()
    if row.escalated_on is None:
        row.escalated_on, row.escalated_by = on, by
    saved = _save(row, ESCALATED, before, by=by)
    tell_escalated(saved, by=by)
    return saved


@transaction.atomic
def withdraw_blocker(blocker: Blocker, *, version: int, by: User) -> Blocker:
    """Take it off the CDO's list again."""
    row = _locked(blocker, version)
    before = _facts(row)
    row.escalated_on, row.escalated_by = None, None
    return _save(row, WITHDRAWN, before, by=by)


@transaction.atomic
def close_blocker(
    blocker: Blocker, *, resolution: str, version: int, by: User, on: date
) -> Blocker:
    """It holds nothing back any more; it leaves the CDO's list too."""
    row = _locked(blocker, version)
    before = _facts(row)
    if row.closed_on is None:
        row.closed_on = max(on, row.opened_on)
        row.resolution = resolution.strip()
    return _save(row, CLOSED, before, by=by)


@transaction.atomic
def reopen_blocker(blocker: Blocker, *, version: int, by: User) -> Blocker:
    """Undo the solving; what stood on the CDO's list stands there again."""
    row = _locked(blocker, version)
    before = _facts(row)
    row.closed_on, row.resolution = None, ""
    return _save(row, REOPENED, before, by=by)


def _locked(blocker: Blocker, version: int) -> Blocker:
    rows = Blocker.objects.select_for_update(of=("self",)).select_related("initiative")
    row = rows.get(pk=blocker.pk)
    if row.version != version:
        raise BlockerConflict(row)
    return row


def _fill(row: Blocker, fields: BlockerFields) -> None:
    row.category, row.text = fields.category, fields.text.strip()
    usual = Cause(fields.category) in EXTERNAL_CAUSES
    row.external = usual if fields.external is None else fields.external
    row.wanted = fields.wanted.strip()


def _facts(row: Blocker) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _FACTS}


def _save(row: Blocker, action: str, before: dict[str, Any], *, by: User) -> Blocker:
    """Write and record; the same again changes nothing."""
    after = _facts(row)
    if before == after:
        return row
    row.version += 1
    row.save()
    record_part(action, row.initiative, row, by=by, before=before, after=after)
    return row
