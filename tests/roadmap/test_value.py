"""Effects: who writes which figure, what becomes of it, and where freed time goes."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from dxportal.accounts.models import Event
from roadmap.actions import reinvestments, value
from roadmap.actions.parts import PartConflict
from roadmap.actions.published import publish_verdict
from roadmap.actions.updates import report, undo_update
from roadmap.actions.value import ValueFields
from roadmap.choices import Measure, Phase, Standing, ValueSource, Verdict
from roadmap.models import Initiative, Reinvestment, ValueEntry
from roadmap.value_ledger import balances_of
from tests import factories
from tests.roadmap.board import Town, town

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 9, 1)


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture
def initiative(place: Town) -> Initiative:
    return factories.initiative(
        place.municipality, "電子申請", lead=place.section, phase=Phase.LIVE, reported_on=DAY
    )


def fields(**changes: object) -> ValueFields:
    values = {
        "measure": Measure.HOURS,
        "standing": Standing.PROMISED,
        "low": 720,
        "high": 720,
        "basis": "導入前に測った時間",
        "on": DAY,
    }
    return ValueFields(**{**values, **changes})  # type: ignore[arg-type]


def reported_paper(**changes: object) -> ValueFields:
    paper = {"measure": Measure.PAPER, "standing": Standing.REPORTED, "low": 900, "high": 1000}
    return fields(**{**paper, **changes})


def saved(initiative: Initiative, low: int, high: int, on: dt.date = DAY, **more: object) -> None:
    figures = {"asked": 30, "saved_minutes_week": {"low": low, "high": high}}
    verdict = more.pop("verdict", Verdict.SUPPORT)
    publish_verdict(initiative, on=on, verdict=verdict, figures=figures, **more)  # type: ignore[arg-type]


def in_force(initiative: Initiative) -> list[tuple[str, str, int, int]]:
    rows = ValueEntry.objects.in_force().filter(initiative=initiative)
    return [(row.measure, row.standing, row.low, row.high) for row in rows]


def test_figure_is_there_once_when_it_is_sent_twice(place: Town, initiative: Initiative) -> None:
    one = value.add_value(initiative, by=place.head, fields=fields())
    assert (
        value.add_value(initiative, by=place.head, fields=fields(basis=" 導入前に測った時間 "))
        == one
    )
    assert Event.objects.filter(action=value.ADDED).count() == 1


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"standing": Standing.VERIFIED}, "__all__"),
        ({"low": 800}, "high"),
        ({"low": -5}, "high"),
        ({"basis": "  "}, "basis"),
        ({"measure": Measure.NEW_VALUE}, "sentence"),
        ({"on": dt.date(2100, 1, 1)}, "on"),
    ],
)
def test_what_may_not_be_typed_is_refused(
    place: Town, initiative: Initiative, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        value.add_value(initiative, by=place.head, fields=fields(**changes))
    told = refused.value
    assert field in (told.message_dict if hasattr(told, "error_dict") else {"__all__": 1})
    assert not ValueEntry.objects.exists()


def test_correction_is_a_newer_row_and_the_old_one_stays(
    place: Town, initiative: Initiative
) -> None:
    old = value.add_value(initiative, by=place.head, fields=fields())
    new = value.correct_value(old, by=place.head, fields=fields(low=600))
    assert value.correct_value(old, by=place.head, fields=fields(low=600)) == new
    assert in_force(initiative) == [("hours", "promised", 600, 720)]
    old.refresh_from_db()
    assert (old.low, old.removed_on, new.replaces) == (720, None, old)
    event = Event.objects.get(action=value.CORRECTED)
    assert event.before == {"low": 720, "how_much": "週12時間"}
    assert (event.after["low"], event.after["how_much"]) == (600, "週10〜12時間")
    with pytest.raises(PartConflict) as conflict:
        value.correct_value(old, by=place.office, fields=fields(low=1))
    assert conflict.value.theirs == new


def test_removed_figure_comes_back(place: Town, initiative: Initiative) -> None:
    entry = value.add_value(initiative, by=place.head, fields=fields())
    event = value.remove_value(entry, by=place.head)
    assert in_force(initiative) == []
    with pytest.raises(ValueEntry.DoesNotExist):
        value.remove_value(entry, by=place.head)
    with pytest.raises(ValueEntry.DoesNotExist):
        value.correct_value(entry, by=place.head, fields=fields(low=1))
    for _twice in range(2):
        value.restore_value(event, by=place.head)
    assert len(in_force(initiative)) == 1
    assert Event.objects.filter(action=value.RESTORED).count() == 1


def test_check_names_a_document_and_is_somebody_elses(place: Town, initiative: Initiative) -> None:
    entry = value.add_value(initiative, by=place.head, fields=reported_paper())
    for _twice in range(2):
        made = value.check_value(entry, by=place.office, document="複合機の月報 2026年9月")
    assert (made.source, made.standing, made.low) == ("document", "verified", 900)
    assert in_force(initiative) == [
        ("paper", "reported", 900, 1000),
        ("paper", "verified", 900, 1000),
    ]
    own = value.add_value(initiative, by=place.office, fields=reported_paper(low=1))
    promise = value.add_value(
        initiative, by=place.head, fields=reported_paper(standing=Standing.PROMISED)
    )
    time = value.add_value(initiative, by=place.head, fields=fields(standing=Standing.REPORTED))
    for refused in (own, promise, time):
        with pytest.raises(ValidationError):
            value.check_value(refused, by=place.office, document="月報")
    with pytest.raises(ValidationError):
        value.check_value(entry, by=place.office, document=" ")


def test_check_ends_with_the_report_that_it_checked(place: Town, initiative: Initiative) -> None:
    entry = value.add_value(initiative, by=place.head, fields=reported_paper())
    value.check_value(entry, by=place.office, document="月報")
    event = value.remove_value(entry, by=place.head)
    assert in_force(initiative) == []
    value.restore_value(event, by=place.head)
    assert [row[1] for row in in_force(initiative)] == ["reported", "verified"]
    value.correct_value(entry, by=place.head, fields=reported_paper(low=100))
    assert in_force(initiative) == [("paper", "reported", 100, 1000)]


def test_withdrawn_check_does_not_come_back_beside_a_newer_one(
    place: Town, initiative: Initiative
) -> None:
    entry = value.add_value(initiative, by=place.head, fields=reported_paper())
    first = value.check_value(entry, by=place.office, document="月報")
    event = value.remove_value(first, by=place.office)
    value.check_value(entry, by=place.office, document="年報")
    with pytest.raises(ValidationError):
        value.restore_value(event, by=place.office)


def test_verified_time_comes_from_a_verdict_and_a_later_one_takes_its_place(
    initiative: Initiative,
) -> None:
    saved(initiative, 300, 540)
    assert in_force(initiative) == [("hours", "verified", 300, 540)]
    saved(initiative, -30, 90, DAY + dt.timedelta(days=100), verdict=Verdict.UNUSED)
    assert in_force(initiative) == [("hours", "verified", -30, 90)]
    publish_verdict(
        initiative,
        on=DAY + dt.timedelta(days=200),
        verdict=Verdict.TOO_FEW,
        figures={"asked": 4},
    )
    assert in_force(initiative) == [("hours", "verified", -30, 90)]
    assert ValueEntry.objects.filter(source=ValueSource.FOLLOW_UP).count() == 2


def test_declared_outcome_verifies_no_time(place: Town, initiative: Initiative) -> None:
    saved(initiative, 300, 540, declared=True, reason="使う人が3人のため", by=place.head)
    assert in_force(initiative) == []


def test_verified_time_is_neither_typed_over_nor_removed(
    place: Town, initiative: Initiative
) -> None:
    saved(initiative, 300, 540)
    entry = ValueEntry.objects.get()
    with pytest.raises(ValidationError):
        value.correct_value(entry, by=place.office, fields=fields())
    with pytest.raises(ValidationError):
        value.remove_value(entry, by=place.office)
    with pytest.raises(IntegrityError), transaction.atomic():
        ValueEntry.objects.create(
            initiative=initiative,
            measure=Measure.HOURS,
            standing=Standing.VERIFIED,
            low=1,
            high=1,
            basis="x",
            source=ValueSource.TYPED,
            on=DAY,
        )


def reinvested(initiative: Initiative, amount: int, **more: object) -> Reinvestment:
    values = {"by": None, "measure": Measure.HOURS, "sentence": "窓口の相談に充てる", "on": DAY}
    return reinvestments.reinvest(initiative, amount=amount, **{**values, **more})  # type: ignore[arg-type]


def test_no_more_is_reinvested_than_was_verified(initiative: Initiative) -> None:
    value.add_value(initiative, by=None, fields=fields(standing=Standing.REPORTED))
    with pytest.raises(ValidationError) as early:
        reinvested(initiative, 60)
    assert list(early.value.message_dict) == ["amount"]
    saved(initiative, 300, 540)
    for _twice in range(2):
        row = reinvested(initiative, 400)
    with pytest.raises(ValidationError):
        reinvested(initiative, 141)
    balance = balances_of(initiative)[Measure.HOURS]
    assert (balance.used, balance.left, balance.beyond_sure) == (400, (0, 140), True)
    event = reinvestments.remove_reinvestment(row, by=None)
    assert event is not None
    assert reinvestments.remove_reinvestment(row, by=None) is None
    reinvested(initiative, 500)
    with pytest.raises(ValidationError):
        reinvestments.restore_reinvestment(event, by=None)
    assert balances_of(initiative)[Measure.HOURS].used == 500


def test_later_smaller_figure_says_that_too_much_is_used(initiative: Initiative) -> None:
    saved(initiative, 300, 540)
    reinvested(initiative, 400)
    saved(initiative, 60, 120, DAY + dt.timedelta(days=90))
    assert balances_of(initiative)[Measure.HOURS].over == 280


def test_use_goes_to_another_initiative_and_never_round(
    place: Town, initiative: Initiative
) -> None:
    second, third = (factories.initiative(place.municipality, title) for title in "乙丙")
    for number, one in enumerate((initiative, second, third)):
        saved(one, 600, 600, DAY + dt.timedelta(days=number))
    reinvested(initiative, 60, target=second)
    reinvested(second, 60, target=third)
    with pytest.raises(ValidationError) as refused:
        reinvested(third, 60, target=initiative)
    assert "「丙」 → 「電子申請」 → 「乙」 → 「丙」" in str(refused.value)
    elsewhere = factories.initiative(factories.municipality("隣市", staircase=False))
    for wrong in (initiative, elsewhere):
        with pytest.raises(ValidationError):
            reinvested(initiative, 60, target=wrong)


@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_gets_what_is_left(place: Town) -> None:
    initiative = factories.initiative(place.municipality, phase=Phase.LIVE, reported_on=DAY)
    saved(initiative, 300, 300)
    barrier, refused = threading.Barrier(2), []

    def use(sentence: str) -> None:
        try:
            barrier.wait(10)
            reinvested(initiative, 200, sentence=sentence)
        except ValidationError:
            refused.append(sentence)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=use, args=(word,)) for word in ("甲", "乙")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert len(refused) == 1
    assert Reinvestment.objects.get().amount == 200


# stopping -----------------------------------------------------------------------------------------
def stopped(initiative: Initiative, place: Town, **more: object) -> object:
    said = {"note": "統合", "ended": "受付簿の転記", "freed": (120, 180)}
    return report(initiative, by=place.head, phase=Phase.STOPPED, **{**said, **more})  # type: ignore[arg-type]


def test_stop_writes_what_it_freed_once_and_undo_takes_it_back(
    place: Town, initiative: Initiative
) -> None:
    expected = initiative.updates.get().pk
    for _twice in range(2):
        update = stopped(initiative, place, expected_update_id=expected)
    entry = ValueEntry.objects.get()
    assert (entry.standing, entry.low, entry.high) == ("reported", 120, 180)
    assert (entry.source, entry.basis, entry.report) == ("stop", "受付簿の転記", update)
    back = undo_update(update, by=place.head)
    assert in_force(initiative) == []
    assert (back.phase, back.ended) == (Phase.LIVE, None)
    again = undo_update(back, by=place.head)
    assert (again.phase, again.ended) == (Phase.STOPPED, "受付簿の転記")
    assert in_force(initiative) == [("hours", "reported", 120, 180)]
    actions = Event.objects.filter(action__startswith="value.").order_by("id")
    assert [event.action for event in actions] == [value.ADDED, value.REMOVED, value.RESTORED]


def test_going_on_after_a_stop_takes_the_freed_time_away(
    place: Town, initiative: Initiative
) -> None:
    stopped(initiative, place)
    going = report(initiative, by=place.head, phase=Phase.BUILDING)
    assert going.ended is None
    assert in_force(initiative) == []


def test_what_ended_stays_said_with_the_next_report(place: Town, initiative: Initiative) -> None:
    stopped(initiative, place)
    later = report(initiative, by=place.head, progress="not_applicable")
    assert later.ended == "受付簿の転記"
    assert len(in_force(initiative)) == 1


def test_stopped_time_can_be_used_as_reported_because_nobody_is_asked(
    place: Town, initiative: Initiative
) -> None:
    stopped(initiative, place)
    reinvested(initiative, 100)
    freed = balances_of(initiative)[Measure.HOURS].freed
    assert freed is not None
    assert freed.standing == Standing.REPORTED


def test_ended_may_be_said_later_and_the_undo_of_that_takes_its_figure(
    place: Town, initiative: Initiative
) -> None:
    initiative.updates.create(phase=Phase.STOPPED, reported_on=timezone.localdate(), note="中止")
    update = report(
        initiative, by=place.head, phase=Phase.STOPPED, ended="紙の回覧", freed=(60, 60)
    )
    assert update.ended == "紙の回覧"
    assert in_force(initiative) == [("hours", "reported", 60, 60)]
    undo_update(update, by=place.head)
    assert in_force(initiative) == []


def test_only_a_stop_ends_something(place: Town, initiative: Initiative) -> None:
    update = report(initiative, by=place.head, phase=Phase.ON_HOLD, ended="x", freed=(1, 2))
    assert update.ended is None
    assert not ValueEntry.objects.exists()
