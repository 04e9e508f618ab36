"""Roll-ups: the same meaning as the pure rules, in a fixed number of statements, losing nothing."""

import datetime as dt
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection, connections, transaction
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality
from dxportal.dashboards.cells.states import stage_states
from roadmap import measuring, rollups, staircase, tasks, timeliness
from roadmap.actions.adoption_tasks import TaskFields, choose_task
from roadmap.actions.published import publish_verdict
from roadmap.board import board_rows
from roadmap.choices import Axis, CriterionSource, DepartmentRole, Direction, Phase
from roadmap.listing import for_rows, listed
from roadmap.marks import ALL, DEPARTMENT, INITIATIVE, mark
from roadmap.methods import METHODS
from roadmap.models import (
    WHOLE,
    AdoptionTask,
    AdoptionVerdict,
    Assessment,
    Criterion,
    CriterionReading,
    DirtyMark,
    Indicator,
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeSnapshot,
    MeasuredValue,
    Measurement,
    Milestone,
    PositionSnapshot,
    RollupRun,
    StageSnapshot,
    StageSum,
    StaircaseVersion,
    Target,
    Update,
)
from tests import factories

DAY = dt.date(2026, 9, 30)
pytestmark = pytest.mark.django_db


def assess(where: Department, code: str, level: int, **fields: Any) -> Assessment:
    criterion = Criterion.objects.get(stage__municipality=where.municipality, code=code)
    fields.setdefault("confirmed_on", dt.date(2026, 6, 1))
    fields.setdefault("expires_on", dt.date(2027, 6, 1))
    head = where.municipality.users.first() or factories.user(where.municipality, of=where)
    return Assessment.objects.create(
        department=where, criterion=criterion, level=level, confirmed_by=head, **fields
    )


@pytest.fixture
def city() -> Municipality:
    return factories.municipality()


@pytest.fixture
def section(city: Municipality) -> Department:
    return factories.department(city)


def stage_of(where: Department, axis: str, step: int) -> StageSnapshot:
    found: StageSnapshot = StageSnapshot.objects.get(
        department=where, stage__axis=axis, stage__step=step
    )
    return found


def test_rollup_counts_levels_and_not_expired_ones(section: Department) -> None:
    assess(section, "T1-1", 3)
    assess(section, "T1-2", 2, expires_on=DAY)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    first = stage_of(section, Axis.TECHNOLOGY, 1)
    assert (first.level_sum, first.answered, first.total, first.reached) == (3, 1, 6, False)


def test_rollup_takes_the_latest_assessment_of_the_day(section: Department) -> None:
    assess(section, "T1-1", 3, confirmed_on=dt.date(2026, 5, 1))
    assess(section, "T1-1", 1, confirmed_on=dt.date(2026, 7, 1))
    assess(section, "T1-1", 3, confirmed_on=dt.date(2026, 12, 1))
    rollups.roll_up(section.municipality_id, as_of=DAY)
    assert stage_of(section, Axis.TECHNOLOGY, 1).level_sum == 1


def test_position_is_unknown_without_an_answer(section: Department) -> None:
    assess(section, "T1-1", 1)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    technology = PositionSnapshot.objects.get(department=section, axis=Axis.TECHNOLOGY)
    culture = PositionSnapshot.objects.get(department=section, axis=Axis.CULTURE)
    assert (technology.current, culture.current) == (1, None)


def test_ended_department_leaves_the_picture(section: Department) -> None:
    assess(section, "T1-1", 3)
    rollups.roll_up(section.municipality_id, as_of=dt.date(2026, 9, 1))
    Department.objects.filter(pk=section.pk).update(valid_to=dt.date(2026, 9, 15))
    mark(section.municipality_id, DEPARTMENT, [section.pk])
    rollups.roll_up(section.municipality_id, as_of=DAY)
    assert not StageSnapshot.objects.filter(department=section).exists()
    assert not PositionSnapshot.objects.filter(department=section).exists()


levels = st.tuples(st.integers(0, 3), st.booleans())


