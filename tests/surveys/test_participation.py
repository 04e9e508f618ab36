"""How many have answered: in quarters, and never for a few people."""

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from surveys import tasks, vault
from surveys.actions.ballots import ByAccount, save_ballot
from surveys.choices import Band, WaveState
from surveys.clock import each
from surveys.models import ParticipationBand, Wave
from surveys.participation import band_of, bands, latest_bands, write_bands
from tests.surveys import boxes


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _nodes(*parents: int | None) -> list[dict[str, object]]:
    return [{"key": key, "parent": parent, "label": ""} for key, parent in enumerate(parents)]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        (0, Band.UNDER_25),
        (1, Band.UNDER_25),
        (2, Band.UNDER_50),
        (4, Band.UNDER_75),
        (6, Band.OVER_75),
    ],
)
def test_band_of_eight(sent: int, expected: Band) -> None:
    assert band_of(sent, 8) == expected


def test_a_small_segment_shows_only_in_what_lies_above_it() -> None:
    found = bands(_nodes(None, 0, 1, 1, 0), {2: 20, 3: 3, 4: 9}, {2: 20, 4: 9}, 5)

    assert 3 not in found
    assert 2 not in found
    assert found[1] == Band.OVER_75
    assert found[4] == Band.OVER_75


def test_fewer_than_five_in_all_show_nothing() -> None:
    assert bands(_nodes(None, 0), {1: 4}, {1: 4}, 5) == {}


@pytest.mark.django_db
def test_bands_are_written_once_a_day_and_count_sent_ballots_only() -> None:
    town = boxes.open_town(staff=7)
    for number, person in enumerate(town.staff[:3]):
        save_ballot(
            town.wave,
            ByAccount(person.pk),
            answers={"Q1": "paper"},
            submit=number < 2,
            draft_binding=b"x",
            now=timezone.now(),
        )
    day = timezone.localdate()

    write_bands(town.wave.pk, day)
    write_bands(town.wave.pk, day)

    assert set(ParticipationBand.objects.values_list("band", flat=True)) == {Band.UNDER_50}
    seen, rows = latest_bands(town.wave)
    assert seen == day
    assert [row.label for row in rows] == ["全職員", "総務部", "総務課"]


@pytest.mark.django_db
def test_the_daily_jobs_find_lost_keys_and_write_bands(key_dir: Path) -> None:
    town = boxes.open_town()
    tasks.write_participation_bands()
    tasks.check_keys()
    assert Wave.objects.get().state == WaveState.OPEN

    vault.destroy(key_dir, town.wave.key_id)
    tasks.check_keys()

    assert Wave.objects.get().state == WaveState.KEY_LOST
    assert ParticipationBand.objects.exists()


@pytest.mark.django_db
def test_the_clock_closes_what_is_past_its_deadline() -> None:
    town = boxes.open_town()
    Wave.objects.filter(pk=town.wave.pk).update(closes_at=timezone.now())

    tasks.turn_wave_clock()

    assert Wave.objects.get().state == WaveState.PUBLISHED


def test_one_failing_wave_stops_no_other(caplog: Any) -> None:
    done: list[int] = []

    def act(pk: int) -> None:
        if pk == 1:
            raise ValueError("紙の回覧")
        done.append(pk)

    each([1, 2], act)

    assert done == [2]
    assert "紙の回覧" not in caplog.text
