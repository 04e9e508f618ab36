"""What a reorganisation would do, in words: departments, people, roles, initiatives, owners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.choices import Role
from roadmap.choices import DepartmentRole, RoundState
from roadmap.models import ReportingRound
from roadmap.reorganising.plan import Plan
from roadmap.reorganising.state import Key, Row, State, in_force, outlasts

#: Called with municipality, departments that change, and the day: what else is going on there.
CONCERNED: list[Callable[[int, set[int], dt.date], list[str]]] = []


@dataclass(frozen=True)
class DepartmentLine:
    """One department before and after; `what` is a word for what becomes of it."""

    place: str
    before: str
    what: str
    after: str


@dataclass(frozen=True)
class PersonLine:
    """One person before and after."""

    name: str
    email: str
    before: str
    after: str
    notes: list[str]


@dataclass(frozen=True)
class InitiativeLine:
    """One initiative whose department or accountable post changes."""

    pk: Any
    title: str
    lead: tuple[str, str]
    post: tuple[str, str]
    others: bool


@dataclass(frozen=True)
class OwnerLine:
    """One initiative that would be without an owner, with (value, words) of who could have it."""

    pk: Any
    title: str
    lead: str
    choices: list[tuple[str, str]]
    chosen: str
    decided: bool


@dataclass
class Preview:
    """Everything that is shown before confirming."""

    departments: list[DepartmentLine] = field(default_factory=list)
    people: list[PersonLine] = field(default_factory=list)
    vacant: list[str] = field(default_factory=list)
    roles: list[str] = field(default_factory=list)
    initiatives: list[InitiativeLine] = field(default_factory=list)
    owners: list[OwnerLine] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    concerned: list[str] = field(default_factory=list)


class Words:
    """Names of departments, posts and people on both sides of the day."""

    def __init__(self, plan: Plan) -> None:
        """Look at the plan's two states."""
        self.plan, self.draft = plan, plan.draft
        self.was, self.now = plan.draft.was, plan.draft.now

    def department(self, key: Key | None, state: State) -> str:
        """Its name."""
        row = state["department"].get(key) if key is not None else None
        return row["name"] if row else "–"

    def post(self, key: Key | None, state: State) -> str:
        """Department and name of a post."""
        row = state["post"].get(key) if key is not None else None
        if row is None:
            return "–"
        place = self.department(row["department"], state)
        return str(row["name"]) if place in row["name"] else f"{place} {row['name']}"

    def holders(self, key: Key | None, day: dt.date) -> str:
        """Who holds a post on that day."""
        names = [self.now["person"][p]["name"] for p in self.draft.holders(key, day)]
        return "、".join(names)


def preview(plan: Plan, municipality_id: int) -> Preview:
    """The plan in words; two queries beside those that made it."""
    words = Words(plan)
    shown = Preview(
        departments=sorted(_departments(words), key=lambda line: (line.place, line.before)),
        people=list(_people(words)),
        vacant=list(_vacant(words)),
        roles=list(_roles(words)),
        initiatives=list(_initiatives(words)),
        owners=[_owner(words, item) for item in plan.ownerless],
        notes=list(_notes(words)),
    )
    touched = {o.key for o in plan.operations if o.table == "department" and isinstance(o.key, int)}
    if touched:
        shown.concerned = [*_rounds(municipality_id, touched)]
        for ask in CONCERNED:
            shown.concerned += ask(municipality_id, touched, plan.draft.day)
    return shown


def _departments(words: Words) -> Iterator[DepartmentLine]:
    was, now, draft = words.was["department"], words.now["department"], words.draft
    inherited = {heir for heirs in draft.successors.values() for heir in heirs}
    for key, row in now.items():
        old = was.get(key)
        place = words.department(row["parent"], words.now) if row["parent"] else ""
        if old is None or (row["valid_from"] == draft.day and key in inherited):
            if key in inherited:
                continue
            yield DepartmentLine(place, "", pgettext("reorganisation", "New"), row["name"])
        elif key in draft.ending or key in draft.split:
            heirs = [words.department(heir, words.now) for heir in draft.successors.get(key, [])]
            stays = [row["name"]] if key in draft.stays else []
            goes = _goes(draft, key, len(heirs) + len(stays))
            yield DepartmentLine(place, old["name"], goes, "、".join([*stays, *heirs]))
        elif old["name"] != row["name"] or old["parent"] != row["parent"]:
            before = old["name"]
            after = row["name"]
            if old["parent"] != row["parent"]:
                above = (
                    words.department(old["parent"], words.was),
                    words.department(row["parent"], words.now),
                )
                before, after = f"{above[0]} {before}", f"{above[1]} {after}"
            yield DepartmentLine(place, before, pgettext("reorganisation", "Changed"), after)
        elif old["code"] != row["code"]:
            yield DepartmentLine(
                place, old["code"], pgettext("reorganisation", "Code"), row["code"]
            )


