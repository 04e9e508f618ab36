"""Whatever happens in whatever order, with crashes and repeats: incremental = full = a recount."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given, settings
from hypothesis import strategies as st

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department, Municipality, User
from roadmap import rollups, staircase, timeliness
from roadmap.choices import (
    STARTED_PHASES,
    CriterionSource,
    DepartmentRole,
    InitiativeMeasure,
    Phase,
    Verdict,
)
from roadmap.marks import ALL, DEPARTMENT, INITIATIVE, mark
from roadmap.models import (
    WHOLE,
    AdoptionVerdict,
    Assessment,
    CriterionReading,
    CriterionVersion,
    EvidenceRequest,
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeSnapshot,
    MeasuredValue,
    StageVersion,
    StaircaseVersion,
    Update,
)
from roadmap.thresholds import level_of, read_threshold, share_level
from roadmap.timeliness import FOLLOW_UP_DAYS
from tests import factories

pytestmark = pytest.mark.django_db
BEGIN = dt.date(2026, 9, 3)


class Town:
    """A small municipality whose facts change; each change marks what an action would mark."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw, self.today = draw, BEGIN
        self.place: Municipality = factories.municipality()
        bureaus = [
            factories.department(self.place, name, kind=DepartmentKind.BUREAU, stands=False)
            for name in ("総務部", "福祉部")
        ]
        self.bureaus = bureaus
        places = (("総務課", bureaus[0]), ("税務課", bureaus[0]), ("福祉課", bureaus[1]))
        self.sections = [
            factories.department(self.place, name, parent=bureau) for name, bureau in places
        ]
        self.sections.append(factories.department(self.place, "会計課"))
        self.head: User = factories.user(self.place, of=self.sections[0])
        self.version = StaircaseVersion.objects.get(municipality=self.place)
        self._sources()
        self.initiatives: list[Initiative] = []
        rollups.roll_up(self.place.pk, as_of=self.today)

    def _sources(self) -> None:
        """One criterion of every source and measure."""
        rows = {row.code: row for row in self.version.criteria.all()}
        for code, source, measure in (
            ("T1-4", CriterionSource.INDICATOR, ""),
            ("T4-4", CriterionSource.INITIATIVE, InitiativeMeasure.STOPPED),
            ("T4-5", CriterionSource.INITIATIVE, InitiativeMeasure.ESTABLISHED),
        ):
            row = rows[code]
            row.source, row.measure, row.mandatory = source, measure, code == "T1-4"
            row.threshold = {}
            row.save()

    # what may happen
    def section(self) -> Department:
        found: Department = self.draw(st.sampled_from(self.sections))
        return found

    def asked(self, source: str) -> CriterionVersion:
        rows = self.version.criteria.filter(source=source).order_by("order")
        found: CriterionVersion = self.draw(st.sampled_from(list(rows[:9])))
        return found

    def lasting(self) -> dt.date:
        return self.today + dt.timedelta(days=self.draw(st.sampled_from([1, 7, 20, 300])))

    def confirm(self, expires_on: dt.date | None = None) -> None:
        where, what = self.section(), self.asked(CriterionSource.DECLARED)
        Assessment.objects.create(
            department=where,
            criterion_id=what.criterion_id,
            level=self.draw(st.sampled_from([0, 1, 2, 3, 3, 3])),
            confirmed_by=self.head,
            confirmed_on=self.today,
            expires_on=expires_on or self.lasting(),
        )
        mark(self.place.pk, DEPARTMENT, [where.pk])

    def measure(self) -> None:
        where, what = self.section(), self.asked(CriterionSource.SURVEY)
        MeasuredValue.objects.update_or_create(
            department=where,
            criterion_id=what.criterion_id,
            measured_on=self.today,
            defaults={"level": self.draw(st.integers(0, 3)), "expires_on": self.lasting()},
        )
        mark(self.place.pk, DEPARTMENT, [where.pk])

    def read(self) -> None:
        where, what = self.section(), self.asked(CriterionSource.INDICATOR)
        CriterionReading.objects.update_or_create(
            department=where,
            criterion_id=what.criterion_id,
            measured_on=self.today,
            defaults={
                "value": self.draw(st.sampled_from([0, 1, 29, 30, 60, 75])),
                "expires_on": self.lasting(),
            },
        )
        mark(self.place.pk, DEPARTMENT, [where.pk])

    def ask_back(self) -> None:
        where = self.section()
        latest = (
            Assessment.objects.filter(department=where).order_by("-confirmed_on", "-id").first()
        )
        open_now = EvidenceRequest.objects.filter(department=where, answered_on=None)
        if latest is None or open_now.filter(withdrawn_on=None).exists():
            open_now.update(withdrawn_on=self.today)
        else:
            EvidenceRequest.objects.create(
                department=where,
                criterion=latest.criterion,
                assessment=latest,
                text="どの文書ですか",
                due_on=self.today,
                asked_by=self.head,
                asked_on=self.today,
            )
        mark(self.place.pk, DEPARTMENT, [where.pk])

    def begin(self) -> None:
        where = self.section()
        back = self.draw(st.sampled_from([-5, 0, 85, 90, 200]))
        made = factories.initiative(
            self.place,
            lead=where,
            purpose="p",
            kind="subtract",
            beneficiaries=["staff"],
            accountable_post=factories.post(where, f"職{where.posts.count()}"),
            target_fy=self.draw(st.sampled_from([2026, 2025])),
            launched_on=self.today - dt.timedelta(days=back),
        )
        entered = dt.datetime.combine(self.today, dt.time(), tzinfo=timezone.get_default_timezone())
        Initiative.objects.filter(pk=made.pk).update(created_at=entered)
        made.created_at = entered
        if self.draw(st.booleans()):
            earlier = self.today - dt.timedelta(days=4)
            Update.objects.create(initiative=made, phase=Phase.BUILDING, reported_on=earlier)
        InitiativeCriterion.objects.create(
            initiative=made,
            criterion_id=self.asked(CriterionSource.DECLARED).criterion_id,
        )
        self.initiatives.append(made)
        mark(self.place.pk, INITIATIVE, [made.pk])

    def report(self) -> None:
        if not self.initiatives:
            return
        made = self.draw(st.sampled_from(self.initiatives))
        phase = self.draw(st.sampled_from([*STARTED_PHASES, Phase.STOPPED, Phase.IDEA]))
        Update.objects.create(
            initiative=made,
            phase=phase,
            progress=self.draw(st.sampled_from(["on_track", "late"])),
            ended="台帳の転記" if phase == Phase.STOPPED else None,
            reported_on=self.today,
        )
        mark(self.place.pk, INITIATIVE, [made.pk])

    def judge(self) -> None:
        if not self.initiatives:
            return
        made = self.draw(st.sampled_from(self.initiatives))
        AdoptionVerdict.objects.get_or_create(
            initiative=made,
            on=self.today,
            defaults={"verdict": self.draw(st.sampled_from(list(Verdict)))},
        )
        mark(self.place.pk, INITIATIVE, [made.pk])

    def remove(self) -> None:
        if self.initiatives:
            made = self.initiatives.pop()
            made.removed_on = self.today
            made.save()
            mark(self.place.pk, INITIATIVE, [made.pk])

    def end(self) -> None:
        where = self.section()
        if len(self.sections) > 1 and where != self.sections[0]:
            self.sections.remove(where)
            where.valid_to = self.today
            where.save()
            mark(self.place.pk, DEPARTMENT, [where.pk])

    def rename_version(self) -> None:
        """A new version from today: a threshold, a mandatory mark and a criterion that goes."""
        if self.version.valid_from == self.today:
            return
        old, rows, steps = (
            self.version,
            list(self.version.criteria.all()),
            self.version.stages.all(),
        )
        new = StaircaseVersion.objects.create(
            municipality=self.place, label=f"{self.today}", valid_from=self.today, applied=True
        )
        for step in steps:
            StageVersion.objects.create(staircase=new, stage=step.stage, name=step.name)
        typed = [row for row in rows if row.source == CriterionSource.DECLARED]
        gone = self.draw(st.sampled_from(typed)).pk if len(rows) > 30 else None
        for row in rows:
            if row.pk == gone:
                continue
            row.pk, row.staircase = None, new
            if row.source == CriterionSource.INDICATOR:
                row.threshold = {"firm": 75, "partly": 30, "started": 1}
            elif row.source == CriterionSource.DECLARED:
                row.mandatory = self.draw(st.booleans()) if row.order < 3 else row.mandatory
            row.save()
        old.valid_to = self.today
        old.save()
        self.version = new
        mark(self.place.pk, ALL)

    def crash(self) -> None:
        """A worker that dies in the middle: nothing of what it did is left."""
        point = transaction.savepoint()
        rollups.roll_up(self.place.pk, as_of=self.today)
        transaction.savepoint_rollback(point)

    def count(self) -> None:
        rollups.roll_up(self.place.pk, as_of=self.today)

    def sleep(self) -> None:
        """Days pass; the machine may have been off in between."""
        self.today += dt.timedelta(days=self.draw(st.sampled_from([1, 6, 14])))
        assert rollups.nightly(self.place.pk, today=self.today) == 0

    def miss_a_night(self) -> None:
        """Marks are swept on a day without its nightly run; the next night makes up for it."""
        self.confirm(expires_on=self.today + dt.timedelta(days=1))
        self.count()
        self.today += dt.timedelta(days=1)
        self.confirm()
        self.count()
        self.sleep()


