"""Versions of the staircase: the list, what one says, what it changes, and what that would do."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import render_page
from roadmap import staircase_words as words
from roadmap.choices import VersionState
from roadmap.models import StaircaseVersion
from roadmap.staircase_checks import problems
from roadmap.staircase_diff import (
    Asked,
    Change,
    CriterionChange,
    Diff,
    Step,
    Version,
    compare,
    gaps,
)
from roadmap.staircase_outlook import outlook
from roadmap.staircase_sources import survey_questions
from roadmap.staircase_versions import (
    linked,
    predecessor,
    read_all,
    state_of,
    visible_versions,
)


@dataclass(frozen=True)
class Line:
    """One criterion of a version, in words."""

    asked: Asked
    text: str
    source: str
    beside: str
    threshold: str
    first: bool
    last: bool


@dataclass(frozen=True)
class StepLines:
    """One step with its criteria."""

    step: Step
    heading: str
    lines: list[Line]


@dataclass(frozen=True)
class Row:
    """One version of the list."""

    version: StaircaseVersion
    state: VersionState
    asked: int


@dataclass(frozen=True)
class ChangeLine:
    """One changed criterion, in words; `linked` initiatives contribute to it."""

    change: CriterionChange
    text: str
    differences: list[words.Difference]
    linked: int
    rare: bool  # nothing else but its numbers differ, and they are those of a survey


@dataclass(frozen=True)
class Group:
    """Changes of one kind."""

    kind: Change
    lines: list[ChangeLine]


def own_version(user: User, pk: int) -> StaircaseVersion:
    """One of the user's municipality; 404 for others."""
    rows = StaircaseVersion.objects.visible_to(user).select_related("municipality", "created_by")
    return get_object_or_404(rows, pk=pk)


@require_safe
@requires(Permission.SEE_STAIRCASE)
def staircase_list(request: HttpRequest) -> HttpResponse:
    """All versions: draft, planned, in force, past."""
    user, day = signed_in(request), timezone.localdate()
    rows = [
        Row(version, state_of(version, day), getattr(version, "asked", 0))
        for version in visible_versions(user)
    ]
    draft = next((row.version for row in rows if row.state == VersionState.DRAFT), None)
    context = {"rows": rows, "draft": draft, "may_edit": can(user, Permission.KEEP_STAIRCASE)}
    return render(request, "roadmap/staircase_list.html", context)


@require_safe
@requires(Permission.SEE_STAIRCASE)
def staircase_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """What one version says; a draft with the ways to change it."""
    return detail_page(request, own_version(signed_in(request), pk))


def detail_page(
    request: HttpRequest, version: StaircaseVersion, *, status: int = 200, problem: str = ""
) -> HttpResponse:
    """The page of one version, with a sentence about what could not be done."""
    user, day = signed_in(request), timezone.localdate()
    before = predecessor(version)
    said = read_all([version, *([before] if before else [])])
    own = said[version.pk]
    diff = compare(said[before.pk], own) if before else Diff((), ())
    last = _last_change(version) if status == 409 else None
    context = {
        "version": version,
        "before": before,
        "state": state_of(version, day),
        "steps": step_lines(own),
        "taken_out": diff.of(Change.TAKEN_OUT),
        "changes": len(diff.criteria) + len(diff.steps),
        "problems": problems(own) if version.is_draft else [],
        "gaps": [(words.step_heading(gap.step), gap.empty) for gap in gaps(own)],
        "may_edit": can(user, Permission.KEEP_STAIRCASE),
        "problem": problem,
        "last": last,
    }
    return render(request, "roadmap/staircase_detail.html", context, status=status)


def _last_change(version: StaircaseVersion) -> Event | None:
    rows = Event.objects.filter(
        municipality_id=version.municipality_id,
        object_type="staircaseversion",
        object_id=str(version.pk),
    )
    return rows.order_by("-id").first()


def step_lines(said: Version) -> list[StepLines]:
    """Every step with its criteria, in words."""
    questions = dict(survey_questions())
    found = []
    for step in said.steps:
        rows = said.of_step(step.stage)
        lines = [
            Line(
                row,
                words.text_of(row),
                words.source_words(row, questions),
                words.beside_words(row, questions),
                words.threshold_words(row),
                first=place == 0,
                last=place == len(rows) - 1,
            )
            for place, row in enumerate(rows)
        ]
        found.append(StepLines(step, words.step_heading(step), lines))
    return found


@require_safe
@requires(Permission.SEE_STAIRCASE)
def staircase_changes(request: HttpRequest, pk: int) -> HttpResponse:
    """Criterion by criterion what differs from the version before."""
    user, day = signed_in(request), timezone.localdate()
    version = own_version(user, pk)
    state = state_of(version, day)
    context = {
        "version": version,
        "state": state,
        "may_edit": can(user, Permission.KEEP_STAIRCASE),
        "foretells": state in (VersionState.DRAFT, VersionState.PLANNED),
        **changes_of(version),
    }
    return render(request, "roadmap/staircase_changes.html", context)


def changes_of(version: StaircaseVersion) -> dict[str, Any]:
    """What differs from the version before, for the templates."""
    before = predecessor(version)
    said = read_all([version, *([before] if before else [])])
    own = said[version.pk]
    diff = compare(said[before.pk], own) if before else Diff((), ())
    gone = [
        row.before.criterion
        for row in diff.of(Change.TAKEN_OUT, Change.REPLACED)
        if row.before and row.before.criterion
    ]
    counts, questions = linked(gone), dict(survey_questions())
    groups = [
        Group(kind, [_change_line(row, own.steps, questions, counts) for row in rows])
        for kind in (Change.ADDED, Change.REPLACED, Change.CHANGED, Change.TAKEN_OUT)
        if (rows := diff.of(kind))
    ]
    return {
        "before": before,
        "groups": groups,
        "step_changes": [
            (words.step_heading(row.after), words.step_differences(row), row.reordered)
            for row in diff.steps
        ],
        "gaps": [(words.step_heading(gap.step), gap.empty) for gap in gaps(own)],
        "survey_cuts": any(line.rare for group in groups for line in group.lines),
    }


def _change_line(
    change: CriterionChange,
    steps: tuple[Step, ...],
    questions: dict[str, str],
    counts: dict[int, int],
) -> ChangeLine:
    row = change.after or change.before
    was = change.before
    return ChangeLine(
        change,
        words.text_of(row) if row else "",
        words.differences(change, steps, questions),
        counts.get(was.criterion, 0) if was and was.criterion else 0,
        rare=bool(
            change.kind == Change.CHANGED
            and row
            and row.source == "survey"
            and "threshold" in change.fields
        ),
    )


@require_safe
@requires(Permission.SEE_STAIRCASE)
def staircase_outlook(request: HttpRequest, pk: int) -> HttpResponse:
    """How many departments would stand where, were it to apply today; nothing is written."""
    user, day = signed_in(request), timezone.localdate()
    version = own_version(user, pk)
    if state_of(version, day) not in (VersionState.DRAFT, VersionState.PLANNED):
        raise Http404
    found = outlook(version, as_of=day)
    rows = [(words.step_heading(step.step), step) for step in found.steps]
    context = {"version": version, "outlook": found, "rows": rows, "day": day}
    return render_page(
        request,
        "roadmap/staircase_outlook.html",
        context,
        partial="roadmap/_staircase_outlook.html",
    )
