"""Pasted promoters against the database: what would be added, what is known, what cannot be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db import transaction
from django.utils.translation import gettext as _

from dxportal.accounts.actions.promoters import PromoterAlready, Term, add_promoter
from dxportal.accounts.models import Department, RoleGrant, User
from dxportal.accounts.promoter_lines import Line, read_lines


@dataclass(frozen=True)
class Planned:
    """One line: with both it will be added; `known`: it stands already."""

    line: Line
    department: Department | None = None
    person: User | None = None
    known: bool = False
    problem: str = ""

    @property
    def ready(self) -> bool:
        """Whether it will be added."""
        return not (self.known or self.problem)


def plan(text: str, viewer: User, today: dt.date) -> list[Planned]:
    """What each line would do; three queries whatever the number of lines. Writes nothing."""
    lines = read_lines(text, today)
    people = {
        person.email: person
        for person in User.objects.visible_to(viewer).filter(
            email__in={line.email for line in lines}, is_active=True
        )
    }
    sections: dict[str, list[Department]] = {}
    for found in Department.objects.visible_to(viewer).on(today).select_related("bureau"):
        for name in {found.name, found.code, f"{found.bureau or ''}{found.name}"}:
            sections.setdefault(_key(name), []).append(found)
    terms = RoleGrant.objects.visible_to(viewer).promoters().filter(user__in=people.values())
    held = [(row.user_id, row.department_id, row.valid_from, row.valid_to) for row in terms]
    return [_planned(line, people, sections, held, today) for line in lines]


def _key(name: str) -> str:
    return "".join(name.split())


def _planned(
    line: Line,
    people: dict[str, User],
    sections: dict[str, list[Department]],
    held: Sequence[tuple[int, int | None, dt.date, dt.date | None]],
    today: dt.date,
) -> Planned:
    if line.problem:
        return Planned(line, problem=line.problem)
    found = sections.get(_key(line.section), [])
    if len(found) != 1:
        sentence = _("Several departments are called “%(name)s”. Write the bureau before it.")
        if not found:
            sentence = _("There is no department “%(name)s” today. Write its name or its code.")
        return Planned(line, problem=sentence % {"name": line.section})
    person = people.get(line.email)
    if person is None:
        return Planned(line, found[0], problem=_("Nobody here has this e-mail."))
    last, first = line.last or today, line.valid_from or today
    until = last + dt.timedelta(days=1)
    known = any(
        (user, department) == (person.pk, found[0].pk)
        and start < until
        and (end is None or end > first)
        for user, department, start, end in held
    )
    return Planned(line, found[0], person, known)


@transaction.atomic
def add_planned(rows: Sequence[Planned], *, by: User) -> int:
    """Add what is ready; how many. A line that came twice is added once."""
    added = 0
    for row in rows:
        line = row.line
        if not row.ready or row.department is None or row.person is None or not line.valid_from:
            continue
        until = line.last + dt.timedelta(days=1) if line.last else None
        term = Term(line.valid_from, until, line.chosen, line.how, line.minutes)
        try:
            add_promoter(row.person, row.department, term=term, by=by, channel="import")
        except PromoterAlready:
            continue
        added += 1
    return added