HAPPENS = (
    *("confirm", "confirm", "confirm", "measure", "read", "ask_back", "report", "judge"),
    *("begin", "begin"),
    *("remove", "end", "rename_version", "crash", "count", "sleep", "miss_a_night"),
)


# the recount, from the rows and the pure rules alone -------------------------------------------
def recount(town: Town, day: dt.date) -> set[tuple[Any, ...]]:
    """What a day has to give, as `rollups.stored` tells it without hashes and versions."""
    found: set[tuple[Any, ...]] = set()
    sums: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0] * 8)
    version = StaircaseVersion.objects.filter(municipality=town.place).on(day).get()
    criteria = list(version.criteria.all())
    steps = list(version.stages.select_related("stage"))
    shown = {row.initiative_id: row for row in _initiatives(town, day, found)}
    for where in Department.objects.filter(municipality=town.place, stands=True).on(day):
        for axis in ("technology", "culture"):
            own = sorted((s.stage for s in steps if s.stage.axis == axis), key=lambda s: s.step)
            asked = [[c for c in criteria if c.stage_id == stage.pk] for stage in own]
            results = [
                staircase.stage_result(_answer(where, c, day, shown) for c in rows)
                for rows in asked
            ]
            grown = [_contributing(where, rows, shown) for rows in asked]
            position = staircase.position(results)
            seeds = staircase.seeds(results, {i for i, n in enumerate(grown, 1) if n})
            found.add(
                (
                    *("position", where.pk, axis),
                    _reached(results),
                    position.current if position else None,
                    bool(position and position.all_reached),
                    "{" + ",".join(map(str, sorted(seeds))) + "}",
                )
            )
            for stage, result, n in zip(own, results, grown, strict=True):
                row = (result.reached, result.level_sum, result.answered, result.total, n)
                found.add(("stage", where.pk, stage.pk, *row))
                here = position is not None and position.current == stage.step
                facts = (1, here, result.reached, stage.step in seeds, *row[1:])
                for unit in (WHOLE, where.bureau_id or where.pk):
                    kept = sums[unit, stage.pk]
                    sums[unit, stage.pk] = [a + int(b) for a, b in zip(kept, facts, strict=True)]
    found.update(("sum", unit, stage, *row) for (unit, stage), row in sums.items())
    return found


