"""Who is reminded of what, and when: rules over plain values, without a database."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared.workdays import is_workday, on_or_before
from roadmap.choices import Phase, ReminderReason
from roadmap.reminding import (
    Dated,
    Digest,
    Facts,
    InitiativeFacts,
    Item,
    Level,
    People,
    ReturnFacts,
    Rules,
    asked,
    latest_weekly,
    next_weekly,
    open_items,
    plan,
    weekly_due,
)

MONDAY = dt.date(2026, 9, 7)
RULES = Rules()
OWNER, OTHER, HEAD, PROMOTER, OFFICE = 1, 2, 10, 11, 20
SECTION = 5
PEOPLE = People(heads={SECTION: (HEAD,)}, promoters={SECTION: (PROMOTER,)}, office=(OFFICE,))
FRESH = InitiativeFacts(
    pk=7,
    title="窓口の書かない化",
    phase=Phase.BUILDING,
    last_report=MONDAY - dt.timedelta(days=3),
    lead=SECTION,
    contact=OWNER,
)


def ago(days: int, day: dt.date = MONDAY) -> dt.date:
    return day - dt.timedelta(days=days)


def facts_of(*initiatives: InitiativeFacts, **more: Any) -> Facts:
    given = {"people": PEOPLE, **more}
    return Facts(initiatives={each.pk: each for each in initiatives}, **given)


def told(facts: Facts, day: dt.date = MONDAY, **how: Any) -> dict[int, list[str]]:
    """Person → reasons."""
    found = plan(facts, day, how.pop("rules", RULES), **{"weekly": True, **how})
    return {digest.user: [item.reason.value for item in digest.items] for digest in found.digests}


# When ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("day", "sends"),
    [
        ("2026-09-14", True),
        ("2026-09-15", False),
        # Respect-for-the-Aged Day and the two after it (a bridge day and the equinox)
        ("2026-09-21", False),
        ("2026-09-22", False),
        ("2026-09-23", False),
        ("2026-09-24", True),
        # Golden Week: Monday 4 May, moved over 5 and 6 May (in lieu)
        ("2026-05-04", False),
        ("2026-05-06", False),
        ("2026-05-07", True),
        # 年末年始: Monday 28 December still works; 4 January is a Monday of its own
        ("2026-12-28", True),
        ("2027-01-01", False),
        ("2027-01-04", True),
    ],
)
def test_monday_digests_go_out_on_mondays_or_the_next_working_day(day: str, sends: bool) -> None:
    date = dt.date.fromisoformat(day)
    assert (is_workday(date) and latest_weekly(date, 0) == date) == sends


def test_a_weekday_inside_the_year_end_closing_moves_behind_it() -> None:
    assert latest_weekly(dt.date(2026, 1, 5), 4) == dt.date(2026, 1, 5)
    assert next_weekly(dt.date(2025, 12, 27), 4) == dt.date(2026, 1, 5)
    assert next_weekly(dt.date(2026, 1, 6), 4) == dt.date(2026, 1, 9)


@given(st.dates(dt.date(2024, 1, 1), dt.date(2029, 12, 31)), st.integers(0, 4))
def test_the_next_sending_day_is_the_first_that_sends(day: dt.date, weekday: int) -> None:
    found = next_weekly(day, weekday)
    assert found >= day
    assert weekly_due(found, weekday, None)
    between = (day + dt.timedelta(days=n) for n in range((found - day).days))
    assert not any(weekly_due(each, weekday, None) for each in between)
    assert (found - day).days < 7 + 10


def test_missed_weeks_are_made_up_for_once() -> None:
    tuesday = dt.date(2026, 9, 8)
    assert weekly_due(tuesday, 0, dt.date(2026, 8, 3))
    assert not weekly_due(tuesday, 0, tuesday)
    assert weekly_due(dt.date(2026, 9, 14), 0, tuesday)
    assert not weekly_due(tuesday, 0, None), "the very first ones wait for their day"


@pytest.mark.parametrize("day", ["2026-09-12", "2026-09-21", "2026-05-05", "2026-12-31"])
def test_nobody_is_reminded_on_a_day_off(day: str) -> None:
    stale = replace(FRESH, last_report=None)
    date = dt.date.fromisoformat(day)
    assert plan(facts_of(stale), date, RULES, weekly=True).digests == ()


# Why ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "reasons"),
    [
        ({}, []),
        ({"last_report": ago(30)}, []),
        ({"last_report": ago(31)}, ["due"]),
        ({"last_report": ago(60)}, ["due"]),
        ({"last_report": ago(61)}, ["stale"]),
        ({"last_report": None}, ["stale"]),
        ({"needs_care": True}, ["late_care"]),
        ({"next_due": ago(-7)}, ["next_step"]),
        ({"next_due": ago(-8)}, []),
        ({"target_end": ago(-3)}, ["target"]),
        ({"target_end": ago(2)}, ["target"]),
        ({"target_end": ago(3)}, []),  # reported since: that answers it for 30 days
        ({"target_end": ago(-3), "phase": Phase.LIVE}, []),
        ({"lines_missing": True}, []),
        ({"lines_missing": True, "phase": Phase.TRIAL}, ["launch_plan"]),
        ({"lines_missing": True, "target_end": ago(-30)}, ["launch_plan"]),
        ({"lines_missing": True, "target_end": ago(-31)}, []),
        ({"last_report": None, "phase": Phase.STOPPED}, []),
        ({"last_report": None, "phase": Phase.ESTABLISHED}, []),
        ({"last_report": None, "phase": Phase.ON_HOLD}, ["stale"]),
    ],
)
def test_the_owner_is_told_why(change: dict[str, Any], reasons: list[str]) -> None:
    assert told(facts_of(replace(FRESH, **change))).get(OWNER, []) == reasons


@pytest.mark.parametrize(
    ("reason", "on", "who"),
    [
        (ReminderReason.MILESTONE, ago(-7), OWNER),
        (ReminderReason.MILESTONE, ago(-8), None),
        (ReminderReason.MILESTONE, ago(2), OWNER),
        (ReminderReason.MILESTONE, ago(3), None),  # reported since
        (ReminderReason.MEASURE, ago(-7), OWNER),
        (ReminderReason.MEASURE, ago(1), OWNER),  # a report is no measurement
        (ReminderReason.TASK, ago(-7), OWNER),
        (ReminderReason.TASK, ago(-8), None),
        (ReminderReason.TASK, ago(3), OWNER),  # a report is no care either
        (ReminderReason.REVIEW, ago(-7), OFFICE),
        (ReminderReason.REVIEW, ago(100), OFFICE),
        (ReminderReason.BLOCKER, ago(30), OFFICE),
        (ReminderReason.BLOCKER, ago(29), None),
    ],
)
def test_parts_with_a_date(reason: ReminderReason, on: dt.date, who: int | None) -> None:
    part = Dated(reason, 3, FRESH.pk, "契約", on)
    facts = facts_of(FRESH, parts=(part,))
    assert told(facts) == ({} if who is None else {who: [reason.value]})


def test_an_answered_milestone_comes_back_after_thirty_days() -> None:
    part = Dated(ReminderReason.MILESTONE, 3, FRESH.pk, "契約", ago(40))
    reported = replace(FRESH, last_report=ago(30))
    assert told(facts_of(reported, parts=(part,))) == {}
    later = told(facts_of(reported, parts=(part,)), MONDAY + dt.timedelta(days=1))
    assert later == {OWNER: ["due", "milestone"]}


def test_a_withholding_of_a_stopped_initiative_is_still_looked_at() -> None:
    stopped = replace(FRESH, phase=Phase.STOPPED)
    part = Dated(ReminderReason.REVIEW, 3, FRESH.pk, "契約中のため", ago(1))
    milestone = Dated(ReminderReason.MILESTONE, 4, FRESH.pk, "契約", ago(9))
    assert told(facts_of(stopped, parts=(part, milestone))) == {OFFICE: ["review"]}


@pytest.mark.parametrize(
    ("phase", "who"), [(Phase.ESTABLISHED, {OWNER}), (Phase.LIVE, {OWNER}), (Phase.STOPPED, set())]
)
def test_what_follows_waits_also_where_it_took_root(phase: Phase, who: set[int]) -> None:
    part = Dated(ReminderReason.TASK, 3, FRESH.pk, "", ago(1))
    assert set(told(facts_of(replace(FRESH, phase=phase), parts=(part,)))) == who


def test_what_follows_goes_up_to_the_head_and_then_to_the_office() -> None:
    part = Dated(ReminderReason.TASK, 3, FRESH.pk, "fix", ago(30))
    reported = replace(FRESH, last_report=ago(30))
    for weeks, who in ((1, {OWNER}), (2, {OWNER, HEAD}), (4, {OWNER, HEAD, OFFICE})):
        history = {"task-3": tuple(ago(7 * (n + 1)) for n in range(weeks))}
        facts = facts_of(reported, parts=(part,), history=history)
        assert set(told(facts)) == who


def owed_return(**change: Any) -> ReturnFacts:
    made = ReturnFacts(9, "上半期", SECTION, ago(10), ago(-5), frozenset({SECTION, 6}))
    return replace(made, **change)


def test_an_open_round_reaches_head_promoter_and_those_who_did_not_report() -> None:
    reported = replace(FRESH, last_report=ago(3))
    silent = replace(FRESH, pk=8, last_report=ago(12), contact=OTHER, lead=6)
    facts = facts_of(reported, silent, returns=(owed_return(),))
    assert told(facts) == {HEAD: ["round"], PROMOTER: ["round"], OTHER: ["round"]}


def test_a_round_is_spoken_of_when_its_deadline_is_near() -> None:
    assert told(facts_of(FRESH, returns=(owed_return(due_on=ago(-8)),))) == {}
    assert told(facts_of(FRESH, returns=(owed_return(due_on=ago(2)),))).keys() == {HEAD, PROMOTER}


def test_a_department_without_a_head_is_the_offices() -> None:
    facts = facts_of(FRESH, returns=(owed_return(),), people=People(office=(OFFICE,)))
    assert told(facts) == {OFFICE: ["round"]}


# Who ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "who"),
    [
        ({"contact": OWNER, "holders": (OTHER,)}, {OWNER}),
        ({"contact": None, "holders": (OTHER, 3)}, {OTHER, 3}),
        ({"contact": None}, {HEAD}),
        ({"contact": None, "lead": None}, {OFFICE}),
        ({"contact": None, "lead": 99}, {OFFICE}),
    ],
)
def test_who_answers_for_an_initiative(change: dict[str, Any], who: set[int]) -> None:
    assert set(told(facts_of(replace(FRESH, last_report=None, **change)))) == who


def test_an_initiative_without_an_owner_says_so() -> None:
    assert told(facts_of(replace(FRESH, contact=None))) == {HEAD: ["unowned"]}


def test_where_nobody_is_there_it_is_listed() -> None:
    lost = facts_of(replace(FRESH, contact=None), people=People())
    found = plan(lost, MONDAY, RULES, weekly=True)
    assert found.digests == ()
    assert [item.reason for item in found.unreached] == [ReminderReason.UNOWNED]


def test_one_digest_a_person_whatever_the_reasons() -> None:
    many = [
        replace(FRESH, pk=pk, last_report=None, needs_care=True, target_end=ago(1))
        for pk in range(1, 5)
    ]
    (digest,) = plan(facts_of(*many), MONDAY, RULES, weekly=True).digests
    assert len(digest.items) == 12
    assert len(digest.by_subject) == 4
    assert plan(facts_of(*many), MONDAY, RULES, weekly=True, told=frozenset({OWNER})).digests == ()


# In between ---------------------------------------------------------------------------------------
def test_between_the_weekly_days_only_dates_that_can_still_be_met_speak() -> None:
    wednesday = dt.date(2026, 9, 9)
    stale = replace(FRESH, last_report=None)
    part = Dated(ReminderReason.MILESTONE, 3, FRESH.pk, "契約", wednesday)
    facts = facts_of(stale, parts=(part,))
    assert told(facts, wednesday, weekly=False) == {OWNER: ["milestone"]}
    assert told(facts, wednesday + dt.timedelta(days=1), weekly=False) == {}


def test_a_date_on_a_holiday_is_told_on_the_working_day_before() -> None:
    holiday, friday = dt.date(2026, 9, 22), dt.date(2026, 9, 18)
    part = Dated(ReminderReason.MILESTONE, 3, FRESH.pk, "契約", holiday)
    facts = facts_of(replace(FRESH, last_report=friday), parts=(part,))
    for rules in (RULES, Rules(days_before=0)):
        assert told(facts, friday, weekly=False, rules=rules) == {OWNER: ["milestone"]}


def test_whoever_was_asked_on_the_weekly_day_gets_the_weeks_things_later() -> None:
    stale = facts_of(replace(FRESH, last_report=None))
    tuesday = MONDAY + dt.timedelta(days=1)
    assert told(stale, tuesday, weekly=False) == {}
    assert told(stale, tuesday, weekly=False, owed=frozenset({OWNER})) == {OWNER: ["stale"]}


# Pauses -------------------------------------------------------------------------------------------
def test_a_pause_holds_the_digest_back_and_still_counts() -> None:
    away = replace(PEOPLE, paused=frozenset({OWNER}))
    stale = replace(FRESH, last_report=None)
    (digest,) = plan(facts_of(stale, people=away), MONDAY, RULES, weekly=True).digests
    assert (digest.user, digest.held) == (OWNER, True)


def test_after_two_held_back_the_head_stands_in() -> None:
    away = replace(PEOPLE, paused=frozenset({OWNER}))
    stale = replace(FRESH, last_report=ago(70))
    facts = facts_of(stale, people=away, history={"report-7": (ago(14), ago(7))})
    digests = plan(facts, MONDAY, RULES, weekly=True).digests
    assert {digest.user: digest.held for digest in digests} == {OWNER: True, HEAD: False}
    (copy,) = next(digest.items for digest in digests if digest.user == HEAD)
    assert (copy.level, copy.whose, copy.since) == (Level.HEAD, (OWNER,), ago(14))


def test_on_the_first_day_back_the_whole_week_is_told() -> None:
    back = replace(PEOPLE, returning=frozenset({OWNER}))
    stale = facts_of(replace(FRESH, last_report=None), people=back)
    assert told(stale, MONDAY + dt.timedelta(days=2), weekly=False) == {OWNER: ["stale"]}


# Escalation ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("weeks", "who"),
    [
        (1, {OWNER}),
        (2, {OWNER, HEAD}),
        (3, {OWNER, HEAD}),
        (4, {OWNER, HEAD, OFFICE}),
        (9, {OWNER, HEAD, OFFICE}),
    ],
)
def test_what_stays_unanswered_goes_up(weeks: int, who: set[int]) -> None:
    stale = replace(FRESH, last_report=ago(200))
    days = tuple(ago(7 * week) for week in range(1, weeks + 1))
    assert set(told(facts_of(stale, history={"report-7": days}))) == who


def test_a_report_begins_the_count_anew() -> None:
    stale = replace(FRESH, last_report=ago(31), needs_care=True)
    history = {"care-7": (ago(45), ago(38), ago(31)), "report-7": (ago(45), ago(38))}
    assert set(told(facts_of(stale, history=history))) == {OWNER}


def test_the_same_day_counts_once() -> None:
    stale = replace(FRESH, last_report=None)
    assert set(told(facts_of(stale, history={"report-7": (ago(7), ago(7))}))) == {OWNER}


def test_without_a_head_it_goes_to_the_office_at_once() -> None:
    stale = replace(FRESH, last_report=None, lead=99)
    history = {"report-7": (ago(14), ago(7))}
    assert set(told(facts_of(stale, history=history))) == {OWNER, OFFICE}


def test_the_municipality_says_after_how_many() -> None:
    stale = replace(FRESH, last_report=None)
    history = {"report-7": tuple(ago(7 * week) for week in range(1, 4))}
    assert set(told(facts_of(stale, history=history), rules=Rules(escalate_after=4))) == {OWNER}


# Asking now ---------------------------------------------------------------------------------------
def test_asking_reaches_each_person_once_and_names_who_is_left_out() -> None:
    people = replace(PEOPLE, paused=frozenset({OTHER}))
    rows = (
        FRESH,
        replace(FRESH, pk=8),
        replace(FRESH, pk=9, contact=OTHER),
        replace(FRESH, pk=10, contact=None, holders=(3,)),
        replace(FRESH, pk=11, contact=None, lead=99),
    )
    no_office = replace(people, office=())
    found, lost = asked(facts_of(*rows, people=no_office), range(7, 13), frozenset({3}))
    assert {user: digest.held for user, digest in found.items()} == {
        OWNER: False,
        OTHER: True,
        3: True,
    }
    assert [item.initiative for item in found[OWNER].items] == [7, 8]
    assert [each.pk for each in lost] == [11]


# Over the weeks -----------------------------------------------------------------------------------
@st.composite
def towns(draw: st.DrawFn) -> tuple[Facts, Rules, int, dt.date]:
    """Initiatives with milestones somewhere in a quarter; nobody reports."""
    start = draw(st.dates(dt.date(2026, 3, 1), dt.date(2026, 12, 20)))
    rules = Rules(draw(st.integers(0, 20)), draw(st.integers(1, 3)))
    rows = [
        InitiativeFacts(
            pk=pk,
            title=f"取組{pk}",
            phase=draw(st.sampled_from([Phase.IDEA, Phase.TRIAL, Phase.LIVE, Phase.STOPPED])),
            last_report=draw(
                st.none() | st.integers(1, 90).map(lambda days: start - dt.timedelta(days=days))
            ),
            lead=draw(st.sampled_from([None, SECTION, 99])),
            contact=draw(st.sampled_from([None, OWNER, OTHER])),
        )
        for pk in range(1, draw(st.integers(1, 5)) + 1)
    ]
    parts = tuple(
        Dated(
            ReminderReason.MILESTONE,
            number,
            draw(st.sampled_from([row.pk for row in rows])),
            "節目",
            start + dt.timedelta(days=draw(st.integers(0, 60))),
        )
        for number in range(draw(st.integers(0, 4)))
    )
    office = draw(st.sampled_from([(), (OFFICE,)]))
    people = replace(PEOPLE, office=office, paused=draw(st.sampled_from([frozenset(), {OTHER}])))
    facts = facts_of(*rows, parts=parts, people=replace(people, paused=frozenset(people.paused)))
    return facts, rules, draw(st.integers(0, 4)), start


def live_through(
    facts: Facts, rules: Rules, weekday: int, start: dt.date, days: int = 70
) -> list[tuple[dt.date, Digest]]:
    """Every digest of the days, as the portal keeps its count."""
    out: list[tuple[dt.date, Digest]] = []
    history: dict[str, tuple[dt.date, ...]] = {}
    last: dt.date | None = start - dt.timedelta(days=30)
    for day in (start + dt.timedelta(days=number) for number in range(days)):
        weekly = weekly_due(day, weekday, last)
        last = day if weekly else last
        told_today: frozenset[int] = frozenset()
        for _again in range(2):
            now = replace(facts, history=history)
            made = plan(now, day, rules, weekly=weekly, told=told_today).digests
            out += [(day, digest) for digest in made]
            told_today |= {digest.user for digest in made}
        for item in {i.key for d, g in out if d == day for i in g.items if i.level == 0}:
            history = {**history, item: (*history.get(item, ()), day)}
    return out


@given(towns())
def test_never_two_on_a_day_never_on_a_holiday_and_nothing_is_forgotten(
    town: tuple[Facts, Rules, int, dt.date],
) -> None:
    facts, rules, weekday, start = town
    out = live_through(facts, rules, weekday, start)

    assert all(is_workday(day) for day, _digest in out)
    assert max(Counter((day, digest.user) for day, digest in out).values(), default=1) == 1
    assert all(digest.items for _day, digest in out)

    later = start + dt.timedelta(days=45)
    for part in facts.parts:
        initiative = facts.initiatives[part.initiative]
        if initiative.phase == Phase.STOPPED:
            continue
        met = on_or_before(part.on)
        if met < start:
            continue
        owners = initiative.owners or facts.people.heads_of(initiative.lead)
        for user in owners:
            days = {d for d, g in out for i in g.items if g.user == user and _is(i, part)}
            assert met in days, "the last working day on which it can be met"
        if not owners:
            lost = plan(facts, met, rules, weekly=False).unreached
            assert any(_is(item, part) for item in lost)
    for item, owners in open_items(facts, later, rules):
        if item.reason == ReminderReason.STALE and is_workday(later):
            for user in owners:
                near = {
                    d for d, g in out if g.user == user and item.key in {i.key for i in g.items}
                }
                assert any(abs((day - later).days) <= 17 for day in near)


def _is(item: Item, part: Dated) -> bool:
    return item.key == f"milestone-{part.pk}"
