"""How a count is shown so that neither "all" nor "nobody" shows in a small group, and the check."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Literal

from surveys.groups import ALL, Group, children_of

Bound = Literal["exact", "at_least", "at_most", "none"]
Span = tuple[int, int]

SMALL = 20
"""Groups under this size show neither that all nor that nobody chose something."""
UNANSWERED = ""
NOT_ASKED = "not_asked"
HALF = 50


@dataclass(frozen=True)
class Share:
    """A share in whole percent, a multiple of 5; None when it is not shown."""

    percent: int | None
    bound: Bound


@dataclass(frozen=True)
class Cell:
    """One option in one group, as stored: `below_k` stands for "fewer than k, perhaps nobody"."""

    count: int | None
    below_k: bool
    share: Share


@dataclass(frozen=True)
class TallyRow:
    """One question in one group. `hidden` rows keep n and show no cell."""

    group: str
    question: str
    n: int
    cells: Mapping[str, Cell]
    hidden: bool = False


NOT_SHOWN = Share(None, "none")
HIDDEN_CELL = Cell(None, False, NOT_SHOWN)


def band(n: int) -> int:
    """Percent at either end that is shown as one band: 20 (n < 10), 10 (n < 20), else 5.

    Within such a band at least two counts are possible for every n >= 5. The source gives no band
    from 20 people on; without one, "0 %" of a bureau of 40 says "nobody" of its section of 8.
    """
    return 20 if n < 10 else 10 if n < SMALL else 5


@lru_cache(maxsize=65536)
def rounded_share(count: int, n: int) -> Share:
    """Round half up to 5 points, from the exact value, with bands at both ends (rule 6)."""
    if n <= 0:
        return NOT_SHOWN
    edge = band(n)
    if count * 100 <= edge * n:
        return Share(edge, "at_most")
    if count * 100 >= (100 - edge) * n:
        return Share(100 - edge, "at_least")
    return Share((count * 40 + n) // (2 * n) * 5, "exact")


def half_share(count: int, n: int) -> Share:
    """The coarse form: at least half, or not more than half."""
    return Share(HALF, "at_least" if count * 2 >= n else "at_most")


@lru_cache(maxsize=65536)
def share_span(share: Share, n: int) -> Span:
    """The counts that a reader who knows these rules can still believe, lowest and highest.

    Only a cell outside the bands is ever coarsened in a group under 20, so its half is read
    without the bands.
    """
    percent, edge = share.percent, band(n)
    if percent is None:
        return 0, n
    if percent == HALF and share.bound != "exact" and n < SMALL:
        inner = edge * n // 100 + 1
        return (inner, (n - 1) // 2) if share.bound == "at_most" else (-(-n // 2), n - inner)
    if share.bound == "at_most":
        return 0, percent * n // 100
    if share.bound == "at_least":
        return -(-percent * n // 100), n
    near = range(max(0, (percent - 3) * n // 100), min(n, (percent + 3) * n // 100 + 1) + 1)
    fits = [count for count in near if rounded_share(count, n) == share]
    return (fits[0], fits[-1]) if fits else (0, n)


def cell_span(cell: Cell, group: Group, k: int) -> Span:
    """The counts that one stored cell allows by itself."""
    if cell.count is not None:
        return cell.count, cell.count
    if cell.below_k:
        return 0, min(k - 1, group.n)
    low, high = share_span(cell.share, group.n)
    if group.key == ALL and group.n >= SMALL and cell.share.percent not in (None, HALF):
        low = min(max(low, k), high)  # fewer than k would have been folded
    return low, high


class Spans:
    """Everything that can be concluded about one question: intervals, narrowed until they stand.

    Sums used: options of a group make n (one choice), or each option and "unanswered" stay within
    n and together reach it (several); groups below a group make its count, option by option.
    Raises ValueError where no answers at all fit the rows.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        cells: Mapping[str, Mapping[str, Cell]],
        options: Sequence[str],
        *,
        multiple: bool,
        k: int,
    ) -> None:
        self.groups = {group.key: group for group in groups}
        self.below = {k: v for k, v in children_of(groups).items() if k in self.groups}
        self.options = tuple(options)
        self.multiple = multiple
        self.start = {
            group.key: [
                cell_span(cells.get(group.key, {}).get(option, HIDDEN_CELL), group, k)
                for option in self.options
            ]
            for group in groups
        }
        self.low = {key: [span[0] for span in spans] for key, spans in self.start.items()}
        self.high = {key: [span[1] for span in spans] for key, spans in self.start.items()}
        self.settle()

    def settle(self) -> None:
        """Narrow until nothing changes; intervals may have been narrowed from outside before."""
        dirty = set(self.groups)
        families = set(self.below)
        self._refuse_contradiction(dirty)
        while dirty or families:
            changed = {key for key in dirty if self._narrow_row(key)}
            for key in changed:
                families.update(self._families_of(key))
            dirty = set()
            for key in families:
                dirty.update(self._narrow_family(key))
            self._refuse_contradiction(changed | dirty)
            families = {family for key in dirty for family in self._families_of(key)}

    def _refuse_contradiction(self, keys: Iterable[str]) -> None:
        """Intervals that turned over would be narrowed for ever."""
        for key in keys:
            if any(a > b for a, b in zip(self.low[key], self.high[key], strict=True)):
                raise ValueError(f"The rows contradict each other: no answers of {key} fit them.")

    def _families_of(self, key: str) -> list[str]:
        parent = self.groups[key].parent
        return [family for family in (key, parent) if family is not None and family in self.below]

    def row_span(self, key: str, at: int, low: Sequence[int], high: Sequence[int]) -> Span:
        """What the other options of a group leave for one option."""
        n = self.groups[key].n
        if not self.multiple:
            return n - sum(high) + high[at], n - sum(low) + low[at]
        none = self.options.index(UNANSWERED) if UNANSWERED in self.options else None
        if none is None:
            return 0, n
        if at == none:
            rest_low = [value for i, value in enumerate(low) if i != none]
            rest_high = sum(high) - high[none]
            return n - rest_high, n - max(rest_low, default=0)
        return n - sum(high) + high[at], n - low[none]

    def _narrow_row(self, key: str) -> bool:
        low, high = self.low[key], self.high[key]
        if all(a == b for a, b in zip(low, high, strict=True)):
            return False
        if not self.multiple:
            return self._narrow_single(key)
        changed = False
        for at in range(len(low)):
            bottom, top = self.row_span(key, at, low, high)
            if bottom > low[at] or top < high[at]:
                low[at], high[at] = max(low[at], bottom), min(high[at], top)
                changed = True
        return changed

    def _narrow_single(self, key: str) -> bool:
        low, high, n = self.low[key], self.high[key], self.groups[key].n
        short, spare = n - sum(high), n - sum(low)
        changed = False
        for at, (a, b) in enumerate(zip(low, high, strict=True)):
            if b - a > spare or b - a > -short:
                low[at], high[at] = max(a, b + short), min(b, a + spare)
                changed = True
        return changed

    def _narrow_family(self, key: str) -> set[str]:
        """Narrow parent and children of one family; return the groups that changed."""
        children = [group.key for group in self.below[key]]
        lows, highs = [self.low[c] for c in children], [self.high[c] for c in children]
        low, high = self.low[key], self.high[key]
        bottoms = [sum(column) for column in zip(*lows, strict=True)]
        tops = [sum(column) for column in zip(*highs, strict=True)]
        changed: set[str] = set()
        for at, (bottom, top) in enumerate(zip(bottoms, tops, strict=True)):
            if bottom > low[at] or top < high[at]:
                low[at], high[at] = max(low[at], bottom), min(high[at], top)
                changed.add(key)
            spare, short = high[at] - bottom, top - low[at]
            for child, a, b in zip(children, lows, highs, strict=True):
                width = b[at] - a[at]
                if width > spare or width > short:
                    a[at], b[at] = max(a[at], b[at] - short), min(b[at], a[at] + spare)
                    changed.add(child)
        return changed

    def leaks(self, cells: Mapping[str, Mapping[str, Cell]]) -> list[tuple[str, int]]:
        """The (group, option index) pairs that a reader can conclude and must not."""
        return [
            (key, at)
            for key, group in self.groups.items()
            for at, (low, high) in enumerate(zip(self.low[key], self.high[key], strict=True))
            if self._leaks(group, at, (low, high), cells.get(key, {}))
        ]

    def _leaks(self, group: Group, at: int, span: Span, row: Mapping[str, Cell]) -> bool:
        low, high = span
        if group.n < SMALL and (high == 0 or low == group.n):
            return True
        cell = row.get(self.options[at], HIDDEN_CELL)
        if low != high or cell.count is not None:
            return False
        if cell.below_k:
            return high == 0 or self.subtracted(group.key, at)
        return group.n < SMALL and _in_band(cell.share, group.n)

    def subtracted(self, key: str, at: int) -> bool:
        """Whether the published cells of the row alone leave one count for an option."""
        lows = [span[0] for span in self.start[key]]
        highs = [span[1] for span in self.start[key]]
        low, high = self.row_span(key, at, lows, highs)
        return max(low, lows[at]) == min(high, highs[at])