def _reached(results: list[staircase.StageResult]) -> int:
    """Steps reached from the first without a gap, known or not."""
    return next((i for i, result in enumerate(results) if not result.reached), len(results))


def _there(one: Initiative, day: dt.date) -> bool:
    """Whether it had begun (entered, launched or reported on) and was not removed by then."""
    first = [row.reported_on for row in one.updates.all()]
    began = min([timezone.localdate(one.created_at), one.launched_on, *first])
    return began <= day and (one.removed_on is None or one.removed_on > day)


def _initiatives(town: Town, day: dt.date, found: set[tuple[Any, ...]]) -> list[InitiativeSnapshot]:
    """Those that are there, with phase and whether work ended; their rows go to `found`."""
    made = []
    for one in Initiative.objects.filter(municipality=town.place):
        if not _there(one, day):
            continue
        latest = one.updates.filter(reported_on__lte=day).order_by("-id").first()
        phase = latest.phase if latest else Phase.IDEA
        told = AdoptionVerdict.objects.filter(initiative=one, on__gte=one.launched_on, on__lte=day)
        derived, rule = timeliness.derived_status(
            phase,
            timeliness.target_end(one.target_fy, one.target_quarter),
            one.launched_on,
            told.exists(),
            day,
        )
        made.append(
            InitiativeSnapshot(initiative=one, phase=phase, ended=bool(latest and latest.ended))
        )
        found.add(
            (
                *("initiative", one.pk, phase, latest.progress if latest else ""),
                timeliness.freshness(latest.reported_on if latest else None, day),
                *(derived, rule, True, latest.reported_on if latest else None),
                bool(latest and latest.ended),
            )
        )
    return made


