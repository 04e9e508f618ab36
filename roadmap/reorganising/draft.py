"""The organisation while a plan is carried out on paper: finding, founding, ending, seating."""

from __future__ import annotations

import datetime as dt
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.department_rows import kind_by_title
from dxportal.accounts.department_tree import derived_code
from dxportal.shared.importing import RowProblem
from dxportal.shared.messages import Message

from .rows import HEADINGS, Change
from .state import Key, Row, State, in_force, outlasts

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

NAME_LENGTH, POST_LENGTH, CODE_LENGTH = 120, 80, 60


class Refused(Exception):
    """A row cannot be carried out; the problem has been written down."""


@dataclass
class Draft:
    """`was` is read, `now` is written; `eve` is the last day on which everything is as it was."""

    was: State
    day: dt.date
    changes: Sequence[Change] = ()
    now: State = field(init=False)
    problems: list[tuple[int, RowProblem]] = field(default_factory=list)
    #: Department that ends (or gives something away) → those that go on with its work.
    successors: dict[Key, list[Key]] = field(default_factory=dict)
    ending: dict[Key, int] = field(default_factory=dict)
    #: Department that is split → number of the row; those that stay one of their own parts.
    split: dict[Key, int] = field(default_factory=dict)
    stays: set[Key] = field(default_factory=set)
    #: (department, "post" or "initiative", key) → the successor that was named for it.
    given: dict[tuple[Key, str, Key], Key] = field(default_factory=dict)
    #: Post → the post that goes on with it.
    post_of: dict[Key, Key] = field(default_factory=dict)
    #: People named by a row: person → number of the change.
    named: dict[Key, int] = field(default_factory=dict)
    leaving: set[Key] = field(default_factory=set)
    #: (person, department, post) that rows left; (person, old post, new post) that went along.
    left: list[tuple[Key, Key, Key]] = field(default_factory=list)
    carried: list[tuple[Key, Key, Key]] = field(default_factory=list)
    by_email: dict[str, Key] = field(default_factory=dict)
    #: Keys found for the texts of a row, to be kept once the plan is confirmed.
    refs: dict[int, dict[str, Any]] = field(default_factory=dict)
    _posts: dict[Key, list[Key]] = field(default_factory=dict)
    _seats_on: dict[Key, list[Key]] = field(default_factory=dict)
    _seats_of: dict[Key, list[Key]] = field(default_factory=dict)
    at: int = 0
    change: Change = field(default_factory=lambda: Change(kind=""))

    def __post_init__(self) -> None:
        """Work on a copy, with its seats and posts at hand."""
        self.now = self.was.copy()
        self.by_email = {row["email"].casefold(): k for k, row in self.was["person"].items()}
        for key, row in self.now["post"].items():
            self._posts.setdefault(row["department"], []).append(key)
        for key, row in self.now["assignment"].items():
            self._seats_on.setdefault(row["post"], []).append(key)
            self._seats_of.setdefault(row["user"], []).append(key)

    @property
    def eve(self) -> dt.date:
        """The day before."""
        return self.day - dt.timedelta(days=1)

    # What is wrong ---------------------------------------------------------------------------
    def refuse(
        self,
        column: str,
        value: str,
        text: str | _StrPromise,
        remedy: str | _StrPromise,
        **more: Any,
    ) -> Refused:
        """Write a problem of the present row down; to be raised."""
        heading = HEADINGS[column][0] if column in HEADINGS else column
        values = {"row": self.change.row, "column": heading, "value": value, **more}
        problem = RowProblem(
            self.change.row, heading, value, Message(text, values), Message(remedy, values)
        )
        self.problems.append((self.at, problem))
        return Refused()

    def turn_to(self, at: int) -> None:
        """Speak of that row from now on."""
        self.at, self.change = at, self.changes[at]

    # Departments -----------------------------------------------------------------------------
    def path(self, key: Key, state: State | None = None) -> tuple[str, ...]:
        """Names from the top."""
        rows = (state or self.now)["department"]
        names: list[str] = []
        place: Key | None = key
        while place is not None and len(names) < 20:
            names.insert(0, rows[place]["name"])
            place = rows[place]["parent"]
        return tuple(names)

    def find(self, text: str, column: str, place: int = 0) -> Key:
        """The department that a cell means, open on the eve or founded on the day."""
        kept = self.change.refs.get(column) or []
        if place < len(kept) and kept[place] in self.now["department"]:
            return self._remember(column, place, kept[place])
        found = self.matching(text)
        if len(found) == 1:
            return self._remember(column, place, found[0])
        if found:
            raise self.refuse(
                column,
                text,
                _("There are %(count)s departments “%(value)s”."),
                _("Write the one above it too, for example %(example)s."),
                count=len(found),
                example="／".join(self.path(found[0])),
            )
        raise self.refuse(
            column,
            text,
            _("There is no department “%(value)s” on that day."),
            _("Write its name or code as it stands in the list of departments."),
        )

    def _remember(self, column: str, place: int, key: Key) -> Key:
        kept = self.refs.setdefault(self.at, {}).setdefault(column, [])
        kept.extend([None] * (place + 1 - len(kept)))
        kept[place] = key if isinstance(key, int) else None
        return key

    def matching(self, text: str) -> list[Key]:
        """By code, by name, or by names from above: 総務部／総務課, 総務部 総務課."""
        rows = {
            key: row
            for key, row in self.now["department"].items()
            if outlasts(row, self.eve) and row["valid_from"] <= self.day
        }
        plain = fold(text)
        by_code = [key for key, row in rows.items() if fold(row["code"]) == plain]
        if len(by_code) == 1:
            return by_code
        # The name until the eve counts, also where an earlier row has changed it already.
        names = {
            key: fold(self.was["department"].get(key, row)["name"]) for key, row in rows.items()
        }
        whole = [key for key in rows if names[key] == plain]
        if whole:
            return whole
        *above, last = split_path(text)
        return [
            key
            for key in rows
            if names[key] == fold(last)
            and above
            and {fold(name) for name in above} <= {fold(name) for name in self.path(key)}
        ]

    def found_or_find(self, text: str, *, like: Key | None, column: str, place: int = 0) -> Key:
        """The department of that name on the day; founded like `like` where there is none.

        One that ends on that day stands for whatever follows it.
        """
        kept = self.change.refs.get(column) or []
        if place < len(kept) and kept[place] in self.now["department"]:
            return self._remember(column, place, kept[place])
        matching = self.matching(text)
        found = [key for key in matching if self._lives_on(key)] or matching
        if len(found) > 1 and like is not None:
            parent = self.now["department"][like]["parent"]
            near = [key for key in found if self.now["department"][key]["parent"] == parent]
            found = near if len(near) == 1 else found
        if len(found) > 1:
            return self.find(text, column, place)
        if found:
            return self._remember(column, place, found[0])
        return self.found(text, like=like, column=column)

    def found_or_find_living(self, text: str) -> Key:
        """The department to which somebody goes: one that lives on before one that ends."""
        kept = self.change.refs.get("successor") or []
        if kept and kept[0] in self.now["department"]:
            return self._remember("successor", 0, kept[0])
        found = [key for key in self.matching(text) if self._lives_on(key)]
        if len(found) == 1:
            return self._remember("successor", 0, found[0])
        renamed = [
            key
            for key, row in self.now["department"].items()
            if fold(row["name"]) == fold(split_path(text)[-1]) and self._lives_on(key)
        ]
        if not found and len(renamed) == 1:
            return self._remember("successor", 0, renamed[0])
        return self.find(text, "successor")

    def _lives_on(self, key: Key) -> bool:
        """Not ended by an earlier row; an end on the day itself may be this plan's own."""
        return key not in self.ending and outlasts(self.now["department"][key], self.eve)

    def found(self, text: str, *, like: Key | None, column: str) -> Key:
        """A new department from the day on, below the named one or beside `like`."""
        *above, name = split_path(text)
        if len(name) > NAME_LENGTH:
            raise self.refuse(
                column,
                name,
                _("“%(value)s” is longer than %(limit)s characters."),
                _("Shorten it."),
                limit=NAME_LENGTH,
            )
        parent: Key | None = None
        if self.change.parent or above:
            parent = self.find(self.change.parent or "／".join(above), "parent")
        elif like is not None:
            parent = self.now["department"][like]["parent"]
        key = f"+department:{parent or ''}:{name}"
        if key in self.now["department"]:
            return key
        model: Row = self.now["department"][like] if like is not None else {}
        other = DepartmentKind.SECTION if parent is not None else DepartmentKind.BUREAU
        kind = kind_by_title(name, DepartmentKind(model.get("kind", other)))
        self.now["department"][key] = {
            "code": self._code(parent, name),
            "name": name,
            "parent": parent,
            "bureau": None,
            "kind": kind.value,
            "stands": False,
            "order": model.get("order", self._last_order(parent)),
            "without_account": 0,
            "valid_from": self.day,
            "valid_to": None,
        }
        return key

    def _last_order(self, parent: Key | None) -> int:
        rows = self.now["department"].values()
        orders = [row["order"] for row in rows if row["parent"] == parent]
        return max(orders, default=0)

    def _code(self, parent: Key | None, name: str) -> str:
        """The wished code, or the path; never one that is taken."""
        taken = {row["code"] for row in self.now["department"].values()}
        wished = self.change.code
        if wished:
            if wished in taken:
                raise self.refuse(
                    "code",
                    wished,
                    _("The code “%(value)s” belongs to another department."),
                    _("Give another code, or leave the cell empty."),
                )
            return wished[:CODE_LENGTH]
        base = derived_code((*(self.path(parent) if parent is not None else ()), name))
        code, number = base, 1
        while code in taken:
            number += 1
            code = f"{base[: CODE_LENGTH - 4]}~{number}"
        return code

    def end(self, key: Key) -> None:
        """End a department on the day."""
        row = self.now["department"][key]
        if row["valid_from"] >= self.day:
            raise self.refuse(
                "department",
                row["name"],
                _("“%(value)s” does not exist before that day."),
                _("Take the row out, or choose a later day."),
            )
        row["valid_to"] = self.day
        self.ending.setdefault(key, self.at)

    def succeed(self, old: Key, new: Key) -> None:
        """Say that one goes on with the work of the other."""
        if old == new:
            return
        heirs = self.successors.setdefault(old, [])
        if new not in heirs:
            heirs.append(new)
        known = {(row["predecessor"], row["successor"]) for row in self.now["succession"].values()}
        if (old, new) not in known:
            row = {"predecessor": old, "successor": new, "on": self.day}
            self.now["succession"][f"+succession:{old}:{new}"] = row

    def heir(self, department: Key | None, table: str = "", key: Key = 0) -> Key | None:
        """Who goes on with a thing of a department: the one named for it, else the first."""
        if department is None:
            return None
        named = self.given.get((department, table, key))
        if named is None and department not in self.ending:
            return department
        if named is not None and named not in self.ending:
            return named
        heirs = self.successors.get(department if named is None else named)
        return heirs[0] if heirs else None

    # Posts and seats -------------------------------------------------------------------------
    def posts_in(self, department: Key) -> list[tuple[Key, Row]]:
        """Posts of a department."""
        return [(key, self.now["post"][key]) for key in self._posts.get(department, ())]

    def go_on(self, old: Key, new: Key) -> None:
        """Say that one post goes on as the other, and so does everything that went on as it."""
        rows = self.now["post_succession"]
        earlier = [row["predecessor"] for row in rows.values() if row["successor"] == old]
        known = {(row["predecessor"], row["successor"]) for row in rows.values()}
        for post in dict.fromkeys([old, *earlier]):
            if post != new and (post, new) not in known:
                row = {"predecessor": post, "successor": new, "on": self.day}
                rows[f"+post_succession:{post}:{new}"] = row

    def post_in(self, department: Key, name: str, *, head: bool = False) -> Key:
        """The post of that name, made where there is none."""
        name = name[:POST_LENGTH]
        for key, row in self.posts_in(department):
            if row["name"] == name:
                return key
        key = f"+post:{department}:{name}"
        self.now["post"][key] = {"department": department, "name": name, "is_head": head}
        self._posts.setdefault(department, []).append(key)
        return key

    def head_post(self, department: Key) -> Key | None:
        """The post that heads a department: one that is held on the day before an empty one."""
        posts = [key for key, row in self.posts_in(department) if row["is_head"]]
        held = (key for key in posts if self.seats_on(key, self.day))
        return next(held, posts[0] if posts else None)

    def make_head_post(self, department: Key, like: Key) -> Key:
        """The head's post; where there is none, one named like the old one."""
        present = self.head_post(department)
        if present is not None:
            return present
        old = self.now["post"][like]
        before = self.now["department"][old["department"]]["name"]
        name = self.now["department"][department]["name"]
        title = old["name"]
        if before in title:
            title = title.replace(before, name)
        elif before[:-1] and title == f"{before[:-1]}長":
            title = f"{name}長"
        return self.post_in(department, title, head=True)

    def seats_on(self, post: Key, day: dt.date) -> list[tuple[Key, Row]]:
        """Who sits on a post on that day."""
        rows = self.now["assignment"]
        found = ((key, rows[key]) for key in self._seats_on.get(post, ()))
        return [(key, row) for key, row in found if in_force(row, day)]

    def seats_of(self, person: Key, day: dt.date) -> list[tuple[Key, Row]]:
        """The seats of one person on that day."""
        rows = self.now["assignment"]
        found = ((key, rows[key]) for key in self._seats_of.get(person, ()))
        return [(key, row) for key, row in found if in_force(row, day)]

    def leave_seat(self, key: Key) -> None:
        """The seat ends on the day, if it does not anyway."""
        row = self.now["assignment"][key]
        if in_force(row, self.eve) and outlasts(row, self.day):
            row["valid_to"] = self.day

    def sit(self, person: Key, post: Key, until: dt.date | None = None) -> None:
        """The person holds the post from the day on."""
        if any(row["user"] == person for _key, row in self.seats_on(post, self.day)):
            return
        row = {"post": post, "user": person, "valid_from": self.day, "valid_to": until}
        key = f"+assignment:{post}:{person}"
        self.now["assignment"][key] = row
        self._seats_on.setdefault(post, []).append(key)
        self._seats_of.setdefault(person, []).append(key)

    def holders(self, post: Key | None, day: dt.date) -> list[Key]:
        """Active people on a post on that day."""
        if post is None:
            return []
        return [
            row["user"] for _key, row in self.seats_on(post, day) if self.is_there(row["user"], day)
        ]

    def is_there(self, person: Key, day: dt.date) -> bool:
        """Whether the account is in use on that day."""
        state = self.now if day >= self.day else self.was
        row = state["person"].get(person)
        return bool(row and row["is_active"])


def fold(text: str) -> str:
    """A name for comparing: width, case and spaces do not matter."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def split_path(text: str) -> list[str]:
    """Names from the top, as they are written in one cell."""
    plain = text.replace("／", "/").replace("›", "/").replace("＞", "/").replace("　", " ")
    parts = plain.split("/") if "/" in plain else plain.split()
    return [part.strip() for part in parts if part.strip()] or [text.strip()]
