"""The odd ones end clearly: three people in all, nothing asked, an end before the start."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from surveys.actions import closing, definitions, waves
from surveys.choices import WaveState
from surveys.models import CellTally, CloseAudit, RawVoice, SegmentGroup, Wave, WaveHeadcount
from tests import factories
from tests.surveys import boxes
from tests.surveys.towns import open_wave, town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def test_three_people_in_one_section_answer_and_only_that_fact_is_told() -> None:
    place = town([3])
    now = timezone.now()
    times = {"opens_at": now - dt.timedelta(days=1), "closes_at": now + dt.timedelta(days=1)}
    wave = open_wave(place, **times, publish_at=times["closes_at"])
    send = reverse("surveys:answer_send", args=[wave.pk])
    for person in place.everybody:
        client = _client(person)
        for code, answer in {"Q1": "paper", "Q2": "三人で転記", "Q3": "daily"}.items():
            data = {"action": "next", "code": code, "answer": answer}
            assert client.post(send, data).status_code == 302
        assert client.post(send, {"action": "send"}).status_code == 302

    closing.end_early(wave.pk, by=place.office, now=timezone.now())
    closing.close_wave(wave.pk, now=timezone.now())
    closing.destroy_key(wave.pk)

    wave = Wave.objects.get(pk=wave.pk)
    assert (wave.state, wave.too_few, wave.counted) == (WaveState.PUBLISHED, True, None)
    for table in (SegmentGroup, CellTally, RawVoice):
        assert not table.objects.exists()
    audit = CloseAudit.objects.get(wave=wave, step=closing.CLOSED)
    assert (audit.ballots, audit.receipts) == (None, [])
    assert WaveHeadcount.objects.filter(wave=wave).exists(), "who could answer is no secret"
    auditor = factories.user(place.municipality, role=Role.AUDITOR)
    for reader in (place.office, auditor):
        page = _client(reader).get(reverse("surveys:wave_results", args=[wave.pk]))
        text = page.content.decode()
        assert page.status_code == 200
        assert "5" in text
        assert "三人で転記" not in text
        assert "<table" not in text
    for name in ("painpoints/", "voices/", "dashboard/", "surveys/"):
        assert _client(place.office).get(f"/{name}").status_code == 200
    assert _client(place.office).get(wave.get_absolute_url()).status_code == 200


def test_a_survey_without_a_question_is_not_opened_and_says_why(key_dir: Path) -> None:
    place = town([8])
    survey = definitions.create_survey(place.municipality, "empty", by=place.office, title="空")
    now = timezone.now()
    end = now + dt.timedelta(days=14)
    wave = waves.plan_wave(
        survey, label="秋", by=place.office, opens_at=now, closes_at=end, publish_at=end
    )
    office = _client(place.office)

    page = office.get(reverse("surveys:wave_open", args=[wave.pk]))
    refused = office.post(reverse("surveys:wave_open", args=[wave.pk]), follow=True)

    assert page.status_code == 200
    assert refused.status_code == 409
    wave.refresh_from_db()
    assert wave.state == WaveState.DRAFT
    assert not wave.key_id
    assert not key_dir.exists() or not list(key_dir.iterdir())
    assert "質問がありません" in refused.content.decode()
    preview = office.get(reverse("surveys:survey_preview", args=[survey.pk]))
    assert preview.status_code == 200


@pytest.mark.parametrize("hours", [-1, 0])
def test_a_round_that_ends_before_it_begins_is_refused_at_its_field(hours: int) -> None:
    place = town([8])
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    opens = timezone.localtime() + dt.timedelta(days=1)
    closes = opens + dt.timedelta(hours=hours)
    data = {
        "label": "秋",
        **{
            f"{name}_{part}": when.strftime(form)
            for name, when in (("opens_at", opens), ("closes_at", closes), ("publish_at", closes))
            for part, form in ((0, "%Y-%m-%d"), (1, "%H:%M"))
        },
        "opens_at": opens.strftime("%Y-%m-%dT%H:%M"),
        "closes_at": closes.strftime("%Y-%m-%dT%H:%M"),
        "publish_at": closes.strftime("%Y-%m-%dT%H:%M"),
        "k_cell": "5",
        "k_text": "10",
    }

    page = _client(place.office).post(reverse("surveys:wave_create", args=[survey.pk]), data)

    assert page.status_code == 422
    assert "closes_at" in page.context["form"].errors
    assert not Wave.objects.exists()


def test_a_round_that_is_over_before_anybody_opened_it_is_not_opened() -> None:
    place = town([8])
    survey = definitions.create_survey(place.municipality, "pain", by=place.office)
    past = timezone.now() - dt.timedelta(days=3)
    end = past + dt.timedelta(days=1)
    wave = waves.plan_wave(
        survey, label="秋", by=place.office, opens_at=past, closes_at=end, publish_at=end
    )

    _client(place.office).post(reverse("surveys:wave_open", args=[wave.pk]))

    wave.refresh_from_db()
    assert wave.state == WaveState.DRAFT
    assert not wave.key_id
    page = _client(place.everybody[0]).get(reverse("surveys:answer_start", args=[wave.pk]))
    assert page.status_code in {200, 404}
