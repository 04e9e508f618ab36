"""Which hours other municipalities are told: all staff's, published, of ten people or more."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from roadmap.models import Theme
from roadmap.pack_sources import published_burdens
from surveys.burdens import told_burdens
from surveys.models import ThemeBurden
from tests.surveys.towns import answer, close, open_wave, pain, town

THEMES = ("paper", "none", "meetings", "paper", "none")
#: From this number on every fifth names another theme: seven of 75.
FROM = 40

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def test_hours_of_all_staff_are_told_where_ten_named_the_theme() -> None:
    place, elsewhere = town([24, 30], [21]), town([3], name="隣の市")
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        few = number >= FROM and number % 5 == 0
        answer(wave, person, pain("training" if few else THEMES[number % len(THEMES)]))
    wave = close(wave)
    stored = {
        row.theme.code: (row.hours_low, row.hours_high)
        for row in ThemeBurden.objects.filter(group__key="all").select_related("theme")
    }
    told = told_burdens(place.municipality.pk, wave.publish_at)
    codes = dict(Theme.objects.filter(pk__in=told).values_list("code", "pk"))
    assert "training" in stored, "seven people named it, which is shown here"
    assert "paper" in codes
    assert "training" not in codes
    assert told == {codes[code]: stored[code] for code in codes}
    assert published_burdens(place.municipality.pk, wave.publish_at) == told
    assert told_burdens(place.municipality.pk, wave.publish_at - dt.timedelta(seconds=1)) == {}
    assert told_burdens(elsewhere.municipality.pk, wave.publish_at) == {}
