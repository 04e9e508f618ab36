"""Editing the draft of a staircase: names, criteria, thresholds. Nothing of it counts yet."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any, Final

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts import audit
from dxportal.accounts.models import Event, Municipality, User
from roadmap.models import CriterionVersion, Stage, StageVersion, StaircaseVersion
from roadmap.staircase_diff import STAGE_FIELDS, Asked, origin
from roadmap.staircase_versions import COLUMNS, next_label, plain, predecessor, read
from roadmap.staircase_words import OTHER_AXIS, threshold_words

BEGUN, WITHDRAWN, EDITED = "staircase.begun", "staircase.withdrawn", "staircase.edited"
ADDED, CHANGED = "staircase.criterion_added", "staircase.criterion_changed"
MOVED = "staircase.criterion_moved"
TAKEN_OUT, PUT_BACK = "staircase.criterion_taken_out", "staircase.criterion_put_back"
#: A version has room for this many criteria; the default one has 37.
MOST_CRITERIA: Final = 120


class NotADraft(Exception):
    """It was planned, applied or withdrawn in between; nothing was written."""


class DraftMoved(Exception):
    """Somebody changed the draft in between; nothing was written."""

    def __init__(self, version: StaircaseVersion) -> None:
        """The draft as it stands now."""
        super().__init__()
        self.version = version


def lock_staircase(municipality_id: int) -> None:
    """Changes of a municipality's staircase come one after the other."""
    Municipality.objects.select_for_update(no_key=True).get(pk=municipality_id)


def open_draft(version: StaircaseVersion, seen: int | None) -> StaircaseVersion:
    """The draft, locked; `seen` is the number that the person had before the eyes."""
    lock_staircase(version.municipality_id)
    rows = StaircaseVersion.objects.select_for_update(of=("self",)).select_related("municipality")
    locked = rows.filter(pk=version.pk).first()
    if locked is None or not locked.is_draft:
        raise NotADraft
    if seen is not None and seen != locked.version:
        raise DraftMoved(locked)
    return locked


@transaction.atomic
def begin_draft(municipality: Municipality, *, by: User, today: date) -> StaircaseVersion:
    """A copy of the newest version, to be edited; the draft that is there already, if one is."""
    lock_staircase(municipality.pk)
    versions = StaircaseVersion.objects.filter(municipality=municipality)
    if draft := versions.drafts().first():
        return draft
    newest = versions.order_by("-valid_from").first()
    if newest is None:
        raise ValidationError(_("There is no staircase yet. Set up the municipality first."))
    draft = StaircaseVersion.objects.create(
        municipality=municipality, label=next_label(municipality.pk, today), created_by=by
    )
    copy_lines(newest, draft)
    audit.record(BEGUN, draft, by=by, after={"label": draft.label, "copied": newest.label})
    return draft


def copy_lines(source: StaircaseVersion, target: StaircaseVersion) -> None:
    """Give the target the same steps and criteria."""
    StageVersion.objects.bulk_create(
        StageVersion(
            staircase=target,
            stage_id=row.stage_id,
            **{name: getattr(row, name) for name in STAGE_FIELDS},
        )
        for row in source.stages.order_by("pk")
    )
    CriterionVersion.objects.bulk_create(
        CriterionVersion(
            staircase=target,
            criterion_id=row.criterion_id,
            stage_id=row.stage_id,
            **{name: getattr(row, name) for name in COLUMNS},
        )
        for row in source.criteria.order_by("order", "pk")
    )


@transaction.atomic
def withdraw_draft(version: StaircaseVersion, *, by: User, seen: int | None = None) -> None:
    """A draft that nobody wants any more."""
    locked = open_draft(version, seen)
    before = {"label": locked.label, "note": locked.note, "criteria": locked.criteria.count()}
    audit.record(WITHDRAWN, locked, by=by, before=before)
    locked.delete()


@transaction.atomic
def edit_words(
    version: StaircaseVersion,
    *,
    label: str,
    note: str,
    names: Mapping[int, Mapping[str, str]],
    by: User,
    seen: int | None = None,
) -> bool:
    """Name and note of the draft, and the names of its steps by stage; whether anything changed."""
    locked = open_draft(version, seen)
    label, note = " ".join(label.split()), note.strip()
    same = StaircaseVersion.objects.filter(municipality=locked.municipality_id, label=label)
    if same.exclude(pk=locked.pk).exists():
        raise ValidationError({"label": _("Another version has this name.")})
    before: dict[str, Any] = {"label": locked.label, "note": locked.note}
    after: dict[str, Any] = {"label": label, "note": note}
    for row in locked.stages.select_related("stage").order_by("pk"):
        new = {name: names.get(row.stage_id, {}).get(name, "").strip() for name in STAGE_FIELDS}
        old = {name: getattr(row, name) for name in STAGE_FIELDS}
        if not new["name"] or new == old:
            continue
        step = f"{row.stage.axis}_{row.stage.step}"
        before[step], after[step] = list(old.values()), list(new.values())
        StageVersion.objects.filter(pk=row.pk).update(**new)
    locked.label, locked.note = label, note
    return _bump(locked, EDITED, before, after, by=by)


