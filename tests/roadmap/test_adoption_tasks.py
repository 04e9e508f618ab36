"""What follows from a verdict: one task each, chosen, done, overtaken; and an honest phase."""

import csv
import datetime as dt
import io
import re
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from dxportal.accounts.models import Event, Outbox
from roadmap.actions import indicators
from roadmap.actions.adoption_tasks import (
    TaskFields,
    choose_task,
    finish_task,
    reopen_task,
    take_back_choice,
)
from roadmap.actions.indicators import IndicatorFields
from roadmap.actions.parts import PartConflict
from roadmap.actions.published import publish_verdict
from roadmap.actions.reminders import send_digests
from roadmap.actions.removal import remove_initiative
from roadmap.actions.updates import latest_update, report, undo_update
from roadmap.choices import Phase, TaskChoice, Verdict
from roadmap.listing import queue_counts, with_status
from roadmap.models import AdoptionTask, Digest, Initiative
from tests import factories
from tests.roadmap.board import HTMX, Town, latest, signed_in, town

pytestmark = pytest.mark.django_db
#: A Monday; what is due 30 days later falls on a Wednesday.
DAY = dt.date(2026, 6, 1)


def made(place: Town, *, phase: str = Phase.CHECKING, **fields: object) -> Initiative:
    """Something in operation for a while."""
    day = DAY - dt.timedelta(days=100)
    return factories.initiative(
        place.municipality,
        "電子申請",
        lead=place.section,
        phase=phase,
        reported_on=day,
        launched_on=day,
        **fields,
    )


def told(initiative: Initiative, verdict: str, on: dt.date = DAY) -> AdoptionTask:
    """The task that a verdict opens."""
    return publish_verdict(initiative, on=on, verdict=verdict, figures={}).task


def chosen(task: AdoptionTask, choice: str, place: Town) -> AdoptionTask:
    """The same, with a care chosen."""
    fields = TaskFields(choice, task.due_on)
    return choose_task(task, fields=fields, version=task.version, by=place.head)


@pytest.mark.parametrize("verdict", list(Verdict))
def test_every_verdict_opens_exactly_one_task(verdict: Verdict) -> None:
    place = town()
    post = factories.post(place.section, held_by=place.employee)
    initiative = made(place, accountable_post=post)
    task = told(initiative, verdict)
    assert (task.choice, task.due_on, task.owner) == ("", dt.date(2026, 7, 1), post)
    assert AdoptionTask.objects.count() == 1
    [notice] = Outbox.objects.filter(key=f"task-{task.pk}")
    assert notice.recipient == place.employee
    assert notice.path == f"/initiatives/{initiative.pk}/#aftercare"
    assert Event.objects.filter(action="task.opened").count() == 1


def test_refused_verdict_opens_nothing() -> None:
    initiative = made(town())
    told(initiative, Verdict.UNUSED)
    with pytest.raises(ValidationError):
        told(initiative, Verdict.UNUSED)
    assert AdoptionTask.objects.count() == 1


def test_whoever_declared_it_is_not_told_what_they_know() -> None:
    place = town()
    initiative = made(place, contact=place.employee)
    publish_verdict(
        initiative,
        on=DAY,
        verdict=Verdict.SUPPORT,
        figures={},
        declared=True,
        reason="半分が紙のまま",
        by=place.employee,
    )
    assert not Outbox.objects.exists()


def test_later_verdict_overtakes_what_is_unfinished_and_keeps_what_is_done() -> None:
    place = town()
    initiative = made(place)
    first = chosen(told(initiative, Verdict.SUPPORT), TaskChoice.TRAIN, place)
    first = finish_task(first, version=first.version, by=place.head, on=DAY)
    second = told(initiative, Verdict.RETHINK, DAY + dt.timedelta(days=90))
    third = told(initiative, Verdict.UNUSED, DAY + dt.timedelta(days=180))
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.done_on, first.superseded_on) == (DAY, None)
    assert (second.done_on, second.superseded_on) == (None, third.verdict.on)
    assert list(AdoptionTask.objects.unfinished()) == [third]
    with pytest.raises(ValidationError):
        reopen_task(first, version=first.version, by=place.head)
    with pytest.raises(ValidationError):
        chosen(second, TaskChoice.FIX, place)


