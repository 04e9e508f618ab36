"""Results and pain points: from tallies only, the same for everybody, not before the time."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from dxportal.accounts.choices import Role
from roadmap.models import InitiativeTheme, Theme
from surveys.models import Wave
from surveys.results import Results, heat_columns
from tests import factories
from tests.surveys import towns
from tests.surveys.towns import CLOSES, answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _answered(*bureaus: list[int], **fields: Any) -> tuple[towns.Town, Wave]:
    place = town(*bureaus)
    wave = open_wave(place, **fields)
    themes = ["paper", "phone", "meetings", "double_entry", "paper"]
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(themes[number % 5], Q5=["self", "team", "section"][number % 3]))
    return place, wave


def _page(client: Any, user: Any, wave: Wave) -> str:
    client.force_login(user)
    response = client.get(reverse("surveys:wave_results", args=[wave.pk]))
    assert response.status_code == 200
    return str(response.content.decode())


def test_results_show_hours_units_and_receipts(client: Any) -> None:
    place, wave = _answered([30, 20], [25], [3])
    receipt = answer(wave, place.everybody[0], pain())
    close(wave)

    page = _page(client, place.office, wave)

    assert "紙やハンコで回覧・決裁する" in page
    assert receipt in page
    assert "第1部" in page
    assert "78" in page


def test_everybody_sees_the_same_cells(client: Any) -> None:
    place, wave = _answered([30, 20], [25])
    close(wave)
    head = factories.user(place.municipality, role=Role.HEAD, of=place.sections[0])
    auditor = factories.user(place.municipality, role=Role.AUDITOR)

    tables = []
    for person in (place.office, head, auditor):
        page = _page(client, person, wave)
        main = page[page.index("<main") : page.index("</main>")]
        tables.append(re.sub(r'<a class="(sub|btn)[^>]*>.*?</a>', "", main, flags=re.DOTALL))

    assert tables[0] == tables[1] == tables[2]


def test_before_publication_the_page_says_when(client: Any) -> None:
    place, wave = _answered([12])

    assert "2026" in _page(client, place.office, wave) or "令和8年" in _page(
        client, place.office, wave
    )
    page = _page(client, place.office, wave)
    assert "紙やハンコ" not in page


def test_nothing_is_shown_between_close_and_publication(client: Any) -> None:
    far = CLOSES + dt.timedelta(days=3650)
    place, wave = _answered([12], publish_at=far)
    close(wave)

    page = _page(client, place.office, wave)

    assert "紙やハンコ" not in page
    client.force_login(place.office)
    assert "紙やハンコ" not in client.get(reverse("surveys:voice_list")).content.decode()
    assert "紙やハンコ" not in client.get(reverse("dashboards:painpoint_list")).content.decode()


def test_too_few_answers_show_that_and_nothing_else(client: Any) -> None:
    place = town([9])
    wave = open_wave(place)
    for person in place.everybody[:4]:
        answer(wave, person, pain())
    close(wave)

    page = _page(client, place.office, wave)

    assert "紙やハンコ" not in page
    assert "<table" not in page


def test_results_are_not_for_staff_nor_for_strangers(client: Any) -> None:
    place, wave = _answered([12])
    close(wave)
    url = reverse("surveys:wave_results", args=[wave.pk])

    client.force_login(place.everybody[0])
    assert client.get(url).status_code == 403
    client.force_login(factories.user(factories.municipality("隣市"), role=Role.DX_OFFICE))
    assert client.get(url).status_code == 404


def test_a_unit_that_is_not_shown_is_hatched_or_stands_with_others() -> None:
    _place, wave = _answered([30], [25], [3], [2])
    wave = close(wave)
    results = Results(wave)

    heat = results.heat("Q1", heat_columns(results.themes()))

    assert [row.label for row in heat.rows][:2] == ["第1部", "第2部"]
    assert any("第3部・第4部" in row.label for row in heat.rows)
    assert all(row.n is None or row.n >= 5 for row in heat.rows)


def test_pain_points_lead_to_initiatives_and_replies(client: Any) -> None:
    place, wave = _answered([30, 20], [25])
    close(wave)
    theme = Theme.objects.get(municipality=place.municipality, code="paper")
    item = factories.initiative(place.municipality, "電子決裁", lead=place.sections[0])
    InitiativeTheme.objects.create(initiative=item, theme=theme)
    client.force_login(place.office)

    page = client.get(reverse("dashboards:painpoint_list")).content.decode()

    assert item.get_absolute_url() in page
    assert reverse("surveys:reply_edit", args=[wave.pk, theme.pk]) in page
    assert page.index("紙やハンコで回覧") < page.index("会議や資料づくり")


@pytest.mark.parametrize("initiatives", [1, 3])
def test_pain_points_cost_the_same_for_one_and_three_initiatives(
    initiatives: int, client: Any, django_assert_num_queries: Any
) -> None:
    place, wave = _answered([30, 20])
    close(wave)
    for code in ["paper", "phone", "meetings"][:initiatives]:
        theme = Theme.objects.get(municipality=place.municipality, code=code)
        item = factories.initiative(place.municipality, f"取組{code}", lead=place.sections[0])
        InitiativeTheme.objects.create(initiative=item, theme=theme)
    client.force_login(place.office)

    with django_assert_num_queries(13):
        page = client.get(reverse("dashboards:painpoint_list")).content.decode()

    assert page.count(">取組") >= initiatives


@pytest.mark.parametrize("sections", [1, 3])
def test_results_cost_the_same_for_one_and_three_units(
    sections: int, client: Any, django_assert_num_queries: Any
) -> None:
    place, wave = _answered(*([[20]] * sections))
    close(wave)
    client.force_login(place.office)

    with django_assert_num_queries(23):
        client.get(reverse("surveys:wave_results", args=[wave.pk]))


@pytest.mark.django_db(transaction=True)
def test_everybody_finds_the_own_receipt_and_no_result_beside_it() -> None:
    place = town([12])
    wave = open_wave(place)
    receipts = [answer(wave, person, pain()) for person in place.everybody]
    close(wave)
    client = Client()
    client.force_login(place.everybody[0])

    page = client.get(reverse("surveys:wave_receipts", args=[wave.pk])).content.decode()

    assert all(receipt in page for receipt in receipts)
    assert "12人が答えました" in page
    assert "紙やハンコ" not in page
    assert client.get(reverse("surveys:wave_results", args=[wave.pk])).status_code == 403
    listed = client.get(reverse("surveys:survey_list")).content.decode()
    assert reverse("surveys:wave_receipts", args=[wave.pk]) in listed