@given(data=st.data())
def test_sql_says_what_the_pure_rules_say(data: st.DataObject) -> None:
    with transaction.atomic():
        section = factories.department(factories.municipality())
        criteria = list(
            Criterion.objects.filter(stage__municipality=section.municipality).select_related(
                "stage"
            )
        )
        person = factories.user(section.municipality, of=section)
        answers: dict[tuple[str, int], list[staircase.Answer]] = {}
        for criterion in criteria:
            given_level = data.draw(st.none() | levels, label=criterion.code)
            if criterion.source == CriterionSource.INITIATIVE:
                given_level = None
            level, expired = given_level or (None, False)
            place = answers.setdefault((criterion.stage.axis, criterion.stage.step), [])
            place.append(staircase.Answer(criterion.code, criterion.mandatory, level, expired))
            until = DAY if expired else DAY + dt.timedelta(days=1)
            if level is None:
                continue
            if criterion.source == CriterionSource.INDICATOR:
                CriterionReading.objects.create(
                    criterion=criterion,
                    department=section,
                    value=(0, 1, 30, 60)[level],
                    measured_on=dt.date(2026, 6, 1),
                    expires_on=until,
                )
            elif criterion.source == CriterionSource.SURVEY:
                MeasuredValue.objects.create(
                    criterion=criterion,
                    department=section,
                    level=level,
                    measured_on=dt.date(2026, 6, 1),
                    expires_on=until,
                )
            else:
                Assessment.objects.create(
                    criterion=criterion,
                    department=section,
                    level=level,
                    confirmed_by=person,
                    confirmed_on=dt.date(2026, 6, 1),
                    expires_on=until,
                )
        rollups.roll_up(section.municipality_id, as_of=DAY)
        for axis in Axis:
            steps = sorted(step for a, step in answers if a == axis)
            results = [staircase.stage_result(answers[axis, step]) for step in steps]
            for step, result in zip(steps, results, strict=True):
                row = stage_of(section, axis, step)
                assert (row.reached, row.level_sum, row.answered, row.total) == (
                    result.reached,
                    result.level_sum,
                    result.answered,
                    result.total,
                )
            position = staircase.position(results)
            stored = PositionSnapshot.objects.get(department=section, axis=axis)
            assert stored.current == (position.current if position else None)
            assert stored.all_reached == bool(position and position.all_reached)
            assert set(stored.seeds) == staircase.seeds(results, ())
        transaction.set_rollback(True)


@given(
    phase=st.sampled_from(list(Phase)),
    reported=st.none() | st.integers(0, 200),
    launched=st.none() | st.integers(0, 120),
    target=st.none() | st.tuples(st.integers(2025, 2027), st.none() | st.integers(1, 4)),
    confirmed=st.booleans(),
)
def test_sql_judges_initiatives_as_the_pure_rules_do(
    phase: Phase,
    reported: int | None,
    launched: int | None,
    target: tuple[int, int | None] | None,
    confirmed: bool,
) -> None:
    with transaction.atomic():
        city = factories.municipality(staircase=False)
        made = factories.initiative(
            city,
            launched_on=DAY - dt.timedelta(days=launched) if launched is not None else None,
            target_fy=target[0] if target else None,
            target_quarter=target[1] if target else None,
        )
        report = DAY - dt.timedelta(days=reported) if reported is not None else None
        Update.objects.create(
            initiative=made, phase=phase, reported_on=report or DAY, is_report=report is not None
        )
        if confirmed and made.launched_on:
            AdoptionVerdict.objects.create(initiative=made, on=DAY, verdict="support")
        rollups.roll_up(city.pk, as_of=DAY)
        row = InitiativeSnapshot.objects.get(initiative=made)
        expected = timeliness.derived_status(
            phase,
            timeliness.target_end(*target) if target else None,
            made.launched_on,
            confirmed and made.launched_on is not None,
            DAY,
        )
        assert (row.derived, row.rule) == expected
        assert row.freshness == timeliness.freshness(report, DAY)
        transaction.set_rollback(True)


amounts = st.integers(0, 4).map(Decimal)
around = st.integers(-500, 60).map(lambda number: DAY + dt.timedelta(days=number))


