"""Reporting: at once, append-only, with a way back; nobody's report is lost unseen."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import close_old_connections
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.updates import StatusConflict, report, undo_update
from roadmap.choices import Channel, Phase, Progress
from roadmap.models import DirtyMark, Initiative, Update
from roadmap.search import fold
from tests import factories
from tests.roadmap.board import HTMX, Town, latest, row_of, signed_in, town

pytestmark = pytest.mark.django_db


def reported(place: Town, title: str = "窓口の申請書を電子化") -> Initiative:
    """An initiative of the section with one report of today."""
    today = timezone.localdate()
    return factories.initiative(
        place.municipality,
        title,
        lead=place.section,
        reported_on=today,
        target_fy=2030,
        search_text=fold(title),
    )


def test_report_appends_and_keeps_what_is_not_given() -> None:
    place = town()
    initiative = reported(place)
    update = report(initiative, by=place.head, progress=Progress.LATE, note="条例待ち")
    assert (update.phase, update.progress) == (Phase.BUILDING, Progress.LATE)
    assert initiative.updates.count() == 2
    event = Event.objects.get(action="initiative.reported")
    assert event.before == {"progress": "on_track", "note": ""}
    assert event.after == {"progress": "late", "note": "条例待ち"}
    assert event.actor_id == place.head.pk
    scopes = set(DirtyMark.objects.values_list("scope", "scope_id"))
    assert {("initiative", initiative.pk), ("department", place.section.pk)} <= scopes


def test_report_of_the_same_words_writes_nothing() -> None:
    place = town()
    initiative = reported(place)
    for _again in range(2):
        report(initiative, by=place.head, progress=Progress.AHEAD)
    assert initiative.updates.count() == 2
    assert Event.objects.filter(action="initiative.reported").count() == 1


def test_unchanged_is_a_report_of_its_own() -> None:
    place = town()
    initiative = reported(place)
    update = report(initiative, by=place.head, unchanged=True, progress=Progress.LATE)
    assert update.unchanged
    assert update.progress == Progress.ON_TRACK


@pytest.mark.parametrize("phase", [Phase.ESTABLISHED, Phase.CHECKING])
def test_report_refuses_phases_that_follow_from_answers(phase: Phase) -> None:
    place = town()
    initiative = reported(place)
    with pytest.raises(ValidationError):
        report(initiative, by=place.office, phase=phase)
    assert initiative.updates.count() == 1


def test_stopping_needs_a_reason() -> None:
    place = town()
    initiative = reported(place)
    with pytest.raises(ValidationError):
        report(initiative, by=place.office, phase=Phase.STOPPED)
    with pytest.raises(ValidationError) as refused:
        report(initiative, by=place.office, phase=Phase.STOPPED, note="効果が小さい")
    assert list(refused.value.message_dict) == ["ended"]
    words = {"phase": Phase.STOPPED, "note": "効果が小さい", "ended": ""}
    assert report(initiative, by=place.office, **words).note


def test_going_live_sets_the_day_once() -> None:
    place = town()
    initiative = reported(place)
    day = dt.date(2026, 7, 1)
    report(initiative, by=place.office, phase=Phase.LIVE, on=day)
    report(initiative, by=place.office, phase=Phase.TRIAL, on=day + dt.timedelta(days=10))
    report(initiative, by=place.office, phase=Phase.LIVE, on=day + dt.timedelta(days=20))
    initiative.refresh_from_db()
    assert initiative.launched_on == day
    assert initiative.version == 2


def test_cause_and_next_step_end_with_the_delay() -> None:
    place = town()
    initiative = reported(place)
    report(initiative, by=place.head, progress=Progress.LATE, cause="law", next_step="協議")
    kept = report(initiative, by=place.head, progress=Progress.LATE, note="まだ")
    assert (kept.cause, kept.next_step) == ("law", "協議")
    ended = report(initiative, by=place.head, progress=Progress.ON_TRACK)
    assert (ended.cause, ended.next_step) == ("", "")


def test_undo_restores_the_state_before_and_undo_again_brings_it_back() -> None:
    place = town()
    initiative = reported(place)
    update = report(initiative, by=place.head, phase=Phase.LIVE, progress=Progress.LATE)
    undone = undo_update(update, by=place.head)
    assert (undone.phase, undone.progress) == (Phase.BUILDING, Progress.ON_TRACK)
    assert undone.undoes_id == update.pk
    initiative.refresh_from_db()
    assert initiative.launched_on is None
    again = undo_update(undone, by=place.head)
    assert (again.phase, again.progress) == (Phase.LIVE, Progress.LATE)
    initiative.refresh_from_db()
    assert initiative.launched_on is not None
    assert initiative.updates.count() == 4
    assert Event.objects.filter(action="initiative.undone").count() == 2


def test_undo_refuses_old_first_and_system_reports() -> None:
    place = town()
    initiative = reported(place)
    first = latest(initiative)
    with pytest.raises(ValidationError):
        undo_update(first, by=place.office)
    old = report(initiative, by=place.head, progress=Progress.LATE)
    system = report(initiative, by=None, progress=Progress.AHEAD, channel=Channel.SYSTEM)
    with pytest.raises(StatusConflict):
        undo_update(old, by=place.office)
    with pytest.raises(ValidationError):
        undo_update(system, by=place.office)


def test_report_conflicts_only_where_somebody_said_something_else() -> None:
    place = town()
    initiative = reported(place)
    seen = latest(initiative).pk
    report(initiative, by=place.head, unchanged=True)
    report(initiative, by=place.office, progress=Progress.LATE, expected_update_id=seen)
    with pytest.raises(StatusConflict) as caught:
        report(initiative, by=place.head, progress=Progress.AHEAD, expected_update_id=seen)
    assert caught.value.theirs.by == place.office
    same = report(initiative, by=place.head, progress=Progress.LATE, expected_update_id=seen)
    assert same.by == place.office


@pytest.mark.parametrize("wish", ["a\x00b", "-1", "[]", "no-such-name", "https://evil.example/"])
def test_page_that_is_none_of_ours_leads_back_to_the_initiative(wish: str) -> None:
    place = town()
    initiative = reported(place)
    data = {"progress": "on_track", "expected": latest(initiative).pk, "next": wish}

    response = signed_in(place.head).post(f"/initiatives/{initiative.pk}/status/", data)

    assert response.status_code == 302
    assert response.headers["Location"] == initiative.get_absolute_url()


def test_select_saves_at_once_and_the_row_is_that_of_a_fresh_page() -> None:
    place = town()
    initiative, second = reported(place), reported(place, "もう一つ")
    client = signed_in(place.head)
    data = {
        "progress": "late",
        "phase": "building",
        "expected": latest(initiative).pk,
        "next": "/initiatives/",
    }
    response = client.post(f"/initiatives/{initiative.pk}/status/", data, headers=HTMX)
    html = response.content.decode()
    assert response.status_code == 200
    assert latest(initiative).progress == Progress.LATE
    fresh = client.get("/initiatives/").content.decode()
    assert row_of(html, initiative) == row_of(fresh, initiative)
    tabs = fresh[fresh.index('<nav class="tabs"') :].split("</nav>")[0]
    assert tabs.split(">", 1)[1] in html
    assert "undo" in response["HX-Trigger"]
    assert f"initiative-row-{second.pk}" not in html


def test_queue_counts_beside_the_row_keep_the_filter() -> None:
    place = town()
    initiative = reported(place)
    reported(place, "もう一つ")
    response = signed_in(place.head).post(
        f"/initiatives/{initiative.pk}/status/",
        {"progress": "late", "next": "/initiatives/?q=窓口"},
        headers=HTMX,
    )
    assert '<span class="n">1</span>' in response.content.decode()
    assert '<span class="n">2</span>' not in response.content.decode()


def test_plain_post_goes_back_where_it_came_from() -> None:
    place = town()
    initiative = reported(place)
    response = signed_in(place.head).post(
        f"/initiatives/{initiative.pk}/status/",
        {"progress": "ahead", "next": "/initiatives/?queue=stale"},
    )
    assert response.status_code == 302
    assert response["Location"] == "/initiatives/?queue=stale"
    assert latest(initiative).progress == Progress.AHEAD


def test_plain_post_never_leads_to_another_host() -> None:
    place = town()
    initiative = reported(place)
    response = signed_in(place.head).post(
        f"/initiatives/{initiative.pk}/status/",
        {"progress": "ahead", "next": "https://elsewhere.example/"},
    )
    assert response["Location"] == initiative.get_absolute_url()


def test_stopping_in_the_row_asks_for_the_reason_and_keeps_the_choice() -> None:
    place = town()
    initiative = reported(place)
    client = signed_in(place.head)
    address = f"/initiatives/{initiative.pk}/status/"
    for headers in (HTMX, {}):
        asked = client.post(address, {"phase": "stopped"}, headers=headers)
        assert asked.status_code == 422
        assert 'name="phase" value="stopped"' in asked.content.decode()
    said = {"phase": "stopped", "note": "効果が小さい", "none_ended": "1"}
    client.post(address, said, headers=HTMX)
    assert latest(initiative).phase == Phase.STOPPED


def test_unknown_words_are_refused() -> None:
    place = town()
    initiative = reported(place)
    response = signed_in(place.head).post(
        f"/initiatives/{initiative.pk}/status/", {"progress": "done"}, headers=HTMX
    )
    assert response.status_code == 422
    assert initiative.updates.count() == 1


@pytest.mark.parametrize("headers", [HTMX, {}])
def test_conflict_shows_both_sides_and_either_may_stand(headers: dict[str, str]) -> None:
    place = town()
    initiative = reported(place)
    client, address = signed_in(place.head), f"/initiatives/{initiative.pk}/status/"
    data = {"progress": "ahead", "expected": latest(initiative).pk}
    theirs = report(initiative, by=place.office, progress=Progress.LATE)
    response = client.post(address, data, headers=headers)
    html = response.content.decode()
    assert response.status_code == 409
    assert "佐藤" in html
    assert f'name="expected" value="{theirs.pk}"' in html
    client.post(address, {**data, "keep": "theirs"}, headers=headers)
    assert latest(initiative) == theirs
    client.post(address, {**data, "expected": theirs.pk}, headers=headers)
    assert latest(initiative).progress == Progress.AHEAD


def test_undo_by_address_is_for_the_reporter_and_the_office() -> None:
    place = town()
    initiative = reported(place)
    update = report(initiative, by=place.promoter, progress=Progress.LATE)
    address = f"/initiatives/{initiative.pk}/undo/{update.pk}/"
    assert signed_in(place.head).post(address).status_code == 403
    assert signed_in(place.employee).post(address).status_code == 403
    assert signed_in(place.promoter).post(address, {"next": "/initiatives/"}).status_code == 302
    assert latest(initiative).progress == Progress.ON_TRACK
    assert signed_in(place.office).post(address).status_code == 302
    assert latest(initiative).progress == Progress.ON_TRACK


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.EMPLOYEE, 403),
        (Role.PROMOTER, 403),
        (Role.HEAD, 403),
        (Role.DX_OFFICE, 302),
        (Role.CDO, 403),
        (Role.AUDITOR, 403),
        (Role.ADMIN, 403),
    ],
)
def test_status_is_open_to_the_office_and_closed_to_other_departments(
    role: Role, status: int
) -> None:
    place = town()
    initiative = reported(place)
    person = factories.user(place.municipality, role=role, of=place.other)
    response = signed_in(person).post(f"/initiatives/{initiative.pk}/status/", {"progress": "late"})
    assert response.status_code == status
    assert (latest(initiative).progress == Progress.LATE) is (status == 302)


def test_status_is_open_to_the_post_and_to_the_contact_whatever_their_role() -> None:
    place = town()
    post = factories.post(place.other, held_by=place.employee)
    contact = factories.user(place.municipality, of=place.other)
    initiative = reported(place)
    Initiative.objects.filter(pk=initiative.pk).update(accountable_post=post, contact=contact)
    address = f"/initiatives/{initiative.pk}/status/"
    assert signed_in(place.employee).post(address, {"progress": "late"}).status_code == 302
    assert signed_in(contact).post(address, {"progress": "ahead"}).status_code == 302
    place.employee.assignments.update(valid_to=timezone.localdate())
    assert signed_in(place.employee).post(address, {"progress": "late"}).status_code == 403


def test_status_of_another_municipality_does_not_exist() -> None:
    place, elsewhere = town(), town("別の市")
    initiative = reported(elsewhere)
    update = latest(initiative)
    client = signed_in(place.office)
    assert client.post(f"/initiatives/{initiative.pk}/status/", {}).status_code == 404
    undo = client.post(f"/initiatives/{initiative.pk}/undo/{update.pk}/")
    assert undo.status_code == 404
    assert signed_in(factories.user(None, role=Role.HOST)).post(
        f"/initiatives/{initiative.pk}/status/", {}
    ).status_code in {403, 404}


def test_undo_of_an_update_of_another_initiative_does_not_exist() -> None:
    place = town()
    one, two = reported(place), reported(place, "二つ目")
    update = report(two, by=place.office, progress=Progress.LATE)
    response = signed_in(place.office).post(f"/initiatives/{one.pk}/undo/{update.pk}/")
    assert response.status_code == 404


def _at_the_same_time(*acts: Callable[[], object]) -> list[object]:
    """Results or exceptions of acts that start together, each on its own connection."""
    results: list[object] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = acts[index]()
        except Exception as error:
            results[index] = error
        finally:
            close_old_connections()
            from django.db import connections

            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


@pytest.mark.django_db(transaction=True)
def test_racing_reports_are_written_or_refused_never_lost() -> None:
    place = town()
    initiative = reported(place)
    seen = latest(initiative).pk
    people = [place.head, place.promoter, place.office]
    words = [Progress.LATE, Progress.AHEAD, Progress.NOT_APPLICABLE]
    results = _at_the_same_time(
        *(
            lambda by=by, word=word: report(
                initiative, by=by, progress=word, expected_update_id=seen
            )
            for by, word in zip(people, words, strict=True)
        )
    )
    written = [result for result in results if isinstance(result, Update)]
    refused = [result for result in results if isinstance(result, StatusConflict)]
    assert len(written) == 1
    assert len(refused) == 2
    assert all(conflict.theirs.pk == written[0].pk for conflict in refused)
    assert initiative.updates.count() == 2
