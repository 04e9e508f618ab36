"""Many ticked rows at once: row by row, nothing covered unseen, one way back."""

from __future__ import annotations

import re

import pytest
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.bulk import Tick, assign_many, report_many, undo_many
from roadmap.actions.updates import Report, report
from roadmap.choices import Phase, Progress
from roadmap.forms.bulk import read_ticks
from roadmap.models import DirtyMark, Initiative, Update
from tests import factories
from tests.roadmap.board import Town, latest, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/initiatives/bulk/"
LATE = Report(progress=Progress.LATE)


def several(place: Town, number: int, *, other: bool = False) -> list[Initiative]:
    """Initiatives of the section (or of the other one) with one report each."""
    lead = place.other if other else place.section
    return [
        factories.initiative(
            place.municipality, f"取組の{index}番", lead=lead, reported_on=timezone.localdate()
        )
        for index in range(number)
    ]


def ticks(rows: list[Initiative]) -> list[Tick]:
    """As they are seen now."""
    return [Tick(row.pk, latest(row).pk, row.version) for row in rows]


def values(rows: list[Initiative]) -> list[str]:
    """The same as the table sends it."""
    return [f"{tick.pk}:{tick.update}:{tick.version}" for tick in ticks(rows)]


def test_ticks_are_read_once_each_and_nonsense_is_none() -> None:
    assert read_ticks(["5:7:1", "5:8:1", "x", "5", "-1:2:3", "６:7:1", "9:0:2"]) == [
        Tick(5, 7, 1),
        Tick(9, 0, 2),
    ]


def test_every_row_is_reported_with_history_and_marks() -> None:
    place = town()
    rows = several(place, 3)
    result = report_many(ticks(rows), by=place.head, said=LATE, seconds=7)
    assert [row.pk for row in result.done] == [row.pk for row in rows]
    assert [latest(row).progress for row in rows] == [Progress.LATE] * 3
    assert sorted(latest(row).seconds or 0 for row in rows) == [2, 2, 3]
    events = Event.objects.filter(action="initiative.reported")
    assert {event.after["batch"] for event in events} == {result.batch}
    marked = set(DirtyMark.objects.filter(scope="initiative").values_list("scope_id", flat=True))
    assert marked == {row.pk for row in rows}


def test_rows_changed_meanwhile_are_not_covered_and_others_are_refused_by_name() -> None:
    place = town()
    rows = several(place, 3)
    theirs = several(place, 1, other=True)
    seen = ticks([*rows, *theirs])
    report(rows[0], by=place.office, progress=Progress.AHEAD)
    result = report_many(seen, by=place.head, said=LATE)
    assert [left.initiative.pk for left in result.conflicts] == [rows[0].pk]
    assert result.conflicts[0].now == latest(rows[0])
    assert [left.initiative.pk for left in result.refused] == [theirs[0].pk]
    assert len(result.done) == 2
    assert latest(rows[0]).progress == Progress.AHEAD
    assert latest(theirs[0]).progress == Progress.ON_TRACK


def test_rows_of_another_municipality_do_not_exist() -> None:
    place, elsewhere = town(), town("別の市")
    rows = several(elsewhere, 1)
    result = report_many(ticks(rows), by=place.office, said=LATE)
    assert (result.done, result.refused, result.conflicts) == ([], [], [])
    assert latest(rows[0]).progress == Progress.ON_TRACK


@pytest.mark.parametrize("number", [2, 1000])
def test_statements_do_not_depend_on_the_number_of_rows(number: int) -> None:
    from django.db import connection

    place = town()
    made = Initiative.objects.bulk_create(
        Initiative(municipality=place.municipality, title=f"取組{index}") for index in range(number)
    )
    Update.objects.bulk_create(
        Update(
            initiative=row,
            phase=Phase.TRIAL,
            progress=Progress.ON_TRACK,
            reported_on=timezone.localdate(),
        )
        for row in made
    )
    seen = [
        Tick(initiative, pk, 1)
        for initiative, pk in Update.objects.values_list("initiative_id", "pk")
    ]
    with CaptureQueriesContext(
        connection,
    ) as asked:
        result = report_many(seen, by=place.office, said=Report(phase=Phase.LIVE), seconds=30)
    assert len(result.done) == number
    assert len(asked) <= REPORT_STATEMENTS
    with CaptureQueriesContext(connection) as asked:
        assert undo_many(result.batch, by=place.office) == (number, [])
    assert len(asked) <= UNDO_STATEMENTS
    assert Initiative.objects.filter(launched_on__isnull=True).count() == number