@given(
    phase=st.sampled_from([Phase.BUILDING, Phase.LIVE, Phase.STOPPED]),
    points=st.lists(st.tuples(around, st.none() | around, st.booleans()), max_size=3),
    known=st.lists(
        st.tuples(
            st.sampled_from(Direction),
            st.dictionaries(st.integers(2024, 2027), amounts, max_size=3),
            st.dictionaries(around, amounts, max_size=3),
        ),
        max_size=2,
    ),
)
def test_sql_judges_milestones_and_indicators_as_the_pure_rules_do(
    phase: Phase,
    points: list[tuple[dt.date, dt.date | None, bool]],
    known: list[tuple[Direction, dict[int, Decimal], dict[dt.date, Decimal]]],
) -> None:
    with transaction.atomic():
        city = factories.municipality(staircase=False)
        made = factories.initiative(city, phase=phase, reported_on=DAY)
        for due, done, gone in points:
            Milestone.objects.create(
                initiative=made,
                title="m",
                due_on=due,
                done_on=done,
                removed_on=DAY if gone else None,
            )
        for number, (direction, targets, measured) in enumerate(known):
            row = Indicator.objects.create(
                initiative=made, name=str(number), kind="use", direction=direction
            )
            for year, value in targets.items():
                Target.objects.create(indicator=row, fiscal_year=year, value=value)
            for day, value in measured.items():
                Measurement.objects.create(indicator=row, measured_on=day, value=value)
        rollups.roll_up(city.pk, as_of=DAY)
        row_of = InitiativeSnapshot.objects.get(initiative=made)
        expected = timeliness.derived_status(
            phase,
            None,
            None,
            False,
            DAY,
            overdue_milestone=any(
                timeliness.milestone_overdue(due, done, DAY)
                for due, done, gone in points
                if not gone
            ),
            behind_target=any(
                measuring.indicator_behind(
                    direction,
                    [measuring.Aim(*pair) for pair in targets.items()],
                    [measuring.Reading(*pair) for pair in measured.items()],
                    DAY,
                )
                for direction, targets, measured in known
            ),
        )
        assert (row_of.derived, row_of.rule) == expected
        office = factories.user(city, role=Role.DX_OFFICE)
        shown = board_rows(for_rows(listed(office, DAY)), user=office, day=DAY, stages=[])[0]
        assert (shown.derived, shown.rule) == expected
        transaction.set_rollback(True)


def test_milestone_grows_overdue_at_night_by_date_alone(city: Municipality) -> None:
    made = factories.initiative(city, reported_on=dt.date(2026, 9, 1))
    Milestone.objects.create(initiative=made, title="契約", due_on=dt.date(2026, 9, 12))
    rollups.roll_up(city.pk, as_of=dt.date(2026, 9, 12))
    assert InitiativeSnapshot.objects.get(initiative=made).rule == "none"
    assert rollups.nightly(city.pk, today=dt.date(2026, 9, 13)) == 0
    assert InitiativeSnapshot.objects.get(initiative=made).rule == "milestone_passed"
    assert RollupRun.objects.latest("id").marks == 1


def test_indicator_is_judged_at_the_night_its_year_has_ended(city: Municipality) -> None:
    made = factories.initiative(city, reported_on=dt.date(2026, 3, 20))
    row = Indicator.objects.create(initiative=made, name="利用率", kind="use")
    Target.objects.create(indicator=row, fiscal_year=2025, value=50)
    Measurement.objects.create(indicator=row, measured_on=dt.date(2026, 3, 25), value=10)
    rollups.roll_up(city.pk, as_of=dt.date(2026, 3, 31))
    assert InitiativeSnapshot.objects.get(initiative=made).rule == "none"
    edges = rollups.mark_date_edges(city.pk, since=dt.date(2026, 3, 31), today=dt.date(2026, 4, 1))
    assert edges == 1
    rollups.roll_up(city.pk, as_of=dt.date(2026, 4, 1))
    latest = InitiativeSnapshot.objects.get(initiative=made, period=dt.date(2026, 4, 1))
    assert latest.rule == "indicator_behind"
    assert rollups.drift(city.pk, as_of=dt.date(2026, 4, 1)) == 0


