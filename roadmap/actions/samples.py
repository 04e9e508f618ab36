"""Sample content: put in by one button, taken away by one, and nothing else with it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.db import models, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Cast

from dxportal.accounts import audit
from dxportal.accounts.models import Event, Municipality, User
from dxportal.shared.fiscal import fiscal_year
from roadmap.actions.initiatives import (
    InitiativeFields,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.actions.milestones import add_milestone
from roadmap.actions.removal import (
    BROUGHT_BACK,
    REMOVED,
    bring_back_initiative,
    remove_initiative,
)
from roadmap.content.samples import MARK, SAMPLES, SampleContent
from roadmap.models import Initiative, SampleInitiative, Theme

ADDED, TAKEN_AWAY, KEPT = "samples.added", "samples.taken_away", "samples.kept"


@dataclass(frozen=True)
class Sample:
    """A sample that stands in the list. `edited`: somebody changed it since it was put in."""

    row: SampleInitiative
    edited: bool


def standing_samples(municipality: Municipality) -> list[Sample]:
    """Those that the list holds now, oldest first: one query."""
    rows = _rows(municipality).filter(initiative__removed_on__isnull=True)
    return [Sample(row, row.edited) for row in rows]  # type: ignore[attr-defined]


@transaction.atomic
def add_samples(municipality: Municipality, *, by: User, today: date) -> int:
    """Put in each sample that is not there; how many came. What stands already is left alone.

    One that was taken away untouched comes back; one that was changed or adopted comes anew.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    rows = list(_rows(municipality))
    count = sum(_ensure(content, municipality, rows, by=by, today=today) for content in SAMPLES)
    if count:
        audit.record(
            ADDED,
            municipality,
            by=by,
            municipality_id=municipality.pk,
            after={"initiatives": count},
        )
    return count


@transaction.atomic
def take_away_samples(
    municipality: Municipality, *, keep: Collection[int], seen: Collection[int], by: User
) -> tuple[int, int]:
    """Remove every sample but those of `keep`, which become ordinary initiatives: (gone, kept).

    `seen`: samples that the page showed as changed. One changed only after that stays: its
    author was not asked.
    """
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality.pk)
    gone = kept = 0
    for sample in standing_samples(municipality):
        if sample.row.pk in keep:
            _adopt(sample.row, by=by)
            kept += 1
        elif not sample.edited or sample.row.pk in seen:
            gone += remove_initiative(sample.row.initiative, by=by)
    if gone or kept:
        audit.record(
            TAKEN_AWAY,
            municipality,
            by=by,
            municipality_id=municipality.pk,
            after={"initiatives": gone, "kept": kept},
        )
    return gone, kept


def _rows(municipality: Municipality) -> models.QuerySet[SampleInitiative]:
    """Samples that were not adopted, each with whether somebody changed it."""
    since = Event.objects.filter(
        object_type="initiative",
        object_id=Cast(OuterRef("initiative_id"), models.CharField()),
        id__gt=OuterRef("seen_event"),
    ).exclude(action__in=(REMOVED, BROUGHT_BACK))
    return (
        SampleInitiative.objects.filter(initiative__municipality=municipality, kept=False)
        .select_related("initiative")
        .annotate(edited=Exists(since))
        .order_by("pk")
    )


def _ensure(
    content: SampleContent,
    municipality: Municipality,
    rows: list[SampleInitiative],
    *,
    by: User,
    today: date,
) -> bool:
    """Whether the sample had to be brought back or made."""
    mine = [row for row in rows if row.code == content.code]
    if any(row.initiative.removed_on is None for row in mine):
        return False
    untouched = [row for row in mine if not row.edited]  # type: ignore[attr-defined]
    if untouched:
        return bring_back_initiative(untouched[-1].initiative, by=by)
    _make(content, municipality, by=by, today=today)
    return True


def _make(content: SampleContent, municipality: Municipality, *, by: User, today: date) -> None:
    year = fiscal_year(today)
    book = Theme.objects.filter(
        municipality=municipality, code__in=content.themes, merged_into__isnull=True
    )
    fields = InitiativeFields(
        title=f"{MARK}{content.title}",
        purpose=content.purpose,
        kind=content.kind,
        stops=content.stops,
        adds=content.adds,
        beneficiaries=content.beneficiaries,
        start_fy=year,
        target_fy=year + content.years,
        target_quarter=4,
        themes=tuple(sorted(book.values_list("pk", flat=True))),
    )
    made = create_initiative(
        municipality,
        by=by,
        fields=fields,
        phase=content.phase,
        progress=content.progress,
        note=content.note,
        on=today,
    )
    for title, days in content.milestones:
        add_milestone(made, by=by, title=title, due_on=today + timedelta(days=days))
    last = (
        Event.objects.filter(municipality_id=municipality.pk).about("initiative", made.pk).first()
    )
    assert last is not None  # noqa: S101 - it was created a moment ago
    SampleInitiative.objects.create(initiative=made, code=content.code, seen_event=last.pk)


def _adopt(row: SampleInitiative, *, by: User) -> None:
    """An ordinary initiative from now on: the mark goes from its title."""
    row.kept = True
    row.save(update_fields=["kept"])
    initiative = Initiative.objects.get(pk=row.initiative_id)
    fields = fields_of(initiative)
    if fields.title.startswith(MARK) and len(fields.title) > len(MARK):
        plain = replace(fields, title=fields.title.removeprefix(MARK))
        edit_initiative(initiative, by=by, fields=plain, version=initiative.version)
    audit.record(KEPT, initiative, by=by)
