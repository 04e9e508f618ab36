"""Versions of a staircase as plain values, what stands beside a change, and what it meets."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import cast

from django.db.models import Count, Q
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared.fiscal import CalendarStyle, fiscal_year, format_date
from roadmap.choices import RoundState, VersionState
from roadmap.models import (
    CriterionVersion,
    InitiativeCriterion,
    ReportingRound,
    StageVersion,
    StaircaseVersion,
)
from roadmap.staircase_diff import CRITERION_FIELDS, STAGE_FIELDS, Asked, Step, Version
from roadmap.staircase_sources import surveys_over

#: Columns of a line that a version says, beside its step.
COLUMNS = (*(name for name in CRITERION_FIELDS if name != "stage"), "order")


def read(version: StaircaseVersion) -> Version:
    """Everything that it says; two queries."""
    return read_all([version])[version.pk]


def read_all(versions: Iterable[StaircaseVersion]) -> dict[int, Version]:
    """Version → everything that it says; two queries for all of them."""
    keys = [version.pk for version in versions]
    steps: dict[int, list[Step]] = {key: [] for key in keys}
    asked: dict[int, list[Asked]] = {key: [] for key in keys}
    stages = StageVersion.objects.filter(staircase__in=keys).select_related("stage")
    for row in stages.order_by("-stage__axis", "stage__step"):
        names = {name: getattr(row, name) for name in STAGE_FIELDS}
        steps[row.staircase_id].append(Step(row.stage_id, row.stage.axis, row.stage.step, **names))
    for line in CriterionVersion.objects.filter(staircase__in=keys).order_by("order", "pk"):
        asked[line.staircase_id].append(plain(line))
    return {key: Version(tuple(steps[key]), tuple(asked[key])) for key in keys}


def plain(row: CriterionVersion) -> Asked:
    """One line without its row."""
    values = {name: getattr(row, name) for name in COLUMNS}
    return Asked(row=row.pk, criterion=row.criterion_id, stage=row.stage_id, **values)


def state_of(version: StaircaseVersion, day: date) -> VersionState:
    """Where it stands on that day."""
    if version.valid_from is None:
        return VersionState.DRAFT
    if version.valid_from > day:
        return VersionState.PLANNED
    if version.valid_to is not None and version.valid_to <= day:
        return VersionState.PAST
    return VersionState.IN_FORCE


def predecessor(version: StaircaseVersion) -> StaircaseVersion | None:
    """What stands before it: for a draft the newest that has a day."""
    dated = StaircaseVersion.objects.filter(
        municipality=version.municipality_id, valid_from__isnull=False
    )
    if version.valid_from is not None:
        dated = dated.filter(valid_from__lt=version.valid_from)
    return dated.order_by("-valid_from").first()


def followers(version: StaircaseVersion, day: date) -> list[StaircaseVersion]:
    """Planned versions that take its place later, were it to apply from that day."""
    later = StaircaseVersion.objects.filter(
        municipality=version.municipality_id, valid_from__gt=day, applied=False
    )
    return list(later.exclude(pk=version.pk).order_by("valid_from"))


def in_force_on(municipality_id: int, day: date) -> StaircaseVersion | None:
    """The one that applies on that day."""
    return StaircaseVersion.objects.filter(municipality=municipality_id).on(day).first()


def day_problem(version: StaircaseVersion, day: date, *, today: date) -> str:
    """Why it cannot apply from that day: it has passed, or another version has it; else empty."""
    if day < today:
        return _("Choose today or a later day. What was counted stays as it was.")
    others = StaircaseVersion.objects.filter(municipality=version.municipality_id, valid_from=day)
    if other := others.exclude(pk=version.pk).first():
        text = _("“%(label)s” applies from this day already. Choose another day.")
        return text % {"label": other.label}
    return ""


def next_label(municipality_id: int, day: date) -> str:
    """A name for a new draft that no version has yet: fiscal year and number."""
    year = fiscal_year(day)
    labels = StaircaseVersion.objects.filter(municipality=municipality_id)
    numbers = [
        int(tail)
        for head, _dot, tail in (
            label.partition(".") for label in labels.values_list("label", flat=True)
        )
        if head == str(year) and tail.isdigit()
    ]
    return f"{year}.{max(numbers, default=0) + 1}"


def meets(version: StaircaseVersion, day: date, *, today: date) -> list[str]:
    """What is under way over that day, by name: rounds, surveys, versions planned for later."""
    style = cast(CalendarStyle, version.municipality.calendar_style)
    rounds = ReportingRound.objects.filter(municipality=version.municipality_id, opens_on__lt=day)
    over = Q(due_on__gte=day)
    if day <= today:
        over |= Q(state=RoundState.OPEN)
    found = [
        _(
            "The progress report “%(round)s” is under way on that day. What it keeps when it"
            " closes says by which version it was counted."
        )
        % {"round": row}
        for row in rounds.filter(over).exclude(state=RoundState.CLOSED).order_by("due_on", "pk")
    ]
    found += surveys_over(version.municipality_id, day)
    found += [
        _("“%(label)s” is planned for %(day)s and takes the place of this version then.")
        % {"label": row.label, "day": format_date(row.valid_from, style)}
        for row in followers(version, day)
        if row.valid_from
    ]
    return found


def linked(criteria: Iterable[int]) -> dict[int, int]:
    """Criterion → how many initiatives that stand say that they contribute to it."""
    rows = InitiativeCriterion.objects.filter(
        criterion__in=list(criteria), initiative__removed_on__isnull=True
    )
    counts = rows.values("criterion").annotate(n=Count("pk")).order_by()
    return {row["criterion"]: row["n"] for row in counts}


def visible_versions(user: User) -> list[StaircaseVersion]:
    """Those of the user's municipality, draft on top; one query."""
    rows = StaircaseVersion.objects.visible_to(user).select_related("created_by")
    return list(rows.annotate(asked=Count("criteria")))
