"""From which day a version of the staircase applies, and bringing the living rows to it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality, User
from roadmap.actions.staircase_versions import NotADraft, lock_staircase, open_draft
from roadmap.choices import Channel, CriterionSource
from roadmap.marks import ALL, mark
from roadmap.models import Criterion, CriterionVersion, EvidenceRequest, Stage, StaircaseVersion
from roadmap.staircase_checks import problems
from roadmap.staircase_diff import STAGE_FIELDS, gaps
from roadmap.staircase_versions import COLUMNS, day_problem, read

PLANNED, CANCELLED, APPLIED = "staircase.planned", "staircase.cancelled", "staircase.applied"
#: How much of a version's name a step and a criterion can carry.
LONGEST_LABEL: Final = 20


class NeedsConfirming(Exception):
    """A step could no longer be reached by anybody; only with a tick."""


@transaction.atomic
def plan_version(
    version: StaircaseVersion,
    *,
    valid_from: date,
    by: User,
    today: date,
    confirmed: bool = False,
    seen: int | None = None,
) -> StaircaseVersion:
    """Let the draft apply from a day on; from today on, at once.

    Raises ValidationError where it cannot, NeedsConfirming where a step would be out of reach.
    """
    locked = open_draft(version, seen)
    if problem := day_problem(locked, valid_from, today=today):
        raise ValidationError({"valid_from": problem})
    said = read(locked)
    if found := problems(said):
        raise ValidationError([problem.sentence for problem in found])
    if gaps(said) and not confirmed:
        raise NeedsConfirming
    locked.valid_from = valid_from
    locked.version += 1
    locked.save(update_fields=["valid_from", "version"])
    close_ranks(locked.municipality_id)
    after = {"label": locked.label, "valid_from": valid_from}
    audit.record(PLANNED, locked, by=by, after=after)
    if valid_from <= today:
        apply_due_versions(locked.municipality, on=today, by=by)
        locked.refresh_from_db()
    return locked


def close_ranks(municipality_id: int) -> None:
    """Each version with a day ends where the next one begins: every day has exactly one."""
    rows = StaircaseVersion.objects.filter(
        municipality=municipality_id, valid_from__isnull=False
    ).order_by("-valid_from")
    begins: date | None = None
    for row in rows:
        if row.valid_to != begins:
            StaircaseVersion.objects.filter(pk=row.pk).update(valid_to=begins)
        begins = row.valid_from


@transaction.atomic
def cancel_version(version: StaircaseVersion, *, by: User, today: date) -> StaircaseVersion:
    """Before its day: it is a draft again, as it was."""
    lock_staircase(version.municipality_id)
    locked = StaircaseVersion.objects.select_for_update().filter(pk=version.pk).first()
    if locked is None or locked.valid_from is None:
        raise NotADraft
    if locked.applied or locked.valid_from <= today:
        raise ValidationError(_("It applies already. Begin a new draft to change it."))
    drafts = StaircaseVersion.objects.filter(municipality=locked.municipality_id).drafts()
    if other := drafts.first():
        text = _("There is the draft “%(label)s”. Withdraw it first, or plan it for its own day.")
        raise ValidationError(text % {"label": other.label})
    before = {"label": locked.label, "valid_from": locked.valid_from}
    locked.valid_from, locked.valid_to = None, None
    locked.version += 1
    locked.save(update_fields=["valid_from", "valid_to", "version"])
    close_ranks(locked.municipality_id)
    audit.record(CANCELLED, locked, by=by, before=before)
    return locked


@transaction.atomic
def apply_due_versions(
    municipality: Municipality, *, on: date, by: User | None = None
) -> list[StaircaseVersion]:
    """Bring the living rows to every version whose day has come, in order; the applied ones.

    Twice, late or by two workers at once it happens once each.
    """
    lock_staircase(municipality.pk)
    due = StaircaseVersion.objects.select_for_update().filter(
        municipality=municipality, applied=False, valid_from__lte=on
    )
    found = list(due.order_by("valid_from"))
    for version in found:
        _apply(version, by=by)
    if found:
        mark(municipality.pk, ALL)
    return found


def due_anywhere(on: date) -> list[int]:
    """Municipalities in which a version waits whose day has come."""
    rows = StaircaseVersion.objects.filter(applied=False, valid_from__lte=on)
    return sorted(set(rows.values_list("municipality_id", flat=True)))


def _apply(version: StaircaseVersion, *, by: User | None) -> None:
    facts = bring_living_rows(version)
    version.applied = True
    version.save(update_fields=["applied"])
    audit.record(
        APPLIED,
        version,
        by=by,
        channel=Channel.SCREEN if by else Channel.SYSTEM,
        after={"label": version.label, "valid_from": version.valid_from, **facts},
    )


def bring_living_rows(version: StaircaseVersion) -> dict[str, Any]:
    """Make `Stage` and `Criterion` say what the version says; the codes that are not as before."""
    _name_steps(version)
    lines = list(version.criteria.order_by("order", "pk"))
    living = Criterion.objects.filter(stage__municipality=version.municipality_id)
    old = {row.pk: row for row in living.select_for_update(of=("self",)).order_by("pk")}
    asked = {row.pk for row in old.values() if not row.retired}
    sources = {pk: row.source for pk, row in old.items()}
    living.filter(retired=False).update(retired=True)  # codes may change places
    kept = [line for line in lines if line.criterion_id is not None]
    for line in kept:
        _say(old[line.criterion_id or 0], line, version)
    Criterion.objects.bulk_update(
        [old[line.criterion_id or 0] for line in kept],
        ["stage", *COLUMNS, "retired", "version"],
    )
    new = [line for line in lines if line.criterion_id is None]
    _create(new, version)
    stays = {line.criterion_id for line in kept}
    gone = [old[pk] for pk in sorted(asked - stays)]
    changed = {pk for pk in stays if pk and sources[pk] != old[pk].source}
    _ask_no_more({row.pk for row in gone} | changed, version.valid_from)
    return {"new": [line.code for line in new], "retired": [row.code for row in gone]}


def _name_steps(version: StaircaseVersion) -> None:
    rows = []
    for said in version.stages.select_related("stage"):
        stage = said.stage
        for name in STAGE_FIELDS:
            setattr(stage, name, getattr(said, name))
        stage.version = version.label[:LONGEST_LABEL]
        rows.append(stage)
    Stage.objects.bulk_update(rows, [*STAGE_FIELDS, "version"])


def _say(row: Criterion, line: CriterionVersion, version: StaircaseVersion) -> None:
    row.stage_id, row.retired = line.stage_id, False
    row.version = version.label[:LONGEST_LABEL]
    for name in COLUMNS:
        setattr(row, name, getattr(line, name))


def _create(lines: Sequence[CriterionVersion], version: StaircaseVersion) -> None:
    """Criteria for lines that never applied; later versions that copied a line get it too."""
    later = CriterionVersion.objects.filter(
        staircase__municipality=version.municipality_id,
        staircase__applied=False,
        criterion__isnull=True,
    ).exclude(staircase=version)
    for line in lines:
        made = Criterion()
        _say(made, line, version)
        made.save(force_insert=True)
        line.criterion = made
        later.filter(code=line.code).update(criterion=made)
    CriterionVersion.objects.bulk_update(lines, ["criterion"])


def _ask_no_more(criteria: set[int], day: date | None) -> None:
    """Requests for evidence that nobody can answer any more are taken back."""
    waiting = EvidenceRequest.objects.filter(
        criterion__in=criteria, answered_on__isnull=True, withdrawn_on__isnull=True
    ).exclude(criterion__retired=False, criterion__source=CriterionSource.DECLARED)
    waiting.update(withdrawn_on=day)