def test_removed_initiative_leaves_the_month_and_contributes_to_nothing(
    section: Department,
) -> None:
    today = dt.date(2026, 10, 20)
    assess(section, "T1-1", 1)
    made = complete_initiative(section, Phase.TRIAL)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    rollups.roll_up(section.municipality_id, as_of=today)
    made.removed_on = today
    made.save()
    mark(section.municipality_id, INITIATIVE, [made.pk])
    assert not rollups.roll_up(section.municipality_id, as_of=today).full
    left = InitiativeSnapshot.objects.filter(initiative=made)
    assert [row.period for row in left] == [dt.date(2026, 9, 1)]
    seeds = PositionSnapshot.objects.filter(department=section, axis=Axis.TECHNOLOGY)
    assert [row.seeds for row in seeds.order_by("period")] == [[3], []]
    assert rollups.drift(section.municipality_id, as_of=today) == 0
    made.removed_on = None
    made.save()
    mark(section.municipality_id, INITIATIVE, [made.pk])
    rollups.roll_up(section.municipality_id, as_of=today)
    assert left.all().count() == 2


def test_new_method_counts_everything_again(section: Department) -> None:
    made = complete_initiative(section, Phase.TRIAL)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    InitiativeSnapshot.objects.filter(initiative=made).update(method="2020.1", rule="none")
    mark(section.municipality_id, DEPARTMENT, [section.pk])
    assert rollups.roll_up(section.municipality_id, as_of=DAY).full
    mark(section.municipality_id, DEPARTMENT, [section.pk])
    assert not rollups.roll_up(section.municipality_id, as_of=DAY).full


def test_new_method_counts_everything_again_where_there_are_no_initiatives(
    city: Municipality,
) -> None:
    first, second = (factories.department(city) for _ in range(2))
    assess(first, "T1-1", 3)
    assess(second, "T1-1", 3)
    rollups.roll_up(city.pk, as_of=DAY)
    for model in (StageSnapshot, PositionSnapshot, StageSum):
        model.objects.update(method="2020.1")
    StageSum.objects.all().delete()
    mark(city.pk, DEPARTMENT, [first.pk])
    assert rollups.roll_up(city.pk, as_of=DAY).full
    assert sums_of(city, WHOLE).level_sum == 6


def test_a_missed_night_is_made_up_for_although_marks_were_swept_on_its_day(
    section: Department,
) -> None:
    ends, town = dt.date(2026, 9, 10), section.municipality_id
    assess(section, "T1-1", 3, expires_on=ends)
    rollups.roll_up(town, as_of=dt.date(2026, 9, 8))
    assert rollups.nightly(town, today=dt.date(2026, 9, 9)) == 0
    mark(town, DEPARTMENT, [factories.department(section.municipality).pk])
    assert not rollups.roll_up(town, as_of=ends).full
    assert rollups.nightly(town, today=dt.date(2026, 9, 11)) == 0
    assert stage_of(section, Axis.TECHNOLOGY, 1).level_sum == 0


def test_the_drift_of_a_night_is_not_written_to_a_history(section: Department) -> None:
    town = section.municipality_id
    rollups.roll_up(town, as_of=dt.date(2026, 9, 8))
    rollups.roll_up(town, as_of=dt.date(2026, 3, 31), history=True)
    assert rollups.nightly(town, today=dt.date(2026, 9, 9)) == 0
    runs = RollupRun.objects.filter(municipality=town).order_by("as_of")
    assert list(runs.values_list("drift", flat=True)) == [None, 0]


@pytest.mark.parametrize("task", [tasks.roll_up_date_edges, tasks.sweep_marks])
def test_a_municipality_that_fails_stops_no_other(task: Any, monkeypatch: Any) -> None:
    towns = [factories.municipality(f"第{n}市") for n in range(3)]
    for town in towns:
        mark(town.pk, ALL)
    counted = rollups.roll_up

    def fail_in_one(municipality_id: int, **how: Any) -> rollups.RollupResult:
        if municipality_id == towns[0].pk:
            raise RuntimeError("no memory")
        return counted(municipality_id, **how)

    monkeypatch.setattr(rollups, "roll_up", fail_in_one)
    task()
    waiting = DirtyMark.objects.values_list("municipality_id", flat=True)
    assert set(waiting) == {towns[0].pk}


