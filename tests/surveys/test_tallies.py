"""What closing stores: nothing a reader adds up, or knows of this program, tells all or nobody."""

import random
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from surveys.partition import (
    ALL,
    NOT_ASKED,
    OTHER,
    UNANSWERED,
    Ballot,
    Cell,
    Group,
    QuestionSpec,
    Share,
    TallyRow,
    audit_cells,
    cell_span,
    cross,
    partition,
    tally,
)
from surveys.shares import Spans
from tests.surveys.test_partition import Organisation, city, flat, organisations

Counts = tuple[int, ...]
YES_NO = QuestionSpec("yn", ("yes", "no"))


def ballots_of(table: dict[int, Counts], question: QuestionSpec) -> list[Ballot]:
    return [
        Ballot(leaf, {question.code: option})
        for leaf, counts in table.items()
        for option, count in zip(question.listed, counts, strict=True)
        for _ in range(count)
    ]


def splits(n: int, parts: int) -> Iterator[Counts]:
    """Every way to share n people among the options."""
    if parts == 1:
        yield (n,)
        return
    for first in range(n + 1):
        for rest in splits(n - first, parts - 1):
            yield (first, *rest)


def random_ballots(
    rng: random.Random, counts: dict[int, int], questions: Sequence[QuestionSpec]
) -> list[Ballot]:
    result = []
    for leaf, n in counts.items():
        for _ in range(n):
            answers: dict[str, object] = {}
            for question in questions:
                if rng.random() < 0.03:
                    continue
                weights = [1 / (i + 1) for i in range(len(question.options))]
                picked = rng.choices(question.options, weights, k=3 if question.multiple else 1)
                answers[question.code] = picked if question.multiple else picked[0]
            result.append(Ballot(leaf, answers))
    return result


def row_of(rows: Sequence[TallyRow], group: str, question: str) -> TallyRow:
    return next(row for row in rows if (row.group, row.question) == (group, question))


questions = st.builds(
    lambda size, multiple: QuestionSpec("q", tuple(f"o{i}" for i in range(size)), multiple),
    st.integers(1, 6),
    st.booleans(),
)


@given(organisations(), questions, st.integers(5, 8), st.randoms(use_true_random=False))
def test_stored_rows_pass_the_audit_and_keep_the_truth(
    organisation: Organisation, question: QuestionSpec, k: int, rng: random.Random
) -> None:
    nodes, counts = organisation
    groups = partition(nodes, counts, k)
    ballots = random_ballots(rng, counts, [question])
    rows = tally(groups, ballots, [question], k)
    assert [row.group for row in rows] == [group.key for group in groups]
    several = ["q"] if question.multiple else []
    assert audit_cells(groups, rows, k, multiple=several) == []
    for group, row in zip(groups, rows, strict=True):
        assert row.n == group.n
        inside = [ballot for ballot in ballots if ballot.leaf in group.members]
        for option, cell in row.cells.items():
            true = sum(option in question.chosen(ballot.answers) for ballot in inside)
            low, high = cell_span(cell, group, k)
            assert low <= true <= high
            assert cell.count in (None, true)


@given(organisations(), questions, st.randoms(use_true_random=False))
def test_conclusions_never_exclude_the_truth(
    organisation: Organisation, question: QuestionSpec, rng: random.Random
) -> None:
    nodes, counts = organisation
    groups = partition(nodes, counts, 5)
    ballots = random_ballots(rng, counts, [question])
    cells = {row.group: row.cells for row in tally(groups, ballots, [question], 5)}
    spans = Spans(groups, cells, question.listed, multiple=question.multiple, k=5)
    for group in groups:
        inside = [ballot for ballot in ballots if ballot.leaf in group.members]
        for at, option in enumerate(question.listed):
            true = sum(option in question.chosen(ballot.answers) for ballot in inside)
            assert spans.low[group.key][at] <= true <= spans.high[group.key][at]


