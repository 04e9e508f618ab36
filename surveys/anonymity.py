"""How a ballot is sealed: keyed pseudonyms, padded boxes, receipts, shuffling, the name warning."""

import hashlib
import hmac
import json
import os
import random
import re
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


_KANJI = r"[\u4e00-\u9fff々〆ヶ]"
_HONORIFIC = "さん|さま|くん|ちゃん|様|君|氏"
_TITLE = (
    "課長補佐|部長|局長|次長|課長|室長|所長|係長|班長|主幹|参事|主任|主査|主事|補佐|先輩|先生|議員"
)
_NAME = re.compile(rf"({_KANJI}{{1,3}}?)(?:({_HONORIFIC})(?![々名式])|({_TITLE})(?!会|級|職|制))")
_NOT_A_PERSON = re.compile(
    r"(?:皆|客|奥|子|娘|嫁|親|父|母|職員|住民|市民|町民|村民|区民|県民|国民|業者|医者|患者|用者|"
    r"当者|庁者|請者|齢者|護者|事者|若者|同僚|上司|部下|相手|同|多|仕|模|有|異|一|各|諸|貴|両|彼|"
    r"何|神|王|所属|直属|担当|各課|全|他|前|現|新|元|副|上|下|偉|隣|本人|家族)$"
)


def looks_like_name(text: str) -> bool:
    """Whether a text seems to name a colleague: 1 to 3 kanji before さん, 課長, 係長 and so on.

    Made to warn before sending, not to refuse: words such as 皆さん, お客様 or 同様 do not count.
    """
    return any(not _NOT_A_PERSON.search(found[1]) for found in _NAME.finditer(text))
