"""What is marked in a text before it leaves the municipality, and what stops it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import PackMark
from roadmap.pack_safety import Mark, Watch, is_few
from roadmap.pack_text import Text, edited, texts

WATCH = Watch.of(
    [
        "山田 太郎",
        "石川　花子",
        "John Smith",
        "まり",
        "林 一",
        "髙橋",
        "対象一郎 7",
        "東 さくら",
        "マリア",
    ],
    ["市民課", "総務部 情報政策課"],
    ["情報政策課長", "主"],
)


def kinds(text: str) -> set[PackMark]:
    """Of which kinds something stands in a text."""
    return {mark.kind for mark in WATCH.marks(text)}


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("taro@city.example.jp", PackMark.EMAIL),
        ("ｔａｒｏ＠ｃｉｔｙ．ｅｘａｍｐｌｅ．ｊｐまで", PackMark.EMAIL),
        ("taro[at]city.example.jp", PackMark.EMAIL),
        ("03-1234-5678", PackMark.PHONE),
        ("０９０（１２３４）５６７８", PackMark.PHONE),
        ("0312345678へ", PackMark.PHONE),
        ("+81 3 1234 5678", PackMark.PHONE),
        ("電話 22-1234", PackMark.PHONE),
        ("内線２１０", PackMark.PHONE),
        ("山田が考えた", PackMark.USER),
        ("山 田 太 郎", PackMark.USER),
        ("石川が考えた", PackMark.USER),
        ("高橋に", PackMark.USER),
        ("まりさんが", PackMark.USER),
        ("まりが担当", PackMark.USER),
        ("担当はまり。", PackMark.USER),
        ("担当はさくらとマリア", PackMark.USER),
        ("案はマリアのもの", PackMark.USER),
        ("担当：林", PackMark.USER),
        ("林さん", PackMark.USER),
        ("smith の案", PackMark.USER),
        ("高橋市長", PackMark.USER),
        ("窓口の４人", PackMark.FEW),
        ("職員3名で", PackMark.FEW),
        ("二人で", PackMark.FEW),
        ("5〜8人", PackMark.FEW),
        ("3 people", PackMark.FEW),
        ("https://example.jp/~yamada/", PackMark.PROFILE),
    ],
)
def test_what_tells_of_somebody_stops_a_text(text: str, kind: PackMark) -> None:
    assert any(mark.kind == kind and mark.blocks for mark in WATCH.marks(text)), WATCH.marks(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "1人あたり15分、1人1台、1人で",
        "12人と30人、第2人事係",
        "令和8年4月1日から2027年3月31日まで",
        "1,200千円（2025-2026年度）、0.25人工ではなく 100,000,000円",
        "森林の管理、石川県の例、つまりあまり、まりつけ、アマリアナ",
        "blacksmith",
        "対象者は7月から",
        "皆さんとお客様",
    ],
)
def test_ordinary_words_are_left_alone(text: str) -> None:
    assert WATCH.marks(text) == []


def test_what_only_may_be_something_is_marked_and_does_not_stop() -> None:
    assert kinds("市民課で") == {PackMark.DEPARTMENT}
    assert PackMark.DEPARTMENT in kinds("総務部情報政策課で")
    assert PackMark.POST in kinds("情報政策課長へ")
    assert Mark(PackMark.PERSON, "渡辺さん") in WATCH.marks("渡辺さんの案")
    assert kinds("https://example.jp/dx.html") == {PackMark.ADDRESS}
    soft = (PackMark.DEPARTMENT, PackMark.POST, PackMark.PERSON, PackMark.ADDRESS)
    assert not any(Mark(kind, "甲").blocks for kind in soft)


def test_passage_is_told_as_it_was_written() -> None:
    assert Mark(PackMark.USER, "ＪＯＨＮ") in WATCH.marks("案はＪＯＨＮのもの")


@given(
    before=st.text("あのをに、。 \n", max_size=8),
    name=st.sampled_from(["山田太郎", "山田", "石川花子", "花子", "髙橋", "高橋"]),
    after=st.text("がのにを、。 \n", max_size=8),
)
def test_name_of_a_user_is_found_wherever_it_stands(before: str, name: str, after: str) -> None:
    assert any(mark.kind == PackMark.USER for mark in WATCH.marks(f"{before}{name}{after}"))


@given(st.text(max_size=200))
def test_any_text_can_be_looked_at(text: str) -> None:
    for mark in WATCH.marks(text):
        assert mark.passage in text or mark.passage.strip() == mark.passage


@pytest.mark.parametrize(
    ("value", "unit", "name", "few"),
    [
        (9, "人", "", True),
        (10, "人", "", False),
        (0, "人", "", False),
        (3, "名", "", True),
        (3, "％", "使う人の割合", False),
        (5, "", "利用者数", True),
        (5, "件", "利用者数", False),
        (5.5, "people", "", True),
    ],
)
def test_numbers_of_few_people_are_known_by_their_unit(
    value: float, unit: str, name: str, few: bool
) -> None:
    assert is_few(value, unit, name) is few


def test_texts_of_a_draft_are_edited_by_their_keys() -> None:
    draft = {
        "title": Text("題", "1.title"),
        "kind": "add",
        "milestones": [
            {"title": Text("甲\r\n", "1.m.1", drops=True), "days": 3},
            {"title": Text("乙", "1.m.2", drops=True), "days": 4},
        ],
        "stops": Text("", "1.stops"),
    }
    assert [text.key for text in texts(draft)] == ["1.title", "1.m.1", "1.m.2"]
    done = edited(draft, {"1.title": " 新 ", "1.m.1": " ", "1.kind": "no"})
    assert done == {
        "title": "新",
        "kind": "add",
        "milestones": [{"title": "乙", "days": 4}],
        "stops": "",
    }
