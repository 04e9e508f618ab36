"""Whose rows of a wave a person may read by name: what tells a unit's culture is sensitive."""

from __future__ import annotations

from collections.abc import Iterable

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import User
from surveys.choices import Template
from surveys.models import SegmentGroup, Wave
from surveys.partition import ALL

#: What these ask is how it feels to work in a unit.
CULTURE = (Template.PULSE, Template.PULSE_HEADS)


def tells_culture(wave: Wave) -> bool:
    """Whether a wave's units may be named to CDO and DX office alone."""
    return wave.frozen_definition["template"] in CULTURE


def seen_groups(user: User, wave: Wave, groups: Iterable[SegmentGroup]) -> set[str]:
    """Keys of the groups whose answers this person reads by name; all staff are everybody's.

    In a culture wave a head reads the own department with what is below it; where it is published
    only together with others, the smallest published group that holds it.
    """
    groups = list(groups)
    if not tells_culture(wave) or can(user, Permission.SEE_CULTURE_NAMES):
        return {group.key for group in groups}
    own = _own_keys(wave, departments_for(user, Permission.SEE_OWN_DEPARTMENT))
    leaves = own - {node["parent"] for node in wave.frozen_org["nodes"]}
    seen = {ALL}
    seen |= {group.key for group in groups if leaves and leaves.issuperset(group.members)}
    covered = {leaf for g in groups if g.key in seen - {ALL} for leaf in g.members}
    for leaf in leaves - covered:
        holding = [group for group in groups if leaf in group.members]
        seen |= {min(holding, key=lambda group: len(group.members)).key} if holding else set()
    return seen


def _own_keys(wave: Wave, departments: set[int]) -> set[int]:
    """Nodes of these departments and everything below them; parents stand before their own."""
    own: set[int] = set()
    for node in wave.frozen_org["nodes"]:
        if node["department"] in departments or node["parent"] in own:
            own.add(node["key"])
    return own
