"""What a published level adds to published cells, and whether the two together tell too much."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Sequence

from surveys.groups import Group
from surveys.shares import SMALL, Span, TallyRow, cell_span

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