def test_choosing_twice_writes_once_and_a_stale_version_is_refused() -> None:
    place = town()
    task = told(made(place), Verdict.UNUSED)
    fields = TaskFields(TaskChoice.TRAIN, DAY + dt.timedelta(days=14), " 説明会を  2回開く ")
    task = choose_task(task, fields=fields, version=1, by=place.head)
    again = choose_task(task, fields=fields, version=1, by=place.head)
    assert (again.version, again.note) == (2, "説明会を 2回開く")
    assert Event.objects.filter(action="task.chosen").count() == 1
    with pytest.raises(PartConflict):
        choose_task(task, fields=TaskFields("fix", DAY), version=1, by=place.office)
    done = finish_task(task, version=2, by=place.head, on=DAY)
    assert finish_task(task, version=2, by=place.head, on=DAY).version == done.version
    assert Event.objects.filter(action="task.done").count() == 1


def test_choice_can_be_taken_back_unless_it_changed_since() -> None:
    place = town()
    task = chosen(told(made(place), Verdict.UNUSED), TaskChoice.ASK_AGAIN, place)
    assert task.ask_on == task.due_on
    event = Event.objects.get(action="task.chosen")
    task = take_back_choice(event, by=place.head)
    assert (task.choice, task.ask_on) == ("", None)
    assert take_back_choice(event, by=place.head).version == task.version
    chosen(task, TaskChoice.FIX, place)
    with pytest.raises(ValidationError):
        take_back_choice(event, by=place.head)


def test_nothing_is_done_before_it_is_chosen() -> None:
    place = town()
    task = told(made(place), Verdict.RETHINK)
    for choice in ("", TaskChoice.STOP, TaskChoice.ASK_AGAIN):
        task = chosen(task, choice, place)
        with pytest.raises(ValidationError):
            finish_task(task, version=task.version, by=place.head, on=DAY)


def test_reopened_task_waits_again() -> None:
    place = town()
    task = chosen(told(made(place), Verdict.RETHINK), TaskChoice.FIX, place)
    task = finish_task(task, version=task.version, by=place.head, on=DAY)
    assert (task.done_by, task.ask_on) == (place.head, dt.date(2026, 8, 31))
    task = reopen_task(task, version=task.version, by=place.office)
    assert (task.done_on, task.done_by, task.ask_on) == (None, None, None)


def test_stop_is_done_by_the_report_and_undone_with_it() -> None:
    place = town()
    initiative = made(place, phase=Phase.LIVE)
    task = told(initiative, Verdict.UNUSED)
    stop = report(
        initiative, by=place.head, phase=Phase.STOPPED, note="使われない", on=DAY, ended=""
    )
    task.refresh_from_db()
    assert (task.choice, task.done_on, task.done_by) == (TaskChoice.STOP, DAY, place.head)
    with pytest.raises(ValidationError):
        reopen_task(task, version=task.version, by=place.head)
    undo_update(stop, by=place.head)
    task.refresh_from_db()
    assert (task.choice, task.done_on) == ("", None)


def test_to_ask_again_are_the_newest_of_standing_initiatives_in_the_order_of_their_day() -> None:
    place = town()
    asked, trained, fixing, gone, rooted = (made(place) for _ in range(5))
    wait = chosen(told(asked, Verdict.TOO_FEW), TaskChoice.ASK_AGAIN, place)
    old = chosen(told(trained, Verdict.SUPPORT, DAY - dt.timedelta(days=30)), "train", place)
    finish_task(old, version=old.version, by=place.head, on=DAY)
    done = chosen(told(trained, Verdict.SUPPORT), TaskChoice.TRAIN, place)
    done = finish_task(done, version=done.version, by=place.head, on=DAY)
    chosen(told(fixing, Verdict.RETHINK), TaskChoice.FIX, place)
    chosen(told(gone, Verdict.TOO_FEW), TaskChoice.ASK_AGAIN, place)
    remove_initiative(gone, by=place.office)
    chosen(told(rooted, Verdict.ESTABLISHED), TaskChoice.PASS_ON, place)
    found = [(task.pk, task.ask_on) for task in AdoptionTask.objects.to_ask_again()]
    assert found == [(wait.pk, dt.date(2026, 7, 1)), (done.pk, dt.date(2026, 8, 31))]