def test_a_planned_launch_is_a_date_edge(section: Department) -> None:
    made, town = complete_initiative(section, Phase.BUILDING), section.municipality_id
    made.launched_on = dt.date(2026, 9, 20)
    made.save()
    rollups.roll_up(town, as_of=dt.date(2026, 9, 15))
    fourth = stage_of(section, Axis.TECHNOLOGY, 4)
    before = fourth.answered
    for day in (dt.date(2026, 9, 19), dt.date(2026, 9, 20)):
        assert rollups.nightly(town, today=day) == 0
    fourth.refresh_from_db()
    assert fourth.answered == before + 1


ENTERED = dt.datetime(2026, 9, 10, 0, 30, tzinfo=dt.timezone(dt.timedelta(hours=9)))


@pytest.mark.parametrize(
    ("launched_on", "reported_on", "day", "there"),
    [
        (None, None, dt.date(2026, 9, 9), False),
        (None, None, dt.date(2026, 9, 10), True),
        (dt.date(2026, 8, 5), None, dt.date(2026, 8, 4), False),
        (dt.date(2026, 8, 5), None, dt.date(2026, 8, 5), True),
        (None, dt.date(2026, 7, 1), dt.date(2026, 6, 30), False),
        (None, dt.date(2026, 7, 1), dt.date(2026, 7, 1), True),
        (dt.date(2027, 1, 1), dt.date(2026, 10, 1), dt.date(2026, 9, 10), True),
    ],
)
def test_a_past_day_holds_what_had_begun(
    city: Municipality,
    launched_on: dt.date | None,
    reported_on: dt.date | None,
    day: dt.date,
    there: bool,
) -> None:
    made = factories.initiative(city, launched_on=launched_on, reported_on=reported_on)
    Initiative.objects.filter(pk=made.pk).update(created_at=ENTERED)
    # An earlier count by other rules had it.
    rollups.roll_up(city.pk, as_of=day)
    rollups.roll_up(city.pk, as_of=day, history=True)
    assert InitiativeSnapshot.objects.filter(initiative=made).exists() is there


def complete_initiative(section: Department, phase: str, code: str = "T3-1") -> Any:
    made = factories.initiative(
        section.municipality,
        lead=section,
        phase=phase,
        reported_on=dt.date(2026, 9, 1),
        purpose="p",
        kind="subtract",
        beneficiaries=["staff"],
        accountable_post=factories.post(section),
        target_fy=2026,
    )
    criterion = Criterion.objects.get(stage__municipality=section.municipality, code=code)
    InitiativeCriterion.objects.create(initiative=made, criterion=criterion)
    return made


@pytest.mark.parametrize(("phase", "seeds"), [(Phase.BUILDING, []), (Phase.TRIAL, [3])])
def test_initiative_on_trial_is_a_seed(section: Department, phase: Phase, seeds: list[int]) -> None:
    assess(section, "T1-1", 1)
    complete_initiative(section, phase)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    position = PositionSnapshot.objects.get(department=section, axis=Axis.TECHNOLOGY)
    assert position.seeds == seeds


def test_incomplete_initiative_firms_nothing(section: Department) -> None:
    assess(section, "T1-1", 1)
    made = complete_initiative(section, Phase.TRIAL)
    made.purpose = ""
    made.save()
    rollups.roll_up(section.municipality_id, as_of=DAY)
    position = PositionSnapshot.objects.get(department=section, axis=Axis.TECHNOLOGY)
    assert position.seeds == []
    assert not InitiativeSnapshot.objects.get(initiative=made).complete


def test_every_launched_initiative_asked_again_makes_c3_3_firm(section: Department) -> None:
    made = complete_initiative(section, Phase.LIVE)
    made.launched_on = DAY - dt.timedelta(days=90)
    made.save()
    rollups.roll_up(section.municipality_id, as_of=DAY)
    assert stage_of(section, Axis.CULTURE, 3).level_sum == 0
    assert stage_of(section, Axis.CULTURE, 3).answered == 1
    AdoptionVerdict.objects.create(initiative=made, on=DAY, verdict="rethink")
    mark(section.municipality_id, INITIATIVE, [made.pk])
    rollups.roll_up(section.municipality_id, as_of=DAY)
    assert stage_of(section, Axis.CULTURE, 3).level_sum == 3


