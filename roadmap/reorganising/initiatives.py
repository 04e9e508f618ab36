"""Which department and post goes on with which initiative, and who would be without an owner."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from roadmap.choices import DepartmentRole

from .draft import Draft
from .state import Key, Row


@dataclass
class Ownerless:
    """An initiative that nobody would answer for on the day, and who could."""

    initiative: Key
    lead: Key | None
    suggested: Key | None
    choices: list[Key]
    chosen: Key | None = None


def settle(draft: Draft) -> None:
    """Departments and posts of initiatives follow what became of theirs."""
    parts: dict[Key, list[Key]] = defaultdict(list)
    for key, row in draft.now["part"].items():
        parts[row["initiative"]].append(key)
    for initiative, keys in parts.items():
        _parts_follow(draft, initiative, keys)
    for key, row in draft.now["initiative"].items():
        row["accountable_post"] = _post_follows(draft, key, row, parts.get(key, []))


def _parts_follow(draft: Draft, initiative: Key, keys: list[Key]) -> None:
    rows = draft.now["part"]
    changed = False
    for key in keys:
        row = rows[key]
        old = row["department"]
        heir = draft.heir(old, "initiative", initiative)
        if heir == old:
            continue
        if heir is None and row["role"] == DepartmentRole.LEAD:
            draft.turn_to(draft.ending[old])
            draft.refuse(
                "successor",
                draft.now["initiative"][initiative]["title"],
                _("The department that ends leads the initiative “%(value)s”."),
                _("Name the department that goes on with it."),
            )
            continue
        changed = True
        row["department"] = heir
    if changed:
        _drop_doubles(rows, keys)


def _drop_doubles(rows: dict[Key, Row], keys: list[Key]) -> None:
    """A department stands once; leading counts before being a partner, that before using it."""
    rank = {DepartmentRole.LEAD.value: 0, DepartmentRole.PARTNER.value: 1}
    seen: set[Key] = set()
    for key in sorted(keys, key=lambda key: (rank.get(rows[key]["role"], 2), str(key))):
        department = rows[key]["department"]
        if department is None or department in seen:
            del rows[key]
        else:
            seen.add(department)


def _post_follows(draft: Draft, initiative: Key, row: Row, parts: list[Key]) -> Key | None:
    """The post with which the accountable post goes on; with a split, that of the new lead."""
    post: Key | None = row["accountable_post"]
    if post is None:
        return None
    old = draft.now["post"][post]
    given = draft.given.get((old["department"], "initiative", initiative))
    if given is not None and old["is_head"]:
        heir = draft.heir(old["department"], "initiative", initiative)
        return draft.make_head_post(heir, post) if heir is not None else post
    return draft.post_of.get(post, post)


def lead_of(draft: Draft) -> dict[Key, Key]:
    """Initiative → its lead department afterwards."""
    return {
        row["initiative"]: row["department"]
        for row in draft.now["part"].values()
        if row["role"] == DepartmentRole.LEAD
    }


def owned(draft: Draft, row: Row, day: dt.date) -> bool:
    """Somebody holds the accountable post on that day, or the person in charge is there."""
    if draft.holders(row["accountable_post"], day):
        return True
    return row["contact"] is not None and draft.is_there(row["contact"], day)


def ownerless(draft: Draft, owners: Mapping[str, Key], *, by_default: bool) -> list[Ownerless]:
    """Those that had an owner or are touched and would have none; choices made are carried out.

    `by_default`: the suggestion counts as chosen, for what came up after the plan was confirmed.
    """
    leads = lead_of(draft)
    touched = _touched(draft)
    found = []
    for key, row in draft.now["initiative"].items():
        before = draft.was["initiative"][key]
        if not row["needs_owner"] or owned(draft, row, draft.day):
            continue
        if key not in touched and not owned(draft, before, draft.eve):
            continue
        item = _without(draft, key, row, leads.get(key))
        wanted = owners.get(str(key))
        if wanted is None and by_default:
            wanted = item.suggested
        if wanted in draft.now["post"] and draft.holders(wanted, draft.day):
            row["accountable_post"] = item.chosen = wanted
        found.append(item)
    return found


def _touched(draft: Draft) -> set[Key]:
    """Initiatives whose department or post changes."""
    old, new = draft.was["part"], draft.now["part"]
    found = {row["initiative"] for key, row in old.items() if new.get(key) != row}
    found |= {
        key
        for key, row in draft.now["initiative"].items()
        if row["accountable_post"] != draft.was["initiative"][key]["accountable_post"]
    }
    return found


def _without(draft: Draft, key: Key, row: Row, lead: Key | None) -> Ownerless:
    """Who could answer for it: the head of the lead department, of those above it, its posts."""
    choices: list[Key] = []
    place, steps = lead, 0
    while place is not None and steps < 20:
        head = draft.head_post(place)
        posts = [head] if head is not None else []
        if place == lead:
            posts += [post for post, _row in draft.posts_in(place) if post != head]
        choices += [post for post in posts if draft.holders(post, draft.day)]
        place, steps = draft.now["department"][place]["parent"], steps + 1
    return Ownerless(key, lead, choices[0] if choices else None, choices)
