"""What a table of people would change: accounts, posts and roles."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DEPARTMENT_ROLES, Employment, Role
from dxportal.accounts.department_importer import load_tree
from dxportal.accounts.department_tree import Node, Tree
from dxportal.accounts.import_plan import Choices, Outcome, Plan, chosen_rows
from dxportal.accounts.models import Assignment, Municipality, Post, RoleGrant, User
from dxportal.accounts.staff_rows import KnownDepartment, StaffRow, parse_staff
from dxportal.shared.importing import Parsed
from dxportal.shared.tables import Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

T = TypeVar("T")

HOW = "import"
CHUNK = 5_000
NAME_LENGTH = 80
EMAIL_LENGTH = 254
HEADINGS = (_("name"), _("e-mail"), _("department"), _("post"), _("role"), _("employment"))
FACT_NAMES: Mapping[str, str | _StrPromise] = {
    "name": _("name"),
    "department": _("department"),
    "employment": _("employment"),
    "post": _("post"),
    "role": _("role"),
}


@dataclass
class StaffChange:
    """One person as they will be, and what has to be opened or ended for it."""

    row: StaffRow
    user: User
    department: Node | None
    before: dict[str, object] | None
    sits: bool = False  # a seat on the post of the row is to be opened
    roles: list[Role] = field(default_factory=list)  # to be given
    left: list[Assignment] = field(default_factory=list)  # seats to be ended
    ended: list[RoleGrant] = field(default_factory=list)  # roles to be ended

    def facts(self) -> dict[str, object]:
        """What is compared and kept in the audit trail."""
        return person_facts(self.user, self.department.name if self.department else None)

    def changed(self) -> list[str]:
        """Names of what differs."""
        before = self.before or {}
        names = [n for n, value in self.facts().items() if before.get(n) != value and n in before]
        if self.sits or self.left:
            names.append("post")
        if self.roles or self.ended:
            names.append("role")
        return names


def person_facts(person: User, department: str | None) -> dict[str, object]:
    """The fields that a table can change."""
    return {"name": person.name, "department": department, "employment": person.employment}


def plan_staff(table: Table, municipality: Municipality, choices: Choices) -> Plan[StaffChange]:
    """Compare a table with the accounts. Nobody is switched off, no password is touched."""
    tree = load_tree(municipality)
    parsed = parse_staff(
        table,
        [_known(node) for node in tree.nodes],
        choices.columns,
        as_of=choices.as_of,
    )
    plan: Plan[StaffChange] = Plan.of(parsed, table, HEADINGS)
    rows = chosen_rows(plan, parsed, choices)
    _Planner(tree, plan, parsed, municipality, choices.as_of).take(rows)
    return plan


def _known(node: Node) -> KnownDepartment:
    """A department as the parser looks for it; there the last day counts as open."""
    last = node.valid_to - dt.timedelta(days=1) if node.valid_to else None
    return KnownDepartment(path=node.path, code=node.code, valid_to=last)


class _Planner:
    """Looks everybody up in bulk, then takes the rows one by one."""

    def __init__(
        self,
        tree: Tree,
        plan: Plan[StaffChange],
        parsed: Parsed[StaffRow],
        municipality: Municipality,
        as_of: dt.date,
    ) -> None:
        self.tree, self.plan, self.parsed = tree, plan, parsed
        self.municipality, self.as_of = municipality, as_of
        self.people: dict[str, User] = {}
        self.foreign: set[str] = set()
        self.seats: dict[int, list[Assignment]] = defaultdict(list)
        self.grants: dict[int, list[RoleGrant]] = defaultdict(list)
        self.by_key = {node.pk: node for node in tree.nodes}

    def take(self, rows: list[StaffRow]) -> None:
        """All rows, in the order of the file."""
        self._look_up([row.email for row in rows])
        for row in rows:
            if not self._is_wrong(row):
                self._take(row)

    def _look_up(self, emails: Sequence[str]) -> None:
        """Accounts by e-mail, with today's seats and roles: four queries a few thousand people."""
        for chunk in chunks(emails, CHUNK):
            for person in User.objects.filter(email__in=chunk):
                if person.municipality_id == self.municipality.pk:
                    self.people[person.email] = person
                else:
                    self.foreign.add(person.email)
        keys = [person.pk for person in self.people.values()]
        for part in chunks(keys, CHUNK):
            seats = Assignment.objects.on(self.as_of).filter(user__in=part)
            for seat in seats.select_related("post", "user"):
                self.seats[seat.user_id].append(seat)
            for grant in RoleGrant.objects.on(self.as_of).filter(user__in=part):
                self.grants[grant.user_id].append(grant)

    def _is_wrong(self, row: StaffRow) -> bool:
        """Whether something in the row cannot be; it is said."""
        if row.email in self.foreign:
            self._reject(
                row,
                "email",
                row.email,
                _("Row %(row)s, column “%(column)s”: “%(value)s” cannot be used here."),
                _("Ask for another address, or ask the administrator of the installation."),
            )
        elif len(row.name) > NAME_LENGTH or len(row.email) > EMAIL_LENGTH:
            name = "name" if len(row.name) > NAME_LENGTH else "email"
            self._reject(
                row,
                name,
                getattr(row, name),
                _("Row %(row)s, column “%(column)s”: more than %(limit)s characters."),
                _("Shorten it."),
                limit=NAME_LENGTH if name == "name" else EMAIL_LENGTH,
            )
        elif row.department is None and (row.is_head or row.role in DEPARTMENT_ROLES):
            self._reject(
                row,
                "department",
                "",
                _("Row %(row)s, column “%(column)s”: this role needs a department."),
                _("Enter the department for which the person holds the role."),
            )
        else:
            return False
        return True

    def _reject(
        self,
        row: StaffRow,
        name: str,
        value: str,
        text: str | _StrPromise,
        remedy: str | _StrPromise,
        **more: object,
    ) -> None:
        column = self.plan.columns.get(name, name)
        self.parsed.reject(row.row, column, value, text, remedy, **more)

    def _take(self, row: StaffRow) -> None:
        """New, changed or as before."""
        known = self.people.get(row.email)
        code = row.department.code if row.department else None
        department = self.tree.by_code.get(code) if code else None
        change = self._person(row, known, department)
        self._seat(change)
        self._roles(change)
        names = change.changed()
        outcome = Outcome.UNCHANGED
        if known is None or names:
            outcome = Outcome.CREATED if known is None else Outcome.CHANGED
            self.plan.changes.append(change)
        if known is not None and not known.is_active:
            self.parsed.note(
                row.row,
                self.plan.columns.get("email", ""),
                row.email,
                _("Row %(row)s: the account “%(value)s” is switched off and stays so."),
            )
        words = [FACT_NAMES[name] for name in names] if known else []
        self.plan.add(row.row, outcome, lambda: _cells(change), words)

    def _person(self, row: StaffRow, known: User | None, department: Node | None) -> StaffChange:
        """The account with what the file says; empty cells leave what is there."""
        if known is None:
            person = User(municipality=self.municipality, email=row.email, name=row.name)
            person.employment = row.employment
            person.department_id = department.pk if department else None
            return StaffChange(row, person, department, None)
        old = self.by_key.get(known.department_id)
        before = person_facts(known, old.name if old else None)
        known.name = row.name
        if "employment" in self.plan.columns:
            known.employment = row.employment
        department = department or old
        known.department_id = department.pk if department else None
        return StaffChange(row, known, department, before)

    def _seat(self, change: StaffChange) -> None:
        """The post of the row is taken; other seats end, where the file has a column for posts."""
        if "post_title" not in self.plan.columns or not change.row.post_title:
            return
        if change.department is None:
            return
        wanted = (change.department.pk, _post_name(change.row))
        seats = self.seats.get(change.user.pk, []) if change.user.pk else []
        change.left = [s for s in seats if (s.post.department_id, s.post.name) != wanted]
        change.sits = len(change.left) == len(seats)

    def _roles(self, change: StaffChange) -> None:
        """Roles of the row are given; heading another department ends where an import began it."""
        wanted = {Role.HEAD} if change.row.is_head else set()
        if change.row.role != Role.EMPLOYEE:
            wanted.add(change.row.role)
        here = change.department.pk if change.department else None
        held = self.grants.get(change.user.pk, []) if change.user.pk else []
        for role in sorted(wanted):
            place = here if role in DEPARTMENT_ROLES else None
            if not any(grant.role == role and grant.department_id == place for grant in held):
                change.roles.append(role)
        knows_heads = {"is_head", "role", "post_title"} & self.plan.columns.keys()
        change.ended = [
            grant
            for grant in held
            if grant.role == Role.HEAD
            and grant.how == HOW
            and knows_heads
            and not (change.row.is_head and grant.department_id == here)
        ]


def _post_name(row: StaffRow) -> str:
    """The title as a post's name."""
    return row.post_title[: Post._meta.get_field("name").max_length]


def _cells(change: StaffChange) -> tuple[str, ...]:
    """A person as the preview shows them."""
    row = change.row
    roles = [str(row.role.label)] if row.role != Role.EMPLOYEE else []
    if row.is_head and row.role != Role.HEAD:
        roles.append(str(Role.HEAD.label))
    return (
        change.user.name,
        change.user.email,
        "／".join(change.department.path) if change.department else "",
        row.post_title,
        "、".join(roles),
        str(Employment(change.user.employment).label),
    )


def chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    """Lists of at most `size`."""
    source = iter(items)
    while part := list(islice(source, size)):
        yield part
