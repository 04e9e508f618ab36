"""Pain points beside what is done about them, and the figure of the replies on the staircase."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.dashboards.painpoints import pain_summary
from roadmap import rollups
from roadmap.models import Initiative, InitiativeTheme, Theme
from surveys import replying
from surveys.actions.replies import Words, reply
from surveys.models import Wave
from tests import factories
from tests.surveys import towns
from tests.surveys.boxes import own_key_dir
from tests.surveys.towns import NOW, answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db

CODES = ("paper", "phone", "meetings")
TODAY = timezone.localdate()


@pytest.fixture
def place(tmp_path: Path, settings: Any) -> towns.Town:
    """A town of 30."""
    own_key_dir(settings, tmp_path)
    return town([30])


def _closed(place: towns.Town, weeks_ago: int = 0) -> Wave:
    """A closed wave: 10 each named paper, phone and meetings."""
    opens = NOW - dt.timedelta(weeks=weeks_ago)
    ends = opens + dt.timedelta(days=14)
    wave = open_wave(place, label="調査", opens_at=opens, closes_at=ends, publish_at=ends)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(CODES[number % 3]))
    return close(wave)


def _theme(place: towns.Town, code: str) -> Theme:
    return Theme.objects.get(municipality=place.municipality, code=code)


def _reply(place: towns.Town, wave: Wave, code: str) -> None:
    words = Words("cannot", "今年はできません", due_on=TODAY)
    reply(wave, _theme(place, code), words, by=place.office, on=TODAY)


def test_the_figure_of_the_staircase_is_that_of_the_replies(place: towns.Town, client: Any) -> None:
    old, new = _closed(place, 30), _closed(place)
    for wave, code in ((old, "paper"), (new, "paper"), (new, "phone")):
        _reply(place, wave, code)
    now = timezone.now()
    cdo = factories.user(place.municipality, role=Role.CDO)
    rollups.roll_up(place.municipality.pk, as_of=TODAY, full=True)

    summary = pain_summary(cdo, now)
    client.force_login(cdo)
    page = client.get(reverse("dashboards:dashboard")).content.decode()

    assert summary is not None
    assert (summary.replies.answered, summary.replies.total) == (3, 6)
    assert summary.replies == replying.rate(replying.said(place.office, now))
    days = (timezone.localdate(now) - timezone.localdate(old.closes_at)).days
    assert summary.replies.oldest_days == days
    assert f"最長{days}日" in page
    assert 'data-figure="unreplied"' in page
    opened = client.get(reverse("dashboards:figure_detail", args=["unreplied"])).content.decode()
    assert reverse("surveys:voice_list") in opened


@pytest.mark.parametrize("linked", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_rows(
    place: towns.Town, linked: int, client: Any, django_assert_num_queries: Any
) -> None:
    wave = _closed(place)
    for code in CODES[:linked]:
        _reply(place, wave, code)
        made = factories.initiative(place.municipality, f"{code}の取組")
        InitiativeTheme.objects.create(initiative=made, theme=_theme(place, code))
    client.force_login(place.office)

    with django_assert_num_queries(13):
        page = client.get(reverse("dashboards:painpoint_list")).content.decode()

    assert sum(page.count(f"{code}の取組</a>") for code in CODES) == linked
    assert page.count("今年はできません") == linked
    assert page.count("/initiative/") == len(CODES)
    assert Initiative.objects.count() == linked