@transaction.atomic
def add_criterion(
    version: StaircaseVersion, *, values: Mapping[str, Any], by: User, seen: int | None = None
) -> CriterionVersion:
    """A new question at the end of its step."""
    locked = open_draft(version, seen)
    if locked.criteria.count() >= MOST_CRITERIA:
        raise ValidationError(
            _("A staircase has at most %(most)s criteria.") % {"most": MOST_CRITERIA}
        )
    _refuse(locked, values)
    row = CriterionVersion(staircase=locked, order=_after_step(locked, values["stage"]))
    _put(row, values)
    row.save(force_insert=True)
    _renumber(locked)
    _bump(locked, ADDED, {}, _facts(row), by=by)
    return row


@transaction.atomic
def change_criterion(
    row: CriterionVersion,
    *,
    values: Mapping[str, Any],
    same: bool | None = None,
    by: User,
    seen: int | None = None,
) -> CriterionVersion:
    """Change a criterion. `same`: its answers stay (True) or start over (False); None: as it is."""
    locked = open_draft(row.staircase, seen)
    found = locked.criteria.filter(pk=row.pk).first()
    if found is None:
        raise DraftMoved(locked)
    _refuse(locked, values, but=found.pk)
    came_from = origin_of(found)
    before = _facts(found)
    if came_from is not None and came_from.criterion is not None:
        _keep_code(locked, found, values)
        if same is not None:
            found.criterion_id = came_from.criterion if same else None
        _keep_axis(found, came_from.stage, values["stage"])
    elif came_from is not None and values["code"] != found.code:
        raise ValidationError(
            {"code": _("The planned version brings this criterion in; until then its code stays.")}
        )
    if values["stage"] != found.stage_id:
        found.order = _after_step(locked, values["stage"])
    _put(found, values)
    found.save()
    _renumber(locked)
    _bump(locked, CHANGED, before, _facts(found), by=by, named=found.code)
    return found


def _keep_axis(found: CriterionVersion, before: int, after: int) -> None:
    """Other people read the other axis: what was answered never goes over to it."""
    stages = Stage.objects.filter(pk__in=(before, after))
    if found.criterion_id is not None and stages.values("axis").distinct().count() > 1:
        raise ValidationError({"same": OTHER_AXIS})


def _keep_code(
    locked: StaircaseVersion, found: CriterionVersion, values: Mapping[str, Any]
) -> None:
    """A line that starts over is known by the code of the one that it replaces."""
    if found.criterion_id is None and values["code"] != found.code:
        raise ValidationError(
            {"code": _("It replaces the criterion of this code, so the code stays.")}
        )


@transaction.atomic
def move_criterion(
    row: CriterionVersion, *, up: bool, by: User, seen: int | None = None
) -> CriterionVersion:
    """One place up or down in its step."""
    locked = open_draft(row.staircase, seen)
    rows = list(locked.criteria.order_by("order", "pk"))
    step = [one for one in rows if one.stage_id == row.stage_id]
    place = next((n for n, one in enumerate(step) if one.pk == row.pk), -1)
    other = place - 1 if up else place + 1
    if place < 0:
        raise DraftMoved(locked)
    if not 0 <= other < len(step):
        return row
    first, second = step[place], step[other]
    first.order, second.order = second.order, first.order
    CriterionVersion.objects.bulk_update([first, second], ["order"])
    _bump(locked, MOVED, {"place": place + 1}, {"place": other + 1}, by=by, named=first.code)
    return first


@transaction.atomic
def take_out(row: CriterionVersion, *, by: User, seen: int | None = None) -> None:
    """The draft no longer asks it; it can be put back as long as the draft is one."""
    locked = open_draft(row.staircase, seen)
    found = locked.criteria.filter(pk=row.pk).first()
    if found is None:
        raise DraftMoved(locked)
    before = _facts(found)
    found.delete()
    _bump(locked, TAKEN_OUT, before, {}, by=by)


