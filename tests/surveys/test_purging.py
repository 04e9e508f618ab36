"""Raw texts go on their date, and what was deleted does not stay readable on its page."""

import datetime as dt

import pytest
from django.db import connections

from dxportal.accounts.models import Event
from surveys.actions.purging import overwrite, purge_voices
from surveys.models import RawVoice, TextThemeCount, VoiceTheme
from surveys.tasks import purge_voices as purge_voices_task
from tests.surveys.towns import answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db(transaction=True)
LATER = dt.timedelta(days=91)


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"


def _closed():
    place = town([12])
    wave = open_wave(place)
    for person in place.everybody:
        answer(wave, person, pain(Q2="毎朝の転記です"))
    return close(wave)


def _pages(table):
    """Bytes of a table: a vacuum gives back the pages of a table without rows."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("SELECT pg_relation_size(%s)", [table])
        return cursor.fetchone()[0]


def test_raw_texts_stay_until_their_date_and_go_on_it():
    wave = _closed()
    kept = RawVoice.objects.count()
    day = RawVoice.objects.values_list("purge_on", flat=True).first()

    assert kept == 12
    assert purge_voices(day - dt.timedelta(days=1)) == 0
    assert purge_voices(day) == 12
    assert not RawVoice.objects.exists()
    assert day - wave.closes_at.date() <= dt.timedelta(days=90)


def test_purging_says_how_many_and_repeating_says_nothing():
    wave = _closed()

    purge_voices(wave.closes_at.date() + LATER)
    assert purge_voices(wave.closes_at.date() + LATER) == 0

    event = Event.objects.get(action="wave.voices_purged")
    assert event.after == {"removed": 12}
    assert "転記" not in str(event.after) + event.object_label


def test_the_daily_job_removes_what_is_late():
    _closed()
    RawVoice.objects.update(purge_on=dt.date(2020, 1, 1))

    purge_voices_task()

    assert not RawVoice.objects.exists()


@pytest.mark.parametrize("table", ["surveys_sealedballot", "surveys_waveeligibility"])
def test_closing_leaves_no_deleted_row_on_its_page(table):
    _closed()
    assert _pages(table) == 0


def test_purging_leaves_no_deleted_text_on_its_page():
    wave = _closed()
    purge_voices(wave.closes_at.date() + LATER)
    assert _pages("surveys_rawvoice") == 0


def test_overwriting_what_one_may_not_overwrite_is_no_error():
    overwrite(["accounts_event"])


def test_purging_leaves_no_theme_of_a_deleted_text_on_its_page():
    wave = _closed()
    reader = wave.survey.municipality.users.first()
    theme = wave.survey.municipality.themes.first()
    VoiceTheme.objects.bulk_create(
        VoiceTheme(voice=voice, theme=theme, by=reader) for voice in RawVoice.objects.all()
    )

    purge_voices(wave.closes_at.date() + LATER)

    assert not VoiceTheme.objects.exists()
    assert _pages("surveys_voicetheme") == 0
    assert TextThemeCount.objects.get().n == 12


def test_purging_again_after_a_crash_keeps_the_counts_as_they_were():
    wave = _closed()
    RawVoice.objects.update(purge_on=dt.date(2026, 12, 1))
    assert purge_voices(dt.date(2026, 11, 30)) == 0
    assert purge_voices(dt.date(2026, 12, 1)) == 12
    assert purge_voices(dt.date(2026, 12, 1)) == 0
    assert not TextThemeCount.objects.filter(wave=wave).exists()