def test_c3_3_wants_an_answer_to_the_verdict_too(section: Department) -> None:
    made = complete_initiative(section, Phase.LIVE)
    made.launched_on = DAY - dt.timedelta(days=90)
    made.save()
    task = publish_verdict(made, on=DAY, verdict="unused", figures={}).task
    head = factories.user(section.municipality, role=Role.HEAD, of=section)
    for choice, level in (("", 0), ("train", 3)):
        fields = TaskFields(choice, task.due_on, choice)
        task = choose_task(task, fields=fields, version=task.version, by=head)
        AdoptionTask.objects.filter(chosen_on__isnull=False).update(chosen_on=DAY)
        rollups.roll_up(section.municipality_id, as_of=DAY)
        assert stage_of(section, Axis.CULTURE, 3).level_sum == level
        (state,) = [
            criterion
            for stage in stage_states(section, as_of=DAY)["culture"]
            for criterion in stage.criteria
            if criterion.criterion.code == "C3-3"
        ]
        assert state.level == level


def test_marks_reach_the_departments_of_a_marked_initiative(section: Department) -> None:
    assess(section, "T1-1", 1)
    made = complete_initiative(section, Phase.BUILDING)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    Update.objects.create(initiative=made, phase=Phase.TRIAL, reported_on=DAY)
    mark(section.municipality_id, INITIATIVE, [made.pk])
    result = rollups.roll_up(section.municipality_id, as_of=DAY)
    assert not result.full
    position = PositionSnapshot.objects.get(department=section, axis=Axis.TECHNOLOGY)
    assert position.seeds == [3]


@pytest.mark.parametrize("sections", [1, 3])
def test_rollup_takes_ten_statements_whatever_the_size(
    city: Municipality, sections: int, django_assert_num_queries: Any
) -> None:
    for _ in range(sections):
        assess(factories.department(city), "T1-1", 3)
    mark(city.pk, ALL)
    with django_assert_num_queries(12):  # ten and the savepoint around them
        result = rollups.roll_up(city.pk, as_of=DAY)
    assert result.statements == 10
    assert not DirtyMark.objects.filter(municipality=city).exists()


def test_rollup_twice_changes_nothing(section: Department) -> None:
    assess(section, "T1-1", 3)
    rollups.roll_up(section.municipality_id, as_of=DAY, full=True)
    before = rollups.stored(section.municipality_id, dt.date(2026, 9, 1))
    rollups.roll_up(section.municipality_id, as_of=DAY, full=True)
    assert rollups.stored(section.municipality_id, dt.date(2026, 9, 1)) == before


def test_rollup_leaves_other_municipalities_alone(section: Department) -> None:
    other = factories.department(factories.municipality("よそ市"))
    assess(other, "T1-1", 3)
    mark(other.municipality_id, ALL)
    before = DirtyMark.objects.filter(municipality=other.municipality).count()
    rollups.roll_up(section.municipality_id, as_of=DAY, full=True)
    assert DirtyMark.objects.filter(municipality=other.municipality).count() == before
    assert not StageSnapshot.objects.filter(department=other).exists()


def test_history_leaves_the_marks_of_the_present_alone(section: Department) -> None:
    mark(section.municipality_id, DEPARTMENT, [section.pk])
    before = DirtyMark.objects.count()
    rollups.roll_up(section.municipality_id, as_of=dt.date(2026, 3, 31), history=True)
    assert DirtyMark.objects.count() == before
    assert StageSnapshot.objects.filter(period=dt.date(2026, 3, 1)).exists()


def test_drift_finds_a_number_that_somebody_changed(section: Department) -> None:
    assess(section, "T1-1", 3)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    assert rollups.drift(section.municipality_id, as_of=DAY) == 0
    StageSnapshot.objects.filter(stage__step=1, stage__axis=Axis.TECHNOLOGY).update(level_sum=9)
    assert rollups.drift(section.municipality_id, as_of=DAY) == 2
    assert StageSnapshot.objects.filter(level_sum=9).exists()


