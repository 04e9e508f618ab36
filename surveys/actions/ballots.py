"""Answering: the one change of the product that leaves no event and exactly one row."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import connection, transaction

from surveys import anonymity, vault
from surveys.answers import Answers, settled
from surveys.choices import EARLY, WaveState
from surveys.locks import share_wave
from surveys.models import Wave
from surveys.sittings import part_of

_UPSERT = """
INSERT INTO surveys_sealedballot (wave_id, nullifier, segment, sealed, submitted)
VALUES (%s, %s, %s, %s, %s)
ON CONFLICT (wave_id, nullifier) DO UPDATE
SET segment = EXCLUDED.segment, sealed = EXCLUDED.sealed, submitted = EXCLUDED.submitted
WHERE EXCLUDED.submitted OR NOT surveys_sealedballot.submitted
"""
#: Where a voter's right to answer stands, and the column that finds it.
_OF_ACCOUNT = ("surveys_waveeligibility", "employee_id")
_OF_TICKET = ("surveys_ticket", "token_hash")
_MAY_ANSWER = """
SELECT wave.state, wave.closes_at, may.segment
FROM surveys_wave wave
LEFT JOIN {0} may ON may.wave_id = wave.id AND may.{1} = %s
WHERE wave.id = %s
"""
_LOOK = """
SELECT may.segment, ballot.sealed, ballot.submitted
FROM {0} may
LEFT JOIN surveys_sealedballot ballot
  ON ballot.wave_id = may.wave_id AND ballot.nullifier = %s
WHERE may.wave_id = %s AND may.{1} = %s
"""
_SEGMENT = "SELECT may.segment FROM {0} may WHERE may.wave_id = %s AND may.{1} = %s"


@dataclass(frozen=True)
class ByAccount:
    """Somebody who signed in; the pseudonym is made of the wave's key when it is needed."""

    employee_id: int

    place = _OF_ACCOUNT

    @property
    def right(self) -> int:
        """What finds this voter's right to answer."""
        return self.employee_id

    def pseudonym(self, key: bytes) -> bytes:
        """The nullifier under which the one ballot stands."""
        return anonymity.nullifier(key, self.employee_id)


@dataclass(frozen=True)
class ByTicket:
    """Somebody with a ticket: its hash and its pseudonym, never the token itself."""

    token_hash: bytes
    nullifier: bytes

    place = _OF_TICKET

    @property
    def right(self) -> bytes:
        """What finds this voter's right to answer."""
        return self.token_hash

    def pseudonym(self, key: bytes) -> bytes:
        """Made of the token when it was shown; no key is needed any more."""
        return self.nullifier


Voter = ByAccount | ByTicket


class Refusal(StrEnum):
    """Why a ballot was not taken."""

    NOT_OPEN = "not_open"
    CLOSED = "closed"
    NOT_ELIGIBLE = "not_eligible"
    ALREADY_SENT = "already_sent"
    KEY_LOST = "key_lost"


class BallotRefused(Exception):
    """The ballot was not taken, and nothing was written."""

    def __init__(self, reason: Refusal) -> None:
        """Keep the reason; the doorway words it."""
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Held:
    """What the box holds for one person. Of a sent ballot only its receipt, never its answers."""

    segment: int
    sent: bool = False
    receipt: str = ""
    draft: Answers = field(default_factory=dict)


def save_ballot(
    wave: Wave,
    voter: Voter,
    *,
    answers: Mapping[str, Any],
    submit: bool,
    draft_binding: bytes,
    now: datetime,
) -> str | None:
    """Upsert the one row; return the receipt of a sent ballot, None for a draft.

    Raises `BallotRefused`. Three statements: the lock shared with closing, the wave's state as it
    is behind that lock, the upsert, in which a draft never replaces a sent ballot.
    """
    outcome: str | Refusal | None
    with transaction.atomic(savepoint=False):
        share_wave(wave.pk)
        with connection.cursor() as cursor:
            cursor.execute(_MAY_ANSWER.format(*voter.place), [voter.right, wave.pk])
            row = cursor.fetchone()
        refusal = _refusal(row, now)
        if refusal is None and row is not None:
            binding = None if submit else draft_binding
            asked = part_of(wave.frozen_definition, wave.frozen_org, row[2])
            kept = settled(asked, answers) if submit else answers
            outcome = _upsert(wave, voter, row[2], kept, binding)
        else:
            outcome = refusal
    if isinstance(outcome, Refusal):
        raise BallotRefused(outcome)
    return outcome


