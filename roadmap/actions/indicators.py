"""Indicators: what is measured, what is to be reached in which year, and what was measured."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date
from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PartConflict, record_part, removed_part
from roadmap.actions.published import settle_phase
from roadmap.actions.updates import mark_initiative
from roadmap.choices import Channel, Direction, Rhythm
from roadmap.measuring import exact, next_measurement
from roadmap.models import Indicator, Initiative, Measurement, Target

ADDED = "indicator.added"
EDITED = "indicator.edited"
REMOVED = "indicator.removed"
RESTORED = "indicator.restored"
MEASURED = "indicator.measured"
UNMEASURED = "indicator.unmeasured"


@dataclass(frozen=True)
class IndicatorFields:
    """Everything that a person enters about an indicator; `targets`: fiscal year → value."""

    name: str
    kind: str
    unit: str = ""
    direction: str = Direction.UP
    source: str = ""
    baseline: Decimal | None = None
    baseline_on: date | None = None
    every_months: int = Rhythm.YEARLY.value
    next_due: date | None = None
    targets: tuple[tuple[int, Decimal], ...] = ()

    def plain(self) -> dict[str, Any]:
        """Columns, and the targets as “year: value”, as the history keeps and shows them."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        baseline = None if self.baseline is None else exact(self.baseline)
        targets = [f"{year}: {exact(value)}" for year, value in self.targets]
        return values | {"baseline": baseline, "targets": targets}


class MeasurementConflict(Exception):
    """Another value of the same day is there, which the person has not seen."""

    def __init__(self, theirs: Measurement) -> None:
        """Keep the value that is there."""
        super().__init__("that day was measured already")
        self.theirs = theirs


def fields_of(indicator: Indicator) -> IndicatorFields:
    """What stands in the database."""
    columns = {f.name: getattr(indicator, f.name) for f in fields(IndicatorFields)[:-1]}
    rows = sorted((target.fiscal_year, target.value) for target in indicator.targets.all())
    return IndicatorFields(**columns, targets=tuple(rows))


@transaction.atomic
def add_indicator(
    initiative: Initiative,
    *,
    by: User | None,
    values: IndicatorFields,
    channel: str = Channel.SCREEN,
) -> Indicator:
    """Add one; sent again with the same values it is there once.

    Raises ValidationError where another one of that name and kind is there.
    """
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    rows = Indicator.objects.filter(initiative=locked)
    found = rows.filter(name=values.name, kind=values.kind).first()
    if found is not None:
        if fields_of(found) == values:
            return found
        raise _taken()
    last = rows.order_by("-order").values_list("order", flat=True).first()
    made = Indicator(initiative=locked, order=0 if last is None else last + 1)
    _write(made, values)
    record_part(ADDED, locked, made, by=by, channel=channel, after=values.plain())
    mark_initiative(locked)
    return made


@transaction.atomic
def edit_indicator(
    indicator: Indicator,
    *,
    by: User | None,
    values: IndicatorFields,
    version: int,
    channel: str = Channel.SCREEN,
) -> Indicator:
    """Change fields and targets. Raises PartConflict where it was changed since `version`."""
    locked = _lock(indicator)
    before = fields_of(locked)
    if before == values:
        return locked
    if locked.version != version:
        raise PartConflict(locked)
    same = Indicator.objects.filter(
        initiative=locked.initiative, name=values.name, kind=values.kind
    ).exclude(pk=locked.pk)
    if same.exists():
        raise _taken()
    locked.version += 1
    _write(locked, values)
    return _recorded(
        EDITED, locked, by=by, channel=channel, before=before.plain(), after=values.plain()
    )


@transaction.atomic
def measure(
    indicator: Indicator,
    *,
    by: User | None,
    value: Decimal,
    on: date,
    note: str = "",
    replaces: Decimal | None = None,
    channel: str = Channel.SCREEN,
) -> Measurement:
    """Write the value of a day; the next measurement moves on by the rhythm.

    A correction says which value it `replaces`. Raises MeasurementConflict where that day has
    another value, which would be lost.
    """
    locked = _lock(indicator)
    found = Measurement.objects.filter(indicator=locked, measured_on=on).first()
    if found is not None and found.value == value and found.note == note:
        return found
    if found is not None and found.value not in (value, replaces):
        raise MeasurementConflict(found)
    before = {"value": exact(found.value) if found else None, "measured_next": locked.next_due}
    made = found or Measurement(indicator=locked, measured_on=on)
    made.value, made.note, made.by = value, note, by
    made.save()
    due = next_measurement(locked.next_due, on, locked.every_months)
    if due != locked.next_due:
        locked.next_due = due
        locked.version += 1
        locked.save(update_fields=["next_due", "version"])
    after = {"value": exact(value), "measured_on": on, "note": note, "measured_next": due}
    _recorded(MEASURED, locked, by=by, channel=channel, before=before, after=after)
    return made


