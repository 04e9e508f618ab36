"""Waves that were really closed over any number of ballots, which are handed over unsealed.

Opening, counting, coarsening, publishing and the audit are the product's own. Only the box is
replaced: a million sealed ballots are 4 GB that would be written, opened and deleted again without
any trace in what a page reads.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from bench import staff

#: So many different answers; a larger box holds each of them several times.
DIFFERENT = 5_000
#: One ballot in so many has a text.
TEXTS = 200


@dataclass(frozen=True, slots=True)
class Closed:
    """A published wave, and how its ballots answered the first question."""

    wave: Any
    first: dict[str, int]


def close(place: Any, template: str, ballots: int, *, days_ago: int) -> Closed:
    """Open a wave so many days ago, let that many answer, close it two weeks later."""
    from django.utils import timezone

    from surveys.actions.closing import close_wave
    from surveys.actions.waves import open_wave
    from surveys.partition import Ballot

    begin = timezone.now() - dt.timedelta(days=days_ago)
    wave = open_wave(staff.plan(place, f"{days_ago}日前の回", begin, template), by=None, now=begin)
    segments = itertools.cycle(sorted(_segments(wave)))
    pool = list(staff.answers(min(ballots, DIFFERENT), template, TEXTS))
    box = [
        Ballot(segment, given)
        for segment, given in itertools.islice(zip(segments, itertools.cycle(pool)), ballots)
    ]
    with _open(box), _unhurried():
        close_wave(wave.pk, now=wave.closes_at)
    wave.refresh_from_db()
    assert wave.state == "published", wave.state
    assert wave.counted == ballots, wave.counted
    question = wave.frozen_definition["questions"][0]["code"]
    found = Closed(wave, dict(Counter(ballot.answers[question] for ballot in box)))
    _refuse_other_counts(found, question)
    return found


def _segments(wave: Any) -> set[int]:
    """Where somebody may answer."""
    people = wave.eligible.values_list("segment", flat=True).distinct()
    return {*people, *wave.without_account()}


@contextmanager
def _open(box: list[Any]) -> Iterator[None]:
    """Let the close find these ballots, with as many receipts."""
    from surveys.actions import closing

    kept = closing._open_box
    receipts = [f"{number:010x}" for number in range(len(box))]
    closing._open_box = lambda wave: closing._Opened(box, receipts, 0)
    try:
        yield
    finally:
        closing._open_box = kept


@contextmanager
def _unhurried() -> Iterator[None]:
    """So many ballots in one wave keep a transaction waiting for longer than any town would."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET idle_in_transaction_session_timeout = 0")
    yield
    with connection.cursor() as cursor:
        cursor.execute("RESET idle_in_transaction_session_timeout")


def _refuse_other_counts(found: Closed, question: str) -> None:
    """What is stored for all staff is what was answered."""
    cells = found.wave.cells.filter(question=question, group__key="all", count__isnull=False)
    stored = dict(cells.values_list("option", "count"))
    wrong = {option for option, n in stored.items() if n != found.first.get(option, 0)}
    if wrong or not stored:
        raise SystemExit(f"{found.wave}: {wrong or 'nothing'} is stored; nothing was measured")
