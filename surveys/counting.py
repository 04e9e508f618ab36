"""From opened ballots to everything that may be stored, as plain values: no database, no clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from surveys import followups, painpoints, voices
from surveys.content import POSITIVE, is_asked
from surveys.kinds import attributes_behind, class_of, kind_of
from surveys.partition import (
    ALL,
    Ballot,
    Contribution,
    CrossCell,
    Group,
    Node,
    QuestionSpec,
    Sum,
    TallyRow,
    cross,
    group_sums,
    partition,
    tally,
)
from surveys.voices import Text, Voice

Definition = Mapping[str, Any]
#: The question of the pain survey whose options are themes.
THEME = "Q1"


@dataclass(frozen=True)
class Place:
    """A node of a wave's frozen organisation."""

    key: int
    parent: int | None
    label: str
    department: int | None
    kind: str


@dataclass(frozen=True)
class Counted:
    """What a wave leaves. `groups` is empty where fewer than k answered; then all else is too."""

    groups: tuple[Group, ...] = ()
    rows: Sequence[TallyRow] = ()
    burdens: Mapping[str, Mapping[str, Sum]] = field(default_factory=dict)
    crosses: Mapping[tuple[str, str], Sequence[CrossCell]] = field(default_factory=dict)
    voices: Sequence[Voice] = ()


def places(frozen_org: Mapping[str, Any]) -> tuple[Place, ...]:
    """The frozen organisation, as it was drawn at opening."""
    return tuple(
        Place(n["key"], n["parent"], n["label"], n["department"], n["kind"])
        for n in frozen_org["nodes"]
    )


def specs(definition: Definition) -> list[QuestionSpec]:
    """The closed questions of a frozen definition; free text is never tallied.

    Of a number only its class is looked at, here and everywhere after.
    """
    of_attributes = attributes_behind(definition)
    return [
        QuestionSpec(
            code=question["code"],
            options=tuple(option["code"] for option in question["options"]),
            multiple=not kind_of(question).single,
            asked=partial(is_asked, question) if question["ask_if"] else None,
            class_of=partial(class_of, question["options"]) if kind_of(question).number else None,
            top_only=question["code"] in of_attributes,
        )
        for question in definition["questions"]
        if not kind_of(question).text
    ]


def count(
    definition: Definition,
    org: Sequence[Place],
    ballots: Sequence[Ballot],
    *,
    k_cell: int,
    k_text: int,
    pairs: Iterable[tuple[str, str]] = (),
) -> Counted:
    """Partition, tallies, hours and voices of one wave, each computed from the exact answers."""
    per_leaf: dict[int, int] = {}
    for ballot in ballots:
        per_leaf[ballot.leaf] = per_leaf.get(ballot.leaf, 0) + 1
    groups = partition([Node(p.key, p.parent, p.label) for p in org], per_leaf, k_cell)
    if not groups:
        return Counted()
    questions = specs(definition)
    by_code = {question.code: question for question in questions}
    several = {question.code for question in questions if question.multiple}
    return Counted(
        groups=groups,
        rows=tally(groups, ballots, questions, k_cell),
        burdens=_burdens(definition, groups, ballots, k_cell),
        crosses={
            (a, b): cross(ballots, by_code[a], by_code[b], k_cell)
            for a, b in pairs
            if a != b and {a, b} <= by_code.keys() - several
        },
        voices=_voices(definition, bureaus(org, groups), ballots, k_text),
    )


def _burdens(
    definition: Definition, groups: Sequence[Group], ballots: Iterable[Ballot], k: int
) -> dict[str, dict[str, Sum]]:
    """Hours a week by theme and group; what is hidden is left out."""
    if definition["template"] != "pain":
        return {}
    frequency, minutes = painpoints.cost_questions(definition)
    if attributes_behind(definition) & {THEME, frequency, minutes}:
        groups = groups[:1]
    given: dict[str, list[Contribution]] = {}
    for leaf, answers in ballots:
        own = painpoints.burden(answers.get(frequency), answers.get(minutes))
        theme = answers.get(THEME)
        if own is not None and isinstance(theme, str):
            given.setdefault(theme, []).append(Contribution(leaf, *own.hours))
    return {
        theme: {key: total for key, total in sums.items() if total is not None}
        for theme, sums in (
            (theme, group_sums(groups, values, k)) for theme, values in given.items()
        )
    }


