"""What an attacker with every right on the database can tie together after the close."""

import random
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction

from surveys.models import CellTally, RawVoice, SealedBallot
from tests.surveys.towns import answer, close, open_wave, pain, town

PEOPLE = 200
#: A random pairing of 200 fits once on average, whatever 200 is; 10 fits or more come up once in
#: nine million pairings. The attack takes the best of about 200 pairings, so the bound of a single
#: one (4, promise P5) would fail by chance in half of the runs.
CHANCE = 9

pytestmark = [pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


def _orders(table: str, text: str) -> Iterator[list[str]]:
    """The texts in every order that the database itself remembers."""
    for key in ("ctid", "xmin::text::bigint, ctid", "id"):
        order = [body for (body,) in _rows(f"SELECT {text} FROM {table} ORDER BY {key}")]
        yield order
        yield order[::-1]


def _most_guessed(truth: Sequence[str], orders: Iterator[list[str]]) -> int:
    """How many people the best of these orders ties to their own text, shifted by up to 5."""
    best = 0
    for order in orders:
        for shift in range(-5, 6):
            moved = order[shift:] + order[:shift]
            best = max(best, sum(a == b for a, b in zip(truth, moved, strict=False)))
    return best


def _by_transaction(table: str, people: dict[int, str]) -> int:
    """Texts that share their transaction with one person's row only, or stand beside it."""
    persons = _rows("SELECT id, xmin::text::bigint FROM accounts_user ORDER BY id")
    texts = _rows(f"SELECT body, xmin::text::bigint FROM {table}")
    found = 0
    for distance in range(-5, 6):
        hits = 0
        for body, moment in texts:
            beside = [pk for pk, other in persons if other == moment + distance and pk in people]
            hits += len(beside) == 1 and people[beside[0]] == body
        found = max(found, hits)
    return found


def _answered(order_of_answers: Callable[[list[Any]], list[Any]]) -> tuple[Any, dict[int, str]]:
    place = town([50, 50], [60, 40])
    wave = open_wave(place)
    said: dict[int, str] = {}
    for person in order_of_answers(place.everybody):
        said[person.pk] = f"{uuid.uuid4()}"
        with transaction.atomic():
            answer(wave, person, pain(random.choice(["paper", "phone"]), Q2=said[person.pk]))
    return wave, said


@pytest.mark.parametrize("order", [list, lambda people: people[::-1]], ids=["asked", "reversed"])
def test_after_close_nobody_is_tied_to_a_text_beyond_chance(
    order: Callable[[list[Any]], list[Any]],
) -> None:
    wave, said = _answered(order)
    eligible = [pk for (pk,) in _rows("SELECT id FROM accounts_user ORDER BY id") if pk in said]

    close(wave)

    truth = [said[pk] for pk in eligible]
    in_time = list(said.values())
    assert RawVoice.objects.count() == PEOPLE
    assert not SealedBallot.objects.exists()
    assert _most_guessed(truth, _orders("surveys_rawvoice", "body")) <= CHANCE
    assert _most_guessed(in_time, _orders("surveys_rawvoice", "body")) <= CHANCE
    assert _by_transaction("surveys_rawvoice", said) <= CHANCE
    moments = _rows("SELECT count(DISTINCT xmin::text) FROM surveys_rawvoice")
    assert moments == [(1,)]
    assert CellTally.objects.exists()


def test_the_attack_does_find_texts_that_were_stored_in_order() -> None:
    wave, said = _answered(list)
    close(wave)

    with transaction.atomic():
        RawVoice.objects.all().delete()
        purge_on = wave.closes_at.date()
        for number, body in enumerate(said.values()):
            RawVoice.objects.create(
                id=uuid.UUID(int=number), wave=wave, question="Q2", body=body, purge_on=purge_on
            )

    assert _most_guessed(list(said.values()), _orders("surveys_rawvoice", "body")) >= PEOPLE - 10


def test_no_column_left_by_a_closed_wave_holds_a_person_or_a_moment() -> None:
    wave, _said = _answered(list)
    close(wave)

    columns = _rows(
        "SELECT table_name, column_name FROM information_schema.columns"
        " WHERE table_name IN ('surveys_rawvoice', 'surveys_celltally', 'surveys_segmentgroup',"
        " 'surveys_themeburden', 'surveys_crosstally', 'surveys_waveheadcount')"
        " AND (data_type LIKE 'timestamp%' OR column_name ~ 'user|employee|person|session')"
    )
    assert columns == []
