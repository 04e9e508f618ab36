"""Figures of effects by value: sums, words, what is freed, circles, and the sentence."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import InitiativeKind, Measure, Phase, Standing
from roadmap.portfolio import Part, counts, sentences
from roadmap.reinvesting import Balance, Freed, Use, circle, freed, onward, used
from roadmap.value_sums import (
    LINES,
    UNITS,
    Amount,
    Figure,
    Line,
    Total,
    amount_text,
    promises,
    read_hours,
    totals,
)

HOURS, MONEY = Line(Measure.HOURS), Line(Measure.MONEY)
ends = st.tuples(st.integers(0, 5_000), st.integers(0, 5_000)).map(
    lambda pair: Amount(min(pair), max(pair))
)
figures = st.lists(
    st.builds(
        Figure,
        initiative=st.integers(1, 6),
        line=st.sampled_from(LINES),
        standing=st.sampled_from(Standing.values),
        amount=ends,
    ),
    max_size=30,
)


def figure(standing: str, low: int, high: int, *, of: int = 1, line: Line = HOURS) -> Figure:
    return Figure(of, line, standing, Amount(low, high))


@given(figures, st.sets(st.integers(1, 6)))
def test_sums_of_each_standing_are_those_of_a_naive_recount(
    found: list[Figure], initiatives: set[int]
) -> None:
    held = totals(found, initiatives)
    for line in LINES:
        for standing in Standing.values:
            own = [
                f
                for f in found
                if (f.line, f.standing) == (line, standing) and f.initiative in initiatives
            ]
            total = held[line][standing]
            if own:
                low, high = sum(f.amount.low for f in own), sum(f.amount.high for f in own)
                assert total.amount == Amount(low, high)
            else:
                assert total.amount is None
            assert total.initiatives == len({f.initiative for f in own})
            assert total.initiatives + total.without == len(initiatives)


def test_no_figure_is_not_nought_and_standings_stay_apart() -> None:
    held = totals([figure("promised", 720, 720), figure("verified", 300, 540, of=2)], {1, 2, 3})
    assert held[HOURS]["promised"] == Total(Amount(720, 720), 1, 2)
    assert held[HOURS]["reported"] == Total(None, 0, 3)
    assert held[HOURS]["verified"] == Total(Amount(300, 540), 1, 2)
    assert held[MONEY]["verified"].amount is None


def test_promise_stands_beside_what_was_verified_of_the_same_initiative() -> None:
    kept = promises(
        [
            figure("promised", 60, 60),
            figure("promised", 720, 720, of=2),
            figure("verified", 300, 540, of=2),
            figure("reported", 10, 10, line=Line(Measure.PAPER)),
        ]
    )
    assert [(k.initiative, k.promised, k.verified) for k in kept] == [
        (2, Amount(720, 720), Amount(300, 540)),
        (1, Amount(60, 60), None),
        (1, None, None),
    ]


@pytest.mark.parametrize(
    ("line", "amount", "text"),
    [
        (HOURS, (300, 540), "週5〜9時間"),
        (HOURS, (720, 720), "週12時間"),
        (HOURS, (30, 45), "週30〜45分"),
        (HOURS, (0, 90), "週0〜1.5時間"),
        (HOURS, (-60, 120), "週-1〜2時間"),
        (Line(Measure.PAPER), (1200, 1200), "年1,200枚"),
        (Line(Measure.VISITS), (10, 20), "年10〜20回"),
        (MONEY, (1_000_000, 1_000_000), "年1,000,000円"),
        (Line(Measure.MONEY, True), (5, 5), "1回5円"),
        (Line(Measure.NEW_VALUE), (300, 300), "年300人"),
    ],
)
def test_amounts_in_words(line: Line, amount: tuple[int, int], text: str) -> None:
    assert amount_text(line, Amount(*amount)) == text


def test_every_line_has_its_unit() -> None:
    assert set(UNITS) == set(LINES)


@pytest.mark.parametrize(
    ("typed", "minutes"),
    [
        ("", None),
        ("5", (300, 300)),
        ("５〜９", (300, 540)),
        ("5-9", (300, 540)),
        ("0.5 ～ 1.5時間", (30, 90)),
        ("5から9", (300, 540)),
        ("0", (0, 0)),
    ],
)
def test_hours_are_read_as_people_write_them(typed: str, minutes: tuple[int, int] | None) -> None:
    assert read_hours(typed) == minutes


@pytest.mark.parametrize("typed", ["9〜5", "1〜2〜3", "たくさん", "-3", "▲3", "99999999999999"])
def test_hours_that_cannot_be_are_refused_with_a_sentence(typed: str) -> None:
    with pytest.raises(ValueError, match=r"。"):
        read_hours(typed)


def test_what_is_freed_is_verified_and_reported_only_where_nobody_can_be_asked() -> None:
    found = [figure("reported", 600, 600), figure("promised", 900, 900)]
    assert freed(found, Measure.HOURS, nobody_to_ask=False) is None
    assert freed(found, Measure.HOURS, nobody_to_ask=True) == Freed(
        Amount(600, 600), Standing.REPORTED
    )
    found.append(figure("verified", 300, 540))
    assert freed(found, Measure.HOURS, nobody_to_ask=True) == Freed(
        Amount(300, 540), Standing.VERIFIED
    )
    money = [figure("reported", 100, 100, line=MONEY)]
    assert freed(money, Measure.MONEY, nobody_to_ask=True) is None


def test_balance_says_what_is_left_and_what_is_not_sure() -> None:
    balance = Balance(Freed(Amount(300, 540), Standing.VERIFIED), 360)
    assert (balance.left, balance.over, balance.beyond_sure) == (Amount(0, 180), 0, True)
    assert balance.allows(180)
    assert not balance.allows(181)
    assert not balance.allows(0)
    assert Balance(Freed(Amount(-60, -10), Standing.VERIFIED), 30).over == 30
    assert (Balance(None, 0).left, Balance(None, 0).allows(1)) == (None, False)


@given(ends, st.lists(st.integers(-10, 3_000), max_size=20))
def test_never_more_is_used_than_was_freed(amount: Amount, wishes: list[int]) -> None:
    uses: list[Use] = []
    for number, wish in enumerate(wishes):
        spent = used(uses, 1, Measure.HOURS)
        if Balance(Freed(amount, Standing.VERIFIED), spent).allows(wish):
            uses.append(Use(number, 1, None, Measure.HOURS, wish))
    spent = used(uses, 1, Measure.HOURS)
    assert spent <= amount.high
    left = Balance(Freed(amount, Standing.VERIFIED), spent).left
    assert left is not None
    assert left.high + spent == amount.high


@given(st.lists(st.tuples(st.integers(1, 6), st.integers(1, 6)), max_size=25))
def test_no_accepted_use_closes_a_circle(pairs: list[tuple[int, int]]) -> None:
    uses: list[Use] = []
    for number, (source, target) in enumerate(pairs):
        way = circle(uses, source, target)
        reaches = source == target or source in onward(uses, target)
        assert (way is not None) == reaches
        if way is None:
            uses.append(Use(number, source, target, Measure.HOURS, 1))
        else:
            assert (way[0], way[-1]) == (source, source)
    assert all(start not in onward(uses, start) for start in range(1, 7))
    assert all(circle(uses, target, source) for source, target in _edges(uses))


def _edges(uses: list[Use]) -> list[tuple[int, int]]:
    return [(use.source, use.target) for use in uses if use.target is not None]


def test_chain_goes_on_from_one_initiative_to_the_next() -> None:
    uses = [Use(1, 1, 2, "hours", 5), Use(2, 2, 3, "hours", 2), Use(3, 1, None, "hours", 1)]
    assert onward(uses, 1) == [2, 3]
    assert circle(uses, 3, 1) == [3, 1, 2, 3]


def parts(**kinds: int) -> list[Part]:
    words = {"cut": InitiativeKind.SUBTRACT, "add": InitiativeKind.ADD, "unsaid": ""}
    return [Part(words[name], Phase.BUILDING) for name, n in kinds.items() for _ in range(n)]


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ([], ["まだ取組がありません。"]),
        (
            [
                *parts(cut=12, add=2),
                Part("add", Phase.LIVE, verified=True),
            ],
            [
                "続いている取組は、仕事を減らすもの（引き算）が12、新しい価値をつくるもの（足し算）が3です。"
            ],
        ),
        (
            parts(cut=2),
            [
                "続いている取組は、仕事を減らすもの（引き算）が2、新しい価値をつくるもの（足し算）が0です。",
                "足し算の取組がまだありません。",
            ],
        ),
        (
            parts(add=1),
            [
                "続いている取組は、仕事を減らすもの（引き算）が0、新しい価値をつくるもの（足し算）が1です。",
                "引き算の取組がまだありません。",
            ],
        ),
        (
            parts(cut=1, add=1, unsaid=3),
            [
                "続いている取組は、仕事を減らすもの（引き算）が1、新しい価値をつくるもの（足し算）が1です。",
                "種別が書かれていない取組が3あります。",
            ],
        ),
        (
            parts(cut=1, add=1),
            [
                "続いている取組は、仕事を減らすもの（引き算）が1、新しい価値をつくるもの（足し算）が1です。",
                "運用を始めた足し算の取組がまだありません。",
            ],
        ),
        (
            [Part("add", Phase.LIVE), *parts(cut=1), Part("subtract", Phase.STOPPED)],
            [
                "続いている取組は、仕事を減らすもの（引き算）が1、新しい価値をつくるもの（足し算）が1です。",
                "運用を始めた取組の効果がまだ確かめられていません。",
                "やめた取組は1です。",
            ],
        ),
        (
            [Part("add", Phase.STOPPED)],
            [
                "続いている取組は、仕事を減らすもの（引き算）が0、新しい価値をつくるもの（足し算）が0です。",
                "やめた取組は1です。",
            ],
        ),
    ],
)
def test_sentence_names_what_is_missing(found: list[Part], said: list[str]) -> None:
    assert sentences(found) == said


def test_counts_hold_every_kind_and_phase() -> None:
    held = counts([*parts(cut=2), Part("", Phase.STOPPED)])
    assert held["subtract"]["building"] == 2
    assert held[""]["stopped"] == 1
    assert sum(sum(row.values()) for row in held.values()) == 3
