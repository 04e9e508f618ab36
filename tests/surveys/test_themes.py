"""Suggestions by plain words, what may be told of counts, and what a wording copies."""

import random

import pytest

from roadmap.content import THEMES
from surveys.content.terms import TERMS
from surveys.themes import catches, codebook, copied, dense, resolve, suggest, told

CODES = list(TERMS)
BOOK = codebook([(CODES.index(code), term) for code in CODES for term in TERMS[code]], {})
REST = 99


def themes_of(text):
    """Codes that are suggested for a text, in their order."""
    return [CODES[found.theme] for found in suggest(text, BOOK)]


# Suggestions --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("申請書の内容を受付簿とシステムに二重入力しています。", "double_entry"),
        ("紙の申請を台帳に転記するのに毎日1時間かかる", "double_entry"),
        ("はんこをもらうために庁舎を往復している", "paper"),
        ("供覧が一周するのに一週間かかります。", "paper"),
        ("必要な持ち物を尋ねる電話が朝から続きます。", "enquiries"),
        ("去年の資料が見つからず、探すのに半日かかった", "searching"),
        ("ＥＸＣＥＬの集計を各課から集めて直している", "spreadsheets"),
        ("ｴｸｾﾙのマクロが壊れて誰も直せない", "spreadsheets"),
        ("目的の分からない会議と議事録づくりに追われる", "meetings"),
        ("画面の切り替えが遅く、システムが固まる", "hard_systems"),
        ("不在の人あての電話を取り次いでばかりいる", "phone"),
        ("似たような庁内照会が別々の様式で届く", "internal_requests"),
        ("合議先が多く決裁に二週間かかる", "approvals"),
        ("LGWANの端末とインターネットの端末を行き来する", "network"),
        ("高いお金で入れたのに誰も使わないシステムがある", "unused_tools"),
        ("マニュアルがなく研修も受けられない", "training"),
        ("一人が休むと窓口が回りません。人手が足りない", "staffing"),
        ("条例と要綱で様式が決まっていて変えられない", "rules"),
        ("どの課の所管か分からずたらい回しになる", "silos"),
        ("引継ぎが口頭だけで、前任に聞かないと分からない", "handover"),
        ("気になっていても上司に言い出しにくい", "hard_to_say"),
    ],
)
def test_the_theme_of_a_sentence_is_suggested_first(text, code):
    assert themes_of(text)[0] == code


@pytest.mark.parametrize("text", ["", "  ", "ただただ疲れました。", "特にありません", "👍"])
def test_a_text_without_a_known_word_has_no_suggestion(text):
    assert themes_of(text) == []


def test_never_more_than_three_are_suggested_and_the_strongest_stands_first():
    text = "会議の資料を印刷して回覧し、Excelの集計を転記して、決裁と引継ぎと研修もある"
    found = suggest(text, BOOK)

    assert len(found) == 3
    assert [one.score for one in found] == sorted((one.score for one in found), reverse=True)


def test_width_case_kana_and_line_breaks_make_no_difference():
    book = codebook([(1, "ハンコ"), (2, "Excel")], {})

    assert [found.theme for found in suggest("は\nんこ と ｅｘｃｅｌ", book)] == [2, 1]


def test_a_word_inside_a_longer_one_counts_once():
    book = codebook([(1, "電話"), (1, "電話番"), (2, "電話番の日")], {})
    found = {one.theme: one for one in suggest("電話番の日は何もできない", book)}

    assert (found[1].score, found[1].terms) == (3, ("電話番",))
    assert found[2].score == 5


def test_words_of_a_merged_theme_point_to_where_it_went():
    book = codebook([(1, "押印"), (2, "回覧")], {1: 2})

    assert [(one.theme, set(one.terms)) for one in suggest("押印と回覧", book)] == [
        (2, {"押印", "回覧"})
    ]


@pytest.mark.parametrize(
    ("merged", "end"), [({}, 1), ({1: 2}, 2), ({1: 2, 2: 3}, 3), ({1: 2, 2: 1}, 2), ({1: 1}, 1)]
)
def test_chains_are_followed_and_rings_end(merged, end):
    assert resolve(merged, 1) == end


