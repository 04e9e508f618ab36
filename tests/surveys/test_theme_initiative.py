"""「この困りごとで取組をつくる」: published numbers go over, and the reply is one click away."""

from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from roadmap.models import Initiative, Theme
from surveys.models import Commitment, Wave
from tests import factories
from tests.surveys import towns
from tests.surveys.boxes import own_key_dir
from tests.surveys.towns import answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db

CODES = ("paper", "phone", "meetings")


@pytest.fixture
def closed(tmp_path: Path, settings: Any) -> tuple[towns.Town, Wave]:
    """A town of 30 with a closed pain wave: 10 each named paper, phone and meetings."""
    own_key_dir(settings, tmp_path)
    place = town([30])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(CODES[number % 3]))
    return place, close(wave)


def _url(closed: tuple[towns.Town, Wave], code: str) -> str:
    place, wave = closed
    theme = Theme.objects.get(municipality=place.municipality, code=code)
    return reverse("surveys:theme_initiative", args=[wave.pk, theme.pk])


def _typed(page: Any, **fields: Any) -> dict[str, Any]:
    """What a browser would send: the form as it was filled, with the token."""
    form = page.context["form"]
    begun = {name: form[name].value() for name in form.fields}
    begun = {name: value for name, value in begun.items() if value not in (None, "", [])}
    return {**begun, "token": page.context.get("token", ""), **fields}


def test_the_form_begins_with_purpose_theme_and_origin(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    theme = Theme.objects.get(municipality=place.municipality, code="phone")
    client.force_login(place.office)

    page = client.get(_url(closed, "phone"))

    form, origin = page.context["form"], page.context["origin"]
    assert str(theme) in form["purpose"].value()
    assert form["themes"].value() == [str(theme.pk)]
    assert form["kind"].value() in (None, "")
    assert origin.startswith(wave.label)
    assert "10人" in origin
    burden = wave.burdens.get(theme=theme, group__key="all")
    assert f"{burden.hours_low:g}–{burden.hours_high:g}" in origin
    assert origin in page.content.decode()


def test_saving_carries_the_counts_and_leads_to_the_reply(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    post = factories.post(place.sections[0])
    client.force_login(place.office)
    page = client.get(_url(closed, "phone"))
    year = timezone.localdate().year + 1

    typed = _typed(page, title="取次ぎの見直し", accountable_post=post.pk, target_fy=year)
    sent, again = (client.post(_url(closed, "phone"), typed) for _ in range(2))
    made = Initiative.objects.get()
    reply_page = client.get(sent.url)
    replied = client.post(sent.url.split("?")[0], _typed(reply_page))

    assert made.origin == page.context["origin"]
    assert [theme.code for theme in made.themes.all()] == ["phone"]
    assert again.status_code == 302
    assert replied.status_code == 302
    commitment = Commitment.objects.get()
    assert (commitment.state, commitment.initiative, commitment.owner) == ("do", made, post)
    assert commitment.wave == wave
    assert made.title in commitment.sentence


def test_an_existing_reply_becomes_a_promise_in_one_click(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    theme = Theme.objects.get(municipality=place.municipality, code="phone")
    post = factories.post(place.sections[0])
    Commitment.objects.create(
        wave=wave,
        theme=theme,
        state="looking",
        sentence="調べています",
        due_on=timezone.localdate(),
        replied_by=place.office,
        replied_on=timezone.localdate(),
    )
    made = factories.initiative(place.municipality, "取次ぎの見直し", accountable_post=post)
    url = reverse("surveys:reply_edit", args=[wave.pk, theme.pk])
    client.force_login(place.office)

    page = client.get(f"{url}?initiative={made.pk}")
    sent = client.post(url, _typed(page))

    assert sent.status_code == 302
    found = Commitment.objects.get()
    assert (found.state, found.initiative, found.version) == ("do", made, 2)


def test_a_theme_that_is_not_shown_carries_no_number(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    client.force_login(place.office)

    page = client.get(_url(closed, "silos"))

    assert page.context["origin"] == wave.label


def test_the_title_is_needed_and_strangers_find_nothing(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, _wave = closed
    url = _url(closed, "phone")

    client.force_login(place.office)
    assert client.post(url, {"title": ""}).status_code == 422
    client.force_login(place.everybody[0])
    assert client.get(url).status_code == 403
    other = factories.municipality("隣市")
    client.force_login(factories.user(other, role=Role.DX_OFFICE))
    assert client.get(url).status_code == 404
    assert client.get(f"{url}?initiative=999").status_code == 404


def test_the_results_and_the_pain_points_lead_to_it(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    pages = [
        reverse("dashboards:painpoint_list"),
        reverse("surveys:wave_results", args=[wave.pk]),
    ]
    head = factories.user(place.municipality, role=Role.HEAD, of=place.sections[0])

    for who, there in ((place.office, True), (head, False)):
        client.force_login(who)
        found = [_url(closed, "phone") in client.get(page).content.decode() for page in pages]
        assert found == [there, there]