def _goes(draft: Any, key: Key, heirs: int) -> str:
    """The word for what becomes of a department."""
    if key in draft.split:
        return pgettext("reorganisation", "Split")
    shared = draft.successors.get(key, [None])[0] if draft.successors.get(key) else None
    merged = [k for k, found in draft.successors.items() if shared in found and k in draft.ending]
    if heirs and (len(merged) > 1 or isinstance(shared, int)):
        return pgettext("reorganisation", "Merged")
    return pgettext("reorganisation", "Passed on") if heirs else pgettext("reorganisation", "Ends")


def _seat_words(words: Words, person: Key, day: dt.date, state: State) -> str:
    """Department and posts of a person on a day."""
    department = words.department(state["person"][person]["department"], state)
    posts = [
        str(state["post"][row["post"]]["name"])
        if state["post"][row["post"]]["department"] == state["person"][person]["department"]
        else words.post(row["post"], state)
        for _key, row in _seats(words, state, person, day)
    ]
    return " ".join([department, "、".join(posts)]).strip()


def _seats(words: Words, state: State, person: Key, day: dt.date) -> list[tuple[Key, Row]]:
    rows = state["assignment"]
    keys = words.draft._seats_of.get(person, ())
    found = ((key, rows[key]) for key in keys if key in rows)
    return [(key, row) for key, row in found if in_force(row, day)]


def _people(words: Words) -> Iterator[PersonLine]:
    draft = words.draft
    moved = {o.key for o in words.plan.operations if o.table == "person"}
    moved |= {
        row["user"]
        for o in words.plan.operations
        if o.table == "assignment" and (row := words.now["assignment"].get(o.key))
    }
    for key in sorted(moved, key=lambda key: (words.now["person"][key]["name"], str(key))):
        row = words.now["person"][key]
        before = _seat_words(words, key, draft.eve, words.was)
        gone = words.was["person"][key]["is_active"] and not row["is_active"]
        after = (
            pgettext("reorganisation", "leaves")
            if gone
            else _seat_words(words, key, draft.day, words.now)
        )
        yield PersonLine(row["name"], row["email"], before, after, _person_notes(words, key))


def _person_notes(words: Words, person: Key) -> list[str]:
    """Head from the day on; a promoter's term; a post lost without another one."""
    notes = []
    draft = words.draft
    seats = _seats(words, words.now, person, draft.day)
    before = _seats(words, words.was, person, draft.eve)
    if any(words.now["post"][row["post"]]["is_head"] for _key, row in seats):
        notes.append(pgettext("reorganisation", "head"))
    here = words.now["person"][person]["is_active"]
    if before and not seats and here:
        notes.append(_("no post afterwards"))
    if here and words.now["person"][person]["department"] is None:
        notes.append(_("no department afterwards"))
    return notes


def _vacant(words: Words) -> Iterator[str]:
    """Posts that were held until the eve, or are new, and that nobody holds on the day."""
    draft = words.draft
    for key, row in words.now["post"].items():
        if row["department"] in draft.ending or draft.holders(key, draft.day):
            continue
        old = words.was["post"].get(key)
        if old is None or draft.holders(key, draft.eve):
            yield words.post(key, words.now)


