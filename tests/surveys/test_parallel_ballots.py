"""Sending while others send and while the wave closes: acknowledged is counted, once."""

import os
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from surveys.actions import ballots, closing
from surveys.actions.ballots import BallotRefused, ByAccount, Refusal
from surveys.models import CellTally, CloseAudit, SealedBallot, Wave
from tests.surveys import boxes

pytestmark = pytest.mark.django_db(transaction=True)
PEOPLE = 20


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _at_once(works: list[Callable[[], None]]) -> None:
    """All of them at the same moment, each on a connection of its own."""
    start = threading.Barrier(len(works))

    def run(work: Callable[[], None]) -> None:
        start.wait(20)
        try:
            work()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not any(thread.is_alive() for thread in threads)


def test_ten_clicks_on_send_in_ten_windows_count_once() -> None:
    """Through the page, as a browser that repeats a post does it."""
    town = boxes.open_town()
    clients = []
    for _ in range(10):
        client = Client()
        client.force_login(town.staff[0])
        clients.append(client)
    send = reverse("surveys:answer_send", args=[town.wave.pk])
    for code, answer in {"Q1": "paper", "Q3": "daily"}.items():
        clients[0].post(send, {"action": "next", "code": code, "answer": answer})
    statuses: list[int] = []

    def click(client: Client) -> Callable[[], None]:
        return lambda: statuses.append(client.post(send, {"action": "send"}).status_code)

    _at_once([click(client) for client in clients])

    assert len(statuses) == 10
    assert max(statuses) < 500
    assert SealedBallot.objects.count() == 1
    assert SealedBallot.objects.filter(submitted=True).count() == 1


def test_with_a_name_drawn_for_each_sending_the_same_count_finds_ten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The control: what counts once is held by the person's one name in the box."""
    town = boxes.open_town()
    monkeypatch.setattr(ByAccount, "pseudonym", lambda _self, _key: os.urandom(32))
    _at_once([lambda: _send(town.wave, town.staff[0].pk) for _ in range(10)])

    assert SealedBallot.objects.filter(submitted=True).count() == 10


def _storm(town: boxes.Town, *, closed_after: float) -> tuple[dict[int, str], Counter[Any]]:
    """Everybody sends again and again, one of them closes: receipts of the last taken, refusals."""
    taken: dict[int, str] = {}
    refused: Counter[Any] = Counter()

    def person(pk: int) -> Callable[[], None]:
        def send() -> None:
            for _ in range(8):
                try:
                    taken[pk] = str(_send(town.wave, pk))
                except BallotRefused as refusal:
                    refused[refusal.reason] += 1

        return send

    def close() -> None:
        time.sleep(closed_after)
        closing.end_early(town.wave.pk, by=town.office, now=timezone.now())
        closing.close_wave(town.wave.pk, now=timezone.now())

    _at_once([*(person(user.pk) for user in town.staff), close])
    return taken, refused


def _send(wave: Wave, pk: int) -> str | None:
    return ballots.save_ballot(
        wave,
        ByAccount(pk),
        answers={"Q1": "paper", "Q3": "daily", "Q4": "to_15"},
        submit=True,
        draft_binding=b"session",
        now=timezone.now(),
    )


@pytest.mark.parametrize("closed_after", [0.05, 0.3])
def test_of_twenty_who_send_while_it_closes_exactly_those_who_were_told_so_are_counted(
    closed_after: float,
) -> None:
    town = boxes.open_town(staff=PEOPLE)

    taken, refused = _storm(town, closed_after=closed_after)

    wave = Wave.objects.get(pk=town.wave.pk)
    audit = CloseAudit.objects.get(wave=wave, step=closing.CLOSED)
    assert set(refused) <= {Refusal.CLOSED}
    assert not SealedBallot.objects.exists()
    if len(taken) >= wave.k_cell:
        assert wave.counted == len(taken)
        assert audit.receipts == sorted(taken.values())
        assert CellTally.objects.filter(wave=wave).exists()
    else:
        assert wave.too_few


@pytest.mark.parametrize("locked", [True, False], ids=["as it is", "control: without the lock"])
def test_a_close_waits_for_whoever_is_being_taken(
    locked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = boxes.open_town(staff=PEOPLE)
    for user in town.staff[:6]:
        _send(town.wave, user.pk)
    reached, over = threading.Event(), threading.Event()
    real = ballots._refusal

    def slow(*given: Any) -> Any:
        found = real(*given)
        reached.set()
        over.wait(1.5)
        return found

    monkeypatch.setattr(ballots, "_refusal", slow)
    monkeypatch.setattr(closing, "destroy_key", lambda wave_id: False)  # a minute later
    if not locked:
        monkeypatch.setattr(ballots, "share_wave", lambda wave_id: None)
    acknowledged: list[Any] = []

    def close() -> None:
        reached.wait(20)
        closing.end_early(town.wave.pk, by=town.office, now=timezone.now())
        closing.close_wave(town.wave.pk, now=timezone.now())
        over.set()

    _at_once([lambda: acknowledged.append(_send(town.wave, town.staff[10].pk)), close])

    receipts = CloseAudit.objects.get(wave=town.wave, step=closing.CLOSED).receipts
    assert len(acknowledged) == 1
    assert (set(acknowledged) <= set(receipts)) == locked
    assert Wave.objects.get(pk=town.wave.pk).counted == (7 if locked else 6)
