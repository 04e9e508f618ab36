"""Effects: figures typed in, corrected, checked against a document, removed; verified by staff.

A figure is never overwritten: a correction is a newer row, a removed one is hidden.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PartConflict, record_part, removed_part, set_removed
from roadmap.choices import Channel, Measure, Standing, ValueSource
from roadmap.models import AdoptionVerdict, Initiative, ValueEntry
from roadmap.value_sums import Amount, Line, amount_text

ADDED = "value.added"
CORRECTED = "value.corrected"
CHECKED = "value.checked"
VERIFIED = "value.verified"
REMOVED = "value.removed"
RESTORED = "value.restored"

#: Key of a verdict's figures: {"low": int, "high": int}, minutes a week of all who answered.
SAVED = "saved_minutes_week"

#: What a new figure leaves empty says nothing in the history.
BLANK: Final[Mapping[str, Any]] = {"once": False, "sentence": "", "document": ""}

_TOLD = ("measure", "standing", "low", "high", "once", "sentence", "basis", "document", "on")


@dataclass(frozen=True)
class ValueFields:
    """What a person types, in the unit of the measure (`value_sums.UNITS`)."""

    measure: str
    standing: str
    low: int
    high: int
    basis: str
    on: date
    once: bool = False
    sentence: str = ""


@transaction.atomic
def add_value(
    initiative: Initiative,
    *,
    by: User | None,
    fields: ValueFields,
    channel: str = Channel.SCREEN,
) -> ValueEntry:
    """Add a promised or reported figure; the same one is there once, however often it is sent.

    Raises ValidationError for what may not be typed: verified figures, less than nothing.
    """
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    values = _checked(fields)
    found = locked.value_entries.in_force().filter(source=ValueSource.TYPED, **values).first()
    if found is not None:
        return found
    made = ValueEntry.objects.create(initiative=locked, source=ValueSource.TYPED, by=by, **values)
    record_part(ADDED, locked, made, by=by, channel=channel, before=BLANK, after=facts(made))
    return made


@transaction.atomic
def correct_value(
    entry: ValueEntry, *, by: User | None, fields: ValueFields, channel: str = Channel.SCREEN
) -> ValueEntry:
    """Let a newer figure take the place of a typed one; a check of the old one ends with it.

    Raises PartConflict with the newer one where somebody else corrected it meanwhile,
    ValueEntry.DoesNotExist where it is removed, ValidationError for what was not typed.
    """
    locked = _lock(entry)
    values = _checked(fields)
    if locked.standing == Standing.VERIFIED:
        raise ValidationError(_("A verified figure is not typed over."))
    if locked.replaced_on is not None:
        newer = locked.replaced_by
        if _same(newer, values):
            return newer
        raise PartConflict(newer)
    if locked.removed_on is not None:
        raise ValueEntry.DoesNotExist
    if _same(locked, values):
        return locked
    made = ValueEntry.objects.create(
        initiative_id=locked.initiative_id,
        source=locked.source,
        report_id=locked.report_id,
        by=by,
        replaces=locked,
        **values,
    )
    locked.replaced_on = timezone.localdate()
    locked.save(update_fields=["replaced_on"])
    before, after = facts(locked), facts(made)
    record_part(
        CORRECTED, locked.initiative, made, by=by, channel=channel, before=before, after=after
    )
    return made


@transaction.atomic
def check_value(
    entry: ValueEntry, *, by: User, document: str, on: date | None = None
) -> ValueEntry:
    """Say in which document somebody found what another person had reported; once.

    Raises ValidationError for hours (the staff are asked), for a promise, without a document, and
    for one's own report.
    """
    locked = _lock(entry)
    document = " ".join(document.split())
    if locked.measure == Measure.HOURS:
        raise ValidationError(_("Time is verified by asking the staff, not by a document."))
    if locked.standing != Standing.REPORTED:
        raise ValidationError(_("Only a reported figure can be checked."))
    if not document:
        raise ValidationError({"document": _("Name the document or give its address.")})
    if locked.by_id == by.pk:
        raise ValidationError(_("Somebody else must check what you reported yourself."))
    if locked.removed_on is not None or locked.replaced_on is not None:
        raise PartConflict(locked)
    found = locked.checked_by.filter(removed_on__isnull=True).first()
    if found is not None:
        return found
    made = ValueEntry.objects.create(
        initiative_id=locked.initiative_id,
        measure=locked.measure,
        standing=Standing.VERIFIED,
        low=locked.low,
        high=locked.high,
        once=locked.once,
        sentence=locked.sentence,
        basis=locked.basis,
        document=document,
        source=ValueSource.DOCUMENT,
        on=on or timezone.localdate(),
        by=by,
        checks=locked,
    )
    record_part(CHECKED, locked.initiative, made, by=by, before=BLANK, after=facts(made))
    return made


@transaction.atomic
def remove_value(entry: ValueEntry, *, by: User | None, channel: str = Channel.SCREEN) -> Event:
    """Hide a figure, and with a report its check; the event serves `restore_value`.

    Raises ValidationError for what the staff said, PartConflict where it was corrected meanwhile,
    ValueEntry.DoesNotExist where it is gone already.
    """
    locked = _lock(entry)
    if locked.source == ValueSource.FOLLOW_UP:
        raise ValidationError(_("What the staff answered is not removed."))
    if locked.replaced_on is not None:
        raise PartConflict(locked.replaced_by)
    if locked.removed_on is not None:
        raise ValueEntry.DoesNotExist
    return set_removed(locked, timezone.localdate(), REMOVED, by=by, channel=channel)


@transaction.atomic
def restore_value(event: Event, *, by: User | None, channel: str = Channel.SCREEN) -> ValueEntry:
    """Bring back what an event of `remove_value` hid; once.

    Raises ValidationError where the report was checked again meanwhile.
    """
    _initiative, pk = removed_part(event, REMOVED, ValueEntry)
    locked = _lock(ValueEntry(pk=pk))
    if locked.removed_on is None:
        return locked
    again = ValueEntry.objects.filter(checks=locked.checks_id, removed_on__isnull=True)
    if locked.checks_id is not None and again.exists():
        raise ValidationError(_("It was checked again meanwhile."))
    set_removed(locked, None, RESTORED, by=by, channel=channel)
    return locked


def record_saved_time(verdict: AdoptionVerdict, figures: Mapping[str, Any]) -> ValueEntry | None:
    """Write the time that a follow-up measured, in the place of what an earlier one had measured.

    Called by `publish_verdict` alone. A declared outcome measures nothing; a verdict without the
    figure (too few answers) leaves the earlier one as it is, with its day.
    """
    saved = figures.get(SAVED)
    if verdict.declared or not isinstance(saved, Mapping):
        return None
    low, high = int(saved["low"]), int(saved["high"])
    earlier = (
        ValueEntry.objects.in_force()
        .filter(initiative=verdict.initiative, source=ValueSource.FOLLOW_UP)
        .first()
    )
    made = ValueEntry.objects.create(
        initiative=verdict.initiative,
        measure=Measure.HOURS,
        standing=Standing.VERIFIED,
        low=min(low, high),
        high=max(low, high),
        basis=gettext("Answers of the staff to the follow-up"),
        source=ValueSource.FOLLOW_UP,
        on=verdict.on,
        verdict=verdict,
        replaces=earlier,
    )
    if earlier is not None:
        earlier.replaced_on = verdict.on
        earlier.save(update_fields=["replaced_on"])
    before = facts(earlier) if earlier else BLANK
    record_part(
        VERIFIED,
        verdict.initiative,
        made,
        by=None,
        channel=Channel.SYSTEM,
        before=before,
        after=facts(made),
    )
    return made


def stopped_basis() -> str:
    """Where a figure comes from that was given on stopping."""
    return pgettext("basis of a figure", "Given when it was stopped")


def _lock(entry: ValueEntry) -> ValueEntry:
    """Changes of the figures of one initiative come one after the other."""
    rows = ValueEntry.objects.select_related("initiative")
    owner = rows.get(pk=entry.pk).initiative_id
    Initiative.objects.select_for_update().get(pk=owner)
    return rows.get(pk=entry.pk)


def _checked(fields: ValueFields) -> dict[str, Any]:
    """The values as they are stored."""
    values = asdict(fields)
    values["basis"] = " ".join(fields.basis.split())
    values["sentence"] = " ".join(fields.sentence.split())
    if fields.standing not in (Standing.PROMISED, Standing.REPORTED):
        raise ValidationError(_("Only promised and reported figures are typed in."))
    if not 0 <= fields.low <= fields.high:
        raise ValidationError({"high": _("Write the smaller number first.")})
    if not values["basis"]:
        raise ValidationError({"basis": _("Say where the figure comes from.")})
    if fields.measure == Measure.NEW_VALUE and not values["sentence"]:
        raise ValidationError({"sentence": _("Say what people could not have before.")})
    if fields.on > timezone.localdate():
        raise ValidationError({"on": _("Choose today or an earlier day.")})
    return values


def _same(entry: ValueEntry, values: Mapping[str, Any]) -> bool:
    return all(getattr(entry, name) == value for name, value in values.items())


def facts(entry: ValueEntry) -> dict[str, Any]:
    """What the history keeps of a figure, and how it reads."""
    amount = Amount(entry.low, entry.high)
    words = {"how_much": amount_text(Line(entry.measure, entry.once), amount)}
    return {name: getattr(entry, name) for name in _TOLD} | words