REPORT_STATEMENTS, UNDO_STATEMENTS = 16, 17


def test_undo_brings_all_back_once_and_leaves_what_others_changed_since() -> None:
    place = town()
    rows = several(place, 3)
    result = report_many(ticks(rows), by=place.head, said=Report(phase=Phase.LIVE))
    report(rows[0], by=place.office, progress=Progress.LATE)
    done, kept = undo_many(result.batch, by=place.head)
    assert (done, [row.pk for row in kept]) == (2, [rows[0].pk])
    assert [latest(row).phase for row in rows] == [Phase.LIVE, Phase.BUILDING, Phase.BUILDING]
    assert undo_many(result.batch, by=place.head) == (0, [rows[0]])
    assert undo_many(result.batch, by=place.office) == (0, [])


def test_undo_of_going_live_clears_the_day_only_where_it_set_it() -> None:
    place = town()
    one, two = several(place, 2)
    report(two, by=place.head, phase=Phase.LIVE)
    report(two, by=place.head, phase=Phase.TRIAL)
    two.refresh_from_db()
    result = report_many(ticks([one, two]), by=place.head, said=Report(phase=Phase.LIVE))
    one.refresh_from_db()
    assert one.launched_on
    undo_many(result.batch, by=place.head)
    one.refresh_from_db()
    two.refresh_from_db()
    assert one.launched_on is None
    assert two.launched_on


def test_no_change_needs_a_report_and_is_not_written_twice() -> None:
    place = town()
    rows = several(place, 1)
    bare = factories.initiative(place.municipality, "報告なし", lead=place.section)
    seen = [*ticks(rows), Tick(bare.pk, 0, 1)]
    said = Report(unchanged=True)
    first = report_many(seen, by=place.head, said=said)
    again = report_many(seen, by=place.head, said=said)
    assert (len(first.done), len(first.refused)) == (1, 1)
    assert (len(again.done), len(again.same)) == (0, 1)
    assert rows[0].updates.filter(unchanged=True).count() == 1


def test_owners_are_set_and_a_change_of_the_same_field_meanwhile_is_a_conflict() -> None:
    place = town()
    one, two = several(place, 2)
    seen = ticks([one, two])
    first = assign_many(ticks([two]), by=place.office, owners={"contact_id": place.head.pk})
    result = assign_many(seen, by=place.office, owners={"contact_id": place.employee.pk})
    assert [row.pk for row in result.done] == [one.pk]
    assert [left.initiative.pk for left in result.conflicts] == [two.pk]
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.contact, two.contact) == (place.employee, place.head)
    post = factories.post(place.section)
    posts = assign_many(seen, by=place.office, owners={"accountable_post_id": post.pk})
    assert posts.conflicts == []
    assert undo_many(result.batch, by=place.office) == (1, [])
    one.refresh_from_db()
    assert (one.contact, one.accountable_post) == (None, post)
    assert len(first.done) == 1


def test_page_reports_and_offers_one_way_back() -> None:
    place = town()
    rows = several(place, 2)
    client = signed_in(place.head)
    data = {"rows": values(rows), "progress": "late", "next": "/initiatives/?queue=stale"}
    response = client.post(PAGE, data)
    assert response.status_code == 302
    assert response["Location"] == "/initiatives/?queue=stale"
    html = client.get(response["Location"]).content.decode()
    undo = re.search(r'action="(/initiatives/bulk/undo/\w+/)"', html)
    assert undo, "no way back"
    client.post(undo[1])
    assert [latest(row).progress for row in rows] == [Progress.ON_TRACK] * 2