@pytest.mark.parametrize(
    ("options", "n"), [*product((1, 2), range(5, 20)), *product((3,), (6, 7, 9))]
)
def test_knowing_the_program_does_not_help_with_one_small_row(options: int, n: int) -> None:
    """Run every possible outcome; those that look alike must differ on "all" and "nobody"."""
    question = QuestionSpec("q", tuple("abc"[:options]))
    groups = partition(*flat(n), 5)
    alike = defaultdict(list)
    for counts in splits(n, options + 1):
        rows = tally(groups, ballots_of({1: counts}, question), [question], 5)
        alike[tuple((row.hidden, *row.cells.values()) for row in rows)].append(counts)
    for outcomes in alike.values():
        for column in zip(*outcomes, strict=True):
            assert set(column) != {0}
            assert set(column) != {n}


@pytest.mark.parametrize(("first", "second"), [(5, 5), (6, 7), (8, 14), (9, 11)])
def test_trying_every_outcome_of_two_groups_proves_nothing(first: int, second: int) -> None:
    """All tables that fit the published rows, enumerated: stronger than intervals."""
    rng = random.Random(first)
    question = QuestionSpec("q", ("a", "b"))
    groups = partition(*flat(first, second), 5)
    for _ in range(40):
        table = {}
        for leaf, n in ((1, first), (2, second)):
            drawn = rng.choices(range(3), (0.6, 0.3, 0.1), k=n)
            table[leaf] = tuple(drawn.count(at) for at in range(3))
        rows = tally(groups, ballots_of(table, question), [question], 5)
        top, *below = (
            [cell_span(cell, group, 5) for cell in row.cells.values()]
            for row, group in zip(rows, groups, strict=True)
        )
        pairs = [
            (one, two)
            for one in splits(first, 3)
            for two in splits(second, 3)
            if _fits(one, below[0])
            and _fits(two, below[1])
            and _fits([a + b for a, b in zip(one, two, strict=True)], top)
        ]
        assert (table[1], table[2]) in pairs
        for side, n in enumerate((first, second)):
            for at in range(3):
                assert {pair[side][at] for pair in pairs} not in ({0}, {n})


def _fits(counts: Sequence[int], spans: Sequence[tuple[int, int]]) -> bool:
    return all(low <= count <= high for count, (low, high) in zip(counts, spans, strict=True))


def test_all_staff_see_counts_and_sections_see_shares() -> None:
    groups = partition(*flat(30, 12), 5)
    rows = tally(groups, ballots_of({1: (20, 8, 2), 2: (6, 4, 2)}, YES_NO), [YES_NO], 5)
    assert row_of(rows, ALL, "yn").cells["yes"].count == 26
    section = row_of(rows, "n2", "yn")
    assert all(cell.count is None for cell in section.cells.values())
    assert section.cells["yes"].share == Share(50, "exact")
    assert section.n == 12


def test_small_counts_of_all_staff_are_folded_and_cannot_be_subtracted() -> None:
    groups = partition(*flat(600), 5)
    for left_out in (0, 3):
        table = {1: (390, 210 - left_out, left_out)}
        rows = tally(groups, ballots_of(table, YES_NO), [YES_NO], 5)
        cells = row_of(rows, ALL, "yn").cells
        assert cells["yes"].count == 390
        assert cells["no"] == Cell(None, False, Share(35, "at_most"))
        assert cells[UNANSWERED].count is None
        assert cells[UNANSWERED].below_k


def test_fewer_than_twenty_in_all_see_shares_only() -> None:
    groups = partition(*flat(14), 5)
    rows = tally(groups, ballots_of({1: (8, 6, 0)}, YES_NO), [YES_NO], 5)
    assert all(cell.count is None for row in rows for cell in row.cells.values())


def test_nothing_is_stored_without_groups() -> None:
    assert tally((), [], [YES_NO], 5) == []


def test_ballot_without_a_group_is_an_error() -> None:
    with pytest.raises(ValueError, match="segment"):
        tally(partition(*flat(9), 5), [Ballot(99, {})], [YES_NO], 5)