def test_queue_counts_what_somebody_has_to_do() -> None:
    place = town()
    first, second = made(place), made(place)
    task = told(first, Verdict.ESTABLISHED)
    chosen(told(second, Verdict.TOO_FEW), TaskChoice.ASK_AGAIN, place)
    rows = with_status(Initiative.objects.visible_to(place.office), DAY)
    assert queue_counts(rows, DAY)["aftercare"] == 1
    task = chosen(task, TaskChoice.PASS_ON, place)
    finish_task(task, version=task.version, by=place.head, on=DAY)
    assert queue_counts(rows, DAY)["aftercare"] == 0


# The phase ----------------------------------------------------------------------------------------
def test_established_falls_back_when_it_is_not_used_any_more() -> None:
    initiative = made(town())
    told(initiative, Verdict.ESTABLISHED)
    assert latest(initiative).phase == Phase.ESTABLISHED
    told(initiative, Verdict.TOO_FEW, DAY + dt.timedelta(days=90))
    assert latest(initiative).phase == Phase.ESTABLISHED
    told(initiative, Verdict.UNUSED, DAY + dt.timedelta(days=180))
    row = latest(initiative)
    assert (row.phase, row.channel, row.is_report) == (Phase.LIVE, "system", False)


def test_checking_ends_with_the_verdict_and_the_five_lines_are_not_asked_any_more() -> None:
    place = town()
    initiative = made(place)
    told(initiative, Verdict.SUPPORT)
    assert latest(initiative).phase == Phase.LIVE
    rows = with_status(Initiative.objects.visible_to(place.office), DAY)
    assert queue_counts(rows, DAY)["launch_plan"] == 0
    page = signed_in(place.office).get(f"/initiatives/{initiative.pk}/").content.decode()
    assert "運用開始の前に" not in page


def test_taking_a_stop_back_brings_established_back_only_where_it_stands() -> None:
    place = town()
    initiative, other = made(place), made(place)
    for one in (initiative, other):
        told(one, Verdict.ESTABLISHED)
    stops = [report(i, by=place.head, phase="on_hold", on=DAY) for i in (initiative, other)]
    told(other, Verdict.UNUSED, DAY + dt.timedelta(days=90))
    for stop in stops:
        undo_update(stop, by=place.head)
    assert [latest(one).phase for one in (initiative, other)] == ["established", "live"]


def _used(initiative: Initiative, place: Town, value: int) -> object:
    row = initiative.indicator_rows.filter(name="申請の利用率").first()
    if row is None:
        values = IndicatorFields("申請の利用率", "use", "%")
        row = indicators.add_indicator(initiative, by=place.office, values=values)
    return indicators.measure(row, by=place.office, value=Decimal(value), on=timezone.localdate())


def test_took_root_is_not_declared_where_use_is_zero() -> None:
    place = town()
    initiative = made(place)
    _used(initiative, place, 0)
    with pytest.raises(ValidationError) as refused:
        publish_verdict(
            initiative,
            on=timezone.localdate(),
            verdict=Verdict.ESTABLISHED,
            figures={},
            declared=True,
            reason="導入した",
            by=place.head,
        )
    assert "verdict" in refused.value.message_dict
    assert not AdoptionTask.objects.exists()


