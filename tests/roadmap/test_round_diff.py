"""「前回から何が変わったか」 between rounds and days: right, complete, and at a fixed cost."""

import csv
import datetime as dt
import io
from collections.abc import Mapping

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Department
from roadmap.actions.closing import close_round
from roadmap.actions.initiatives import (
    InitiativeFields,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.actions.rounds import open_round
from roadmap.actions.updates import report
from roadmap.choices import Cause, Phase, Progress
from roadmap.models import Initiative, StatusWord
from roadmap.pictures import ORDER, picture_at, picture_of_round
from roadmap.round_diff import State, Value, compare
from tests import factories
from tests.roadmap.board import signed_in
from tests.roadmap.reporting import Reporting, closed, led, planned
from tests.roadmap.test_as_of import STEPS, take

pytestmark = pytest.mark.django_db

QUERIES = 21


def later(found: Reporting) -> Reporting:
    """The next round, closed now."""
    following = planned(2, place=found.place)
    following.round = open_round(following.round, by=found.place.office, now=timezone.now())
    everybody = list(following.round.returns.values_list("department_id", flat=True))
    following.round = close_round(
        following.round, by=found.place.office, named=everybody, now=timezone.now()
    )
    return following


def rename(initiative: Initiative, found: Reporting, **new: object) -> None:
    """Change fields through the action."""
    row = Initiative.objects.get(pk=initiative.pk)
    fields = fields_of(row)
    values = {**fields.__dict__, **new}
    edit_initiative(row, by=found.place.office, fields=type(fields)(**values), version=row.version)


def history(place_title: str = "電子申請") -> tuple[Reporting, dict[str, Initiative]]:
    """A closed round, and then: one late, one renamed, one removed, one new, one as it was."""
    found = planned()
    place = found.place
    made = {
        name: led(place, f"{place_title}{name}") for name in ("遅れる", "変わる", "消える", "残る")
    }
    found.round = open_round(found.round, by=place.office, now=timezone.now())
    everybody = list(found.round.returns.values_list("department_id", flat=True))
    found.round = close_round(found.round, by=place.office, named=everybody, now=timezone.now())
    report(
        made["遅れる"],
        by=place.head,
        progress=Progress.LATE,
        cause=Cause.BUDGET,
        next_step="財政課と話す",
    )
    rename(made["変わる"], found, title="新しい名前", purpose="窓口で書かせない", target_fy=2028)
    Initiative.objects.filter(pk=made["消える"].pk).update(removed_on=timezone.localdate())
    fields = InitiativeFields(title="加わった取組", lead=place.other.pk)
    made["加わる"] = create_initiative(place.municipality, by=place.office, fields=fields)
    return found, made


# Meaning ----------------------------------------------------------------------------------------
def state(key: int, **values: str) -> State:
    """A state with these values."""
    told = {name: Value(value or None, value) for name, value in values.items()}
    return State(key, f"取組{key}", 1, "市民課", "市民部", told)


def test_moves_come_first_with_counts_and_unknown_fields_are_not_compared() -> None:
    old = {1: state(1, progress="on", note="a"), 2: state(2, progress="on"), 3: state(3, note="x")}
    new = {
        1: state(1, progress="late", note="b", budget="1"),
        2: state(2, progress="late"),
        3: state(3, note="y"),
        4: state(4),
    }
    found = compare(old, new, order=("note", "budget"))
    assert [(m.name, m.old, m.new, len(m.states)) for m in found.moves] == [
        ("progress", "on", "late", 2)
    ]
    assert [one.state.key for one in found.changed] == [1, 2, 3]
    assert [change.name for change in found.changed[0].fields] == ["progress", "note"]
    assert [one.key for one in found.added] == [4]
    assert (found.removed, found.unchanged) == ([], 0)


PICTURES = st.dictionaries(
    st.integers(1, 6),
    st.fixed_dictionaries({"progress": st.sampled_from("abc"), "note": st.text()}),
)


@given(old=PICTURES, new=PICTURES)
def test_difference_applied_to_the_old_picture_gives_the_new_one(
    old: Mapping[int, dict[str, str]], new: Mapping[int, dict[str, str]]
) -> None:
    before = {key: state(key, **values) for key, values in old.items()}
    after = {key: state(key, **values) for key, values in new.items()}
    found = compare(before, after, order=("note",))
    told = {key: dict(values) for key, values in old.items()}
    for gone in found.removed:
        del told[gone.state.key]
    for one in found.changed:
        for change in one.fields:
            assert told[one.state.key][change.name] == change.old
            told[one.state.key][change.name] = change.new
    told |= {one.key: {name: v.text for name, v in one.values.items()} for one in found.added}
    assert told == dict(new)
    assert len(found.changed) + found.unchanged == len(old.keys() & new.keys())
    assert sum(len(move.states) for move in found.moves) == sum(one.moved for one in found.changed)


# Rows -------------------------------------------------------------------------------------------
def test_round_and_its_closing_moment_are_the_same_picture() -> None:
    found = planned()
    place = found.place
    found.round = open_round(found.round, by=place.office, now=timezone.now())
    everybody = list(found.round.returns.values_list("department_id", flat=True))

    @given(steps=STEPS)
    def holds(steps: list[tuple[int, str, int]]) -> None:
        with transaction.atomic():
            made: list[Initiative] = []
            for step in steps:
                take(place, made, step)
            kept = picture_of_round(
                close_round(found.round, by=place.office, named=everybody, now=timezone.now())
            )
            stood = picture_at(place.municipality, timezone.now())
            difference = compare(kept, stood, order=ORDER)
            assert not difference, difference
            assert difference.unchanged == len(kept) == len(stood)
            transaction.set_rollback(True)

    holds()


def test_page_tells_moves_additions_removals_and_fields_in_words() -> None:
    found, made = history()
    page = signed_in(found.place.employee).get("/rounds/diff/").content.decode()
    assert "予定どおり → <strong>遅れている</strong>" in page
    assert "加わった取組" in page
    assert "電子申請消える" in page
    assert "新しい名前" in page
    assert "電子申請変わる" in page
    assert "財政課と話す" in page
    assert "電子申請残る" not in page
    assert "追加 1件、削除 1件、変更 2件、変わりなし 1件" in page
    assert made


def test_two_rounds_are_compared_by_what_they_kept() -> None:
    found, made = history()
    following = later(found)
    report(made["残る"], by=found.place.head, progress=Progress.LATE)
    Department.objects.filter(pk=found.place.section.pk).update(name="別の課")
    query = f"?from=round:{found.round.pk}&to=round:{following.round.pk}"
    page = signed_in(found.place.employee).get(f"/rounds/diff/{query}").content.decode()
    assert "追加 1件、削除 1件、変更 2件、変わりなし 1件" in page
    assert "別の課" not in page.partition("<main")[2].partition("</form>")[2]


def test_word_that_the_municipality_renamed_is_no_change() -> None:
    found = planned()
    initiative = led(found.place)
    open_round(found.round, by=found.place.office, now=timezone.now())
    everybody = list(found.round.returns.values_list("department_id", flat=True))
    close_round(found.round, by=found.place.office, named=everybody, now=timezone.now())
    StatusWord.objects.create(
        municipality=found.place.municipality, word="B 目標どおり", progress="on_track", shown=True
    )
    page = signed_in(found.place.employee).get("/rounds/diff/").content.decode()
    assert "変わりなし 1件" in page
    report(initiative, by=found.place.head, progress=Progress.LATE)
    page = signed_in(found.place.employee).get("/rounds/diff/").content.decode()
    assert "予定どおり → <strong>遅れている</strong>" in page


def test_days_are_compared_with_every_field() -> None:
    found, _made = history()
    today = timezone.localdate()
    yesterday = today - dt.timedelta(days=1)
    client = signed_in(found.place.employee)
    page = client.get(f"/rounds/diff/?from=date:{yesterday}&to=date:{today}").content.decode()
    assert "追加 4件" in page
    spread = client.get(f"/rounds/diff/?from=date&from_on={yesterday}&to=now").content.decode()
    assert "追加 4件" in spread


def test_department_filter_takes_what_lies_below_and_either_lead() -> None:
    found, made = history()
    bureau = factories.department(found.place.municipality, "市民部", kind="bureau")
    Department.objects.filter(pk=found.place.section.pk).update(parent=bureau)
    client = signed_in(found.place.employee)
    page = client.get(f"/rounds/diff/?department={bureau.pk}").content.decode()
    assert "追加 0件、削除 1件、変更 2件" in page
    page = client.get(f"/rounds/diff/?department={found.place.other.pk}").content.decode()
    assert "追加 1件、削除 0件、変更 0件" in page
    rename(made["残る"], found, lead=found.place.other.pk)
    page = client.get(f"/rounds/diff/?department={found.place.other.pk}").content.decode()
    assert "変更 1件" in page
    assert "電子申請残る" in page


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_export_has_one_line_a_field(kind: str) -> None:
    found, _made = history("=1+")
    response = signed_in(found.place.employee).get(f"/rounds/diff/export.{kind}")
    assert response.status_code == 200
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        kinds = [row[0] for row in rows[1:]]
        assert kinds.count("追加") == kinds.count("削除") == 1
        assert list({*kinds} - {"追加", "削除"}) == ["変更"]
        moved = next(row for row in rows if row[5] == "進み具合")
        assert moved[6:] == ["予定どおり", "遅れている"]
        assert moved[2].startswith("'=1+")


@pytest.mark.parametrize(
    "query",
    [
        "?from=round:999999",
        "?from=date:nonsense",
        "?from=date:2999-01-01",
        "?to=x",
        "?from=date&to=date",
    ],
)
def test_side_that_does_not_exist_is_refused_with_words(query: str) -> None:
    found = closed()
    response = signed_in(found.place.employee).get(f"/rounds/diff/{query}")
    assert response.status_code == 422
    assert "data-error-summary" in response.content.decode()


def test_round_of_another_municipality_cannot_be_compared() -> None:
    found, elsewhere = closed(), closed()
    led(elsewhere.place, "余所の取組")
    query = f"?from=round:{elsewhere.round.pk}"
    response = signed_in(found.place.employee).get(f"/rounds/diff/{query}")
    assert response.status_code == 422
    assert "余所の取組" not in response.content.decode()


@pytest.mark.parametrize("number", [1, 3, 30])
def test_page_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = planned()
    made = [led(found.place, f"取組{index}") for index in range(number)]
    open_round(found.round, by=found.place.office, now=timezone.now())
    everybody = list(found.round.returns.values_list("department_id", flat=True))
    close_round(found.round, by=found.place.office, named=everybody, now=timezone.now())
    for initiative in made:
        report(initiative, by=found.place.head, phase=Phase.TRIAL, progress=Progress.LATE)
    client = signed_in(found.place.employee)
    with django_assert_num_queries(QUERIES):
        page = client.get("/rounds/diff/").content.decode()
    assert f"変更 {number}件" in page