def test_expiry_lowers_the_number_at_night_by_date_alone(section: Department) -> None:
    assess(section, "T1-1", 3, expires_on=dt.date(2026, 9, 20))
    rollups.roll_up(section.municipality_id, as_of=dt.date(2026, 9, 10))
    assert rollups.nightly(section.municipality_id, today=dt.date(2026, 9, 25)) == 0
    assert stage_of(section, Axis.TECHNOLOGY, 1).level_sum == 0
    run = RollupRun.objects.latest("id")
    assert (run.drift, run.full, run.marks) == (0, False, 1)


def test_report_grows_stale_at_night_by_date_alone(city: Municipality) -> None:
    made = factories.initiative(city, reported_on=dt.date(2026, 8, 20))
    rollups.roll_up(city.pk, as_of=dt.date(2026, 9, 10))
    assert InitiativeSnapshot.objects.get(initiative=made).freshness == "fresh"
    rollups.nightly(city.pk, today=dt.date(2026, 9, 21))
    assert InitiativeSnapshot.objects.get(initiative=made).freshness == "due"


def test_new_month_is_counted_whole_and_keeps_the_old_one(section: Department) -> None:
    assess(section, "T1-1", 3)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    result = rollups.roll_up(section.municipality_id, as_of=dt.date(2026, 10, 1))
    assert result.full
    periods = set(StageSnapshot.objects.values_list("period", flat=True))
    assert periods == {dt.date(2026, 9, 1), dt.date(2026, 10, 1)}


@pytest.mark.django_db(transaction=True)
def test_change_that_commits_during_a_rollup_is_not_lost() -> None:
    city = factories.municipality()
    section = factories.department(city)
    rollups.roll_up(city.pk, as_of=DAY)
    inside, go_on = threading.Event(), threading.Event()

    def slow_rollup() -> None:
        try:
            with transaction.atomic():
                with connection.cursor() as cursor:
                    cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [rollups.LOCK, city.pk])
                mark(city.pk, DEPARTMENT, [section.pk])
                rollups.roll_up(city.pk, as_of=DAY)
                inside.set()
                assert go_on.wait(20)
        finally:
            connections.close_all()

    def second() -> None:
        try:
            rollups.roll_up(city.pk, as_of=DAY)
        finally:
            connections.close_all()

    first = threading.Thread(target=slow_rollup)
    first.start()
    assert inside.wait(20)
    assess(section, "T1-1", 3)
    mark(city.pk, DEPARTMENT, [section.pk])
    waiting = threading.Thread(target=second)
    waiting.start()
    waiting.join(0.3)
    assert waiting.is_alive(), "one roll-up per municipality at a time"
    go_on.set()
    first.join(20)
    waiting.join(20)
    assert stage_of(section, Axis.TECHNOLOGY, 1).level_sum == 3
    assert not DirtyMark.objects.filter(municipality=city).exists()


def test_partner_departments_grow_the_seed_too(section: Department) -> None:
    partner = factories.department(section.municipality)
    assess(partner, "T1-1", 1)
    made = complete_initiative(section, Phase.TRIAL)
    InitiativeDepartment.objects.create(
        initiative=made, department=partner, role=DepartmentRole.PARTNER
    )
    rollups.roll_up(section.municipality_id, as_of=DAY)
    position = PositionSnapshot.objects.get(department=partner, axis=Axis.TECHNOLOGY)
    assert position.seeds == [3]


def sums_of(place: Municipality, unit: int) -> StageSum:
    found: StageSum = StageSum.objects.get(
        municipality=place, unit=unit, stage__axis=Axis.TECHNOLOGY, stage__step=1
    )
    return found


def test_units_add_up_to_the_whole(city: Municipality) -> None:
    bureau = factories.department(city, "福祉部", kind="bureau")
    inside = factories.department(city, "福祉課", parent=bureau)
    alone = factories.department(city, "会計課")
    assess(inside, "T1-1", 3)
    assess(alone, "T1-2", 1)
    rollups.roll_up(city.pk, as_of=DAY)
    whole, units = sums_of(city, WHOLE), [sums_of(city, pk) for pk in (bureau.pk, alone.pk)]
    for name in ("departments", "here", "reached", "level_sum", "answered", "total"):
        assert getattr(whole, name) == sum(getattr(unit, name) for unit in units)
    assert (whole.departments, whole.here, whole.level_sum, whole.total) == (2, 2, 4, 12)


