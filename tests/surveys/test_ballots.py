"""The sealed box: one row a person, whatever comes at once, and nothing readable in it."""

import datetime as dt
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from surveys import anonymity, vault
from surveys.actions import ballots, waves
from surveys.actions.ballots import BallotRefused, ByAccount, Refusal
from surveys.answers import Answers
from surveys.locks import hold_wave
from surveys.models import SealedBallot
from tests import factories
from tests.surveys import boxes

pytestmark = pytest.mark.django_db
ANSWERS: Answers = {"Q1": "paper", "Q1b": ["phone"], "Q2": "紙で回しています", "Q3": "daily"}
BINDING = b"session-a"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _save(town: boxes.Town, submit: bool, answers: Answers = ANSWERS, **fields: Any) -> str | None:
    given: dict[str, Any] = {
        "draft_binding": BINDING,
        "now": timezone.now(),
        **fields,
    }
    voter = ByAccount(given.pop("employee_id", town.staff[0].pk))
    return ballots.save_ballot(town.wave, voter, answers=answers, submit=submit, **given)


def _look(town: boxes.Town, binding: bytes = BINDING) -> ballots.Held:
    return ballots.look_up(town.wave, ByAccount(town.staff[0].pk), draft_binding=binding)


def test_a_draft_comes_back_to_the_session_that_wrote_it() -> None:
    town = boxes.open_town()

    assert _save(town, submit=False) is None

    assert _look(town).draft == ANSWERS
    assert not _look(town).sent


def test_a_draft_stays_shut_after_somebody_else_reset_the_password() -> None:
    town = boxes.open_town()
    _save(town, submit=False)

    assert _look(town, b"session-after-reset").draft == {}


def test_a_sent_ballot_gives_a_receipt_and_no_answers(key_dir: Path) -> None:
    town = boxes.open_town()

    receipt = _save(town, submit=True)

    held = _look(town)
    assert held.sent
    assert held.draft == {}
    assert held.receipt == receipt
    row = SealedBallot.objects.get()
    key = vault.read(key_dir, town.wave.key_id)
    assert anonymity.unseal(key, bytes(row.nullifier), row.sealed) == ANSWERS


def test_a_draft_never_replaces_what_was_sent() -> None:
    town = boxes.open_town()
    receipt = _save(town, submit=True)

    with pytest.raises(BallotRefused) as refused:
        _save(town, submit=False, answers={"Q1": "phone"})

    assert refused.value.reason == Refusal.ALREADY_SENT
    assert _look(town).receipt == receipt


def test_sending_again_replaces_the_row() -> None:
    town = boxes.open_town()
    first = _save(town, submit=True)

    second = _save(town, submit=True, answers={"Q1": "phone"})

    assert first != second
    assert SealedBallot.objects.count() == 1
    assert _look(town).receipt == second


def test_a_sent_ballot_holds_only_answers_that_stand(key_dir: Path) -> None:
    town = boxes.open_town(template="follow_up")

    _save(town, submit=True, answers={"F1": "daily", "F5": ["slow"], "F9": "x", "F2": "wrong"})

    key = vault.read(key_dir, town.wave.key_id)
    row = SealedBallot.objects.get()
    assert anonymity.unseal(key, bytes(row.nullifier), row.sealed) == {"F1": "daily"}


def test_full_texts_and_empty_ballots_have_the_same_length() -> None:
    town = boxes.open_town()
    text = "".join(chr(0x4E00 + (n * 37) % 20000) for n in range(400))
    full: Answers = {**ANSWERS, "Q2": text, "Q6": text[::-1], "Q7": text[100:] + text[:100]}

    _save(town, submit=True, answers=full)
    _save(town, submit=True, answers={"Q1": "none"}, employee_id=town.staff[1].pk)
    _save(town, submit=False, answers={}, employee_id=town.staff[2].pk)

    assert {len(row.sealed) for row in SealedBallot.objects.all()} == {anonymity.SEALED_BYTES[0]}