def test_unknown_and_missing_answers_count_as_unanswered() -> None:
    several = QuestionSpec("m", ("a", "b"), multiple=True)
    assert YES_NO.chosen({}) == [UNANSWERED]
    assert YES_NO.chosen({"yn": "perhaps"}) == [UNANSWERED]
    assert YES_NO.chosen({"yn": ["no", "yes"]}) == ["no"]
    assert several.chosen({"m": []}) == [UNANSWERED]
    assert several.chosen({"m": ["b", "a", "b"]}) == ["b", "a"]


def branching(asked: dict[int, int]) -> tuple[Sequence[Group], list[TallyRow]]:
    """A follow-up put to the given number of people in sections of 15 and 25."""
    question = QuestionSpec("why", ("a", "b"), asked=lambda answers: bool(answers.get("used")))
    ballots = [
        Ballot(leaf, {"used": at < asked[leaf], "why": "a" if at % 2 else "b"})
        for leaf, n in ((1, 15), (2, 25))
        for at in range(n)
    ]
    groups = partition(*flat(15, 25), 5)
    return groups, tally(groups, ballots, [question], 5)


def test_branch_is_tallied_everywhere_when_both_parts_are_large() -> None:
    groups, rows = branching({1: 8, 2: 12})
    assert [row.group for row in rows] == [group.key for group in groups]
    assert row_of(rows, ALL, "why").cells[NOT_ASKED].count == 20
    assert {row.n for row in rows} == {40, 15, 25}


def test_branch_stays_at_all_staff_when_a_part_is_small() -> None:
    _groups, rows = branching({1: 3, 2: 12})
    assert [row.group for row in rows] == [ALL]
    assert row_of(rows, ALL, "why").cells[NOT_ASKED].count == 25


def test_branch_is_hidden_when_few_were_asked_at_all() -> None:
    _groups, rows = branching({1: 3, 2: 0})
    assert [row.hidden for row in rows] == [True]
    assert all(cell.share.percent is None for cell in rows[0].cells.values())


def attribute(*, top_only: bool) -> list[TallyRow]:
    """Kinds of work in two large sections, in each of them everywhere k or more."""
    job = QuestionSpec("job", ("counter", "office", "field"), top_only=top_only)
    table = {1: (40, 40, 40, 10), 2: (60, 50, 40, 10)}
    return tally(partition(*flat(130, 160), 5), ballots_of(table, job), [job], 5)


def test_an_attribute_stays_at_all_staff_however_many_answer() -> None:
    rows = attribute(top_only=True)

    assert [row.group for row in rows] == [ALL]
    assert row_of(rows, ALL, "job").cells["counter"].count == 100
    assert not rows[0].hidden


def test_the_same_answers_would_be_told_by_section_if_they_were_no_attribute() -> None:
    assert len(attribute(top_only=False)) == 3


def test_what_an_attribute_leads_to_stays_at_all_staff_though_enough_were_asked() -> None:
    question = QuestionSpec(
        "why", ("a", "b"), asked=lambda answers: bool(answers.get("used")), top_only=True
    )
    ballots = [Ballot(leaf, {"used": at % 2, "why": "a"}) for leaf in (1, 2) for at in range(40)]

    rows = tally(partition(*flat(40, 40), 5), ballots, [question], 5)

    assert [row.group for row in rows] == [ALL]
    assert row_of(rows, ALL, "why").cells[NOT_ASKED].count == 40


