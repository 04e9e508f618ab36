"""Controls of promises that other files test: broken on purpose, each is caught."""

import logging
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.test import Client
from django.urls import reverse

from surveys import anonymity, vault
from surveys.models import SealedBallot, Wave
from surveys.views import answer_saving
from tests.surveys import boxes
from tests.surveys.test_linkage import CHANCE, PEOPLE, _by_transaction
from tests.surveys.towns import answer, close, open_wave, pain, town

SECRET = "紙の回覧が三日とまります"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


@pytest.mark.django_db(transaction=True)
def test_a_text_stored_in_the_transaction_that_marks_its_writer_is_found() -> None:
    """(b): what a table with an answered flag would leave."""
    place = town([50, 50], [60, 40])
    said = {person.pk: f"text-{person.pk}" for person in place.everybody}
    with connections["owner"].cursor() as cursor:
        cursor.execute("CREATE TABLE naive (body text)")
        try:
            for pk, text in said.items():
                with transaction.atomic(using="owner"):
                    cursor.execute("UPDATE accounts_user SET name = name WHERE id = %s", [pk])
                    cursor.execute("INSERT INTO naive VALUES (%s)", [text])
            assert _by_transaction("naive", said) == PEOPLE > CHANCE
        finally:
            cursor.execute("DROP TABLE naive")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False], ids=["as it is", "control: without triggers"])
def test_thresholds_are_held_by_the_database_and_by_nothing_else(guarded: bool) -> None:
    """(d): SQL of the application's own role."""
    wave = boxes.open_town().wave
    order = "UPDATE surveys_wave SET k_cell = 6 WHERE id = %s"
    if not guarded:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE surveys_wave DISABLE TRIGGER USER")
    try:
        with connections["default"].cursor() as cursor:
            if guarded:
                with pytest.raises(DatabaseError, match="frozen"):
                    cursor.execute(order, [wave.pk])
            else:
                cursor.execute(order, [wave.pk])
    finally:
        with connections["owner"].cursor() as cursor:
            cursor.execute("ALTER TABLE surveys_wave ENABLE TRIGGER USER")
    assert Wave.objects.get(pk=wave.pk).k_cell == (5 if guarded else 6)


@pytest.mark.django_db
@pytest.mark.parametrize("told", [False, True], ids=["as it is", "control: said in the error"])
def test_an_error_while_saving_says_nothing_of_the_answer(
    told: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """(f): the page of a server error, and what is logged of it."""
    place = boxes.open_town()
    client = Client(raise_request_exception=False)
    client.force_login(place.staff[0])

    def broken(*args: Any, answers: Any, **fields: Any) -> None:
        raise RuntimeError(f"no room for {answers}" if told else "no room")

    monkeypatch.setattr(answer_saving.ballots, "save_ballot", broken)
    send = reverse("surveys:answer_send", args=[place.wave.pk])
    with caplog.at_level(logging.DEBUG):
        page = client.post(send, {"action": "next", "code": "Q2", "answer": SECRET})

    assert page.status_code == 500
    assert SECRET not in page.content.decode()
    assert (SECRET in caplog.text) == told


@pytest.mark.django_db
def test_a_key_that_was_kept_opens_every_ballot(key_dir: Path) -> None:
    """(g): what a copy of the key folder is worth, and why it must be in no backup."""
    place = town([6])
    wave = open_wave(place)
    for person in place.everybody:
        answer(wave, person, pain(Q2=SECRET))
    copy = list(SealedBallot.objects.values_list("nullifier", "sealed"))
    kept = vault.read(key_dir, wave.key_id)

    close(wave)

    opened = [anonymity.unseal(kept, bytes(name), bytes(sealed)) for name, sealed in copy]
    assert [answers["Q2"] for answers in opened] == [SECRET] * 6
