"""Departments founded, renamed, merged, split and ended, and what hangs below them. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from roadmap.choices import ChangeKind

from .draft import NAME_LENGTH, Draft, fold, split_path
from .state import Key, Row, outlasts


def carry_out(draft: Draft) -> None:
    """The present row of the draft."""
    {
        ChangeKind.FOUND: _found,
        ChangeKind.RENAME: _rename,
        ChangeKind.MERGE: _merge,
        ChangeKind.SPLIT: _split,
        ChangeKind.END: _end,
    }[ChangeKind(draft.change.kind)](draft)


def _old(draft: Draft, least: int = 1, most: int | None = None) -> list[Key]:
    """The departments of the row; as many as its kind needs."""
    texts = draft.change.department
    if len(texts) < least or (most is not None and len(texts) > most):
        raise draft.refuse(
            "department",
            "、".join(texts),
            _("Here this kind of row needs another number of departments."),
            _("Write one department; for a merger all of them, divided by 、."),
        )
    found = [draft.find(text, "department", place) for place, text in enumerate(texts)]
    for key in found:
        splits = draft.change.kind == ChangeKind.SPLIT
        if draft.ending.get(key, draft.at) != draft.at or (key in draft.split and not splits):
            raise draft.refuse(
                "department",
                draft.now["department"][key]["name"],
                _("“%(value)s” ends by an earlier row already."),
                _("Take one of the two rows out."),
            )
    return found


def _new(draft: Draft, *, like: Key | None, least: int = 0, most: int | None = None) -> list[Key]:
    """The departments that follow; founded where they do not exist."""
    texts = draft.change.successor
    if len(texts) < least or (most is not None and len(texts) > most):
        raise draft.refuse(
            "successor",
            "、".join(texts),
            _("Here this kind of row needs another number of departments."),
            _("Write the department that goes on; for a split all of them, divided by 、."),
        )
    return [
        draft.found_or_find(text, like=like, column="successor", place=place)
        for place, text in enumerate(texts)
    ]


def _found(draft: Draft) -> None:
    text = next(iter(draft.change.successor or draft.change.department), "")
    if not text:
        raise draft.refuse(
            "successor",
            "",
            _("The name of the new department is missing."),
            _("Write it into this column."),
        )
    place = split_path(text)
    there = [
        key
        for key in draft.matching(text)
        if draft.now["department"][key]["valid_from"] < draft.day
        and (draft.change.parent == "" or draft.path(key)[-2:-1] == (draft.change.parent,))
    ]
    if there and key_lives(draft, there[0]):
        raise draft.refuse(
            "successor",
            place[-1],
            _("There is a department “%(value)s” already."),
            _("Take the row out, or give another name."),
        )
    draft.found_or_find(text, like=None, column="successor")


def key_lives(draft: Draft, key: Key) -> bool:
    """Whether a department goes on beyond the day."""
    return key not in draft.ending and outlasts(draft.now["department"][key], draft.eve)


def _rename(draft: Draft) -> None:
    """The same department under another name, code or place: its staircase goes on."""
    (key,) = _old(draft, most=1)
    change, row = draft.change, draft.now["department"][key]
    if not change.successor and not change.parent and not change.code:
        raise draft.refuse(
            "successor", "", _("The new name is missing."), _("Write it into this column.")
        )
    if change.successor:
        name = split_path(change.successor[0])[-1]
        if len(name) > NAME_LENGTH:
            raise draft.refuse(
                "successor",
                name,
                _("“%(value)s” is longer than %(limit)s characters."),
                _("Shorten it."),
                limit=NAME_LENGTH,
            )
        row["name"] = name
    if change.parent:
        above = draft.find(change.parent, "parent")
        if above in _with_below(draft, key):
            raise draft.refuse(
                "parent",
                change.parent,
                _("“%(value)s” lies below the department itself."),
                _("Choose another one above it."),
            )
        row["parent"] = above
    if change.code and change.code != row["code"]:
        if any(other["code"] == change.code for other in draft.now["department"].values()):
            raise draft.refuse(
                "code",
                change.code,
                _("The code “%(value)s” belongs to another department."),
                _("Give another code, or leave the cell empty."),
            )
        row["code"] = change.code


def _with_below(draft: Draft, root: Key) -> set[Key]:
    """A department and everything below it."""
    below: dict[Key | None, list[Key]] = {}
    for key, row in draft.now["department"].items():
        below.setdefault(row["parent"], []).append(key)
    found, waiting = set(), [root]
    while waiting:
        key = waiting.pop()
        if key not in found:
            found.add(key)
            waiting += below.get(key, [])
    return found


def _merge(draft: Draft) -> None:
    """Two or more become one: a new one, or one of them."""
    old = _old(draft)
    (new,) = _new(draft, like=old[0], least=1, most=1)
    _refuse_below(draft, old, [new])
    for key in old:
        if key != new:
            draft.end(key)
            draft.succeed(key, new)


def _split(draft: Draft) -> None:
    """One becomes several; it may be one of them. Named initiatives and posts go where they say."""
    (old,) = _old(draft, most=1)
    new = _new(draft, like=old, least=1)
    _refuse_below(draft, [old], new)
    draft.split.setdefault(old, draft.at)
    if old in new:
        draft.stays.add(old)
    for key in new:
        draft.succeed(old, key)
    target = next((key for key in new if key != old), new[0])
    _give(draft, old, target)


def _give(draft: Draft, old: Key, target: Key) -> None:
    """Initiatives and posts that a row of a split names go to its first department."""
    led = {
        fold(draft.now["initiative"][row["initiative"]]["title"]): row["initiative"]
        for row in draft.now["part"].values()
        if row["department"] == old
    }
    for title in draft.change.initiatives:
        key = int(title[1:]) if title[:1] == "#" and title[1:].isdigit() else led.get(fold(title))
        if key is None or key not in led.values():
            raise draft.refuse(
                "initiatives",
                title,
                _("“%(value)s” is no initiative of that department."),
                _("Write the title as it stands in the list of initiatives."),
            )
        draft.given[old, "initiative", key] = target
    posts = {fold(row["name"]): key for key, row in draft.posts_in(old)}
    for name in draft.change.post:
        post = posts.get(fold(name))
        if post is None:
            raise draft.refuse(
                "post",
                name,
                _("“%(value)s” is no post of that department."),
                _("Write the post as it stands in the list of posts."),
            )
        draft.given[old, "post", post] = target


def _end(draft: Draft) -> None:
    """The departments end; their work goes on in the first that follows, if any."""
    old = _old(draft)
    new = _new(draft, like=old[0])
    _refuse_below(draft, old, new)
    for key in old:
        if key in new:
            raise draft.refuse(
                "successor",
                draft.now["department"][key]["name"],
                _("“%(value)s” cannot go on with its own work when it ends."),
                _("Name another department."),
            )
        draft.end(key)
        for heir in new:
            draft.succeed(key, heir)


def _refuse_below(draft: Draft, old: list[Key], new: list[Key]) -> None:
    """What follows must not itself hang below what ends."""
    for key in old:
        below = _with_below(draft, key) - {key}
        for heir in new:
            if heir in below and key not in new:
                raise draft.refuse(
                    "successor",
                    draft.now["department"][heir]["name"],
                    _("“%(value)s” lies below the department that ends."),
                    _("Move it first by a row of its own (%(word)s with the one above it)."),
                    word="名称変更",
                )


def settle(draft: Draft) -> None:
    """Chains of successors end where somebody lives; what hung below an ending one moves up."""
    for key, at in draft.split.items():
        if key not in draft.stays:
            draft.turn_to(at)
            draft.end(key)
    for key in list(draft.successors):
        draft.successors[key] = _living(draft, key)
        if key in draft.ending and not draft.successors[key]:
            draft.turn_to(draft.ending[key])
            draft.refuse(
                "successor",
                draft.now["department"][key]["name"],
                _("Those that go on with “%(value)s” end on the same day."),
                _("Name a department that goes on."),
            )
    for key, row in draft.now["department"].items():
        above = row["parent"]
        if above in draft.ending and key not in draft.ending and outlasts(row, draft.day):
            heir = draft.heir(above)
            if heir is None or heir == key:
                draft.turn_to(draft.ending[above])
                draft.refuse(
                    "successor",
                    row["name"],
                    _("“%(value)s” lies below the department that ends and would hang nowhere."),
                    _("Name a department that goes on, or end that one too."),
                )
                continue
            row["parent"] = heir
    _count_staff(draft)
    _bureaus(draft)


def _living(draft: Draft, key: Key) -> list[Key]:
    """Those who go on, through departments that end on the same day."""
    found: list[Key] = []
    seen, waiting = {key}, list(draft.successors.get(key, []))
    while waiting:
        heir = waiting.pop(0)
        if heir not in draft.ending:
            if heir not in found and outlasts(draft.now["department"][heir], draft.day):
                found.append(heir)
        elif heir not in seen:
            seen.add(heir)
            waiting = [*draft.successors.get(heir, []), *waiting]
    return found


def _count_staff(draft: Draft) -> None:
    """Staff without an account go with their department, to the first that follows."""
    for key in draft.ending:
        was, heir = draft.was["department"].get(key), draft.heir(key)
        if was is None or heir is None or _counted_before(draft, heir):
            continue
        draft.now["department"][heir]["without_account"] += was["without_account"]


def _counted_before(draft: Draft, heir: Key) -> bool:
    """Founded for this day already, when the plan was confirmed."""
    row = draft.was["department"].get(heir)
    return row is not None and row["valid_from"] == draft.day


def _bureaus(draft: Draft) -> None:
    """Everybody's bureau, and whether new departments and changed bureaus stand on the stairs."""
    rows = draft.now["department"]
    below: dict[Key, list[Row]] = {}
    for row in rows.values():
        if row["parent"] is not None and outlasts(row, draft.day):
            below.setdefault(row["parent"], []).append(row)
    old = draft.was["department"]
    for key, row in rows.items():
        if key not in old:
            row["stands"] = _stands(row, below.get(key, []))
        elif _bureau(old, old[key]) == _bureau(rows, row):
            continue
        row["bureau"] = _bureau(rows, row)
    touched = {
        parent
        for key, row in rows.items()
        for parent in (row["parent"], draft.was["department"].get(key, {}).get("parent"))
        if parent is not None
        and (key in draft.ending or row["valid_from"] == draft.day or row != old.get(key))
    }
    for key in touched - draft.ending.keys():
        if isinstance(key, int) and rows[key]["kind"] == DepartmentKind.BUREAU:
            rows[key]["stands"] = _stands(rows[key], below.get(key, []))


def _bureau(rows: dict[Key, Row], row: Row) -> Key | None:
    if row["kind"] == DepartmentKind.BUREAU:
        return None
    place, steps = row["parent"], 0
    while place is not None and steps < 20:
        if rows[place]["kind"] == DepartmentKind.BUREAU:
            return place  # type: ignore[no-any-return]
        place, steps = rows[place]["parent"], steps + 1
    return None


def _stands(row: Row, below: list[Row]) -> bool:
    """As in department_tree.stands; only what hangs directly below a bureau is looked at."""
    if row["kind"] == DepartmentKind.SECTION:
        return True
    if row["kind"] == DepartmentKind.TEAM:
        return row["parent"] is None
    return not any(child["kind"] != DepartmentKind.TEAM for child in below)
