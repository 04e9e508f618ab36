"""Whether something has taken root: states by value, and what a verdict does to the phase."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.adoption import Adoption, Found, adoption, phase_after
from roadmap.aftercare import ask_on, due_day, suggested
from roadmap.choices import (
    LAUNCHED_PHASES,
    AdoptionState,
    DerivedStatus,
    Phase,
    TaskChoice,
    Verdict,
)
from roadmap.measuring import Latest, use_is_zero
from roadmap.timeliness import derived_status

LAUNCHED = dt.date(2026, 4, 1)
DAY = dt.date(2026, 8, 3)
SOON = dt.date(2026, 5, 1)


def found(verdict: Verdict, *, declared: bool = False) -> Found:
    """A verdict of July."""
    return Found(verdict, dt.date(2026, 7, 15), declared)


@pytest.mark.parametrize(
    ("phase", "launched", "told", "day", "state"),
    [
        (Phase.TRIAL, None, None, DAY, AdoptionState.NONE),
        (Phase.LIVE, None, None, DAY, AdoptionState.WAITING),
        (Phase.LIVE, LAUNCHED, None, SOON, AdoptionState.WAITING),
        (Phase.LIVE, LAUNCHED, None, dt.date(2026, 6, 29), AdoptionState.WAITING),
        (Phase.LIVE, LAUNCHED, None, dt.date(2026, 6, 30), AdoptionState.UNCONFIRMED),
        (Phase.ESTABLISHED, LAUNCHED, None, DAY, AdoptionState.UNCONFIRMED),
        (Phase.CHECKING, LAUNCHED, None, DAY, AdoptionState.CHECKING),
        (Phase.CHECKING, LAUNCHED, found(Verdict.UNUSED), DAY, AdoptionState.CHECKING),
        (Phase.LIVE, LAUNCHED, found(Verdict.UNUSED), DAY, AdoptionState.UNUSED),
        (Phase.LIVE, LAUNCHED, found(Verdict.UNUSED), SOON, AdoptionState.WAITING),
        (Phase.ON_HOLD, LAUNCHED, found(Verdict.RETHINK), DAY, AdoptionState.RETHINK),
        (Phase.ON_HOLD, LAUNCHED, None, DAY, AdoptionState.NONE),
        (Phase.STOPPED, LAUNCHED, found(Verdict.UNUSED), DAY, AdoptionState.NONE),
        (Phase.ESTABLISHED, LAUNCHED, found(Verdict.ESTABLISHED), DAY, AdoptionState.ESTABLISHED),
        (Phase.ESTABLISHED, LAUNCHED, found(Verdict.TOO_FEW), DAY, AdoptionState.TOO_FEW),
    ],
)
def test_state_is(
    phase: Phase, launched: dt.date | None, told: Found | None, day: dt.date, state: AdoptionState
) -> None:
    assert adoption(phase, launched, told, day).state == state


def test_next_date_is_known_while_it_waits_and_is_a_working_day() -> None:
    saturday = dt.date(2026, 4, 5)
    assert adoption(Phase.LIVE, saturday, None, SOON).next_on == dt.date(2026, 7, 6)
    assert adoption(Phase.LIVE, None, None, SOON).next_on is None
    assert adoption(Phase.LIVE, LAUNCHED, None, DAY).next_on is None


def test_declared_is_marked_and_too_few_says_that_it_took_root_before() -> None:
    declared = found(Verdict.SUPPORT, declared=True)
    assert adoption(Phase.LIVE, LAUNCHED, declared, DAY).declared
    again = found(Verdict.TOO_FEW)
    assert adoption(Phase.ESTABLISHED, LAUNCHED, again, DAY).kept
    assert not adoption(Phase.LIVE, LAUNCHED, again, DAY).kept


@pytest.mark.parametrize("verdict", list(Verdict))
def test_hollow_are_unused_and_rethink(verdict: Verdict) -> None:
    state = adoption(Phase.LIVE, LAUNCHED, found(verdict), DAY)
    assert state.hollow == (verdict in (Verdict.UNUSED, Verdict.RETHINK))


def test_what_nobody_uses_never_counts_as_established() -> None:
    told = found(Verdict.ESTABLISHED)
    assert adoption(Phase.ESTABLISHED, LAUNCHED, told, DAY).took_root
    state = adoption(Phase.ESTABLISHED, LAUNCHED, told, DAY, use_is_zero=True)
    assert (state.state, state.took_root, state.hollow) == (
        AdoptionState.CONTRADICTED,
        False,
        True,
    )


@given(
    st.sampled_from(Phase),
    st.none() | st.dates(dt.date(2024, 1, 1), dt.date(2027, 12, 31)),
    st.dates(dt.date(2024, 1, 1), dt.date(2028, 12, 31)),
)
def test_unconfirmed_is_what_the_derived_status_calls_so(
    phase: Phase, launched: dt.date | None, day: dt.date
) -> None:
    if phase in (Phase.CHECKING, Phase.ESTABLISHED):
        return
    derived, _rule = derived_status(phase, None, launched, False, day)
    state = adoption(phase, launched, None, day).state
    assert (state == AdoptionState.UNCONFIRMED) == (derived == DerivedStatus.UNCONFIRMED)


@given(
    st.sampled_from(Phase),
    st.sampled_from(Verdict),
    st.booleans(),
    st.dates(dt.date(2026, 1, 1), dt.date(2027, 12, 31)),
)
def test_only_a_verdict_of_took_root_takes_root(
    phase: Phase, verdict: Verdict, unused: bool, day: dt.date
) -> None:
    state = adoption(phase, LAUNCHED, found(verdict), day, use_is_zero=unused)
    if state.took_root:
        assert (verdict, unused) == (Verdict.ESTABLISHED, False)
    assert isinstance(state, Adoption)


@pytest.mark.parametrize(
    ("phase", "verdict", "after"),
    [
        (Phase.CHECKING, Verdict.ESTABLISHED, Phase.ESTABLISHED),
        (Phase.LIVE, Verdict.ESTABLISHED, Phase.ESTABLISHED),
        (Phase.ESTABLISHED, Verdict.ESTABLISHED, None),
        (Phase.CHECKING, Verdict.UNUSED, Phase.LIVE),
        (Phase.CHECKING, Verdict.TOO_FEW, Phase.LIVE),
        (Phase.LIVE, Verdict.UNUSED, None),
        (Phase.ESTABLISHED, Verdict.SUPPORT, Phase.LIVE),
        (Phase.ESTABLISHED, Verdict.RETHINK, Phase.LIVE),
        (Phase.ESTABLISHED, Verdict.UNUSED, Phase.LIVE),
        (Phase.ESTABLISHED, Verdict.TOO_FEW, None),
        (Phase.STOPPED, Verdict.UNUSED, None),
        (Phase.ON_HOLD, Verdict.RETHINK, None),
    ],
)
def test_phase_after_a_verdict(phase: Phase, verdict: Verdict, after: Phase | None) -> None:
    assert phase_after(phase, verdict) == after


@pytest.mark.parametrize("phase", LAUNCHED_PHASES)
@pytest.mark.parametrize("verdict", list(Verdict))
def test_no_verdict_leaves_it_established_where_use_is_zero(phase: Phase, verdict: Verdict) -> None:
    after = phase_after(phase, verdict, use_is_zero=True) or phase
    assert after == Phase.LIVE


# Tasks --------------------------------------------------------------------------------------------
def test_each_verdict_suggests_a_care() -> None:
    assert {verdict: suggested(verdict) for verdict in Verdict} == {
        Verdict.UNUSED: TaskChoice.STOP,
        Verdict.RETHINK: TaskChoice.FIX,
        Verdict.SUPPORT: TaskChoice.TRAIN,
        Verdict.TOO_FEW: TaskChoice.ASK_AGAIN,
        Verdict.ESTABLISHED: TaskChoice.PASS_ON,
    }


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (dt.date(2026, 6, 1), dt.date(2026, 7, 1)),
        (dt.date(2026, 6, 4), dt.date(2026, 7, 6)),  # a Saturday moves to Monday
        (dt.date(2026, 12, 1), dt.date(2027, 1, 4)),  # over the year-end closing
    ],
)
def test_due_30_days_later_on_a_working_day(on: dt.date, due: dt.date) -> None:
    assert due_day(on) == due


@pytest.mark.parametrize(
    ("choice", "done", "asked"),
    [
        (TaskChoice.ASK_AGAIN, None, dt.date(2026, 7, 1)),
        (TaskChoice.FIX, None, None),
        (TaskChoice.FIX, dt.date(2026, 6, 10), dt.date(2026, 9, 8)),
        (TaskChoice.TRAIN, dt.date(2026, 6, 8), dt.date(2026, 9, 7)),  # from Sunday 6 September
        (TaskChoice.STOP, dt.date(2026, 6, 10), None),
        (TaskChoice.PASS_ON, dt.date(2026, 6, 10), None),
        ("", None, None),
    ],
)
def test_asked_again_on(choice: str, done: dt.date | None, asked: dt.date | None) -> None:
    assert ask_on(choice, dt.date(2026, 7, 1), done) == asked


# Use ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("rows", "zero"),
    [
        ([], False),
        ([Latest("use", "up", None)], False),
        ([Latest("use", "up", Decimal(0))], True),
        ([Latest("use", "up", Decimal("0.000")), Latest("use", "up", None)], True),
        ([Latest("use", "up", Decimal(0)), Latest("use", "up", Decimal(3))], False),
        ([Latest("use", "down", Decimal(0))], False),
        ([Latest("availability", "up", Decimal(0))], False),
    ],
)
def test_use_is_zero_where_every_newest_value_is(rows: list[Latest], zero: bool) -> None:
    assert use_is_zero(rows) == zero
