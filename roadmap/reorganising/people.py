"""Who moves, who leaves, which posts go on as which, and what becomes of roles. Pure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import Role
from roadmap.choices import ChangeKind

from .draft import POST_LENGTH, Draft, fold
from .state import Key, Row, in_force, outlasts

#: How a head was chosen, as the role table says it.
HOW = "組織改正"


def carry_out(draft: Draft) -> None:
    """The present row of the draft, about one person."""
    person = _person(draft)
    kind = ChangeKind(draft.change.kind)
    if kind == ChangeKind.LEAVE:
        _leave(draft, person)
        return
    texts = draft.change.successor
    if len(texts) != 1:
        raise draft.refuse(
            "successor",
            "、".join(texts),
            _("The department to which the person moves is missing."),
            _("Write one department into this column."),
        )
    department = draft.heir(draft.found_or_find_living(texts[0]))
    if department is None:
        raise draft.refuse(
            "successor",
            texts[0],
            _("“%(value)s” does not exist on that day."),
            _("Write the department that follows it."),
        )
    if kind == ChangeKind.MOVE:
        _move(draft, person, department)
    _take_post(draft, person, department)


def _person(draft: Draft) -> Key:
    """The account of the row."""
    email = draft.change.email
    people = draft.now["person"]
    key = draft.change.refs.get("person") or draft.by_email.get(email.casefold())
    if key is None or key not in people:
        raise draft.refuse(
            "email",
            email,
            _("Nobody here has the e-mail “%(value)s”."),
            _("Correct it, or create the account first."),
        )
    again = draft.named.get(key)
    if draft.change.kind != ChangeKind.ALSO:
        if again is not None and not draft.change.post:
            raise draft.refuse(
                "email",
                email,
                _("“%(value)s” stands in an earlier row already."),
                _("Take one of the two rows out; write a further post as %(word)s."),
                word="兼務",
            )
        draft.named[key] = draft.at
    if not draft.was["person"][key]["is_active"]:
        raise draft.refuse(
            "email",
            email,
            _("The account “%(value)s” is switched off."),
            _("Switch it on first, or take the row out."),
        )
    draft.refs.setdefault(draft.at, {})["person"] = key
    return key


def _leave(draft: Draft, person: Key) -> None:
    """The account is switched off on the day; seats and roles end."""
    draft.leaving.add(person)
    for key, _row in draft.seats_of(person, draft.eve):
        draft.leave_seat(key)
    for row in draft.now["grant"].values():
        if row["user"] == person and in_force(row, draft.eve) and outlasts(row, draft.day):
            row["valid_to"] = draft.day
    draft.now["person"][person]["is_active"] = False
    if not any(
        row["role"] == Role.ADMIN
        and in_force(row, draft.day)
        and row["valid_to"] is None
        and draft.is_there(row["user"], draft.day)
        for row in draft.now["grant"].values()
    ):
        raise draft.refuse(
            "email",
            draft.change.email,
            _("Without this person nobody could give roles."),
            _("Make somebody else an administrator first."),
        )


def _move(draft: Draft, person: Key, department: Key) -> None:
    """Leave the named post, or every post, and belong to the new department."""
    seats = draft.seats_of(person, draft.eve)
    if draft.change.post:
        wanted = {fold(name) for name in draft.change.post}
        seats = [
            (k, row) for k, row in seats if fold(draft.now["post"][row["post"]]["name"]) in wanted
        ]
        if not seats:
            raise draft.refuse(
                "post",
                "、".join(draft.change.post),
                _("The person does not hold the post “%(value)s”."),
                _("Write the post as it stands in the list of posts, or leave the cell empty."),
            )
    for key, row in seats:
        place = draft.now["post"][row["post"]]
        if not (place["department"] == department and place["name"] == draft.change.new_post):
            draft.leave_seat(key)
            draft.left.append((person, place["department"], row["post"]))
    draft.now["person"][person]["department"] = department


def _take_post(draft: Draft, person: Key, department: Key) -> None:
    """Sit down on the post of the row; the head's post is found by itself."""
    name, head = draft.change.new_post, draft.change.head
    if len(name) > POST_LENGTH:
        raise draft.refuse(
            "new_post",
            name,
            _("“%(value)s” is longer than %(limit)s characters."),
            _("Shorten it."),
            limit=POST_LENGTH,
        )
    if not name and not head:
        return
    post = draft.head_post(department) if head and not name else None
    if post is None:
        title = name or f"{draft.now['department'][department]['name']}長"
        post = draft.post_in(department, title, head=head)
    if head:
        draft.now["post"][post]["is_head"] = True
    draft.sit(person, post)


def settle(draft: Draft) -> None:
    """Everything that follows by itself from the departments that end."""
    for department in {**draft.ending, **draft.split}:
        _posts_go_on(draft, department)
    _members_go_on(draft)
    _heads(draft)
    _promoters(draft)


