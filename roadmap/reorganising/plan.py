"""A whole plan: rows and facts in, operations, problems and everything worth saying out. Pure."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from dxportal.shared.importing import RowProblem
from roadmap.choices import ChangeKind

from . import departments, initiatives, people
from .draft import Draft, Refused
from .initiatives import Ownerless
from .rows import WORD_OF, Change
from .state import Key, Operation, State, difference

#: Departments first, in this order whatever the order of the rows; then people.
_FIRST = (ChangeKind.FOUND, ChangeKind.MERGE, ChangeKind.SPLIT, ChangeKind.END, ChangeKind.RENAME)
_PEOPLE = (ChangeKind.LEAVE, ChangeKind.MOVE, ChangeKind.ALSO)


@dataclass
class Plan:
    """What a reorganisation would do."""

    draft: Draft
    operations: list[Operation]
    ownerless: list[Ownerless]
    problems: list[tuple[int, RowProblem]]

    @property
    def undecided(self) -> list[Ownerless]:
        """Those for which nobody has chosen an owner that will be there."""
        return [item for item in self.ownerless if item.chosen is None]

    @property
    def is_ready(self) -> bool:
        """Whether it can be confirmed."""
        return bool(self.operations) and not self.problems and not self.undecided

    @property
    def fingerprint(self) -> str:
        """Of everything that would be written and what it stands on; the same plan has the same."""
        facts = [
            [operation.plain() for operation in self.operations],
            [[item.initiative, item.chosen] for item in self.ownerless],
            self.draft.day.isoformat(),
        ]
        text = json.dumps(facts, sort_keys=True, ensure_ascii=False, default=str)
        return hashlib.sha256(text.encode()).hexdigest()


def make_plan(
    state: State,
    changes: Sequence[Change],
    day: dt.date,
    owners: Mapping[str, Key],
    *,
    by_default: bool = False,
) -> Plan:
    """Carry every row out on paper. A row that cannot be carried out is told and left out."""
    draft = Draft(state, day, list(changes))
    numbered = list(enumerate(changes))
    for kinds, carry_out in ((_FIRST, departments.carry_out), (_PEOPLE, people.carry_out)):
        for kind in kinds:
            for at, change in numbered:
                if change.kind == kind:
                    _row(draft, at, carry_out)
        _settled(draft, departments.settle if kinds is _FIRST else people.settle)
    for at, change in numbered:
        if change.kind not in ChangeKind.values:
            draft.turn_to(at)
            draft.refuse(
                "kind",
                change.written,
                _("“%(value)s” is no kind of change."),
                _("Write one of these: %(words)s."),
                words="、".join(WORD_OF.values()),
            )
    _settled(draft, initiatives.settle)
    without = initiatives.ownerless(draft, owners, by_default=by_default)
    problems = sorted(draft.problems, key=lambda item: item[0])
    return Plan(draft, difference(state, draft.now), without, problems)


def _row(draft: Draft, at: int, carry_out: object) -> None:
    draft.turn_to(at)
    try:
        carry_out(draft)  # type: ignore[operator]
    except Refused:
        return


def _settled(draft: Draft, settle: object) -> None:
    try:
        settle(draft)  # type: ignore[operator]
    except Refused:
        return
