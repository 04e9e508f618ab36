"""The card 「効果」 and its pages, and what a stop asks, without JavaScript."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from roadmap.actions.published import publish_verdict
from roadmap.actions.updates import report
from roadmap.actions.value import add_value
from roadmap.choices import Phase, Queue, Verdict
from roadmap.listing import listed, queue_condition
from roadmap.models import Initiative, Reinvestment, ValueEntry
from tests import factories
from tests.roadmap.board import HTMX, Town, latest, signed_in, town
from tests.roadmap.test_initiative_detail import DETAIL_QUERIES
from tests.roadmap.test_round_trip import applied, edited, exported, sent
from tests.roadmap.test_value import fields, reported_paper, saved

pytestmark = pytest.mark.django_db


@pytest.fixture
def place() -> Town:
    return town()


@pytest.fixture
def initiative(place: Town) -> Initiative:
    today = timezone.localdate()
    return factories.initiative(
        place.municipality, "電子申請", lead=place.section, phase=Phase.LIVE, reported_on=today
    )


def address(initiative: Initiative, rest: str) -> str:
    return f"/initiatives/{initiative.pk}/{rest}"


def typed(**changes: str) -> dict[str, str]:
    today = timezone.localdate().isoformat()
    return {"standing": "promised", "low": "１２", "basis": "計測", "on": today, **changes}


def test_hours_are_typed_and_kept_as_minutes(place: Town, initiative: Initiative) -> None:
    client, url = signed_in(place.head), address(initiative, "effects/hours/new/")
    assert "週に何時間か" in client.get(url).content.decode()
    for _twice in range(2):
        response = client.post(url, typed(high="12.5"), follow=True)
    assert "効果を加えました" in response.content.decode()
    entry = ValueEntry.objects.get()
    assert (entry.low, entry.high, entry.source, entry.by) == (720, 750, "typed", place.head)
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "週12〜12.5時間" in page
    assert "未確認" in page
    assert page.index("週12〜12.5時間") < page.index("未確認")


@pytest.mark.parametrize(
    ("measure", "changes", "said"),
    [
        ("hours", {"low": ""}, "必須"),
        ("hours", {"low": "-1"}, "0以上"),
        ("hours", {"low": "5", "high": "3"}, "小さい数を先に"),
        ("paper", {"basis": ""}, "必須"),
        ("new_value", {"sentence": ""}, "必須"),
        ("paper", {"standing": "verified"}, ""),
        ("paper", {"on": "2100-01-01"}, "今日"),
    ],
)
def test_what_cannot_be_is_asked_again(
    place: Town, initiative: Initiative, measure: str, changes: dict[str, str], said: str
) -> None:
    url = address(initiative, f"effects/{measure}/new/")
    response = signed_in(place.head).post(url, typed(**changes))
    assert response.status_code == 422
    assert said in response.content.decode()
    assert not ValueEntry.objects.exists()


def test_unknown_measure_is_not_there(place: Town, initiative: Initiative) -> None:
    assert signed_in(place.head).get(address(initiative, "effects/luck/new/")).status_code == 404


def test_figure_is_corrected_removed_and_brought_back(place: Town, initiative: Initiative) -> None:
    client = signed_in(place.head)
    entry = add_value(initiative, by=place.head, fields=fields())
    url = address(initiative, f"effects/{entry.pk}/")
    assert 'value="12"' in client.get(url).content.decode()
    client.post(url, typed(low="10"))
    newer = ValueEntry.objects.in_force().get()
    assert (newer.low, newer.replaces) == (600, entry)
    stale = client.post(url, typed(low="3"))
    assert (stale.status_code, "週10時間" in stale.content.decode()) == (409, True)
    assert (
        client.post(address(initiative, f"effects/{newer.pk}/"), typed(low="3")).status_code == 302
    )
    newest = ValueEntry.objects.in_force().get()
    remove = address(initiative, f"effects/{newest.pk}/remove/")
    page = client.post(remove, follow=True).content.decode()
    assert "効果を削除しました" in page
    assert not ValueEntry.objects.in_force().exists()
    undo = page.split('action="' + address(initiative, "effects/restore/"))[1].split('"')[0]
    client.post(address(initiative, f"effects/restore/{undo}"))
    assert ValueEntry.objects.in_force().get() == newest


def test_office_checks_what_somebody_else_reported(place: Town, initiative: Initiative) -> None:
    entry = add_value(initiative, by=place.head, fields=reported_paper())
    url = address(initiative, f"effects/{entry.pk}/check/")
    assert signed_in(place.head).post(url, {"document": "月報"}).status_code == 403
    office = signed_in(place.office)
    assert office.post(url, {"document": ""}).status_code == 422
    office.post(url, {"document": "複合機の月報"})
    page = office.get(initiative.get_absolute_url()).content.decode()
    assert "確かめた（書類で確かめた）" in page
    assert "職員に聞いた" not in page
    checked = ValueEntry.objects.get(standing="verified")
    remove = address(initiative, f"effects/{checked.pk}/remove/")
    assert signed_in(place.head).post(remove).status_code == 403
    assert office.post(remove).status_code == 302
    own = add_value(initiative, by=place.office, fields=reported_paper(low=5))
    refused = office.post(address(initiative, f"effects/{own.pk}/check/"), {"document": "月報"})
    assert (refused.status_code, "ほかの人が確かめます" in refused.content.decode()) == (422, True)


def test_use_is_written_down_up_to_what_was_verified(place: Town, initiative: Initiative) -> None:
    client, url = signed_in(place.head), address(initiative, "uses/new/")
    other = factories.initiative(place.municipality, "相談の予約")
    assert "まだ確かめた効果がない" in client.get(url).content.decode()
    saved(initiative, 300, 540, on=timezone.localdate())
    today = timezone.localdate().isoformat()
    said = {"measure": "hours", "amount": "9.5", "sentence": "相談に充てる", "on": today}
    refused = client.post(url, said)
    assert (refused.status_code, "残り（週5〜9時間）" in refused.content.decode()) == (422, True)
    for _twice in range(2):
        response = client.post(url, {**said, "amount": "3", "target": str(other.pk)})
        assert response.status_code == 302
    row = Reinvestment.objects.get()
    assert (row.amount, row.target) == (180, other)
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "まだ使い道が決まっていない：" in page
    assert "週2〜6時間" in page
    client.post(address(initiative, f"uses/{row.pk}/remove/"))
    assert not Reinvestment.objects.exists()


def test_employee_reads_and_changes_nothing(place: Town, initiative: Initiative) -> None:
    entry = add_value(initiative, by=place.head, fields=fields())
    client = signed_in(place.employee)
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "週12時間" in page
    assert "effects/" not in page.split('id="value"')[1].split("</section>")[0]
    for rest in ("effects/hours/new/", f"effects/{entry.pk}/", f"effects/{entry.pk}/remove/"):
        assert client.post(address(initiative, rest)).status_code == 403


@pytest.mark.parametrize("number", [1, 3])
def test_card_costs_the_same_for_any_number(
    place: Town,
    initiative: Initiative,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in range(number):
        add_value(initiative, by=place.head, fields=reported_paper(low=count))
    client = signed_in(place.office)
    with django_assert_num_queries(DETAIL_QUERIES + 2):  # phase and outcome, names in the history
        client.get(initiative.get_absolute_url())


# stopping -----------------------------------------------------------------------------------------
def test_stop_asks_what_ended_in_the_row_and_on_a_page(place: Town, initiative: Initiative) -> None:
    client, url = signed_in(place.head), address(initiative, "status/")
    for headers in (HTMX, {}):
        asked = client.post(url, {"phase": "stopped", "note": "統合"}, headers=headers)
        html = asked.content.decode()
        assert asked.status_code == 422
        assert "やめた業務・帳票・道具を書くか" in html
        for name in ("note", "ended", "none_ended", "freed"):
            assert html.count(f'name="{name}"') == 1 or headers == {}
        assert 'value="統合"' in html
    said = {"phase": "stopped", "note": "統合", "ended": "受付簿の転記", "freed": "９〜５"}
    wrong = client.post(url, said)
    assert (wrong.status_code, 'value="受付簿の転記"' in wrong.content.decode()) == (422, True)
    client.post(url, {**said, "freed": "２〜３"})
    assert latest(initiative).ended == "受付簿の転記"
    entry = ValueEntry.objects.get()
    assert (entry.low, entry.high, entry.source) == (120, 180, "stop")
    for where in ("/initiatives/", "/initiatives/?view=board", initiative.get_absolute_url()):
        page = client.get(where).content.decode()
        assert "受付簿の転記" in page
        assert "週2〜3時間" in page


def test_many_are_stopped_with_what_ended(place: Town, initiative: Initiative) -> None:
    tick = f"{initiative.pk}:{latest(initiative).pk}:1"
    client = signed_in(place.head)
    data = {"rows": [tick], "phase": "stopped", "note": "統合"}
    asked = client.post("/initiatives/bulk/", data)
    assert asked.status_code == 422
    assert 'name="ended"' in asked.content.decode()
    assert 'name="freed"' not in asked.content.decode()
    client.post("/initiatives/bulk/", {**data, "ended": "紙の回覧"})
    assert latest(initiative).ended == "紙の回覧"


def test_stop_that_came_from_a_file_waits_for_what_ended(
    place: Town, initiative: Initiative
) -> None:
    day = timezone.localdate()
    initiative.updates.create(phase="stopped", note="取りやめ", reported_on=day, channel="import")
    waiting = listed(place.head, day).filter(queue_condition(Queue.INCOMPLETE, day))
    assert list(waiting) == [initiative]
    client = signed_in(place.head)
    page = client.get(initiative.get_absolute_url()).content.decode()
    assert "やめた業務が書かれていません" in page
    data = {"phase": "stopped", "expected": str(latest(initiative).pk), "none_ended": "1"}
    client.post(address(initiative, "status/"), data)
    assert latest(initiative).ended == ""
    assert not waiting.all().exists()


def test_declared_outcome_lets_reported_time_be_used(place: Town, initiative: Initiative) -> None:
    today = timezone.localdate()
    add_value(initiative, by=place.head, fields=fields(standing="reported"))
    publish_verdict(
        initiative,
        on=today - dt.timedelta(days=1),
        verdict=Verdict.ESTABLISHED,
        figures={},
        declared=True,
        reason="使う人が3人",
        by=place.office,
    )
    page = signed_in(place.head).get(initiative.get_absolute_url()).content.decode()
    assert "報告（聞く相手がいないため）" in page


def test_history_says_what_ended_and_how_much(place: Town, initiative: Initiative) -> None:
    report(
        initiative, by=place.head, phase="stopped", note="統合", ended="紙の回覧", freed=(60, 90)
    )
    url = address(initiative, "history/")
    page = signed_in(place.office).get(url).content.decode()
    assert "<ins>紙の回覧</ins>" in page
    assert "<ins>週1〜1.5時間</ins>" in page
    assert "書類" not in page


def test_file_keeps_what_ended_and_takes_the_time_when_it_goes_on(
    place: Town, initiative: Initiative
) -> None:
    report(
        initiative, by=place.head, phase="stopped", note="統合", ended="紙の回覧", freed=(60, 90)
    )
    client = signed_in(place.office)
    for heading, text in (("備考", "統合しました"), ("フェーズ", "調達・構築")):
        file = edited(exported(client), {(initiative.pk, heading): text})
        applied(client, sent(client, file))
        if heading == "備考":
            assert (latest(initiative).note, latest(initiative).ended) == (text, "紙の回覧")
            assert ValueEntry.objects.in_force().exists()
    assert (latest(initiative).phase, latest(initiative).ended) == (Phase.BUILDING, None)
    assert not ValueEntry.objects.in_force().exists()


def test_file_may_stop_with_a_reason_alone(place: Town, initiative: Initiative) -> None:
    client = signed_in(place.office)
    cells = {(initiative.pk, "フェーズ"): "中止", (initiative.pk, "備考"): "統合"}
    applied(client, sent(client, edited(exported(client), cells)))
    assert (latest(initiative).phase, latest(initiative).ended) == (Phase.STOPPED, None)