@transaction.atomic
def put_back(version: StaircaseVersion, code: str, *, by: User) -> CriterionVersion:
    """What was taken out under that code, as it was; ValidationError where it is not to be had."""
    locked = open_draft(version, None)
    if locked.criteria.filter(code=code).exists():
        raise ValidationError(_("Another criterion has the code %(code)s.") % {"code": code})
    row = _last_taken_out(locked, code) or _of_predecessor(locked, code)
    if row is None:
        raise ValidationError(_("No criterion %(code)s was taken out.") % {"code": code})
    row.order = _after_step(locked, row.stage_id)
    row.save(force_insert=True)
    _renumber(locked)
    _bump(locked, PUT_BACK, {}, _facts(row), by=by)
    return row


def _last_taken_out(locked: StaircaseVersion, code: str) -> CriterionVersion | None:
    events = Event.objects.filter(
        municipality_id=locked.municipality_id,
        action=TAKEN_OUT,
        object_type="staircaseversion",
        object_id=str(locked.pk),
        before__code=code,
    )
    event = events.order_by("-id").first()
    stages = set(locked.stages.values_list("stage_id", flat=True))
    if event is None or event.before.get("stage_key") not in stages:
        return None
    kept = event.before
    taken = locked.criteria.filter(criterion__isnull=False).values_list("criterion_id", flat=True)
    if kept.get("criterion_key") in set(taken):
        return None
    values = {name: kept[name] for name in COLUMNS if name in kept}
    values |= {"stage": kept["stage_key"], "threshold": kept.get("threshold_key") or {}}
    row = CriterionVersion(staircase=locked, criterion_id=kept.get("criterion_key"))
    _put(row, values)
    return row


def _of_predecessor(locked: StaircaseVersion, code: str) -> CriterionVersion | None:
    before = predecessor(locked)
    source = before.criteria.filter(code=code).first() if before else None
    if source is None:
        return None
    if source.criterion_id and locked.criteria.filter(criterion=source.criterion_id).exists():
        return None
    source.pk, source.staircase = None, locked
    return source


def origin_of(row: CriterionVersion) -> Asked | None:
    """The line of the version before that this one comes from or replaces."""
    before = predecessor(row.staircase)
    if before is None:
        return None
    return origin(plain(row), read(before).asked, read(row.staircase).asked)


def _refuse(locked: StaircaseVersion, values: Mapping[str, Any], *, but: int = 0) -> None:
    """A code that is taken, a step of elsewhere, a question that decides two criteria."""
    others = locked.criteria.exclude(pk=but)
    if others.filter(code=values["code"]).exists():
        text = _("Another criterion has the code %(code)s.") % {"code": values["code"]}
        raise ValidationError({"code": text})
    if not locked.stages.filter(stage=values["stage"]).exists():
        raise ValidationError({"stage": _("Choose a step of this staircase.")})
    if values["source"] == "survey":
        decided = others.filter(source="survey", question=values["question"]).first()
        if decided is not None:
            text = _("%(code)s is decided by this question already; one question decides one.")
            raise ValidationError({"question": text % {"code": decided.code}})


def _put(row: CriterionVersion, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(row, "stage_id" if name == "stage" else name, value)


def _after_step(locked: StaircaseVersion, stage: int) -> int:
    """The order that puts a line behind those of its step; `_renumber` closes the gaps."""
    last = locked.criteria.filter(stage=stage).order_by("-order").first()
    return last.order + 1 if last else 0


def _renumber(locked: StaircaseVersion) -> None:
    """Orders from 0 without gaps, step by step, so that two lines never share one."""
    stages = list(locked.stages.order_by("-stage__axis", "stage__step"))
    places = {row.stage_id: n for n, row in enumerate(stages)}
    rows = sorted(locked.criteria.all(), key=lambda row: (places[row.stage_id], row.order, row.pk))
    moved = []
    for order, row in enumerate(rows):
        if row.order != order:
            row.order = order
            moved.append(row)
    CriterionVersion.objects.bulk_update(moved, ["order"])


def _facts(row: CriterionVersion) -> dict[str, Any]:
    """What the trail says of a line: everything but its place; keys serve putting back."""
    facts: dict[str, Any] = {name: getattr(row, name) for name in COLUMNS if name != "order"}
    return facts | {
        "threshold": threshold_words(plain(row)),
        "threshold_key": row.threshold,
        "step": str(row.stage),
        "stage_key": row.stage_id,
        "answers_stay": row.criterion_id is not None,
        "criterion_key": row.criterion_id,
    }


def _bump(
    locked: StaircaseVersion,
    action: str,
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    by: User,
    named: str = "",
) -> bool:
    """Count the change and write it down, `named` by a code; nothing where nothing changed."""
    old, new = audit.changed_fields(before, after)
    if not old and not new:
        return False
    if named:
        new = {"code": named, **new}
    locked.version += 1
    locked.save(update_fields=["version", "label", "note"])
    event = audit.event_row(action, locked, by=by)
    event.before, event.after = old, new
    event.save(force_insert=True)
    return True
