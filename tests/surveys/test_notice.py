"""The notice says what the settings mean, in both languages, and nothing that they do not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.choices import PURGE_DAYS
from surveys.content.notice import notice

PLAIN: dict[str, Any] = {"closes": "2026年9月15日 17:00", "k": 5, "k_text": 10}
SETTINGS = st.fixed_dictionaries(
    {
        "heads": st.booleans(),
        "two_person": st.booleans(),
        "readers": st.sampled_from([(), ("佐藤 花子",), ("佐藤 花子", "鈴木 一郎")]),
        "tickets": st.booleans(),
        "has_text": st.booleans(),
        "repeats": st.booleans(),
    }
)


def _both(**settings: Any) -> tuple[str, str]:
    return notice(**{**PLAIN, **settings})


@pytest.mark.parametrize(
    ("settings", "says", "english"),
    [
        ({}, "締切は2026年9月15日 17:00です", "The deadline is 2026年9月15日 17:00"),
        ({"k": 7}, "7人に満たない", "fewer than 7 people"),
        ({}, "自動で集計します", "counted by themselves"),
        ({}, "所属長は、課ではなく部の「所属長」", "the heads of their bureau"),
        ({"two_person": True}, "2人がそれぞれ認めてから", "two people each have to agree"),
        ({"two_person": True}, "鍵とつながりは、そのときまで残ります", "Key and tie stay until"),
        ({"readers": ("佐藤", "鈴木")}, "佐藤と鈴木だけです", "Only 佐藤 and 鈴木 can open"),
        ({"readers": ("佐藤", "鈴木")}, "もう1人が認めた文だけ", "the other approved"),
        ({"readers": ("佐藤", "鈴木"), "k_text": 12}, "12件以上", "12 or more came"),
        ({"readers": ("佐藤",)}, "テーマの言葉だけです", "only the words of themes"),
        ({}, "誰の画面にも出ません", "on nobody's screen"),
        ({}, "テーマの言葉だけです", "only the words of themes"),
        ({}, f"{PURGE_DAYS}日以内に消します", f"within {PURGE_DAYS} days"),
        ({"heads": True}, "所属長5人以上が答えた部だけ", "5 or more heads"),
        ({"tickets": True}, "誰に渡したかは記録しません", "who got which one"),
        ({"tickets": True}, "一度だけ印刷し", "printed once"),
        ({"tickets": True}, "入力する人には回答が見えます", "that person sees your answers"),
        ({"repeats": True}, "鍵は回ごとに変える", "a key of its own"),
    ],
)
def test_a_setting_is_said_in_both_languages(
    settings: dict[str, Any], says: str, english: str
) -> None:
    ja, en = _both(**settings)

    assert says in ja
    assert english in en


@pytest.mark.parametrize(
    ("settings", "silent", "english"),
    [
        ({}, "2人がそれぞれ認めて", "two people each"),
        ({}, "紙で配る番号", "number on paper"),
        ({}, "毎月", "every month"),
        ({}, "所属長の回答", "Heads are counted per bureau"),
        ({"two_person": True}, "自動で集計", "by themselves"),
        ({"two_person": True}, "締切のあとは「匿名」", "anonymous after it"),
        ({"heads": True}, "部の「所属長」", "not in their section"),
        ({"has_text": False}, "原文", "as written"),
        ({"has_text": False, "readers": ("佐藤",)}, "佐藤", "佐藤"),
        ({"readers": ("佐藤",)}, "誰の画面にも", "nobody's screen"),
        ({"readers": ("佐藤",)}, "もう1人が認めた", "approved"),
    ],
)
def test_what_does_not_hold_is_not_said(
    settings: dict[str, Any], silent: str, english: str
) -> None:
    ja, en = _both(**settings)

    assert silent not in ja
    assert english not in en


@given(SETTINGS)
def test_both_languages_have_the_same_lines_and_they_are_short(settings: dict[str, Any]) -> None:
    ja, en = _both(**settings)

    japanese, english = ja.split("\n\n"), en.split("\n\n")
    assert [len(part.splitlines()) for part in japanese] == [
        len(part.splitlines()) for part in english
    ]
    assert max(map(len, ja.splitlines())) <= 70
    assert "{" not in ja + en


@given(SETTINGS)
def test_what_is_not_defended_is_always_said(settings: dict[str, Any]) -> None:
    ja, en = _both(**settings)

    assert "鍵と回答の両方を読むこと" in ja
    assert "丸ごと複製" in ja
    assert "administrator rights" in en
    assert "copy of the whole machine" in en
