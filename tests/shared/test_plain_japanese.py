"""Plain Japanese: real sentences that should be told, and real ones that should not."""

import re
from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared.names import looks_like_name
from dxportal.shared.plain_japanese import EVERYTHING, Hint, Rule, check, explain, sentences
from dxportal.shared.plain_words import PLAIN_WORDS
from surveys.content import followup, intake, pain, pulse
from surveys.content.notice import notice

JAPANESE = re.compile("[ぁ-ん]")


def strings_of(value: object) -> Iterator[str]:
    """Every text in the data of a template, however deep."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, inner in value.items():
            if not str(name).startswith("__"):
                yield from strings_of(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from strings_of(inner)


def rules(text: str) -> set[Rule]:
    return {hint.rule for hint in check(text, rules=EVERYTHING, names=looks_like_name)}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        (
            "今回の調査は、各課の皆さんが日ごろの業務の中で感じている困りごとを幅広く集め、"
            "今後の取組の優先順位を決めるための参考にすることを目的として行うものです。",
            Rule.LONG,
        ),
        ("アジャイルに進めます。", Rule.KATAKANA),
        ("新しいスキームを検討します。", Rule.KATAKANA),
        ("部長会でコミットメントを得ました。", Rule.KATAKANA),
        ("エビデンスを添えてください。", Rule.KATAKANA),
        ("対象とならないわけではありません。", Rule.NEGATION),
        ("使えないとは限りません。", Rule.NEGATION),
        ("影響がなくはない状況です。", Rule.NEGATION),
        ("申請書は窓口で受理されるものとする。", Rule.PASSIVE),
        ("回答は所属長が行うこととします。", Rule.PASSIVE),
        ("行政手続情報化推進計画を改めました。", Rule.KANJI),
        ("BPRを実施します。", Rule.LETTERS),
        ("ＥＢＰＭの研修を開きます。", Rule.LETTERS),
        ("12月1日までに答えてください。", Rule.WEEKDAY),
        ("印刷等、押印等、回覧等をやめます。", Rule.ETC),
        ("詳しくは山田課長に聞いてください。", Rule.NAME),
        ("アンケートへのご協力をお願いします。", Rule.DEADLINE),
        ("短い文です。\n" * 11, Rule.MANY),
    ],
)
def test_hard_text_is_told(text, rule):
    assert rule in rules(text)


@pytest.mark.parametrize(
    "text",
    [
        "決裁の段数を来月から2段に減らします。",
        "紙の申請書は3月31日（火）で終わります。窓口でもこれまでどおり受け付けます。",
        "12月1日(火)までに、1人1回だけ答えてください。",
        "申請しなければなりません。",
        "この作業はもう必要ありません。",
        "使い方が分からないときは、推進員に聞いてください。",
        "皆さんの声をもとに、チャットの使い方を見直しました。",
        "教育委員会事務局と選挙管理委員会事務局が対象です。",
        "BPR（業務の見直し）を始めます。",
        "業務の見直し（BPR）を始めます。",
        "DXの取組はPDFとCSVで公開しています。",
        "男女平等と同等の扱いを、高等学校でも等しく進めます。",
        "電子メールやインターネット、パスワードの使い方を教えます。",
        "コミュニケーションを大切にします。",
        "アイスクリームとリスクの話をしました。",
        "説明会は何人でも参加できます。",
        "3月と4月は窓口が混みます。",
        "部署ごとの人数は、5人より少ないと出しません。",
        "いま調べています。来週の金曜日にお返事します。",
        "",
    ],
)
def test_plain_text_is_left_alone(text):
    assert check(text, rules=EVERYTHING, names=looks_like_name) == []


def test_notice_before_a_survey_keeps_its_own_rules():
    told, _english = notice(
        closes="12月7日（月）17時", k=5, k_text=10, tickets=True, two_person=True, repeats=True
    )
    rules = {Rule.KATAKANA, Rule.NEGATION, Rule.PASSIVE, Rule.LETTERS, Rule.KANJI, Rule.ETC}
    assert check(told, rules=rules) == []


@pytest.mark.parametrize("template", [pain, pulse, followup, intake])
def test_questions_that_come_with_the_product_are_plain(template):
    texts = [text for text in strings_of(vars(template)) if JAPANESE.search(text)]
    assert len(texts) > 3
    assert [hint for text in texts for hint in check(text)] == []


def test_every_word_of_the_list_is_found_and_its_plain_words_are_plain():
    for word, plain in PLAIN_WORDS.items():
        (hint,) = check(f"{word}を進めます。")
        assert (hint.rule, hint.found) == (Rule.KATAKANA, word)
        assert plain in hint.instead
        assert check(f"{plain}です。") == []


def test_own_list_of_words_replaces_the_given_one():
    assert check("スキームです。", words={}) == []
    (hint,) = check("ウェルビーイングです。", words={"ウェルビーイング": "暮らしやすさ"})
    assert hint.found == "ウェルビーイング"


def test_each_rule_says_why_and_what_to_do():
    assert all(all(explain(rule)) for rule in Rule)
    (hint,) = check("BPRを実施します。")
    assert isinstance(hint, Hint)
    assert "BPR" in hint.why
    assert hint.sentence == "BPRを実施します。"


def test_sentences_end_at_marks_and_lines_without_their_bullets():
    text = "・一つめ\n※二つめです。三つめ！\n1) 四つめ\n\n12月です"
    assert sentences(text) == ["一つめ", "二つめです。", "三つめ！", "四つめ", "12月です"]


@given(st.text(max_size=300))
def test_any_text_can_be_checked(text):
    for hint in check(text, rules=EVERYTHING, names=looks_like_name):
        assert hint.why
        assert "%(" not in hint.why + hint.instead