def test_unit_without_departments_leaves_and_the_whole_is_none_at_last(city: Municipality) -> None:
    alone = factories.department(city, "会計課")
    assess(alone, "T1-1", 3)
    rollups.roll_up(city.pk, as_of=dt.date(2026, 9, 1))
    Department.objects.filter(pk=alone.pk).update(valid_to=dt.date(2026, 9, 15))
    mark(city.pk, DEPARTMENT, [alone.pk])
    assert not rollups.roll_up(city.pk, as_of=DAY).full
    assert not StageSum.objects.filter(unit=alone.pk).exists()
    assert (sums_of(city, WHOLE).departments, sums_of(city, WHOLE).level_sum) == (0, 0)
    assert rollups.drift(city.pk, as_of=DAY) == 0


def test_step_without_criteria_is_never_reached_and_stops_the_way_up(section: Department) -> None:
    version = StaircaseVersion.objects.get(municipality=section.municipality)
    version.criteria.filter(stage__axis=Axis.TECHNOLOGY, stage__step=1).delete()
    assess(section, "T2-1", 3)
    rollups.roll_up(section.municipality_id, as_of=DAY, full=True)
    first = stage_of(section, Axis.TECHNOLOGY, 1)
    assert (first.total, first.answered, first.reached) == (0, 0, False)
    position = PositionSnapshot.objects.get(department=section, axis=Axis.TECHNOLOGY)
    assert (position.current, position.seeds) == (1, [2])


def test_past_day_is_counted_by_the_version_of_then(section: Department) -> None:
    old = StaircaseVersion.objects.get(municipality=section.municipality)
    for code in ("T1-1", "T1-2", "T1-3"):
        if code != "T1-3":
            assess(section, code, 3)
    new = StaircaseVersion.objects.create(
        municipality=section.municipality, label="新しい版", valid_from=dt.date(2026, 9, 1)
    )
    for step in old.stages.all():
        step.pk, step.staircase = None, new
        step.save()
    for row in old.criteria.filter(code__in=["T1-1", "T1-2"]):
        row.pk, row.staircase = None, new
        row.save()
    old.valid_to = new.valid_from
    old.save()
    rollups.roll_up(section.municipality_id, as_of=dt.date(2026, 8, 31), history=True)
    rollups.roll_up(section.municipality_id, as_of=DAY)
    rows = StageSnapshot.objects.filter(stage__axis=Axis.TECHNOLOGY, stage__step=1)
    assert list(rows.order_by("period").values_list("reached", "total", "staircase__label")) == [
        (False, 6, old.label),
        (True, 2, "新しい版"),
    ]


def test_past_day_of_a_month_that_holds_a_later_one_is_told_and_not_kept(
    section: Department, capsys: Any
) -> None:
    assess(section, "T1-1", 3, confirmed_on=dt.date(2026, 9, 20))
    rollups.roll_up(section.municipality_id, as_of=DAY)
    kept = rollups.stored(section.municipality_id, dt.date(2026, 9, 1))
    seen = rollups.seen_on(section.municipality_id, dt.date(2026, 9, 10))
    assert ("stage", section.pk) in {row[:2] for row in seen}
    assert seen != kept
    call_command("rollup", "--as-of", "2026-09-10")
    assert rollups.stored(section.municipality_id, dt.date(2026, 9, 1)) == kept
    assert "2026-09-30" in capsys.readouterr().out


def test_every_snapshot_says_by_which_rules_it_was_counted(section: Department) -> None:
    rollups.roll_up(section.municipality_id, as_of=DAY)
    versions = [method.version for method in METHODS]
    assert versions == sorted(set(versions))
    for model in (StageSnapshot, PositionSnapshot, StageSum):
        assert set(model.objects.values_list("method", flat=True)) == {versions[-1]}