def test_default_words_are_of_default_themes_and_each_points_to_one():
    keys = [dense(term) for terms in TERMS.values() for term in terms]

    assert set(TERMS) == {theme.code for theme in THEMES} - {"other"}
    assert len(keys) == len(set(keys))
    assert all(len(key) > 1 for key in keys)


@pytest.mark.parametrize(
    "text", ["押印を待つ", "ただただ疲れました", "", "Ｅｘｃｅｌ", "二 重 入 力"]
)
def test_a_text_is_caught_where_something_is_suggested(text):
    assert catches(text, BOOK) == bool(suggest(text, BOOK))


# Counts -------------------------------------------------------------------------------------------
def texts_of(**numbers):
    """(theme, question) pairs: a=12 gives twelve texts of theme "a" in question Q2."""
    return [
        (None if name == "none" else name, "Q2") for name, n in numbers.items() for _one in range(n)
    ]


def test_themes_of_five_texts_are_told_and_smaller_ones_together():
    assert told(texts_of(a=12, b=5, c=4, d=3), k=5, rest=REST) == {"a": 12, "b": 5, REST: 7}


def test_a_small_remainder_takes_the_smallest_theme_with_it():
    """37 texts are known from the log of readings: 20 + 15 would tell of 2 people."""
    assert told(texts_of(a=20, b=15, c=2), k=5, rest=REST) == {"a": 20, REST: 17}


def test_what_nobody_sorted_is_told_with_the_rest():
    assert told(texts_of(a=6, none=9), k=5, rest=REST) == {"a": 6, REST: 9}


def test_nothing_is_told_where_no_theme_has_enough():
    assert told(texts_of(a=4, b=4, none=20), k=5, rest=REST) == {}
    assert told(texts_of(a=8, b=1), k=5, rest=REST) == {}
    assert told([], k=5, rest=REST) == {}


def test_without_a_theme_for_the_rest_it_is_left_out():
    assert told(texts_of(a=6, none=9), k=5, rest=None) == {"a": 6}


def test_five_texts_of_three_people_are_not_five_people():
    """Each ballot has one text a question: three in Q2 and two in Q7 may be three people."""
    texts = [("a", "Q2")] * 3 + [("a", "Q7")] * 2 + [("b", "Q2")] * 6 + [("c", "Q2")] * 5

    assert told(texts, k=5, rest=REST) == {"b": 6, REST: 10}


def test_whoever_knows_the_total_can_subtract_nothing_in_any_mix():
    draw = random.Random(7)
    for _town in range(500):
        k = draw.choice([5, 6, 10])
        numbers = {name: draw.randint(0, 14) for name in "abcdefg"} | {"none": draw.randint(0, 9)}
        total = sum(numbers.values())
        found = told(texts_of(**numbers), k=k, rest=REST)
        assert all(n >= k for n in found.values())
        left = total - sum(found.values())
        assert not found or left == 0
        assert all(found[name] == numbers[name] for name in found if name != REST)


# Wordings -----------------------------------------------------------------------------------------
RAW = ["押印のためだけに別の階へ書類を運んでいます。", "ＦＡＸで届いた申請をエクセルに写している"]


@pytest.mark.parametrize(
    ("wording", "parts"),
    [
        ("ハンコのために書類を運ぶ手間があります", []),
        ("押印のためだけに動いています", ["押印のためだけに"]),
        (
            "毎日、FAXで届いた申請を えくせる に写しています",
            ["FAXで届いた申請をえくせるに写してい"],
        ),
        ("別の階へ書", []),
        ("", []),
    ],
)
def test_eight_characters_in_a_row_are_called_copied(wording, parts):
    assert copied(wording, RAW) == parts


def test_seven_characters_are_not_copied_and_eight_are():
    assert copied("あいうえおかき", ["あいうえおかきく"]) == []
    assert copied("あいうえおかきく", ["ーあいうえおかきくー"]) == ["あいうえおかきく"]