def _voices(
    definition: Definition,
    origins: Mapping[int, voices.Origin],
    ballots: Iterable[Ballot],
    k: int,
) -> list[Voice]:
    """The texts that may be read; one that an attribute led to never names its bureau (rule 5)."""
    of_attributes = attributes_behind(definition)
    texts = _texts(definition, ballots)
    nameless = {leaf: voices.Origin(origin.unit, "") for leaf, origin in origins.items()}
    return [
        *voices.release([t for t in texts if t.question not in of_attributes], origins, k),
        *voices.release([t for t in texts if t.question in of_attributes], nameless, k),
    ]


def _texts(definition: Definition, ballots: Iterable[Ballot]) -> list[Text]:
    codes = [q["code"] for q in definition["questions"] if kind_of(q).text]
    return [
        Text(leaf, code, body)
        for leaf, answers in ballots
        for code in codes
        if isinstance(body := answers.get(code), str) and body.strip()
    ]


def bureaus(org: Sequence[Place], groups: Iterable[Group]) -> dict[int, voices.Origin]:
    """Per leaf: the unit directly below the top, and its name where texts may carry it.

    A bureau lends its name only where it is a published group by itself.
    """
    by_key = {place.key: place for place in org}
    shown = {group.node for group in groups}
    found: dict[int, voices.Origin] = {}
    for place in org:
        top = place
        while top.parent is not None and by_key[top.parent].parent is not None:
            top = by_key[top.parent]
        named = top.kind == "bureau" and top.key in shown
        found[place.key] = voices.Origin(top.key, top.label if named else "")
    return found


def positive(question: str, groups: Iterable[Group], ballots: Iterable[Ballot]) -> dict[str, int]:
    """Exactly how many agree, per group; for thresholds alone, never stored."""
    per_leaf: dict[int, int] = {}
    for leaf, answers in ballots:
        if answers.get(question) in POSITIVE:
            per_leaf[leaf] = per_leaf.get(leaf, 0) + 1
    return {g.key: sum(per_leaf.get(leaf, 0) for leaf in g.members) for g in groups}


def figures(ballots: Sequence[Ballot], asked: int) -> followups.Figures:
    """The exact figures of a follow-up; for its verdict alone, never stored."""

    def chosen(question: str, options: Sequence[str]) -> int:
        return sum(ballot.answers.get(question) in options for ballot in ballots)

    return followups.Figures(
        asked=asked,
        n=len(ballots),
        weekly_or_more=chosen("F1", followups.WEEKLY_OR_MORE),
        easier=chosen("F2", followups.EASIER),
        harder=chosen("F2", followups.HARDER),
        both_ways=chosen("F4", followups.BOTH_WAYS),
    )


def tree_order(org: Sequence[Place], groups: Sequence[Group]) -> list[Group]:
    """Groups as the organisation chart reads: each parent before its own, merged ones last."""
    rank = {place.key: number for number, place in enumerate(org)}
    below: dict[str | None, list[Group]] = {}
    for group in groups:
        below.setdefault(group.parent, []).append(group)
    ordered: list[Group] = []

    def walk(parent: str | None) -> None:
        for group in sorted(
            below.get(parent, ()), key=lambda g: (g.node is None, rank.get(g.node or 0, 0))
        ):
            ordered.append(group)
            walk(group.key)

    walk(None)
    return ordered


def everybody(groups: Iterable[Group]) -> Group:
    """The group of all staff."""
    return next(group for group in groups if group.key == ALL)