def _roles(words: Words) -> Iterator[str]:
    """What ends, what begins, and the terms of promoters that go along."""
    for operation in words.plan.operations:
        if operation.table != "grant":
            continue
        row = words.now["grant"][operation.key]
        person = words.now["person"][row["user"]]["name"]
        role = str(Role(row["role"]).label)
        place = words.department(row["department"], words.now) if row["department"] else ""
        values = {"person": person, "role": role, "place": place}
        if row["role"] == Role.PROMOTER and operation.before is None:
            yield _("%(person)s: %(role)s, now of %(place)s; the term stays the same") % values
        elif operation.before is None:
            yield _("%(person)s: %(role)s of %(place)s begins") % values
        elif row["role"] == Role.PROMOTER and row["department"] in words.draft.successors:
            continue
        elif place:
            yield _("%(person)s: %(role)s of %(place)s ends") % values
        else:
            yield _("%(person)s: %(role)s ends") % values


def _initiatives(words: Words) -> Iterator[InitiativeLine]:
    touched = {o.key for o in words.plan.operations if o.table == "initiative"}
    parts: dict[Key, set[Key]] = {}
    for operation in words.plan.operations:
        if operation.table == "part":
            row = words.was["part"].get(operation.key) or words.now["part"][operation.key]
            parts.setdefault(row["initiative"], set()).add(operation.key)
    leads = tuple(
        {r["initiative"]: r["department"] for r in s["part"].values() if r["role"] == "lead"}
        for s in (words.was, words.now)
    )
    for key in sorted({*touched, *parts}, key=str):
        row = words.now["initiative"][key]
        old = words.was["initiative"][key]
        others = any(
            words.was["part"][part]["role"] != DepartmentRole.LEAD for part in parts.get(key, ())
        )
        yield InitiativeLine(
            key,
            row["title"],
            (
                words.department(leads[0].get(key), words.was),
                words.department(leads[1].get(key), words.now),
            ),
            (
                words.post(old["accountable_post"], words.was),
                words.post(row["accountable_post"], words.now),
            ),
            others,
        )


def _owner(words: Words, item: Any) -> OwnerLine:
    day = words.draft.day
    found = [*item.choices]
    if item.chosen is not None and item.chosen not in found:
        found.append(item.chosen)
    more = (key for key, row in words.now["post"].items() if row["is_head"] and key not in found)
    found += [key for key in more if words.now["post"][key]["department"] not in words.draft.ending]
    choices = [
        (str(key), f"{words.post(key, words.now)}（{words.holders(key, day)}）")
        for key in found
        if words.draft.holders(key, day)
    ]
    chosen = item.chosen if item.chosen is not None else item.suggested
    return OwnerLine(
        item.initiative,
        words.now["initiative"][item.initiative]["title"],
        words.department(item.lead, words.now),
        choices,
        "" if chosen is None else str(chosen),
        item.chosen is not None,
    )


def _notes(words: Words) -> Iterator[str]:
    """What is not wrong and yet should be known."""
    draft = words.draft
    for key, row in words.now["post"].items():
        holders = draft.holders(key, draft.day)
        if row["is_head"] and len(holders) > 1 and len(draft.holders(key, draft.eve)) < 2:
            values = {"post": words.post(key, words.now), "people": words.holders(key, draft.day)}
            yield _("%(post)s is then held by several people: %(people)s.") % values
    for row in words.now["grant"].values():
        if row["role"] != Role.PROMOTER or not in_force(row, draft.day):
            continue
        mine = words.now["person"].get(row["user"], {}).get("department")
        moved = draft.named.get(row["user"])
        if moved is not None and mine != row["department"]:
            values = {
                "person": words.now["person"][row["user"]]["name"],
                "place": words.department(row["department"], words.now),
            }
            yield _("%(person)s stays promoter of %(place)s until the end of the term.") % values
    for key in draft.ending:
        if not draft.successors.get(key) and outlasts(words.was["department"][key], draft.eve):
            values = {"place": words.department(key, words.was)}
            yield _("Nobody goes on with the work of %(place)s.") % values


def _rounds(municipality_id: int, departments: set[int]) -> Iterator[str]:
    """Open rounds in which departments that change have not finished."""
    rounds = ReportingRound.objects.filter(
        municipality=municipality_id, state=RoundState.OPEN, returns__department__in=departments
    ).distinct()
    for row in rounds:
        yield _(
            "The reporting round “%(round)s” is open: returns stay with the departments as they"
            " were when it was opened."
        ) % {"round": row.label}