def test_nothing_is_taken_after_the_deadline_even_if_nobody_closes_the_wave() -> None:
    town = boxes.open_town()

    with pytest.raises(BallotRefused) as refused:
        _save(town, submit=True, now=town.wave.closes_at)

    assert refused.value.reason == Refusal.CLOSED
    assert not SealedBallot.objects.exists()


def test_strangers_are_refused() -> None:
    town = boxes.open_town()
    latecomer = factories.user(town.municipality, of=town.section)

    with pytest.raises(BallotRefused) as refused:
        _save(town, submit=True, employee_id=latecomer.pk)

    assert refused.value.reason == Refusal.NOT_ELIGIBLE


def test_a_cancelled_wave_takes_nothing() -> None:
    town = boxes.open_town()
    waves.cancel_wave(town.wave, by=town.office, now=timezone.now())

    with pytest.raises(BallotRefused):
        _save(town, submit=True)

    assert not SealedBallot.objects.exists()


def test_without_its_key_nothing_is_taken(key_dir: Path) -> None:
    town = boxes.open_town()
    vault.destroy(key_dir, town.wave.key_id)

    with pytest.raises(BallotRefused) as refused:
        _save(town, submit=True)
    with pytest.raises(BallotRefused):
        _look(town)

    assert refused.value.reason == Refusal.KEY_LOST


def test_a_carried_answer_opens_for_the_same_person_and_session_only() -> None:
    town = boxes.open_town()
    me, other = town.staff[0].pk, town.staff[1].pk
    sealed = ballots.seal_carry(town.wave, ByAccount(me), answers=ANSWERS, binding=BINDING)

    def opened(employee: int, binding: bytes) -> Answers:
        return ballots.open_carry(town.wave, ByAccount(employee), sealed=sealed, binding=binding)

    assert opened(me, BINDING) == ANSWERS
    assert opened(other, BINDING) == {}
    assert opened(me, b"another") == {}
    assert "紙で".encode() not in sealed


@pytest.mark.django_db(transaction=True)
def test_ten_parallel_sendings_of_one_person_leave_one_ballot() -> None:
    town = boxes.open_town()
    start, receipts = threading.Barrier(10), list[str | None]()

    def send(number: int) -> None:
        start.wait()
        code = ["paper", "phone"][number % 2]
        try:
            receipts.append(_save(town, submit=True, answers={"Q1": code}))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(receipts) == 10
    assert SealedBallot.objects.count() == 1
    assert _look(town).receipt in receipts


@pytest.mark.django_db(transaction=True)
def test_a_sending_waits_for_a_close_that_runs_and_is_then_refused() -> None:
    town = boxes.open_town()
    held, outcome = threading.Event(), list[object]()

    def send() -> None:
        held.wait(5)
        try:
            outcome.append(_save(town, submit=True))
        except BallotRefused as refused:
            outcome.append(refused.reason)
        finally:
            connections.close_all()

    thread = threading.Thread(target=send)
    thread.start()
    with transaction.atomic():
        hold_wave(town.wave.pk)
        held.set()
        thread.join(0.5)
        assert thread.is_alive()
        waves.cancel_wave(town.wave, by=town.office, now=timezone.now())
    thread.join(5)

    assert outcome == [Refusal.CLOSED]
    assert not SealedBallot.objects.exists()


def test_saving_takes_three_statements(django_assert_num_queries: Any) -> None:
    town = boxes.open_town()

    with django_assert_num_queries(3, connection=connection):
        _save(town, submit=True)


def test_a_wave_can_be_extended_while_ballots_are_kept() -> None:
    town = boxes.open_town()
    _save(town, submit=True)
    later = town.wave.closes_at + dt.timedelta(days=3)

    waves.extend_wave(town.wave, closes_at=later, by=town.office, now=timezone.now())

    assert _look(town).sent