def test_a_number_is_tallied_and_crossed_by_its_class() -> None:
    classes: dict[object, str] = {"3": "few", "90": "many"}
    number = QuestionSpec("n", ("few", "many"), class_of=classes.get)
    other = QuestionSpec("s", ("x", "y"))
    answered = [{"n": "3", "s": "x"}, {"n": "90", "s": "y"}, {"n": "7", "s": "y"}]
    ballots = [Ballot(1, answers) for answers in answered for _ in range(15)]

    rows = tally(partition(*flat(45), 5), ballots, [number], 5)
    cells = cross(ballots, number, other, 5)

    counts = {option: cell.count for option, cell in rows[0].cells.items()}
    assert counts == {"few": 15, "many": 15, UNANSWERED: 15}
    assert {(cell.first, cell.second, cell.n) for cell in cells} == {
        ("few", "x", 15),
        ("many", "y", 15),
        (UNANSWERED, "y", 15),
    }


def test_an_answer_called_other_is_not_the_folded_rest() -> None:
    first, second = QuestionSpec("f", ("a", "other")), QuestionSpec("s", ("x", "other"))
    ballots = [Ballot(1, {"f": "other", "s": "other"})] * 30 + [Ballot(1, {"f": "a", "s": "x"})] * 9
    ballots += [Ballot(1, {"f": "a"})] * 2 + [Ballot(1, {"s": "x"})] * 3

    cells = cross(ballots, first, second, 5)

    assert len({(cell.first, cell.second) for cell in cells}) == len(cells)
    assert OTHER not in {*first.options, *second.options}
    assert sum(cell.n for cell in cells) == 44


def test_cross_folds_small_cells_so_that_no_line_gives_them_back() -> None:
    first, second = QuestionSpec("f", ("a", "b")), QuestionSpec("s", ("x", "y"))
    ballots = [
        Ballot(1, {"f": a, "s": b})
        for (a, b), n in {("a", "x"): 20, ("a", "y"): 3, ("b", "x"): 12, ("b", "y"): 30}.items()
        for _ in range(n)
    ]
    cells = cross(ballots, first, second, 5)
    shown = {(cell.first, cell.second): cell.n for cell in cells}
    assert shown == {(OTHER, OTHER): 65}
    assert cross(ballots[:19], first, second, 5) == []


@given(st.lists(st.integers(0, 12), min_size=9, max_size=9), st.integers(5, 8))
def test_cross_lines_leave_nobody_or_k(counts: list[int], k: int) -> None:
    first, second = QuestionSpec("f", ("a", "b")), QuestionSpec("s", ("x", "y"))
    pairs = list(product(first.listed, second.listed))
    ballots = [
        Ballot(1, {"f": a, "s": b})
        for (a, b), n in zip(pairs, counts, strict=True)
        for _ in range(n)
    ]
    cells = cross(ballots, first, second, k)
    assert sum(cell.n for cell in cells) == (len(ballots) if len(ballots) >= 20 else 0)
    assert all(cell.n >= k for cell in cells)
    exact = dict(zip(pairs, counts, strict=True))
    shown = {(cell.first, cell.second) for cell in cells if cell.first != OTHER}
    for a in first.listed:
        line = [(a, b) for b in second.listed]
        rest = sum(exact[pair] for pair in line if pair not in shown)
        assert rest == 0 or rest >= k or not shown & set(line)


def test_cross_refuses_several_choices() -> None:
    with pytest.raises(ValueError, match="one choice"):
        cross([], YES_NO, QuestionSpec("m", ("a",), multiple=True), 5)


def test_ten_thousand_ballots_close_in_seconds() -> None:
    rng = random.Random(9)
    nodes, counts = city(rng, 1, bureaus=35, sections=700)
    questions = [
        QuestionSpec(f"q{i}", tuple(f"o{j}" for j in range(20)), multiple=i % 3 == 0)
        for i in range(12)
    ]
    ballots = random_ballots(rng, counts, questions)
    started = time.perf_counter()
    groups = partition(nodes, counts, 5)
    rows = tally(groups, ballots, questions, 5)
    spent = time.perf_counter() - started
    print(f"{len(ballots)} ballots, {len(groups)} groups, {len(rows)} rows: {spent:.1f} s")  # noqa: T201
    assert spent < 30
    assert sum(row.hidden for row in rows) < len(rows) / 20
