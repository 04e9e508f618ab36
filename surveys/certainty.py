"""What published cells make certain although no single sum does: the exact check of one question.

Answers of one choice are a flow: from all staff, option by option, down the groups into those
that are not divided, each of which takes in its n. A cell's interval is the capacity of its arc,
and the true counts are one flow that fits. Another one, in which the cell differs, exists exactly
where people can be thought to swap answers along a circle that passes through the cell. So a cell
at nobody or everybody is certain when its ends lie in different strong components of what is left
to swap. That depends on the published cells alone: any flow that fits gives the same.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence

from surveys.groups import Group
from surveys.shares import SMALL, Span

Place = Hashable
Arcs = dict[Place, list[Place]]
EVERYBODY: Place = "everybody"


def certain_ends(
    groups: Sequence[Group],
    spans: Mapping[str, Sequence[Span]],
    counts: Mapping[str, Sequence[int]],
) -> list[tuple[str, int]]:
    """The (group, option index) pairs of groups under 20 that are certainly nobody or everybody.

    `spans` are the counts that each published cell allows by itself, `counts` any that fit.
    """
    divided = {group.parent for group in groups}
    known = {group.key for group in groups}
    arcs: Arcs = {}
    ends: list[tuple[str, int, Place, Place]] = []
    for group in groups:
        for at, ((low, high), count) in enumerate(
            zip(spans[group.key], counts[group.key], strict=True)
        ):
            above = (group.parent, at) if group.parent in known else EVERYBODY
            here = (group.key, at) if group.key in divided else (group.key, None)
            if count < high:
                arcs.setdefault(above, []).append(here)
            if count > low:
                arcs.setdefault(here, []).append(above)
            if group.n < SMALL and count in (0, group.n):
                ends.append((group.key, at, above, here))
    component = _components(arcs)
    return [
        (key, at)
        for key, at, above, here in ends
        if len(set(spans[key][at])) == 1 or component.get(above, above) != component.get(here, here)
    ]


def _components(arcs: Arcs) -> dict[Place, int]:
    """The strong component of each place that has arcs out (Tarjan, without recursion)."""
    number: dict[Place, int] = {}
    low: dict[Place, int] = {}
    component: dict[Place, int] = {}
    waiting: list[Place] = []
    for start in arcs:
        if start in number:
            continue
        number[start] = low[start] = len(number)
        waiting.append(start)
        path = [(start, iter(arcs[start]))]
        while path:
            here, ahead = path[-1]
            for there in ahead:
                if there not in number:
                    number[there] = low[there] = len(number)
                    waiting.append(there)
                    path.append((there, iter(arcs.get(there, ()))))
                    break
                if there not in component:
                    low[here] = min(low[here], number[there])
            else:
                path.pop()
                if path:
                    low[path[-1][0]] = min(low[path[-1][0]], low[here])
                if low[here] == number[here]:
                    while (member := waiting.pop()) != here:
                        component[member] = number[here]
                    component[here] = number[here]
    return component