def test_page_names_conflicts_and_those_may_be_changed_too() -> None:
    place = town()
    rows = several(place, 2)
    theirs = several(place, 1, other=True)
    data = {"rows": values([*rows, *theirs]), "progress": "ahead"}
    report(rows[0], by=place.office, progress=Progress.LATE)
    client = signed_in(place.head)
    response = client.post(PAGE, data)
    html = response.content.decode()
    assert response.status_code == 409
    assert "佐藤" in html
    assert theirs[0].title in html
    value = f"{rows[0].pk}:{latest(rows[0]).pk}:1"
    assert f'value="{value}"' in html
    assert client.post(PAGE, {"rows": [value], "progress": "ahead"}).status_code == 302
    assert latest(rows[0]).progress == Progress.AHEAD


def test_stopping_asks_for_the_reason_and_keeps_ticks_and_choice() -> None:
    place = town()
    rows = several(place, 2)
    client = signed_in(place.head)
    response = client.post(PAGE, {"rows": values(rows), "phase": "stopped"})
    html = response.content.decode()
    assert response.status_code == 422
    assert '<option value="stopped" selected>' in html
    assert all(f'value="{value}" checked' in html for value in values(rows))
    data = {"rows": values(rows), "phase": "stopped", "note": "効果が小さい", "none_ended": "1"}
    assert client.post(PAGE, data).status_code == 302
    assert [latest(row).phase for row in rows] == [Phase.STOPPED] * 2


@pytest.mark.parametrize("phase", ["established", "checking", "done"])
def test_phases_that_nobody_may_choose_are_refused(phase: str) -> None:
    place = town()
    rows = several(place, 1)
    response = signed_in(place.office).post(PAGE, {"rows": values(rows), "phase": phase})
    assert response.status_code == 422
    assert latest(rows[0]).phase == Phase.BUILDING


def test_nothing_ticked_or_nothing_chosen_says_so() -> None:
    place = town()
    client = signed_in(place.head)
    assert client.post(PAGE, {"progress": "late"}).status_code == 302
    rows = several(place, 1)
    assert client.post(PAGE, {"rows": values(rows)}).status_code == 422


def test_owners_are_for_the_office_and_asked_on_a_page_of_their_own() -> None:
    place = town()
    rows = several(place, 2)
    post = factories.post(place.section, "課長")
    data = {"rows": values(rows), "owners": "1"}
    assert signed_in(place.head).post(PAGE, data).status_code == 403
    client = signed_in(place.office)
    asked = client.post(PAGE, data).content.decode()
    assert f'<option value="{post.pk}">' in asked
    more = {"rows": values(rows), "assign": "1"}
    assert client.post(PAGE, more).status_code == 422
    assert client.post(PAGE, {**more, "contact": "nobody@example.test"}).status_code == 422
    done = client.post(PAGE, {**more, "post": post.pk, "contact": place.employee.email})
    assert done.status_code == 302
    for row in rows:
        row.refresh_from_db()
        assert (row.accountable_post, row.contact) == (post, place.employee)


def test_list_shows_ticks_only_where_somebody_may_report() -> None:
    place = town()
    several(place, 1)
    theirs = several(place, 1, other=True)[0]
    html = signed_in(place.head).get("/initiatives/").content.decode()
    assert html.count('name="rows"') == 1
    assert f'value="{theirs.pk}:' not in html
    assert 'id="bulk"' in html
    reader = signed_in(factories.user(place.municipality, role=Role.AUDITOR))
    plain = reader.get("/initiatives/").content.decode()
    assert 'name="rows"' not in plain
    assert 'id="bulk"' not in plain


def test_employee_who_holds_the_post_ticks_and_reports() -> None:
    place = town()
    post = factories.post(place.other, held_by=place.employee)
    rows = several(place, 1)
    Initiative.objects.update(accountable_post=post)
    client = signed_in(place.employee)
    html = client.get("/initiatives/").content.decode()
    assert html.count('name="rows"') == 1
    assert reverse("roadmap:initiative_status", args=[rows[0].pk]) in html
    client.post(PAGE, {"rows": values(rows), "progress": "late"})
    assert latest(rows[0]).progress == Progress.LATE
