"""What a published level adds to published cells, and whether the two together tell too much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

from surveys.groups import ALL, Group
from surveys.shares import SMALL, Cell, Span, Spans, TallyRow, cell_span

#: Ways to fill a row that are looked at; a row with more is coarse enough to hide whatever it says.
WAYS = 20_000


def level_tells(
    row: TallyRow, group: Group, positive: Collection[str], outcome: Callable[[int], object], k: int
) -> bool:
    """Whether some outcome would show "nobody", "everybody" or one count behind a band.

    `outcome` is what is published about the number of positive answers. Looks at every way in which
    the row can be filled, and at each outcome that is possible, not at the one that holds: so what
    is decided here tells nothing by itself. Groups of 20 or more may show both ends (rule 8).
    """
    if group.n >= SMALL or row.hidden:
        return False
    options = list(row.cells)
    spans = [cell_span(row.cells[option], group, k) for option in options]
    ways: list[tuple[int, ...]] = []
    for way in _ways(spans, group.n):
        ways.append(way)
        if len(ways) > WAYS:
            return False
    agree = [option in positive for option in options]
    by_outcome: dict[object, list[tuple[int, ...]]] = defaultdict(list)
    for way in ways:
        by_outcome[outcome(sum(n for n, yes in zip(way, agree, strict=True) if yes))].append(way)
    known = _ends(ways)
    return any(_tells(_ends(found), known, group.n) for found in by_outcome.values())


def _ways(spans: Sequence[Span], n: int) -> Iterator[tuple[int, ...]]:
    """Every row of counts within the spans that adds up to n."""
    if not spans:
        if n == 0:
            yield ()
        return
    low, high = spans[0]
    rest_low = sum(span[0] for span in spans[1:])
    rest_high = sum(span[1] for span in spans[1:])
    for count in range(max(low, n - rest_high), min(high, n - rest_low) + 1):
        for rest in _ways(spans[1:], n - count):
            yield (count, *rest)


def _ends(ways: Sequence[tuple[int, ...]]) -> list[Span]:
    return [(min(column), max(column)) for column in zip(*ways, strict=True)]


def _tells(found: Sequence[Span], known: Sequence[Span], n: int) -> bool:
    """Whether an end, or a single count, is known that the cells alone leave open."""
    return any(
        low == high and before != (low, high) and (low in (0, n) or before[0] == 0)
        for (low, high), before in zip(found, known, strict=True)
    )


# Several groups together --------------------------------------------------------------------------
class Told:
    """What cells of one question and what is told of some options' sum conclude together.

    `bands` are the sums that a group may have, its level given: intervals over the options
    `agree`. The sum is carried as an option of its own through all groups, since parents and
    children make each other's sums as they make each other's counts.
    """

    def __init__(
        self,
        groups: Sequence[Group],
        cells: Mapping[str, Mapping[str, Cell]],
        agree: Collection[str],
        bands: Mapping[str, Span],
        k: int,
    ) -> None:
        """Narrow cells and sums by each other until both stand."""
        options = tuple(next(iter(cells.values())))
        self._yes = [at for at, option in enumerate(options) if option in agree]
        self._no = [at for at, option in enumerate(options) if option not in agree]
        self._cells = cells
        self.spans = Spans(groups, cells, options, multiple=False, k=k)
        merged = ("agree", *(options[at] for at in self._no))
        self._sums = Spans(groups, {}, merged, multiple=False, k=k)
        for group in groups:
            low, high = bands.get(group.key, (0, group.n))
            self._sums.low[group.key][0], self._sums.high[group.key][0] = low, high
        while self._to_sums() or self._to_cells():
            pass

    def leaks(self) -> set[tuple[str, int]]:
        """The (group, option index) pairs of which more is told than may be."""
        return set(self.spans.leaks(self._cells))

    def ends(self) -> bool:
        """Whether nobody, or everybody, is certain somewhere in a group under 20."""
        return any(
            group.n < SMALL and (high == 0 or low == group.n)
            for key, group in self.spans.groups.items()
            for low, high in zip(self.spans.low[key], self.spans.high[key], strict=True)
        )

    def _to_sums(self) -> bool:
        changed = False
        for key, (low, high) in self._both():
            bounds = [
                (sum(low[at] for at in self._yes), sum(high[at] for at in self._yes)),
                *((low[at], high[at]) for at in self._no),
            ]
            changed |= _narrow(self._sums, key, list(enumerate(bounds)))
        if changed:
            self._sums.settle()
        return changed

    def _to_cells(self) -> bool:
        changed = False
        for key, (low, high) in self._both():
            least, most = self._sums.low[key][0], self._sums.high[key][0]
            all_low, all_high = sum(low[at] for at in self._yes), sum(high[at] for at in self._yes)
            bounds = [
                (at, (least - all_high + high[at], most - all_low + low[at])) for at in self._yes
            ]
            for place, at in enumerate(self._no, start=1):
                bounds.append((at, (self._sums.low[key][place], self._sums.high[key][place])))
            changed |= _narrow(self.spans, key, bounds)
        if changed:
            self.spans.settle()
        return changed

    def _both(self) -> Iterator[tuple[str, tuple[list[int], list[int]]]]:
        for key in self.spans.groups:
            yield key, (self.spans.low[key], self.spans.high[key])


def _narrow(spans: Spans, key: str, bounds: Sequence[tuple[int, Span]]) -> bool:
    low, high = spans.low[key], spans.high[key]
    changed = False
    for at, (least, most) in bounds:
        if least > low[at] or most < high[at]:
            low[at], high[at] = max(low[at], least), min(high[at], most)
            changed = True
    return changed


def told_alone(
    groups: Sequence[Group],
    cells: Mapping[str, Mapping[str, Cell]],
    agree: Collection[str],
    bands: Mapping[str, Span],
    k: int,
) -> set[str]:
    """The groups of `bands` whose level may be told beside the cells and all the other levels.

    What cells tell by themselves is no reason, so leaving out levels always ends it. Where
    something is told of a group, one level goes if that is enough: its own, else that of a unit
    above; otherwise those of its siblings and parts, and in the end all. Whoever has no level of
    its own takes that of the next unit above.
    """

    def leaks(left: Mapping[str, Span]) -> set[tuple[str, int]]:
        return Told(groups, cells, agree, left, k).leaks()

    if not bands:
        return set()
    left, by_key, alone = dict(bands), {group.key: group for group in groups}, leaks({})
    while found := leaks(left) - alone:
        leak = min(found)
        own = [key for key in _upwards(by_key, leak[0]) if key in left]
        enough = (
            key for key in own if leak not in leaks({at: left[at] for at in left if at != key})
        )
        go = {next(enough, "")} & left.keys() or _around(by_key, leak[0]) & left.keys()
        left = {key: band for key, band in left.items() if go and key not in go}
    return set(left)


def _upwards(by_key: Mapping[str, Group], key: str | None) -> Iterator[str]:
    while key is not None:
        yield key
        key = by_key[key].parent


def _around(by_key: Mapping[str, Group], key: str) -> set[str]:
    """A group, its siblings and its parts."""
    parent = by_key[key].parent
    return {group.key for group in by_key.values() if key in (group.key, group.parent)} | {
        group.key for group in by_key.values() if group.parent == parent
    }


def sum_tells(
    groups: Sequence[Group],
    cells: Mapping[str, Mapping[str, Cell]],
    agree: Collection[str],
    band: Span,
    k: int,
) -> bool:
    """Whether that sum of all staff makes nobody, or everybody, certain in a group under 20.

    A band that no answers fit is none that can be told.
    """
    try:
        return Told(groups, cells, agree, {ALL: band}, k).ends()
    except ValueError:
        return False