def _refusal(row: tuple[Any, ...] | None, now: datetime) -> Refusal | None:
    if row is None or row[0] in EARLY:
        return Refusal.NOT_OPEN
    if row[0] == WaveState.KEY_LOST:
        return Refusal.KEY_LOST
    if row[0] != WaveState.OPEN or row[1] <= now:
        return Refusal.CLOSED
    return Refusal.NOT_ELIGIBLE if row[2] is None else None


def _upsert(
    wave: Wave, voter: Voter, segment: int, answers: Mapping[str, Any], binding: bytes | None
) -> str | Refusal | None:
    try:
        key = vault.read(settings.KEY_DIR, wave.key_id)
    except vault.VaultError:
        return Refusal.KEY_LOST
    nullifier = voter.pseudonym(key)
    sealed = anonymity.seal(key, nullifier, answers, draft_binding=binding)
    submitted = binding is None
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT, [wave.pk, nullifier, segment, sealed, submitted])
        if cursor.rowcount == 0:
            return Refusal.ALREADY_SENT
    return anonymity.receipt(sealed) if submitted else None


def _own_key(wave: Wave, voter: Voter) -> tuple[bytes, bytes]:
    try:
        key = vault.read(settings.KEY_DIR, wave.key_id)
    except vault.VaultError:
        raise BallotRefused(Refusal.KEY_LOST) from None
    return key, voter.pseudonym(key)


def look_up(wave: Wave, voter: Voter, *, draft_binding: bytes) -> Held:
    """What the box holds for this voter: nothing, an own draft, or that something was sent.

    A draft under another binding (a password reset by somebody else, the same ticket in another
    browser) counts as nothing. Raises `BallotRefused` where the voter may not answer or the key
    cannot be read.
    """
    key, nullifier = _own_key(wave, voter)
    with connection.cursor() as cursor:
        cursor.execute(_LOOK.format(*voter.place), [nullifier, wave.pk, voter.right])
        row = cursor.fetchone()
    if row is None:
        raise BallotRefused(Refusal.NOT_ELIGIBLE)
    segment, sealed, submitted = row
    if submitted:
        return Held(segment, sent=True, receipt=anonymity.receipt(sealed))
    if sealed is None:
        return Held(segment)
    try:
        draft = anonymity.unseal(key, nullifier, sealed, draft_binding=draft_binding)
    except anonymity.SealBroken:
        return Held(segment)
    return Held(segment, draft=draft)


def segment_of(wave: Wave, voter: Voter) -> int | None:
    """Where the voter's answers are counted; None for somebody who is not asked."""
    with connection.cursor() as cursor:
        cursor.execute(
            _SEGMENT.format(*voter.place),
            [wave.pk, voter.right],
        )
        row = cursor.fetchone()
    return None if row is None else int(row[0])


def seal_carry(wave: Wave, voter: Voter, *, answers: Mapping[str, Any], binding: bytes) -> bytes:
    """Answers of a second sending, sealed so that they can travel through the browser."""
    key, nullifier = _own_key(wave, voter)
    return anonymity.seal(key, nullifier, answers, draft_binding=b"carry|" + binding)


def open_carry(wave: Wave, voter: Voter, *, sealed: bytes, binding: bytes) -> Answers:
    """What `seal_carry` sealed for this voter in this session; nothing if it is not that."""
    key, nullifier = _own_key(wave, voter)
    try:
        return anonymity.unseal(key, nullifier, sealed, draft_binding=b"carry|" + binding)
    except anonymity.SealBroken:
        return {}
