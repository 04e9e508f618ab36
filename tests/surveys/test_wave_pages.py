"""The pages of those who run surveys, and the list for everybody."""

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.choices import WaveState
from surveys.models import Survey, Wave
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


def _times(**changes: int) -> dict[str, str]:
    days = {"opens_at": 0, "closes_at": 7, "publish_at": 9, **changes}
    now = timezone.localtime()
    return {name: (now + n * boxes.DAY).strftime(ISO) for name, n in days.items()}


def test_the_office_makes_a_survey_plans_a_round_and_opens_it() -> None:
    town = boxes.open_town()
    client = _client(town.office)

    client.post(reverse("surveys:survey_create"), {"template": "pulse"})
    survey = Survey.objects.get(template="pulse")
    client.post(_url("wave_create", survey.pk), {"label": "秋", **_times()})
    wave = survey.waves.get()
    opened = client.post(_url("wave_open", wave.pk))

    assert opened.url == wave.get_absolute_url()
    assert Wave.objects.get(pk=wave.pk).state == WaveState.OPEN


@pytest.mark.parametrize("changes", [{"closes_at": -1}, {"publish_at": 3}, {"opens_at": 8}])
def test_a_round_in_the_wrong_order_is_refused(changes: dict[str, int]) -> None:
    town = boxes.open_town()
    url = _url("wave_create", town.wave.survey_id)

    page = _client(town.office).post(url, {"label": "秋", **_times(**changes)})

    assert page.status_code == 422
    assert Wave.objects.count() == 1


def test_opening_twice_is_a_conflict() -> None:
    town = boxes.open_town()

    assert _client(town.office).post(_url("wave_open", town.wave.pk)).status_code == 409


def test_extending_and_cancelling_from_the_pages() -> None:
    town = boxes.open_town()
    client = _client(town.office)
    later = (timezone.localtime(town.wave.closes_at) + boxes.DAY).strftime(ISO)

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

    with django_assert_num_queries(10):
        client.get(reverse("surveys:survey_list"))
