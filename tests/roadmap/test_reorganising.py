"""Random reorganisations: taken back they leave nothing, in two steps they are the same."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.actions import reorganisations as acts
from roadmap.reorganising.initiatives import owned
from roadmap.reorganising.plan import Plan, make_plan
from roadmap.reorganising.rows import Change
from roadmap.reorganising.state import State, put
from tests.roadmap import april

DAY, LONG_AGO = dt.date(2027, 4, 1), dt.date(2020, 4, 1)


def town(sections: int = 6, staff: int = 4) -> State:
    """Two bureaus, sections with a team, heads, promoters, and two initiatives each."""
    state, seat = State(), 0
    for key, name in ((1, "市民部"), (2, "産業部")):
        _department(state, key, name, None, "bureau")
    for number in range(sections):
        key = 10 + number
        _department(state, key, f"第{number}課", 1 + number % 2, "section")
        _department(state, 100 + number, f"第{number}係", key, "team")
        for place in range(staff):
            person = 1000 + number * 10 + place
            email = f"p{person}@a.test"
            state["person"][person] = {
                "department": key,
                "is_active": True,
                "email": email,
                "name": email,
            }
            if place < 2:
                seat += 1
                name = "係長" if place else f"第{number}課長"
                state["post"][seat] = {"department": key, "name": name, "is_head": not place}
                state["assignment"][seat] = {
                    "post": seat,
                    "user": person,
                    "valid_from": LONG_AGO,
                    "valid_to": None,
                }
                state["initiative"][seat] = {
                    "title": f"取組{seat}",
                    "accountable_post": seat,
                    "contact": None,
                    "needs_owner": True,
                }
                state["part"][seat] = {"initiative": seat, "department": key, "role": "lead"}
                state["part"][500 + seat] = {
                    "initiative": seat,
                    "department": 10 + (number + 1) % sections,
                    "role": "partner",
                }
        for role, place, until in (("head", 0, None), ("promoter", 2, dt.date(2029, 4, 1))):
            state["grant"][len(state["grant"]) + 1] = {
                "user": 1000 + number * 10 + place,
                "role": role,
                "department": key,
                "valid_from": LONG_AGO,
                "valid_to": until,
                "how": "公募",
                "chosen": "volunteered",
                "minutes": 120,
            }
    state["grant"][99] = {
        "user": 1003,
        "role": "admin",
        "department": None,
        "valid_from": LONG_AGO,
        "valid_to": None,
        "how": "",
        "chosen": "",
        "minutes": None,
    }
    return state


def _department(state: State, key: int, name: str, parent: int | None, kind: str) -> None:
    state["department"][key] = {
        "code": f"c{key}",
        "name": name,
        "parent": parent,
        "kind": kind,
        "order": key,
        "bureau": None if kind == "bureau" else 1 + (key % 100 - 10) % 2 if parent else None,
        "stands": kind == "section",
        "without_account": key,
        "valid_from": LONG_AGO,
        "valid_to": None,
    }


def some_changes(
    random: Random, names: Sequence[str], emails: Sequence[str], titles: Sequence[str]
) -> list[Change]:
    """A few rows of every kind; not all of them fit together."""
    found: list[Change] = []
    for number in range(random.randint(1, 7)):
        one, two, three = random.sample(list(names), 3)
        email = random.choice(list(emails))
        new = random.choice([f"新{number}課", two])
        found.append(
            random.choice(
                [
                    Change("merge", (one, two), (random.choice([f"新{number}課", one]),)),
                    Change("split", (one,), (f"新{number}課", f"別{number}課")),
                    Change("split", (one,), (one, f"分{number}課")),
                    Change("end", (one,), (three,)),
                    Change("rename", (one,), (f"改{number}課",)),
                    Change("found", (), (f"設{number}課",)),
                    Change("move", (), (new,), email=email, new_post=random.choice(["", "主査"])),
                    Change("move", (), (three,), email=email, head=True),
                    Change("also", (), (two,), email=email, new_post="兼務主査"),
                    Change("leave", email=email),
                    Change("split", (one,), (f"割{number}課",), initiatives=tuple(titles[:1])),
                ]
            )
        )
    return found


def fitting(state: State, changes: list[Change], day: dt.date = DAY) -> tuple[Plan, list[Change]]:
    """The plan of those rows that fit together, with every owner as suggested."""
    for _again in range(9):
        plan = make_plan(state, changes, day, {})
        if not plan.problems:
            break
        wrong = {at for at, _problem in plan.problems}
        changes = [change for at, change in enumerate(changes) if at not in wrong]
    owners = {str(item.initiative): item.suggested for item in plan.undecided if item.suggested}
    return make_plan(state, changes, day, owners), changes


@given(st.integers(min_value=0))
def test_random_plans_on_paper(seed: int) -> None:
    state = town()
    names = [row["name"] for row in state["department"].values() if row["kind"] == "section"]
    emails = [row["email"] for row in state["person"].values()]
    titles = [row["title"] for row in state["initiative"].values()]
    plan, changes = fitting(state, some_changes(Random(seed), names, emails, titles))
    assert plan.problems == []

    # Taken back it is the identity.
    after = state.copy()
    put(after, plan.operations)
    assert after == plan.draft.now
    put(after, [operation.reverse for operation in plan.operations])
    assert after == state

    # What carries its day first and the rest on the day is the same as all at once.
    early = state.copy()
    put(early, [operation for operation in plan.operations if operation.can_be_early])
    owners = {str(item.initiative): item.chosen for item in plan.ownerless if item.chosen}
    rest = make_plan(early, changes, DAY, owners)
    assert [operation for operation in rest.operations if operation.can_be_early] == []
    put(early, rest.operations)
    assert early == plan.draft.now

    _nothing_is_lost(state, plan)


def _nothing_is_lost(state: State, plan: Plan) -> None:
    """Owners, terms of promoters, and departments that hang somewhere."""
    draft = plan.draft
    undecided = {item.initiative for item in plan.undecided}
    for key, row in draft.now["initiative"].items():
        assert key in undecided or owned(draft, row, DAY)
    assert all(item.suggested is None for item in plan.undecided)
    for row in state["grant"].values():
        if row["role"] == "promoter" and row["user"] not in draft.leaving:
            terms = [
                grant["valid_to"]
                for grant in draft.now["grant"].values()
                if (grant["user"], grant["role"]) == (row["user"], "promoter")
            ]
            assert max(terms) == row["valid_to"]
    for key, row in draft.now["department"].items():
        if row["valid_to"] is None and row["parent"] is not None:
            assert draft.now["department"][row["parent"]]["valid_to"] is None, key
    leads = [row["initiative"] for row in draft.now["part"].values() if row["role"] == "lead"]
    assert len(leads) == len(set(leads)) == len(state["initiative"])
    for row in draft.now["part"].values():
        assert draft.now["department"][row["department"]]["valid_to"] is None


@pytest.mark.django_db
def test_random_reorganisations_taken_back_leave_the_town_as_it_was() -> None:
    here = april.build(staff=4)
    before: dict[str, Any] = april.picture()
    emails = [person.email for people in here.staff.values() for person in people]
    emails += [person.email for person in here.heads.values()]
    for seed in range(8):
        random = Random(seed)
        wish = some_changes(random, april.SECTIONS, emails, list(here.initiatives))
        draft = acts.draft_reorganisation(
            here.municipality, by=here.office, effective_on=april.DAY, changes=wish
        )
        _plan, changes = fitting(
            acts.load_state(here.municipality.pk, april.DAY), acts.changes_of(draft), april.DAY
        )
        draft = acts.draft_reorganisation(
            here.municipality, by=here.office, effective_on=april.DAY, changes=changes
        )
        plan = acts.plan_of(draft)
        owners = {str(item.initiative): item.suggested for item in plan.undecided}
        draft = acts.choose_owners(draft, owners, by=here.office)
        plan = acts.plan_of(draft)
        if not plan.is_ready:
            continue
        early = bool(seed % 2)
        now = _at(april.EVE if early else april.DAY)
        draft = acts.confirm(draft, fingerprint=plan.fingerprint, by=here.office, now=now)
        if early:
            assert acts.carry_out(draft.pk, now=_at(april.DAY))
        assert april.picture() != before
        draft = acts.undo(draft, by=here.office, now=_at(april.DAY))
        assert draft.inverse["left"] == []
        assert april.picture() == before, seed


def _at(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(3), tzinfo=dt.UTC)
