"""Finding the departments, posts and people that a table of initiatives names."""

from __future__ import annotations

import datetime as dt
import re
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from dxportal.accounts.importers import load_tree
from dxportal.accounts.models import DepartmentSuccession, Municipality, Post, User
from dxportal.accounts.staff_rows import Directory, KnownDepartment

_SEVERAL = re.compile(r"[、,，・;；\n／/]+")


@dataclass(frozen=True)
class Places:
    """What a text about departments names. ``lead`` None: nothing that is known for certain."""

    lead: int | None = None
    partners: tuple[int, ...] = ()
    several: tuple[str, ...] = ()  # paths of all that are meant, where there are several
    ended: str = ""  # last day of the one that is meant and ended
    successor: str = ""
    unknown: tuple[str, ...] = ()  # names in a list that mean nothing


@dataclass
class Office:
    """Departments by their names, posts and people by theirs; each text is looked up once."""

    municipality: Municipality
    as_of: dt.date
    _found: dict[str, Places] = field(default_factory=dict)

    @cached_property
    def _nodes(self) -> list[tuple[KnownDepartment, int]]:
        tree = load_tree(self.municipality)
        return [
            (KnownDepartment(node.path, node.code, node.valid_to), node.pk or 0)
            for node in tree.nodes
        ]

    @cached_property
    def _keys(self) -> dict[str | None, int]:
        return {known.code: pk for known, pk in self._nodes}

    @cached_property
    def names(self) -> dict[int, str]:
        """Name of each department by its key."""
        return {pk: known.path[-1] for known, pk in self._nodes}

    @cached_property
    def _directory(self) -> Directory:
        return Directory(known for known, _pk in self._nodes)

    def places(self, text: str) -> Places:
        """The departments that a cell names, the leading one first."""
        if text not in self._found:
            self._found[text] = self._look_up(text)
        return self._found[text]

    def _look_up(self, text: str) -> Places:
        if not text:
            return Places()
        whole = self._one(text)
        parts = [part.strip() for part in _SEVERAL.split(text) if part.strip()]
        if whole.lead or whole.ended or whole.several or len(parts) < 2:
            return whole
        each = [self._one(part) for part in parts]
        keys = tuple(dict.fromkeys(place.lead for place in each if place.lead))
        unknown = tuple(p for p, place in zip(parts, each, strict=True) if not place.lead)
        if each[0].lead is None:
            return Places(unknown=unknown)
        return Places(lead=keys[0], partners=keys[1:], unknown=unknown)

    def _one(self, text: str) -> Places:
        """One department by code, path or name."""
        found = self._directory.find(text)
        here = [known for known in found if self._is_open(known)]
        if len(here) == 1:
            return Places(lead=self._keys[here[0].code])
        if here:
            return Places(several=tuple("／".join(known.path) for known in here))
        if found:
            gone = max(found, key=lambda known: known.valid_to or dt.date.min)
            last = (gone.valid_to or self.as_of) - dt.timedelta(days=1)
            return Places(ended=last.isoformat(), successor=self._successor(gone))
        return Places(unknown=(text,))

    def _is_open(self, known: KnownDepartment) -> bool:
        return known.valid_to is None or known.valid_to > self.as_of

    def _successor(self, gone: KnownDepartment) -> str:
        """Names of the departments that continue its work."""
        following = DepartmentSuccession.objects.filter(predecessor=self._keys[gone.code])
        return "、".join(following.values_list("successor__name", flat=True))

    @cached_property
    def _posts(self) -> dict[str, list[tuple[int, int]]]:
        """(post, department) by the post's name, alone and behind its department's: 市民課長."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        posts = Post.objects.filter(department__municipality=self.municipality)
        for pk, name, key in posts.values_list("pk", "name", "department_id"):
            place = self.names.get(key, "")
            for text in {name, f"{place}{name}", f"{place} {name}", f"{place[:-1]}{name}"}:
                found[text].append((pk, key))
        return found

    @cached_property
    def _people(self) -> dict[str, list[tuple[int, int]]]:
        """(person, department) by name and by e-mail."""
        found: dict[str, list[tuple[int, int]]] = defaultdict(list)
        people = User.objects.filter(municipality=self.municipality, is_active=True)
        for pk, name, email, key in people.values_list("pk", "name", "email", "department_id"):
            for text in {"".join(name.split()), email}:
                found[text].append((pk, key or 0))
        return found

    def post(self, text: str, lead: int | None) -> int | None:
        """The one post of that name, in the leading department first."""
        return _only(self._posts.get(text, []), lead)

    def person(self, text: str, lead: int | None) -> int | None:
        """The one person of that name or e-mail, in the leading department first."""
        return _only(self._people.get("".join(text.split()), []), lead)


def _only(found: list[tuple[int, int]], lead: int | None) -> int | None:
    """The one in the leading department, else the only one; None where that is not certain."""
    here = [pk for pk, key in found if key == lead]
    if len(here) == 1:
        return here[0]
    return found[0][0] if len(found) == 1 else None