def _posts_go_on(draft: Draft, department: Key) -> None:
    """Posts of a department that ends, and those that a split names, go on in a successor."""
    wanted = {row["accountable_post"] for row in draft.now["initiative"].values()}
    for post, row in draft.posts_in(department):
        heir = draft.heir(department, "post", post)
        if heir == department:
            continue
        sitting = draft.seats_on(post, draft.eve)
        staying = [(key, seat) for key, seat in sitting if outlasts(seat, draft.day)]
        if heir is None:
            for key, _seat in staying:
                draft.leave_seat(key)
            continue
        if not staying and not sitting and post not in wanted:
            continue
        new = _follows(draft, post, row, heir, named=(department, "post", post) in draft.given)
        draft.post_of[post] = new
        draft.go_on(post, new)
        full = row["is_head"] and bool(draft.holders(new, draft.day))
        for key, seat in staying:
            until = seat["valid_to"]
            draft.leave_seat(key)
            if not full:
                draft.sit(seat["user"], new, until)
        there = {seat["user"] for _key, seat in draft.seats_on(new, draft.day)}
        draft.carried += [(s["user"], post, new) for _key, s in sitting if s["user"] in there]


def _follows(draft: Draft, post: Key, row: Row, heir: Key, *, named: bool) -> Key:
    """The post with which it goes on: heads become the head, others keep their name."""
    if row["is_head"] and not named:
        return draft.make_head_post(heir, post)
    return draft.post_in(heir, row["name"], head=False)


def _members_go_on(draft: Draft) -> None:
    """Whoever belonged to a department that ends belongs to where their post went on."""
    went: dict[Key, Key] = {}
    for person, _old, new in draft.carried:
        went[person] = draft.now["post"][new]["department"]
    for key, row in draft.now["person"].items():
        if row["department"] not in draft.ending or not row["is_active"]:
            continue
        heirs = draft.successors.get(row["department"], [])
        row["department"] = went[key] if went.get(key) in heirs else draft.heir(row["department"])


def _heads(draft: Draft) -> None:
    """The role of head follows the post: it ends where it was left, begins where it is held."""
    headed = {
        (seat["user"], post["department"])
        for seat in draft.now["assignment"].values()
        if in_force(seat, draft.day) and (post := draft.now["post"][seat["post"]])["is_head"]
    }
    left = {
        (person, department)
        for person, department, post in draft.left
        if draft.now["post"][post]["is_head"]
    }
    moved_out = {person for person, at in draft.named.items() if not draft.changes[at].post}
    for row in list(draft.now["grant"].values()):
        if row["role"] != Role.HEAD or not in_force(row, draft.eve) or not outlasts(row, draft.day):
            continue
        place = (row["user"], row["department"])
        if place in headed and row["department"] not in draft.ending:
            continue
        gone = place in left or (
            row["user"] in moved_out
            and draft.now["person"][row["user"]]["department"] != row["department"]
            and draft.changes[draft.named[row["user"]]].kind == ChangeKind.MOVE
        )
        if row["department"] in draft.ending or gone:
            row["valid_to"] = draft.day
    for seat_key, seat in list(draft.now["assignment"].items()):
        post = draft.now["post"][seat["post"]]
        is_new = seat_key not in draft.was["assignment"]
        if is_new and post["is_head"] and in_force(seat, draft.day):
            _grant(
                draft, seat["user"], Role.HEAD, post["department"], until=seat["valid_to"], how=HOW
            )


def _promoters(draft: Draft) -> None:
    """Promoters keep their term: only its department changes, where the old one ends."""
    for row in list(draft.now["grant"].values()):
        if row["role"] != Role.PROMOTER or row["department"] not in draft.ending:
            continue
        if not in_force(row, draft.eve) or not outlasts(row, draft.day):
            continue
        mine = draft.now["person"][row["user"]]["department"]
        heirs = draft.successors.get(row["department"], [])
        heir = mine if mine in heirs else draft.heir(row["department"])
        if heir is None:
            continue
        until, row["valid_to"] = row["valid_to"], draft.day
        words = {name: row[name] for name in ("how", "chosen", "minutes")}
        _grant(draft, row["user"], Role.PROMOTER, heir, until=until, **words)


def _grant(
    draft: Draft,
    person: Key,
    role: Role,
    department: Key,
    *,
    until: Any,
    how: str,
    chosen: str = "",
    minutes: int | None = None,
) -> None:
    """Give a role from the day on, unless it is held at least as long."""
    for row in draft.now["grant"].values():
        same = (row["user"], row["role"], row["department"]) == (person, role, department)
        if same and in_force(row, draft.day):
            if row["valid_to"] is None or (until is not None and row["valid_to"] >= until):
                return
            if row["valid_from"] == draft.day:
                row["valid_to"] = until
                return
    draft.now["grant"][f"+grant:{role.value}:{department}:{person}"] = {
        "user": person,
        "role": role.value,
        "department": department,
        "valid_from": draft.day,
        "valid_to": until,
        "how": how,
        "chosen": chosen,
        "minutes": minutes,
    }
