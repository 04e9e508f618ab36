"""`anonymity_audit` and `close_wave`: what they print, and when they exit 1."""

import datetime as dt
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db.models import F
from django.utils import timezone

from surveys import vault
from surveys.models import (
    CellTally,
    RawVoice,
    SealedBallot,
    SegmentGroup,
    Wave,
    WaveEligibility,
)
from tests.surveys import towns
from tests.surveys.towns import answer, close, open_wave, pain, town

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _audit() -> tuple[int, str]:
    out = StringIO()
    try:
        call_command("anonymity_audit", stdout=out)
    except SystemExit as left:
        return int(left.code or 0), out.getvalue()
    return 0, out.getvalue()


def _closed() -> tuple[towns.Town, Wave]:
    place = town([20, 15], [17])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(["paper", "phone", "meetings"][number % 3], Q2="転記です"))
    return place, close(wave)


def test_a_closed_wave_passes() -> None:
    _closed()

    code, text = _audit()

    assert code == 0
    assert len(text.splitlines()) == 8


def test_an_open_wave_passes_while_its_time_lasts() -> None:
    place = town([6])
    now = timezone.now()
    wave = open_wave(
        place,
        opens_at=now,
        closes_at=now + dt.timedelta(days=3),
        publish_at=now + dt.timedelta(days=3),
    )
    answer(wave, place.everybody[0], pain())

    assert _audit()[0] == 0


def test_a_ballot_that_outlives_its_wave_fails() -> None:
    _place, wave = _closed()
    SealedBallot.objects.create(wave=wave, nullifier=b"n" * 32, segment=1, sealed=b"s")

    code, text = _audit()

    assert code == 1
    assert "surveys_sealedballot" in text


def test_somebody_still_eligible_after_the_deadline_fails() -> None:
    place, wave = _closed()
    WaveEligibility.objects.create(wave=wave, employee=place.office, segment=1)

    assert "surveys_waveeligibility" in _audit()[1]


def test_a_key_that_outlives_its_wave_fails(key_dir: Path) -> None:
    _place, wave = _closed()
    vault.create(key_dir, wave.key_id)

    code, text = _audit()

    assert code == 1
    assert wave.key_id in text


def test_a_raw_text_past_its_date_fails() -> None:
    _place, wave = _closed()
    RawVoice.objects.filter(wave=wave).update(purge_on=timezone.localdate() - dt.timedelta(days=1))

    assert _audit()[0] == 1


@pytest.mark.django_db(transaction=True)
def test_a_number_that_the_owner_changed_fails() -> None:
    _place, wave = _closed()
    cells = CellTally.objects.using("owner").filter(wave=wave, group__key="all", question="Q1")
    cells.filter(option="paper").update(count=3)

    assert _audit()[0] == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.django_db(transaction=True)
def test_a_group_that_leaves_a_few_people_over_fails() -> None:
    _place, wave = _closed()
    groups = SegmentGroup.objects.using("owner").filter(wave=wave, parent_key="all")
    groups.filter(order=1).update(n=F("n") - 3)

    code, text = _audit()

    assert code == 1
    assert "3" in text


def test_closing_by_command_moves_the_deadline_and_says_so() -> None:
    place = town([8])
    now = timezone.now()
    later = now + dt.timedelta(days=3)
    wave = open_wave(place, opens_at=now - dt.timedelta(days=1), closes_at=later, publish_at=later)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(["paper", "phone"][number % 2]))
    out = StringIO()

    call_command("close_wave", str(wave.pk), stdout=out)

    wave.refresh_from_db()
    assert wave.counted == 8
    assert wave.publish_at <= timezone.now()
    assert wave.key_destroyed_at is not None
    assert len(out.getvalue().splitlines()) == 2


def test_closing_a_wave_that_does_not_exist_is_said() -> None:
    with pytest.raises(CommandError):
        call_command("close_wave", "999")
