"""How a ballot is sealed: keyed pseudonyms, padded boxes, receipts, shuffling, the name warning."""

import hashlib
import hmac
import json
import os
import random
import zlib
from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

T = TypeVar("T")

KEY_BYTES = 32
SEALED_BYTES = (4096, 8192)
"""The only lengths a sealed ballot has. Every ordinary ballot, draft or sent, has the first: three
full texts of 400 characters beside all closed answers fit. The second exists so that an unusual
ballot is kept rather than refused; what does not fit it either is not a ballot."""

_NONCE = 12
_TAG = 16
_LENGTH = 4


class SealBroken(Exception):
    """The box does not open: another key, owner or draft binding, or altered bytes."""


def nullifier(key: bytes, employee_id: int) -> bytes:
    """The pseudonym of one employee in one wave (32 bytes); not reversible without the key."""
    return _mac(key, b"nul|" + str(int(employee_id)).encode("ascii"))


def ticket_nullifier(key: bytes, token: str) -> bytes:
    """The pseudonym of one printed ticket in one wave; never equal to an employee's."""
    return _mac(key, b"tkt|" + token.encode("utf-8"))


def seal(
    key: bytes,
    nullifier: bytes,
    payload: Mapping[str, Any],
    *,
    draft_binding: bytes | None = None,
) -> bytes:
    """Return nonce, ciphertext and tag, of exactly one of `SEALED_BYTES`.

    `draft_binding` ties an unsent draft to its writer's session or password; a sent ballot has
    none. Raises ValueError when the answers fit no length class.
    """
    text = json.dumps(payload, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    packed = zlib.compress(text.encode("utf-8"), 9)
    framed = len(packed).to_bytes(_LENGTH, "big") + packed
    for size in SEALED_BYTES:
        room = size - _NONCE - _TAG
        if len(framed) <= room:
            nonce = os.urandom(_NONCE)
            box = AESGCM(_ballot_key(key, nullifier, draft_binding))
            return nonce + box.encrypt(nonce, framed.ljust(room, b"\0"), nullifier)
    raise ValueError("The answers are too long for a ballot.")


def unseal(
    key: bytes, nullifier: bytes, sealed: bytes, *, draft_binding: bytes | None = None
) -> dict[str, Any]:
    """Return the answers, or raise `SealBroken`; never part of them."""
    sealed = bytes(sealed)
    if len(sealed) not in SEALED_BYTES:
        raise SealBroken("The sealed ballot has a length that no ballot has.")
    box = AESGCM(_ballot_key(key, nullifier, draft_binding))
    try:
        framed = box.decrypt(sealed[:_NONCE], sealed[_NONCE:], nullifier)
    except InvalidTag:
        raise SealBroken("The sealed ballot does not open with this key.") from None
    length = int.from_bytes(framed[:_LENGTH], "big")
    answers: dict[str, Any] = json.loads(zlib.decompress(framed[_LENGTH : _LENGTH + length]))
    return answers


def receipt(sealed: bytes) -> str:
    """Ten hex characters that show "mine was counted" and nothing of what it said."""
    return hashlib.sha256(bytes(sealed)).hexdigest()[:10]


def shuffled(items: Iterable[T]) -> list[T]:
    """The same items in an order drawn from the operating system's random source."""
    result = list(items)
    random.SystemRandom().shuffle(result)
    return result


def _ballot_key(key: bytes, nullifier: bytes, draft_binding: bytes | None) -> bytes:
    message = b"box|" + nullifier
    if draft_binding is not None:
        message += b"|draft|" + draft_binding
    return _mac(key, message)


def _mac(key: bytes, message: bytes) -> bytes:
    if len(key) != KEY_BYTES:
        raise ValueError("A wave key is 32 bytes long.")
    return hmac.digest(key, message, "sha256")
