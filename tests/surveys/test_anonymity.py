"""Sealing: what opens, what refuses, and what the bytes give away."""

import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared.names import looks_like_name
from surveys import anonymity
from surveys.anonymity import SealBroken

KEY = bytes(range(32))
OTHER_KEY = bytes(reversed(range(32)))
WHO = anonymity.nullifier(KEY, 12)

NAMED = [
    "田中さんに聞かないと分からない",
    "佐々木課長の決裁が遅いです",
    "鈴木係長だけが操作を知っている",
    "毎回、長谷川主任に電話で確認する",
    "高橋様の窓口対応に助けられています",
    "渡辺くんが一人で直している",
    "山本部長が紙でないと受け取らない",
    "決裁は小林課長補佐で止まる",
    "伊藤先生に入力をお願いしている",
    "加藤氏が作ったExcelが壊れた",
]
NAMELESS = [
    "皆さんが同じ表を二重に入力している",
    "お客様をお待たせしてしまう",
    "市民さんからの電話が多い",
    "紙の様式が多様で、仕様も決まっていない",
    "同様の申請が毎週あります",
    "押印のために庁舎間を往復する",
    "職員さん向けの研修が足りない",
    "各課長の決裁を順番に回る",
    "氏名と住所を三回書き写す",
    "業者さんとのやり取りがFAXしかない",
    "Excelの関数が壊れやすい",
    "会議の資料を30部印刷している",
    "異様に重いシステムで固まる",
    "子さんの手続きが五つの窓口に分かれる",
    "部長会議の資料作成に時間がかかる",
    "課長級の承認が要る",
    "奥さんの分も申請してよいか聞かれる",
    "年度末だけ忙しい",
    "新しい端末が足りない",
    "担当者さんが替わるたびに説明する",
]

answers = st.dictionaries(
    st.text(min_size=1, max_size=12),
    st.one_of(st.text(max_size=400), st.integers(0, 9), st.lists(st.text(max_size=8), max_size=8)),
    max_size=3,
)


@given(payload=answers, binding=st.none() | st.binary(max_size=40))
def test_answers_come_back_when_everything_matches(
    payload: dict[str, object], binding: bytes | None
) -> None:
    sealed = anonymity.seal(KEY, WHO, payload, draft_binding=binding)
    assert len(sealed) in anonymity.SEALED_BYTES
    assert anonymity.unseal(KEY, WHO, sealed, draft_binding=binding) == payload


def test_draft_and_sent_have_one_length_when_ordinary() -> None:
    text = "".join(chr(0x4E00 + (i * 7919) % 20000) for i in range(400))
    full = {f"q{i}": [f"option{j}" for j in range(i)] for i in range(12)} | {"t1": text, "t2": text}
    lengths = {
        len(anonymity.seal(KEY, WHO, payload, draft_binding=binding))
        for payload in ({}, {"q": "a"}, full)
        for binding in (None, b"password")
    }
    assert lengths == {4096}


def test_long_ballot_is_kept_when_the_first_class_is_full() -> None:
    assert len(anonymity.seal(KEY, WHO, {"t": os.urandom(2500).hex()})) == 4096
    assert len(anonymity.seal(KEY, WHO, {"t": os.urandom(5000).hex()})) == 8192
    with pytest.raises(ValueError, match="too long"):
        anonymity.seal(KEY, WHO, {"t": os.urandom(9000).hex()})


def test_sealing_twice_gives_other_bytes_and_another_receipt() -> None:
    one, two = (anonymity.seal(KEY, WHO, {"q": "a"}) for _ in range(2))
    assert one != two
    assert anonymity.receipt(one) != anonymity.receipt(two)
    assert len(anonymity.receipt(one)) == 10
    assert anonymity.receipt(memoryview(one)) == anonymity.receipt(one)  # as a database returns it


@pytest.mark.parametrize(
    ("key", "who", "binding"),
    [
        (OTHER_KEY, WHO, None),
        (KEY, anonymity.nullifier(KEY, 13), None),
        (KEY, WHO, b"old password"),
        (KEY, WHO, b""),
    ],
)
def test_sent_ballot_refuses_when_key_owner_or_binding_differs(
    key: bytes, who: bytes, binding: bytes | None
) -> None:
    sealed = anonymity.seal(KEY, WHO, {"q": "secret"})
    with pytest.raises(SealBroken):
        anonymity.unseal(key, who, sealed, draft_binding=binding)


def test_draft_refuses_when_the_password_changed() -> None:
    draft = anonymity.seal(KEY, WHO, {"q": "secret"}, draft_binding=b"hash one")
    for binding in (b"hash two", None):
        with pytest.raises(SealBroken):
            anonymity.unseal(KEY, WHO, draft, draft_binding=binding)


@given(at=st.integers(0, 4095), flip=st.integers(1, 255))
def test_altered_bytes_refuse(at: int, flip: int) -> None:
    sealed = bytearray(anonymity.seal(KEY, WHO, {"q": "a"}))
    sealed[at] ^= flip
    with pytest.raises(SealBroken):
        anonymity.unseal(KEY, WHO, bytes(sealed))


def test_cut_bytes_refuse() -> None:
    sealed = anonymity.seal(KEY, WHO, {"q": "a"})
    for wrong in (b"", sealed[:-1], sealed * 2 + b"x"):
        with pytest.raises(SealBroken):
            anonymity.unseal(KEY, WHO, wrong)


def test_error_says_nothing_of_the_answers() -> None:
    sealed = anonymity.seal(KEY, WHO, {"q": "secret"})
    with pytest.raises(SealBroken) as caught:
        anonymity.unseal(OTHER_KEY, WHO, sealed)
    assert "secret" not in str(caught.value)
    assert b"secret" not in sealed
    assert json.dumps({"q": "secret"}).encode() not in sealed


def test_pseudonyms_differ_by_person_wave_and_kind() -> None:
    seen = {
        anonymity.nullifier(KEY, 12),
        anonymity.nullifier(KEY, 1),
        anonymity.nullifier(OTHER_KEY, 12),
        anonymity.ticket_nullifier(KEY, "12"),
        anonymity.ticket_nullifier(KEY, "1"),
    }
    assert len(seen) == 5
    assert anonymity.nullifier(KEY, 12) == WHO
    assert all(len(value) == 32 for value in seen)


def test_short_key_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        anonymity.nullifier(b"short", 1)


def test_shuffling_keeps_items_and_forgets_order() -> None:
    items = list(range(200))
    first, second = anonymity.shuffled(items), anonymity.shuffled(iter(items))
    assert sorted(first) == sorted(second) == items
    assert first != second
    assert sum(a == b for a, b in zip(first, items, strict=True)) < 20


@pytest.mark.parametrize("text", NAMED)
def test_name_is_noticed(text: str) -> None:
    assert looks_like_name(text)


def test_ordinary_sentences_seldom_warn() -> None:
    false = [text for text in NAMELESS if looks_like_name(text)]
    assert len(false) <= len(NAMELESS) / 121, false