def _in_band(share: Share, n: int) -> bool:
    return share.bound in ("at_most", "at_least") and share.percent in (band(n), 100 - band(n))


def audit_cells(
    groups: Sequence[Group],
    rows: Iterable[TallyRow],
    k: int,
    *,
    multiple: Iterable[str] = (),
) -> list[str]:
    """Return a sentence for each conclusion that stored rows allow and rule 8 forbids.

    Forbidden in a group under 20: that everybody, or nobody, chose an option. Also forbidden: that
    a published band stands for one count, or that "fewer than k" is one count by subtraction in its
    own row. This is stricter than the rule and makes coarsening safe against a reader who knows
    this program: a row is coarsened when its banded options are all nobody *or* all somebody, so
    that it was coarsened says neither (proved for a row alone by enumeration in the tests; for
    several groups together the promise is the intervals, not more).
    Intervals are propagated over options, groups and parents. Rows of a question must list the
    same options; a group without a row is unknown.
    """
    cells: dict[str, dict[str, Mapping[str, Cell]]] = defaultdict(dict)
    for row in rows:
        cells[row.question][row.group] = row.cells
    several = set(multiple)
    findings = []
    for question, by_group in cells.items():
        options = tuple(next(iter(by_group.values())))
        spans = Spans(groups, by_group, options, multiple=question in several, k=k)
        findings += [
            f"Question {question}, group {key}: option {options[at]!r} is between "
            f"{spans.low[key][at]} and {spans.high[key][at]} of {spans.groups[key].n}."
            for key, at in spans.leaks(by_group)
        ]
    return findings


def hide(row: TallyRow) -> TallyRow:
    """The same row with n and without any cell."""
    return replace(row, cells=dict.fromkeys(row.cells, HIDDEN_CELL), hidden=True)