def test_use_of_zero_ends_established_and_its_correction_brings_it_back() -> None:
    place = town()
    initiative = made(place)
    told(initiative, Verdict.ESTABLISHED)
    zero = _used(initiative, place, 0)
    assert latest(initiative).phase == Phase.LIVE
    event = indicators.remove_measurement(zero, by=place.office)  # type: ignore[arg-type]
    assert latest(initiative).phase == Phase.ESTABLISHED
    assert event is not None
    indicators.restore_measurement(event, by=place.office)
    assert latest(initiative).phase == Phase.LIVE
    report(initiative, by=place.head, progress="late", cause="busy", next_step="説明する")
    indicators.remove_indicator(
        initiative.indicator_rows.get(),
        by=place.office,
        version=initiative.indicator_rows.get().version,
    )
    assert latest(initiative).phase == Phase.LIVE, "a person has reported the phase since"


def test_use_of_zero_in_sql_is_what_python_says() -> None:
    place = town()
    initiative, other = made(place), made(place)
    _used(initiative, place, 0)
    _used(other, place, 3)
    rows = with_status(Initiative.objects.visible_to(place.office), timezone.localdate())
    assert dict(rows.values_list("pk", "use_is_zero")) == {initiative.pk: True, other.pk: False}
    assert latest_update(initiative) is not None


# Pages --------------------------------------------------------------------------------------------
def url_of(task: AdoptionTask, more: str = "") -> str:
    """The address of its form."""
    return f"/initiatives/{task.initiative_id}/tasks/{task.pk}/{more}"


def test_suggestion_is_one_press_and_can_be_taken_back() -> None:
    place = town()
    task = told(made(place), Verdict.RETHINK)
    client = signed_in(place.head)
    page = client.get(f"/initiatives/{task.initiative_id}/").content.decode()
    assert "「なおす」にする" in page
    data = {"choice": "fix", "due_on": "2026-07-01", "version": "1"}
    response = client.post(url_of(task), data, headers=HTMX)
    assert response.status_code == 200
    assert b'id="aftercare"' in response.content
    task.refresh_from_db()
    assert task.choice == TaskChoice.FIX
    event = Event.objects.get(action="task.chosen")
    back = client.post(f"/initiatives/{task.initiative_id}/tasks/restore/{event.pk}/")
    assert back.status_code == 302
    task.refresh_from_db()
    assert task.choice == ""


def test_card_after_a_choice_is_the_card_of_a_fresh_page() -> None:
    place = town()
    task = told(made(place), Verdict.SUPPORT)
    client = signed_in(place.head)
    data = {"choice": "train", "due_on": "2026-07-01", "note": "説明会", "version": "1"}
    swapped = card_of(client.post(url_of(task), data, headers=HTMX).content.decode())
    assert swapped == card_of(client.get(f"/initiatives/{task.initiative_id}/").content.decode())
    done = client.post(url_of(task, "done/"), {"version": "2"}, headers=HTMX).content.decode()
    assert card_of(done) == card_of(
        client.get(f"/initiatives/{task.initiative_id}/").content.decode()
    )
    assert "職員にもう一度聞きます" in done


def card_of(html: str) -> str:
    """The card without what differs by request."""
    found = re.search(r'<section class="card parts" id="aftercare".*?</section>', html, re.S)
    assert found
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", found[0])


