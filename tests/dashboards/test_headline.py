"""The sentence on top: every branch of its rules, in both languages."""

import itertools

import pytest
from django.utils import translation

from dxportal.dashboards.board.headline import MOST_NAMES, Facts, Fell, Phrase, headline, named


def said(facts: Facts, language: str = "ja") -> str:
    """The whole sentence."""
    with translation.override(language):
        return " ".join(phrase.text for phrase in headline(facts))


def figures(facts: Facts) -> dict[str, int]:
    """What opens, with its value."""
    return {phrase.figure: phrase.value for phrase in headline(facts) if phrase.figure}


def test_nothing_stands_yet() -> None:
    assert said(Facts(0, 0)) == "階段に立つ部署がまだありません。"
    assert figures(Facts(0, 0)) == {}


def test_without_any_position_it_says_what_is_missing() -> None:
    facts = Facts(departments=3, placed=0)
    assert said(facts).startswith("3部署の立ち位置は、まだ分かりません。")
    assert figures(facts) == {"missing": 3}


def test_in_the_first_month_nothing_is_compared() -> None:
    facts = Facts(departments=3, placed=2)
    text = said(facts)
    assert "3部署のうち2部署の立ち位置が分かっています。" in text
    assert "2回目の集計" in text
    assert figures(facts) == {"placed": 2}


def test_positions_on_one_axis_alone_are_known_too() -> None:
    facts = Facts(departments=3, placed=0, partly=2, densest=("T", 2, 2))
    text = said(facts, "en")
    assert text.startswith("The positions of 2 of 3 departments are known on one axis at least.")
    assert figures(facts) == {"known": 2, "here": 2}


def test_those_without_culture_are_compared_and_named() -> None:
    facts = Facts(3, 0, partly=3, compared=3, down=1, down_names=("税務課",))
    assert "1 moved down (税務課)" in said(facts, "en")
    assert figures(facts) == {"down": 1}


def test_nobody_had_a_position_then() -> None:
    facts = Facts(departments=3, placed=2, compared=0)
    assert "比べる時点では、どの部署にも立ち位置がありませんでした。" in said(facts)


def test_up_and_down_with_the_names_of_what_fell() -> None:
    facts = Facts(60, 59, compared=58, up=19, down=2, down_names=("税務課", "農政課"))
    text = said(facts)
    assert "比べられる58部署のうち19部署が段を上がりました。" in text
    assert "2部署が下がりました（税務課、農政課）。" in text
    assert figures(facts) == {"up": 19, "down": 2}
    assert [phrase.tone for phrase in headline(facts)] == ["strong", "bad"]


def test_only_down_says_that_nobody_rose() -> None:
    text = said(Facts(9, 9, compared=9, down=1, down_names=("税務課",)))
    assert text == (
        "比べられる9部署のうち1部署が段を下がりました（税務課）。上がった部署はありません。"
    )


def test_nobody_moved() -> None:
    assert said(Facts(9, 9, compared=8)) == "比べられる8部署に動きはありません。"
    assert figures(Facts(9, 9, compared=8)) == {"same": 8}


def test_both_ways_is_told_as_what_got_worse_too() -> None:
    (phrase,) = headline(Facts(9, 9, compared=9, mixed=1, mixed_names=("税務課",)))
    assert phrase.tone == "bad"
    assert "一方の軸で上がり、もう一方で下がりました（税務課）" in said(
        Facts(9, 9, compared=9, mixed=1, mixed_names=("税務課",))
    )


@pytest.mark.parametrize(
    ("moved", "text"),
    [
        ({"up": 1}, "比べられる1部署が、段を上がりました。"),
        ({"down": 1}, "比べられる1部署が、段を下がりました。"),
        ({}, "比べられる1部署に動きはありません。"),
    ],
)
def test_one_department(moved: dict[str, int], text: str) -> None:
    facts = Facts(1, 1, compared=1, densest=("情報共有", 2, 1), **moved)
    assert said(facts) == text, "where most stand says nothing of one"


def test_where_most_stand() -> None:
    facts = Facts(9, 9, compared=9, up=1, densest=("情報共有", 2, 5))
    assert said(facts).endswith("最も多いのは技術2段目「情報共有」の5部署です。")
    last = headline(facts)[-1]
    assert (last.figure, last.axis, last.step, last.value) == ("here", "technology", 2, 5)


def test_all_reached() -> None:
    facts = Facts(4, 4, compared=4, topped=4, densest=("DX", 4, 4))
    assert "全4部署が、技術の最後の段に到達しています。" in said(facts)
    assert figures(facts)["topped"] == 4
    assert "here" not in figures(facts)


def test_a_step_that_became_less_firm_is_named() -> None:
    facts = Facts(9, 9, compared=9, fell=(Fell("技術1段目", 72, 70, "technology", 1),))
    assert "技術1段目の固まり具合が72%から70%に下がりました。" in said(facts)
    assert figures(facts)["firmness"] == 70


def test_another_staircase_is_said_where_something_is_compared() -> None:
    word = "この間に階段の版が変わりました"
    assert word in said(Facts(9, 9, compared=9, version_changed=True))
    assert word not in said(Facts(9, 9, version_changed=True))


def test_verdicts_and_old_reports_need_somebody() -> None:
    facts = Facts(9, 9, compared=9, judged=5, rethink=2, rethink_names=("会議録", "RPA"), stale=3)
    text = said(facts)
    assert "聞き直した5件の取組のうち、2件は見直しが必要です（会議録、RPA）。" in text
    assert "3 initiatives have never had a report, or none for more than 180 days" in said(
        facts, "en"
    )
    assert figures(facts) == {"same": 9, "hollow": 2, "unknown": 3}
    assert "見直しが必要" not in said(Facts(9, 9, compared=9, judged=5))


def test_long_rows_of_names_are_cut_and_counted() -> None:
    names = [f"第{n}課" for n in range(MOST_NAMES + 2)]
    with translation.override("ja"):
        assert named(names, len(names)).endswith("ほか2）")
        assert named((), 9) == "", "where no name may be seen there are no empty brackets"


def test_english_tells_the_same() -> None:
    text = said(Facts(9, 9, compared=9, down=1, down_names=("税務課",)), "en")
    assert text.startswith("Of 9 departments that can be compared, 1 moved down (税務課).")


def test_no_branch_ever_says_nought_of_nought() -> None:
    values = itertools.product((0, 1, 3), (0, 1), (None, 0, 1), (0, 1), (0, 1), (0, 1))
    for departments, placed, compared, up, down, judged in values:
        facts = Facts(
            departments,
            min(placed, departments),
            compared=compared,
            up=up,
            down=down,
            judged=judged,
            rethink=0,
        )
        phrases = headline(facts)
        assert phrases
        assert all(isinstance(phrase, Phrase) and phrase.text for phrase in phrases)
        for language in ("ja", "en"):
            text = said(facts, language)
            assert "0部署のうち" not in text
            assert "Of 0" not in text
            assert "%(" not in text
