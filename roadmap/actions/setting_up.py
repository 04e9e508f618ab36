"""The wizard's progress, kept for the municipality; names of the steps of the staircases."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.models import Municipality, User
from roadmap.actions.staircase_versions import lock_staircase
from roadmap.choices import SetUpStep, StepMark
from roadmap.models import SetUp, Stage, StageVersion, StaircaseVersion
from roadmap.staircase_diff import STAGE_FIELDS

BEGUN, SETTLED, DISMISSED, RESUMED = (
    *("set_up.begun", "set_up.settled"),
    *("set_up.dismissed", "set_up.resumed"),
)
HANDED_OVER, RENAMED = "set_up.handed_over", "staircase.renamed"
#: What a stage's name may hold.
LONGEST, LONGEST_SHORT = 80, 40


@transaction.atomic
def begin_set_up(municipality: Municipality, *, by: User | None, channel: str = "screen") -> SetUp:
    """Ask to set up from now on; once."""
    found, made = SetUp.objects.get_or_create(municipality=municipality)
    if made:
        audit.record(BEGUN, found, by=by, channel=channel, municipality_id=municipality.pk)
    return found


@transaction.atomic
def settle_step(municipality: Municipality, step: str, mark: str, *, by: User) -> SetUp:
    """A step is done, or left for later; what was done stays done."""
    kept = _locked(municipality, by)
    step, mark, before = SetUpStep(step).value, StepMark(mark).value, dict(kept.steps)
    if before.get(step) not in (StepMark.DONE, mark):
        kept.steps = {**before, step: mark}
        kept.save(update_fields=["steps"])
        audit.record(SETTLED, kept, by=by, after={"step": step, "mark": mark})
    return kept


@transaction.atomic
def dismiss_set_up(municipality: Municipality, *, dismissed: bool, by: User) -> SetUp:
    """Not now, or ask again."""
    kept = _locked(municipality, by)
    if kept.dismissed != dismissed:
        kept.dismissed = dismissed
        kept.save(update_fields=["dismissed"])
        audit.record(DISMISSED if dismissed else RESUMED, kept, by=by)
    return kept


@transaction.atomic
def hand_over_step(
    municipality: Municipality, step: str, *, to: Iterable[User], by: User, now: datetime
) -> int:
    """Tell those who may do a step that it waits for them, once a day; how many are told."""
    people = list(to)
    label = SetUpStep(step).label
    notify(
        people,
        subject=_("Setting up: “%(step)s” waits for you") % {"step": label},
        body=_("%(name)s asks you to do this step of the set-up.") % {"name": by.name},
        path=reverse(f"dashboards:setup_{step}"),
        key=f"setup:{step}:{now:%Y-%m-%d}",
        municipality=municipality,
        now=now,
    )
    kept = _locked(municipality, by)
    audit.record(HANDED_OVER, kept, by=by, after={"step": step, "people": [p.name for p in people]})
    return len(people)


@transaction.atomic
def rename_stages(municipality: Municipality, names: Mapping[int, str], *, by: User) -> int:
    """Own names for the steps of the staircases, by key; how many changed. Numbers stay.

    A name of one's own stands in both languages and, cut, in small places. The version in force
    says it too, and so do the draft and planned versions that still have the old name.
    """
    lock_staircase(municipality.pk)
    stages = Stage.objects.select_for_update().filter(municipality=municipality)
    changed = 0
    for stage in stages.order_by("pk"):
        name = " ".join(names.get(stage.pk, "").split())[:LONGEST]
        if not name or name == stage.name:
            continue
        before = {"name": stage.name}
        old = {field: getattr(stage, field) for field in STAGE_FIELDS}
        stage.name, stage.name_en = name, ""
        stage.short, stage.short_en = name[:LONGEST_SHORT], ""
        stage.save(update_fields=STAGE_FIELDS)
        _rename_in_versions(stage, old)
        audit.record(RENAMED, stage, by=by, before=before, after={"name": name})
        changed += 1
    return changed


def _rename_in_versions(stage: Stage, old: Mapping[str, str]) -> None:
    """Where a version says the old names, it says the new ones; past versions keep theirs."""
    rows = StageVersion.objects.filter(stage=stage, **old).exclude(
        staircase__applied=True, staircase__valid_to__isnull=False
    )
    living = StaircaseVersion.objects.filter(municipality=stage.municipality_id, applied=True)
    newest = living.order_by("-valid_from").values("pk")[:1]
    rows = rows | StageVersion.objects.filter(stage=stage, staircase__in=newest)
    touched = list(rows.values_list("pk", "staircase_id"))
    new = {field: getattr(stage, field) for field in STAGE_FIELDS}
    StageVersion.objects.filter(pk__in=[pk for pk, _version in touched]).update(**new)
    versions = StaircaseVersion.objects.filter(pk__in={version for _pk, version in touched})
    versions.update(version=F("version") + 1)


def _locked(municipality: Municipality, by: User) -> SetUp:
    begin_set_up(municipality, by=by)
    return SetUp.objects.select_for_update().get(municipality=municipality)