def test_form_sent_twice_is_saved_once_and_a_stale_one_shows_both_sides() -> None:
    place = town()
    task = told(made(place), Verdict.UNUSED)
    client = signed_in(place.head)
    data = {"choice": "stop", "due_on": "2026-07-01", "version": "1"}
    assert [client.post(url_of(task), data).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(action="task.chosen").count() == 1
    response = client.post(url_of(task), {**data, "choice": "train", "note": "説明会"})
    page = response.content.decode()
    assert response.status_code == 409
    assert "説明会" in page
    assert "やめる" in page
    assert client.post(url_of(task), {**data, "due_on": "いつか"}).status_code == 422
    assert client.post(url_of(task, "done/"), {"version": "2"}).status_code == 422


def test_who_may_choose() -> None:
    place = town()
    holder, contact, colleague = (factories.user(place.municipality) for _ in range(3))
    post = factories.post(place.other, held_by=holder)
    task = told(made(place, accountable_post=post, contact=contact), Verdict.RETHINK)
    data = {"choice": "fix", "due_on": "2026-07-01", "version": "1"}
    for person in (place.office, place.head, place.promoter, holder, contact):
        assert signed_in(person).post(url_of(task), data).status_code == 302
    assert signed_in(colleague).post(url_of(task), data).status_code == 403
    assert signed_in(town("別の市").office).post(url_of(task), data).status_code == 404
    page = signed_in(colleague).get(f"/initiatives/{task.initiative_id}/").content.decode()
    assert "確かめた後の手当て" in page
    assert url_of(task) not in page


def test_task_of_another_initiative_is_not_found_through_mine() -> None:
    place = town()
    task, other = told(made(place), Verdict.RETHINK), made(place)
    url = f"/initiatives/{other.pk}/tasks/{task.pk}/"
    assert signed_in(place.office).post(url, {"choice": "fix"}).status_code == 404


def test_lists_name_what_follows() -> None:
    place = town()
    task = told(made(place, contact=place.head), Verdict.UNUSED)
    client = signed_in(place.head)
    link = f"/initiatives/{task.initiative_id}/#aftercare"
    for url in ("/initiatives/?queue=aftercare", "/initiatives/mine/", "/followups/"):
        page = client.get(url).content.decode()
        assert link in page, url
    board = client.get("/initiatives/?view=board").content.decode()
    assert "使われず" in board
    assert "形骸化の疑い" in board


def test_digest_names_what_is_due() -> None:
    place = town()
    made(place, contact=place.head)
    task = chosen(told(Initiative.objects.get(), Verdict.SUPPORT), TaskChoice.TRAIN, place)
    monday = dt.date(2026, 6, 29)
    send_digests(place.municipality.pk, now=at_nine(monday))
    digest = Digest.objects.get(user=place.head, day=monday)
    assert [i["key"] for i in digest.items if i["reason"] == "task"] == [f"task-{task.pk}"]
    text = Outbox.objects.filter(recipient=place.head).latest("id").body
    assert "確かめた後の手当て（研修・支援する）" in text


def at_nine(day: dt.date) -> dt.datetime:
    """The hour at which digests go out."""
    return dt.datetime.combine(day, dt.time(9, 5), timezone.get_current_timezone())


def test_history_tells_each_step() -> None:
    place = town()
    task = chosen(told(made(place), Verdict.RETHINK), TaskChoice.FIX, place)
    finish_task(task, version=task.version, by=place.head, on=DAY)
    page = signed_in(place.office).get(f"/initiatives/{task.initiative_id}/").content.decode()
    assert "鈴木さんが確かめた後の手当てを選択：「なおす」" in page
    assert "鈴木さんが確かめた後の手当てを済みに変更" in page


def test_file_says_whether_it_took_root() -> None:
    place = town()
    told(made(place), Verdict.UNUSED)
    text = signed_in(place.office).get("/initiatives/export.csv").content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert [row["定着の状況"] for row in rows] == ["使われず（形骸化の疑い）"]


@pytest.mark.parametrize(("value", "words"), [(None, "まだ分かりません"), (0, "利用は0です")])
def test_what_is_introduced_is_not_worded_as_achieved(value: int | None, words: str) -> None:
    place = town()
    initiative = made(place)
    values = IndicatorFields("導入率", "availability", "%", targets=((2024, Decimal(100)),))
    row = indicators.add_indicator(initiative, by=place.office, values=values)
    indicators.measure(row, by=place.office, value=Decimal(100), on=dt.date(2025, 3, 31))
    if value is not None:
        _used(initiative, place, value)
    client = signed_in(place.office)
    page = client.get(f"/initiatives/{initiative.pk}/").content.decode()
    assert words in page
    assert "目標（100%）に届きました" not in page
