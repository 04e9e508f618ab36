"""The pages of those who run surveys, and the list for everybody."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from surveys.actions import closing
from surveys.choices import WaveState
from surveys.models import Survey, Wave
from surveys.workdays import on_or_after
from tests import factories
from tests.surveys import boxes

pytestmark = pytest.mark.django_db
ISO = "%Y-%m-%dT%H:%M"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _url(name: str, pk: int) -> str:
    return reverse(f"surveys:{name}", args=[pk])


def _workday(days: int) -> dt.datetime:
    """Noon of the working day on or after that many days from tomorrow on."""
    day = on_or_after(timezone.localdate() + (days + 1) * boxes.DAY)
    return timezone.make_aware(dt.datetime.combine(day, dt.time(12)))


def _plan(**changes: Any) -> dict[str, Any]:
    """A round that can be planned as it is."""
    days = {"opens_at": 0, "closes_at": 9, "publish_at": 20}
    times = {name: _workday(n).strftime(ISO) for name, n in days.items()}
    return {"label": "秋", "k_cell": "5", "k_text": "10", **times, **changes}


def _moment(days: int) -> str:
    return _workday(days).strftime(ISO)


def test_the_office_makes_a_survey_plans_a_round_and_opens_it() -> None:
    town = boxes.open_town()
    client = _client(town.office)

    client.post(reverse("surveys:survey_create"), {"template": "pulse"})
    survey = Survey.objects.get(template="pulse")
    client.post(_url("wave_create", survey.pk), _plan())
    wave = survey.waves.get()
    opened = client.post(_url("wave_open", wave.pk))

    assert opened.url == wave.get_absolute_url()
    assert Wave.objects.get(pk=wave.pk).state == WaveState.OPEN


SATURDAY = "2027-01-09T10:00"
SENTENCES = [
    ({"opens_at": _moment(9), "closes_at": _moment(0)}, "締切は開始より後にしてください"),
    ({"opens_at": "2026-01-09T10:00"}, "この日時は過ぎています"),
    ({"closes_at": "2026-01-09T10:00"}, "この日時は過ぎています"),
    ({"publish_at": _moment(3)}, "結果の公開は締切より後に"),
    ({"closes_at": SATURDAY, "publish_at": "2030-01-09T10:00"}, "役所が休みです"),
    ({"opens_at": "2027-05-03T10:00"}, "役所が休みです"),
    ({"k_cell": "4"}, "5以上"),
    ({"k_text": "9"}, "10以上"),
    ({"reader_1": "nobody@example.jp"}, "見つかりません"),
    ({"reader_1": "事務局", "reader_2": "事務局"}, "別の人"),
    ({"departments": ["999999"]}, "999999"),
]


@pytest.mark.parametrize(("changes", "sentence"), SENTENCES)
def test_a_plan_that_cannot_be_is_refused_at_its_field(
    changes: dict[str, Any], sentence: str
) -> None:
    town = boxes.open_town()
    url = _url("wave_create", town.wave.survey_id)

    page = _client(town.office).post(url, _plan(**changes))

    assert page.status_code == 422
    assert sentence in page.content.decode()
    assert Wave.objects.count() == 1


def test_a_plan_keeps_readers_thresholds_departments_and_release() -> None:
    town = boxes.open_town()
    client, (first, second) = _client(town.office), town.staff[:2]
    data = _plan(
        reader_1=first.email,
        reader_2=second.name,
        k_cell="7",
        k_text="12",
        two_person="on",
        departments=[str(town.bureau.pk)],
    )

    client.post(_url("wave_create", town.wave.survey_id), data)

    wave = Wave.objects.latest("pk")
    assert [reader.user for reader in wave.readers.all()] == [first, second]
    assert (wave.k_cell, wave.k_text, wave.two_person) == (7, 12, True)
    assert wave.frozen_org == {"departments": [town.bureau.pk]}
    page = client.get(_url("wave_edit", wave.pk)).content.decode()
    assert second.email in page
    client.post(_url("wave_edit", wave.pk), _plan(label="冬", reader_1=second.email))
    wave.refresh_from_db()
    assert [reader.user for reader in wave.readers.all()] == [second]
    assert (wave.label, wave.two_person, wave.frozen_org) == ("冬", False, {})


def test_no_head_is_named_as_a_reader() -> None:
    town = boxes.open_town()
    head = factories.user(town.municipality, role=Role.HEAD, of=town.section)

    page = _client(town.office).post(
        _url("wave_create", town.wave.survey_id), _plan(reader_1=head.email)
    )

    assert page.status_code == 422
    assert list(page.context["form"].errors) == ["reader_1"]
    assert Wave.objects.count() == 1


def test_a_name_that_two_people_have_asks_for_the_e_mail() -> None:
    town = boxes.open_town()
    for _number in range(2):
        factories.user(town.municipality, of=town.section, name="同姓 同名")

    page = _client(town.office).post(
        _url("wave_create", town.wave.survey_id), _plan(reader_1="同姓 同名")
    )

    assert page.status_code == 422
    assert "同じ名前の人が" in page.content.decode()


def test_a_round_is_scheduled_taken_back_and_not_changed_once_open() -> None:
    town = boxes.open_town()
    client = _client(town.office)
    client.post(_url("wave_create", town.wave.survey_id), _plan())
    wave = Wave.objects.latest("pk")
    url = _url("wave_schedule", wave.pk)

    client.post(url, {"action": "schedule"})
    assert Wave.objects.get(pk=wave.pk).state == WaveState.SCHEDULED
    assert "予約" in client.get(wave.get_absolute_url()).content.decode()
    client.post(url, {"action": "take_back"})
    assert Wave.objects.get(pk=wave.pk).state == WaveState.DRAFT
    assert client.post(_url("wave_edit", town.wave.pk), _plan()).status_code == 409
    assert client.post(_url("wave_schedule", town.wave.pk)).status_code == 409


def test_the_opening_page_says_what_will_happen_and_what_stands_against_it() -> None:
    town = boxes.open_town(staff=6)
    small = factories.department(town.municipality, "検査室", parent=town.bureau)
    factories.user(town.municipality, of=small)
    client = _client(town.office)
    wave = boxes.draft(town.municipality, town.office)
    wave.survey.questions.all().delete()

    page = client.get(_url("wave_open", wave.pk)).content.decode()

    assert "<b>8人</b>" in page
    assert "2か所" in page
    assert "まだ始められません" in page
    assert "5人に満たない" in page
    assert client.post(_url("wave_open", wave.pk)).status_code == 409


def test_every_state_marks_its_step() -> None:
    town = boxes.open_town()
    client, pk = _client(town.office), town.wave.pk

    def current() -> str:
        page = client.get(_url("wave_detail", pk)).content.decode()
        steps = page.split('<ol class="steps"')[1].split("</ol>")[0]
        assert steps.count("aria-current") == 1
        return steps.split('aria-current="step"')[1].split("<")[0].split(">")[1]

    seen = [current()]
    Wave.objects.filter(pk=pk).update(closes_at=timezone.now())
    closing.begin_closing(pk, by=None, now=timezone.now())
    seen.append(current())
    closing.close_wave(pk, now=timezone.now())
    closing.destroy_key(pk)
    seen.append(current())

    assert seen == ["受付中", "集計中", "公開済み"]


def test_progress_is_polled_while_it_is_counted_and_then_stops() -> None:
    town = boxes.open_town()
    client, pk = _client(town.office), town.wave.pk
    Wave.objects.filter(pk=pk).update(closes_at=timezone.now())
    closing.begin_closing(pk, by=None, now=timezone.now())

    page = client.get(_url("wave_detail", pk)).content.decode()
    part = client.get(_url("wave_progress", pk), headers={"HX-Request": "true"})
    closing.close_wave(pk, now=timezone.now())
    closing.destroy_key(pk)
    last = client.get(_url("wave_progress", pk), headers={"HX-Request": "true"})

    assert "回答を数えています" in page
    assert part.status_code == 200
    assert 'hx-trigger="every 2s"' in part.content.decode()
    assert last.status_code == 286
    assert "hx-trigger" not in last.content.decode()


def test_opening_twice_is_a_conflict() -> None:
    town = boxes.open_town()

    assert _client(town.office).post(_url("wave_open", town.wave.pk)).status_code == 409


def test_extending_and_cancelling_from_the_pages() -> None:
    town = boxes.open_town()
    client = _client(town.office)
    later = _moment(30)

    client.post(_url("wave_extend", town.wave.pk), {"closes_at": later})
    refused = client.post(_url("wave_extend", town.wave.pk), {"closes_at": later})
    client.post(_url("wave_cancel", town.wave.pk))
    again = client.post(_url("wave_cancel", town.wave.pk))

    wave = Wave.objects.get()
    assert wave.closes_at > town.wave.closes_at
    assert wave.state == WaveState.CANCELLED
    assert refused.status_code == 422
    assert again.status_code == 409


def test_staff_see_what_they_can_answer_and_nothing_to_run() -> None:
    town = boxes.open_town()
    colleague = factories.user(town.municipality, of=town.section)
    stranger = factories.user(factories.municipality("隣市"))
    url, answer = reverse("surveys:survey_list"), reverse("surveys:answer_start", args=[1])
    answer = answer.replace("/1/", f"/{town.wave.pk}/")

    mine = _client(town.staff[0]).get(url).content.decode()

    assert answer in mine
    assert reverse("surveys:survey_create") not in mine
    assert answer not in _client(colleague).get(url).content.decode()
    assert answer not in _client(stranger).get(url).content.decode()


@pytest.mark.parametrize(
    "name", ["wave_detail", "wave_open", "wave_extend", "wave_cancel", "survey_detail"]
)
def test_pages_of_the_office_are_closed_to_staff_and_unknown_elsewhere(name: str) -> None:
    town = boxes.open_town()
    pk = town.wave.survey_id if name == "survey_detail" else town.wave.pk
    other = boxes.open_town()

    assert _client(town.office).get(_url(name, pk)).status_code == 200
    assert _client(town.staff[0]).get(_url(name, pk)).status_code == 403
    assert _client(other.office).get(_url(name, pk)).status_code == 404


@pytest.mark.parametrize("rounds", [1, 3])
def test_the_list_takes_the_same_statements_for_any_number_of_rounds(
    rounds: int, django_assert_num_queries: Any
) -> None:
    town = boxes.open_town()
    for _number in range(rounds - 1):
        boxes.draft(town.municipality, town.office)
    client = _client(town.office)
    client.get(reverse("surveys:survey_list"))

    with django_assert_num_queries(12):
        client.get(reverse("surveys:survey_list"))