@transaction.atomic
def remove_measurement(
    measurement: Measurement, *, by: User | None, channel: str = Channel.SCREEN
) -> Event | None:
    """Take one value away; the event serves `restore_measurement`. None: it was gone."""
    locked = _lock(measurement.indicator)
    row = Measurement.objects.filter(pk=measurement.pk).first()
    if row is None:
        return None
    before = {"value": exact(row.value), "measured_on": row.measured_on, "note": row.note}
    row.delete()
    event = record_part(
        UNMEASURED, locked.initiative, locked, by=by, channel=channel, before=before, after={}
    )
    settle_phase(locked.initiative, on=timezone.localdate())
    mark_initiative(locked.initiative)
    return event


@transaction.atomic
def restore_measurement(
    event: Event, *, by: User | None, channel: str = Channel.SCREEN
) -> Measurement:
    """Write the removed value again; MeasurementConflict where that day has another one now."""
    _initiative, pk = removed_part(event, UNMEASURED, Indicator)
    return measure(
        Indicator.objects.get(pk=pk),
        by=by,
        value=Decimal(event.before["value"]),
        on=date.fromisoformat(event.before["measured_on"]),
        note=event.before.get("note") or "",
        channel=channel,
    )


@transaction.atomic
def remove_indicator(
    indicator: Indicator, *, by: User | None, version: int, channel: str = Channel.SCREEN
) -> Event:
    """Take it away with its targets and values; `restore_indicator` brings all of it back.

    Raises PartConflict where it was changed since `version`, Indicator.DoesNotExist where it is
    gone already.
    """
    locked = _lock(indicator)
    if locked.version != version:
        raise PartConflict(locked)
    before = fields_of(locked).plain() | {
        "rank": locked.order,
        "version": locked.version,
        "measurements": list(
            locked.measurements.order_by("pk").values("measured_on", "value", "note", "by_id")
        ),
    }
    event = record_part(
        REMOVED, locked.initiative, locked, by=by, channel=channel, before=before, after={}
    )
    initiative = locked.initiative
    locked.delete()
    settle_phase(initiative, on=timezone.localdate())
    mark_initiative(initiative)
    return event


@transaction.atomic
def restore_indicator(event: Event, *, by: User | None, channel: str = Channel.SCREEN) -> Indicator:
    """Bring back what an event of `remove_indicator` took away; once.

    Raises ValidationError where another one has taken its name.
    """
    initiative, pk = removed_part(event, REMOVED, Indicator)
    found = Indicator.objects.filter(pk=pk).first()
    if found is not None:
        return found
    kept = event.before
    values = _from_plain(kept)
    rows = Indicator.objects.filter(initiative=initiative, name=values.name, kind=values.kind)
    if rows.exists():
        raise _taken()
    made = Indicator(pk=pk, initiative=initiative, order=kept["rank"], version=kept["version"] + 1)
    _write(made, values)
    Measurement.objects.bulk_create(
        Measurement(indicator=made, **{**row, "value": Decimal(row["value"])})
        for row in kept["measurements"]
    )
    _recorded(RESTORED, made, by=by, channel=channel, before={}, after=values.plain())
    return made


def _lock(indicator: Indicator) -> Indicator:
    """Changes of one indicator and its values come one after the other."""
    return (
        Indicator.objects.select_for_update(of=("self",))
        .select_related("initiative")
        .get(pk=indicator.pk)
    )


def _write(row: Indicator, values: IndicatorFields) -> None:
    """The columns, and the targets as a whole."""
    for field in fields(values)[:-1]:
        setattr(row, field.name, getattr(values, field.name))
    row.save()
    wanted = dict(values.targets)
    row.targets.exclude(fiscal_year__in=wanted).delete()
    Target.objects.bulk_create(
        (Target(indicator=row, fiscal_year=year, value=value) for year, value in wanted.items()),
        update_conflicts=True,
        unique_fields=["indicator", "fiscal_year"],
        update_fields=["value"],
    )


def _recorded(
    action: str,
    row: Indicator,
    *,
    by: User | None,
    channel: str,
    before: dict[str, Any],
    after: dict[str, Any],
) -> Indicator:
    record_part(action, row.initiative, row, by=by, channel=channel, before=before, after=after)
    settle_phase(row.initiative, on=timezone.localdate())
    mark_initiative(row.initiative)
    return row


def _taken() -> ValidationError:
    return ValidationError(
        {"name": _("This initiative has an indicator of this name and kind. Change that one.")}
    )


def _from_plain(kept: dict[str, Any]) -> IndicatorFields:
    """What `plain` wrote and the history kept; empty values may be missing."""

    def day(name: str) -> date | None:
        return date.fromisoformat(kept[name]) if kept.get(name) else None

    return IndicatorFields(
        name=kept["name"],
        kind=kept["kind"],
        unit=kept.get("unit") or "",
        direction=kept["direction"],
        source=kept.get("source") or "",
        baseline=Decimal(kept["baseline"]) if kept.get("baseline") else None,
        baseline_on=day("baseline_on"),
        every_months=kept["every_months"],
        next_due=day("next_due"),
        targets=tuple(
            (int(year), Decimal(value))
            for year, value in (text.split(": ") for text in kept.get("targets") or [])
        ),
    )
