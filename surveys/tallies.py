"""From opened ballots to what is stored: option tallies and crossed pairs."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from surveys.certainty import certain_ends
from surveys.groups import ALL, Group, asked_publishable, audit_groups, children_of
from surveys.shares import (
    HIDDEN_CELL,
    NOT_ASKED,
    NOT_SHOWN,
    SMALL,
    UNANSWERED,
    Cell,
    Share,
    Spans,
    TallyRow,
    half_share,
    hide,
    rounded_share,
    share_span,
)

OTHER = "_rest"
"""Stands for the folded cells of a cross table; no option has this code (`design_checks`)."""
Step = tuple[str, int | None]
WHOLE = -1


class Ballot(NamedTuple):
    """One opened ballot: the segment and, per question, an option or a list of options."""

    leaf: int
    answers: Mapping[str, Any]


@dataclass(frozen=True)
class QuestionSpec:
    """A closed question. `options` are codes without "unanswered", which is always added.

    `asked` tells from a ballot's answers whether the question was put; None: to everybody.
    `class_of` turns what was answered into an option where the two differ (a number into its
    class). `top_only`: an attribute, or asked by one, is tallied for all staff only (rule 5).
    """

    code: str
    options: tuple[str, ...]
    multiple: bool = False
    asked: Callable[[Mapping[str, Any]], bool] | None = None
    class_of: Callable[[object], str | None] | None = None
    top_only: bool = False

    @property
    def listed(self) -> tuple[str, ...]:
        """All options that are tallied, "not asked" and "unanswered" last."""
        extra = (NOT_ASKED, UNANSWERED) if self.asked else (UNANSWERED,)
        return self.options + extra

    def chosen(self, answers: Mapping[str, Any]) -> list[str]:
        """The options that a ballot counts for; an option unknown to the wave counts as none."""
        if self.asked and not self.asked(answers):
            return [NOT_ASKED]
        given = answers.get(self.code)
        values = given if isinstance(given, (list, tuple)) else [given]
        if self.class_of:
            values = [self.class_of(value) for value in values]
        known = [option for option in dict.fromkeys(values) if option in self.options]
        return (known if self.multiple else known[:1]) or [UNANSWERED]


@dataclass(frozen=True)
class CrossCell:
    """How many chose both options, all staff; both are `OTHER` in the folded rest."""

    first: str
    second: str
    n: int


def tally(
    groups: Sequence[Group], ballots: Iterable[Ballot], questions: Sequence[QuestionSpec], k: int
) -> list[TallyRow]:
    """Return every row that may be stored, coarsened until the auditor finds nothing.

    All staff from 20 people on: exact counts, those under k folded together with 0 ("fewer than
    k"), so that a folded option says nothing about a section either. Everything else: shares of
    rule 6, each from its own exact value. Every row of a question has n = all respondents of the
    group. An attribute stays at all staff (rule 5). A question not put to everybody stays there
    unless rule 7 holds, and is left out where 1 to k-1 people were asked, or were not. Raises
    ValueError for a ballot of no group.

    What a reader can add up is in `audit_cells`. Where that finds something, the cells to blame
    become halves ("5割以上"), then their row is hidden; n always stays.
    """
    if not groups:
        return []
    exact = _count(groups, ballots, questions)
    rows: list[TallyRow] = []
    for question in questions:
        sheet = _Sheet(groups, question, exact[question.code], k)
        rows += sheet.clean()
    return rows


def _count(
    groups: Sequence[Group], ballots: Iterable[Ballot], questions: Sequence[QuestionSpec]
) -> dict[str, dict[str, list[int]]]:
    """Exact counts per question, group and option."""
    members = set(groups[0].members)
    by_leaf: dict[str, dict[int, list[int]]] = {question.code: {} for question in questions}
    places = {q.code: {option: i for i, option in enumerate(q.listed)} for q in questions}
    for leaf, answers in ballots:
        if leaf not in members:
            raise ValueError("A ballot belongs to a segment that is in no group.")
        for question in questions:
            place = places[question.code]
            row = by_leaf[question.code].setdefault(leaf, [0] * len(place))
            for option in question.chosen(answers):
                row[place[option]] += 1
    return {
        code: {
            group.key: [
                sum(column)
                for column in zip(
                    [0] * len(places[code]),
                    *(leaves[leaf] for leaf in group.members if leaf in leaves),
                    strict=True,
                )
            ]
            for group in groups
        }
        for code, leaves in by_leaf.items()
    }


class _Sheet:
    """One question in all groups, and how far each cell has been coarsened."""

    def __init__(
        self, groups: Sequence[Group], question: QuestionSpec, counts: dict[str, list[int]], k: int
    ) -> None:
        self.question, self.k, self.counts = question, k, counts
        self.options = question.listed
        self.top = groups[0]
        self.suppressed = False
        if question.asked:
            groups = self._askable(groups)
        if question.top_only:
            groups = groups[:1]
        self.groups = groups
        self.by_key = {group.key: group for group in groups}
        self.below = children_of(groups)
        self.level: dict[tuple[str, int], int] = defaultdict(int)
        self.hidden: set[str] = {ALL} if self.suppressed else set()
        self.ceiling: dict[int, Share] = self._folded() if self.top.n >= SMALL else {}
        self.cells = {group.key: self._row(group.key) for group in groups}

    def _folded(self) -> dict[int, Share]:
        """Options of all staff that lose their count so that the folded ones have no known sum.

        If the options under k are fewer than k people together, the smallest counts above are
        replaced by "at most", until what is missing leaves room for every sum from 0 to k-1. The
        percentage shown is that of all that is missing, which everybody can add up anyway.
        """
        counts, k = self.counts[ALL], self.k
        missing = sum(count for count in counts if count < k)
        if self.question.multiple or min(counts) >= k or missing >= k:
            return {}
        places = sorted((c, at) for at, c in enumerate(counts) if c >= k)
        taken = 0
        while taken < len(places) and (taken == 0 or missing < (taken + 1) * k - 1):
            missing += places[taken][0]
            taken += 1
        share = Share(-(-missing * 20 // self.top.n) * 5, "at_most")
        return {at: share if share.percent != 100 else NOT_SHOWN for _c, at in places[:taken]}

    def _askable(self, groups: Sequence[Group]) -> Sequence[Group]:
        place = self.options.index(NOT_ASKED)
        n = {group.key: group.n for group in groups}
        asked = {key: total - self.counts[key][place] for key, total in n.items()}
        if asked_publishable(asked, n, self.k):
            return groups
        self.suppressed = not asked_publishable({ALL: asked[ALL]}, {ALL: n[ALL]}, self.k)
        return groups[:1]

    def clean(self) -> list[TallyRow]:
        """Coarsen, a step for each conclusion at a time, until none is left."""
        while True:
            spans = Spans(
                self.groups, self.cells, self.options, multiple=self.question.multiple, k=self.k
            )
            leaks = spans.leaks(self.cells) or self._certain(spans)
            if not leaks:
                break
            steps = {self._row_step(key) for key, at in leaks if self._in_row(spans, key, at)}
            steps = steps or {self._family_step(key, at) for key, at in leaks}
            for key, at in sorted(steps, key=str):
                self._apply(key, at)
        rows = [
            TallyRow(group.key, self.question.code, group.n, self.cells[group.key])
            for group in self.groups
        ]
        return [hide(row) if row.group in self.hidden else row for row in rows]

    def _certain(self, spans: Spans) -> list[tuple[str, int]]:
        """What intervals miss: ends that follow from sums of several options and groups."""
        if self.question.multiple:
            return []
        return certain_ends(self.groups, spans.start, self.counts)

    def _row(self, key: str) -> dict[str, Cell]:
        if key in self.hidden:
            return dict.fromkeys(self.options, HIDDEN_CELL)
        return {option: self._cell(key, at) for at, option in enumerate(self.options)}

    def _cell(self, key: str, at: int) -> Cell:
        count, n, level = self.counts[key][at], self.by_key[key].n, self.level[key, at]
        if key == ALL and n >= SMALL:
            if level == 0 and count < self.k:
                return Cell(None, True, NOT_SHOWN)
            if at in self.ceiling:
                return Cell(None, False, self.ceiling[at] if level < 2 else NOT_SHOWN)
            if level < 2:
                return Cell(None if level else count, False, rounded_share(count, n))
            return Cell(None, False, half_share(count, n))
        return Cell(None, False, half_share(count, n) if level else rounded_share(count, n))

    def _may_coarsen(self, key: str, at: int) -> bool:
        """In a group under 20 only cells outside the bands become halves (see `share_span`)."""
        if key in self.hidden:
            return False
        n, level = self.by_key[key].n, self.level[key, at]
        if n < SMALL:
            share = self.cells[key][self.options[at]].share
            return level == 0 and share.bound == "exact"
        return level < (2 if key == ALL else 1)

    def _apply(self, key: str, at: int | None) -> None:
        if at is None:
            self.hidden.add(key)
        elif at == WHOLE:
            for place in range(len(self.options)):
                self.level[key, place] += self._may_coarsen(key, place)
        else:
            folded = self.cells[key][self.options[at]].below_k
            self.level[key, at] += 2 if folded else 1
        self.cells[key] = self._row(key)

    def _in_row(self, spans: Spans, key: str, at: int) -> bool:
        """Whether the row alone allows a conclusion; rows are settled before families."""
        if key in self.hidden:
            return False
        n = self.by_key[key].n
        lows, highs = zip(*spans.start[key], strict=True)
        low, high = spans.row_span(key, at, lows, highs)
        return spans.subtracted(key, at) or (n < SMALL and (high <= 0 or low >= n))

    def _row_step(self, key: str) -> Step:
        """The smallest exact count of all staff; in other groups all close cells, or the row."""
        places = [
            at
            for at in range(len(self.options))
            if self._may_coarsen(key, at) and not self.cells[key][self.options[at]].below_k
        ]
        if not places:
            return key, None
        if self.by_key[key].n < SMALL:
            return key, WHOLE if self._halves_hide(key, places) else None
        return key, min(places, key=lambda at: (self.level[key, at], self.counts[key][at], at))

    def _halves_hide(self, key: str, places: Sequence[int]) -> bool:
        """Whether halves fit both "nobody" and "somebody" in every band of a small row.

        A row is coarsened when its bands are all nobody or all somebody. Where the halves leave
        no room for the second, having been coarsened would mean the first. For the same reason
        all close cells become halves at once: stopping early would tell how many were needed.
        """
        n = self.by_key[key].n
        least = sum(share_span(half_share(self.counts[key][at], n), n)[0] for at in places)
        return least + len(self.options) - len(places) <= n

    def _family_step(self, key: str, at: int) -> Step:
        """Blur the parent, then the siblings, then hide them, then go one family up."""
        place: str | None = key
        while place is not None:
            parent = self.by_key[place].parent
            family = [group for group in self.below.get(parent or "", ()) if group.key != key]
            family += [] if place == key else self.below.get(place, [])
            by_size = sorted(family, key=lambda group: (group.n, group.key))
            if parent is not None and self._may_coarsen(parent, at):
                return parent, at
            for group in reversed(by_size):
                if self._may_coarsen(group.key, at):
                    return group.key, at
            for group in by_size:
                if group.key not in self.hidden:
                    return group.key, None
            if parent is not None and parent not in self.hidden:
                return parent, None
            place = parent
        for group in reversed(self.groups):
            if group.key not in self.hidden:
                return group.key, None
        raise ValueError("A question with one option cannot be published.")


def cross(
    ballots: Iterable[Ballot], first: QuestionSpec, second: QuestionSpec, k: int
) -> list[CrossCell]:
    """Return a declared pair for all staff: cells of at least k, and the rest as one folded cell.

    The reader also has both questions' own counts, so in each line of the table the folded cells
    must be nobody or at least k together; where they are not, the smallest shown cell of the line
    is folded as well. `audit_groups` has the last word, with cells in the place of segments.
    Fewer than 20 ballots: nothing. Only questions with one choice can be crossed.
    """
    if first.multiple or second.multiple:
        raise ValueError("Only questions with one choice can be crossed.")
    ballots = list(ballots)
    if len(ballots) < SMALL:
        return []
    counts = {(a, b): 0 for a in first.listed for b in second.listed}
    for ballot in ballots:
        counts[first.chosen(ballot.answers)[0], second.chosen(ballot.answers)[0]] += 1
    lines = [[(a, b) for b in second.listed] for a in first.listed]
    lines += [[(a, b) for a in first.listed] for b in second.listed]
    lines.append(list(counts))
    shown = {cell for cell, n in counts.items() if n >= k}
    while shown:
        fold = _to_fold(counts, lines, shown, k)
        if fold is None:
            break
        shown.discard(fold)
    rest = len(ballots) - sum(counts[cell] for cell in shown)
    table = [CrossCell(*cell, n) for cell, n in counts.items() if cell in shown]
    return [*table, CrossCell(OTHER, OTHER, rest)] if rest else table


def _to_fold(
    counts: Mapping[tuple[str, str], int],
    lines: Sequence[Sequence[tuple[str, str]]],
    shown: set[tuple[str, str]],
    k: int,
) -> tuple[str, str] | None:
    """The next cell to fold, None when nothing below k can be derived."""

    def smallest(cells: Iterable[tuple[str, str]]) -> tuple[str, str]:
        return min(cells, key=lambda cell: (counts[cell], cell))

    for line in lines:
        open_cells = [cell for cell in line if cell in shown]
        if open_cells and 0 < sum(counts[cell] for cell in line if cell not in shown) < k:
            return smallest(open_cells)
    number = {cell: i for i, cell in enumerate(counts)}
    sets = [[cell] for cell in shown]
    sets += [list(line) for line in lines if sum(counts[cell] for cell in line) >= k]
    known = [
        Group(str(i), None, "merged", None, tuple(sorted(number[cell] for cell in cells)), 0)
        for i, cells in enumerate(sets)
    ]
    leaks = audit_groups(known, {number[cell]: n for cell, n in counts.items()}, k)
    return smallest(shown) if leaks else None