def _led(where: Department, shown: dict[int, InitiativeSnapshot], *roles: str) -> list[Any]:
    parts = InitiativeDepartment.objects.filter(department=where, role__in=roles)
    return [shown[part.initiative_id] for part in parts if part.initiative_id in shown]


def _contributing(
    where: Department, rows: list[CriterionVersion], shown: dict[int, InitiativeSnapshot]
) -> int:
    keys = {row.criterion_id for row in rows}
    return sum(
        row.phase in STARTED_PHASES
        and InitiativeCriterion.objects.filter(
            initiative=row.initiative, criterion__in=keys
        ).exists()
        for row in _led(where, shown, DepartmentRole.LEAD, DepartmentRole.PARTNER)
    )


def _answer(
    where: Department, asked: CriterionVersion, day: dt.date, shown: dict[int, InitiativeSnapshot]
) -> staircase.Answer:
    level, expired = None, False
    about = {"department": where, "criterion_id": asked.criterion_id}
    if asked.source == CriterionSource.DECLARED:
        told = Assessment.objects.filter(**about, confirmed_on__lte=day)
        row = told.order_by("confirmed_on", "id").last()
        if row:
            back = EvidenceRequest.objects.filter(assessment=row).open_on(day).exists()
            level, expired = row.level, row.expires_on <= day or back
    elif asked.source == CriterionSource.SURVEY:
        measured = MeasuredValue.objects.filter(**about, measured_on__lte=day)
        value = measured.order_by("measured_on", "id").last()
        if value:
            level, expired = value.level, value.expires_on <= day
    elif asked.source == CriterionSource.INDICATOR:
        readings = CriterionReading.objects.filter(**about, measured_on__lte=day)
        reading = readings.order_by("measured_on").last()
        if reading:
            numbers = read_threshold(asked.source, "", asked.threshold)
            level = level_of(Decimal(reading.value), numbers)
            expired = reading.expires_on <= day
    else:
        level = _from_initiatives(where, asked, day, shown)
    return staircase.Answer(asked.code, asked.mandatory, level, expired)


def _from_initiatives(
    where: Department, asked: CriterionVersion, day: dt.date, shown: dict[int, InitiativeSnapshot]
) -> int | None:
    rows = _led(where, shown, DepartmentRole.LEAD)
    numbers = read_threshold(asked.source, asked.measure, asked.threshold)
    if asked.measure == InitiativeMeasure.STOPPED:
        begun = [r for r in rows if r.phase == Phase.STOPPED or r.initiative.launched_on <= day]
        return level_of(sum(r.ended for r in rows), numbers) if begun else None
    old = [r for r in rows if r.initiative.launched_on + dt.timedelta(FOLLOW_UP_DAYS) <= day]
    if asked.measure == InitiativeMeasure.ESTABLISHED:
        return share_level(sum(r.phase == Phase.ESTABLISHED for r in old), len(old), numbers)
    told = AdoptionVerdict.objects.filter(on__lte=day).exclude(verdict=Verdict.TOO_FEW)
    again = [
        told.filter(initiative=r.initiative, on__gte=r.initiative.launched_on).exists() for r in old
    ]
    return share_level(sum(again), len(old), numbers)


def figures(rows: set[tuple[Any, ...]], *, hidden: int) -> set[tuple[Any, ...]]:
    """Stored rows without their last columns (method, hash, version of the staircase)."""
    return {row[: len(row) - (hidden if row[0] != "initiative" else 2)] for row in rows}


@settings(max_examples=15)
@given(data=st.data())
def test_incremental_is_full_is_a_recount_whatever_happens(data: st.DataObject) -> None:
    with transaction.atomic():
        town = Town(data.draw)
        for name in data.draw(st.lists(st.sampled_from(HAPPENS), min_size=4, max_size=16)):
            getattr(town, name)()
        town.count()
        month = town.today.replace(day=1)
        incremental = rollups.stored(town.place.pk, month)
        town.count()
        assert rollups.stored(town.place.pk, month) == incremental, "twice changes nothing"
        rollups.roll_up(town.place.pk, as_of=town.today, full=True)
        assert rollups.stored(town.place.pk, month) == incremental
        assert figures(incremental, hidden=3) == recount(town, town.today)
        past = data.draw(st.dates(BEGIN - dt.timedelta(days=9), town.today))
        assert figures(rollups.seen_on(town.place.pk, past), hidden=3) == recount(town, past)
        transaction.set_rollback(True)
