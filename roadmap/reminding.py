"""Who is reminded of what, and when: facts become at most one digest a person and day.

Everything is decided here by plain values. `day` is always a parameter.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import IntEnum
from typing import Final

from dxportal.shared.workdays import is_workday, on_or_after, on_or_before
from roadmap.choices import CLOSED_PHASES, LAUNCHED_PHASES, Phase, ReminderReason
from roadmap.timeliness import DUE_DAYS, FRESH_DAYS

#: A blocker that has been open for so long is told to the DX office.
BLOCKER_DAYS: Final = 30
#: Before its target by so many days an initiative should have its five lines; on trial always.
LAUNCH_DAYS: Final = 30
#: So many days before it stops counting a criterion is to be renewed, and so long after.
RENEW_DAYS: Final = 30
RENEWED: Final = (ReminderReason.EXPIRY, ReminderReason.FIGURE)
_WEEK: Final = dt.timedelta(days=7)
_BEFORE_TRIAL: Final = (Phase.PLANNED, Phase.BUILDING)
_ORDER: Final = {reason: place for place, reason in enumerate(ReminderReason)}


class Level(IntEnum):
    """To whom an item goes: those who answer for it; later also the head, then the DX office."""

    OWNER = 0
    HEAD = 1
    OFFICE = 2


@dataclass(frozen=True, slots=True)
class Rules:
    """What a municipality has set: days before a date, digests before it goes further up."""

    days_before: int = 7
    escalate_after: int = 2


@dataclass(frozen=True, slots=True)
class InitiativeFacts:
    """One initiative. contact and holders are active people; last_report None: never."""

    pk: int
    title: str
    phase: str = Phase.IDEA
    last_report: dt.date | None = None
    needs_care: bool = False
    next_due: dt.date | None = None
    target_end: dt.date | None = None
    lines_missing: bool = False
    lead: int | None = None
    contact: int | None = None
    holders: tuple[int, ...] = ()

    @property
    def owners(self) -> tuple[int, ...]:
        """The contact, else whoever holds the accountable post."""
        return (self.contact,) if self.contact is not None else self.holders


@dataclass(frozen=True, slots=True)
class Dated:
    """A part with a date: a milestone not done, a measurement, a withholding, an open blocker, what
    follows from a verdict (its `name` is the care as a code; empty: not chosen)."""

    reason: ReminderReason
    pk: int
    initiative: int
    name: str
    on: dt.date


@dataclass(frozen=True, slots=True)
class ReturnFacts:
    """What a department still owes an open round; `below`: itself and the departments under it."""

    pk: int
    label: str
    department: int
    opens_on: dt.date
    due_on: dt.date
    below: frozenset[int]
    round: int = 0


@dataclass(frozen=True, slots=True)
class CellFacts:
    """What a department owes about its criteria: an answer, or criteria that are to be renewed.

    `on`: the day to be met: of an answer, or the last one on which the earliest of `count`
    criteria counts. `code`: the criterion, where it is one; `above`: the bureau.
    """

    reason: ReminderReason
    key: str
    department: int
    name: str
    on: dt.date
    code: str = ""
    count: int = 1
    above: int | None = None


@dataclass(frozen=True, slots=True)
class People:
    """Who could be told, active people only; by department, and the DX office."""

    heads: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    promoters: Mapping[int, tuple[int, ...]] = field(default_factory=dict)
    office: tuple[int, ...] = ()
    #: Not to be reminded today.
    paused: frozenset[int] = frozenset()
    #: Their pause ended, and today is the first working day since.
    returning: frozenset[int] = frozenset()

    def heads_of(self, department: int | None) -> tuple[int, ...]:
        """The heads of a department; where there is none, the DX office."""
        heads = self.heads.get(department, ()) if department is not None else ()
        return heads or self.office


@dataclass(frozen=True, slots=True)
class Facts:
    """All that a municipality's reminders depend on. history: key of an item → days it went out."""

    initiatives: Mapping[int, InitiativeFacts] = field(default_factory=dict)
    parts: tuple[Dated, ...] = ()
    returns: tuple[ReturnFacts, ...] = ()
    cells: tuple[CellFacts, ...] = ()
    people: People = field(default_factory=People)
    history: Mapping[str, tuple[dt.date, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Item:
    """One thing of which somebody is reminded. `whose`: those who were told before, if others."""

    key: str
    reason: ReminderReason
    initiative: int | None
    title: str
    name: str = ""
    on: dt.date | None = None
    department: int | None = None
    round: int | None = None
    code: str = ""
    count: int = 1
    level: Level = Level.OWNER
    whose: tuple[int, ...] = ()
    since: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Digest:
    """What one person is told on one day; held: noted, but not sent, because of a pause."""

    user: int
    items: tuple[Item, ...]
    held: bool = False

    @property
    def by_subject(self) -> dict[tuple[int | None, str], list[Item]]:
        """The items of each initiative (or return) together, in order."""
        found: dict[tuple[int | None, str], list[Item]] = {}
        for item in self.items:
            subject = (item.initiative, "" if item.initiative is not None else item.key)
            found.setdefault(subject, []).append(item)
        return found


@dataclass(frozen=True, slots=True)
class Plan:
    """The digests of a day, and what reaches nobody because nobody is there."""

    digests: tuple[Digest, ...] = ()
    unreached: tuple[Item, ...] = ()


# When ---------------------------------------------------------------------------------------------
def latest_weekly(day: dt.date, weekday: int) -> dt.date:
    """The last sending day up to `day`: the weekday (0: Monday), or the next working day."""
    wanted = day - dt.timedelta(days=(day.weekday() - weekday) % 7)
    while (moved := on_or_after(wanted)) > day:
        wanted -= _WEEK
    return moved


def next_weekly(day: dt.date, weekday: int) -> dt.date:
    """The first sending day from `day` on."""
    wanted = latest_weekly(day, weekday)
    while (moved := on_or_after(wanted)) < day:
        wanted += dt.timedelta(days=1)
        wanted += dt.timedelta(days=(weekday - wanted.weekday()) % 7)
    return moved


def weekly_due(day: dt.date, weekday: int, last: dt.date | None) -> bool:
    """Whether the weekly digests go out on `day`, once however many were missed.

    `last`: when they last went out; None: never, so that they wait for their day.
    """
    if not is_workday(day):
        return False
    latest = latest_weekly(day, weekday)
    return latest == day if last is None else latest > last


def falls_due(on: dt.date, day: dt.date) -> bool:
    """Whether `day` is the last working day on which a date can still be met."""
    return on_or_before(on) == day


# What ---------------------------------------------------------------------------------------------
def open_items(facts: Facts, day: dt.date, rules: Rules) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """Everything that waits on that day, each with those who answer for it (maybe nobody)."""
    people = facts.people
    for initiative in facts.initiatives.values():
        owners = initiative.owners or people.heads_of(initiative.lead)
        for item in _of_initiative(initiative, day, rules):
            yield item, owners
    for part in facts.parts:
        found = facts.initiatives.get(part.initiative)
        if found is not None:
            yield from _of_part(part, found, people, day, rules)
    for owed in facts.returns:
        if _near(owed.due_on, day, rules):
            yield from _of_return(owed, facts)
    for cell in facts.cells:
        if cell.reason in RENEWED or _near(cell.on, day, rules):
            heads = people.heads.get(cell.department, ())
            above = people.heads.get(cell.above, ()) if cell.above is not None else ()
            yield _of_cell(cell), heads or above or people.office


def _of_cell(cell: CellFacts) -> Item:
    """One line of a department's criteria."""
    return Item(
        cell.key,
        cell.reason,
        None,
        f"{cell.name} {cell.code}".strip(),
        on=cell.on,
        department=cell.department,
        code=cell.code,
        count=cell.count,
    )


def _of_initiative(facts: InitiativeFacts, day: dt.date, rules: Rules) -> Iterator[Item]:
    """What the initiative itself lacks."""
    if facts.phase in CLOSED_PHASES:
        return
    if not facts.owners:
        yield _item("unowned", ReminderReason.UNOWNED, facts)
    age = None if facts.last_report is None else (day - facts.last_report).days
    if age is None or age > FRESH_DAYS:
        stale = age is None or age > DUE_DAYS
        reason = ReminderReason.STALE if stale else ReminderReason.DUE
        yield _item("report", reason, facts, on=facts.last_report)
    if facts.needs_care:
        yield _item("care", ReminderReason.LATE_CARE, facts)
    if _waits(facts.next_due, facts, day, rules):
        yield _item("next", ReminderReason.NEXT_STEP, facts, on=facts.next_due)
    if facts.phase not in LAUNCHED_PHASES and _waits(facts.target_end, facts, day, rules):
        yield _item("target", ReminderReason.TARGET, facts, on=facts.target_end)
    if facts.lines_missing and _launches_soon(facts, day):
        yield _item("launch", ReminderReason.LAUNCH_PLAN, facts)


def _item(
    kind: str,
    reason: ReminderReason,
    facts: InitiativeFacts,
    *,
    on: dt.date | None = None,
    name: str = "",
    pk: int | None = None,
) -> Item:
    key = f"{kind}-{facts.pk if pk is None else pk}"
    return Item(key, reason, facts.pk, facts.title, name, on, facts.lead)


def _near(on: dt.date, day: dt.date, rules: Rules) -> bool:
    """Whether a date is near enough to speak of, or has passed."""
    return day >= min(on - dt.timedelta(days=rules.days_before), on_or_before(on))


def _waits(on: dt.date | None, facts: InitiativeFacts, day: dt.date, rules: Rules) -> bool:
    """Whether a date is near, or passed without a report on it; a report answers for 30 days."""
    if on is None or not _near(on, day, rules):
        return False
    last = facts.last_report
    answered = last is not None and last >= on and (day - last).days <= FRESH_DAYS
    return day <= on or not answered


def _launches_soon(facts: InitiativeFacts, day: dt.date) -> bool:
    if facts.phase in _BEFORE_TRIAL and facts.target_end is not None:
        return (facts.target_end - day).days <= LAUNCH_DAYS
    return facts.phase == Phase.TRIAL


def _of_part(
    part: Dated, initiative: InitiativeFacts, people: People, day: dt.date, rules: Rules
) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """Tasks, milestones and measurements go to the owners, the rest to the DX office alone.

    A task after a verdict waits also where it took root, and no report answers it.
    """
    closed = initiative.phase in CLOSED_PHASES
    item = _item(part.reason.value, part.reason, initiative, on=part.on, name=part.name, pk=part.pk)
    if part.reason == ReminderReason.REVIEW:
        if _near(part.on, day, rules):
            yield item, people.office
    elif part.reason == ReminderReason.TASK:
        if initiative.phase != Phase.STOPPED and _near(part.on, day, rules):
            yield item, initiative.owners or people.heads_of(initiative.lead)
    elif closed:
        return
    elif part.reason == ReminderReason.BLOCKER:
        if (day - part.on).days >= BLOCKER_DAYS:
            yield item, people.office
    else:
        owners = initiative.owners or people.heads_of(initiative.lead)
        measured = part.reason == ReminderReason.MEASURE
        if _near(part.on, day, rules) if measured else _waits(part.on, initiative, day, rules):
            yield item, owners


def _of_return(owed: ReturnFacts, facts: Facts) -> Iterator[tuple[Item, tuple[int, ...]]]:
    """The return goes to head and promoters; each initiative not yet reported to its owners."""
    people = facts.people
    item = Item(
        f"return-{owed.pk}",
        ReminderReason.ROUND,
        None,
        owed.label,
        on=owed.due_on,
        department=owed.department,
        round=owed.round,
    )
    heads, promoters = people.heads.get(owed.department, ()), people.promoters
    told = tuple(dict.fromkeys((*heads, *promoters.get(owed.department, ()))))
    yield item, told or people.office
    for initiative in facts.initiatives.values():
        if initiative.lead not in owed.below or initiative.phase in CLOSED_PHASES:
            continue
        last = initiative.last_report
        if initiative.owners and (last is None or last < owed.opens_on):
            found = _item(f"return-{owed.pk}", ReminderReason.ROUND, initiative, on=owed.due_on)
            yield replace(found, name=owed.label), initiative.owners


# To whom ------------------------------------------------------------------------------------------
def unanswered(item: Item, facts: Facts) -> list[dt.date]:
    """On which days the item went out since the last report on its initiative."""
    initiative = facts.initiatives.get(item.initiative) if item.initiative is not None else None
    last = initiative.last_report if initiative else None
    days = facts.history.get(item.key, ())
    return sorted(day for day in set(days) if last is None or day > last)


def plan(
    facts: Facts,
    day: dt.date,
    rules: Rules,
    *,
    weekly: bool,
    told: frozenset[int] = frozenset(),
    owed: frozenset[int] = frozenset(),
) -> Plan:
    """The digests of `day`, one a person; none on a day that is no working day.

    told: who has a digest of that day already. owed: who gets the whole week's although it is not
    its day. Beside the weekly ones there are digests for dates that can be met for the last time.
    """
    if not is_workday(day):
        return Plan()
    mine: defaultdict[int, list[Item]] = defaultdict(list)
    unreached: list[Item] = []
    whole = facts.people.returning | owed
    for item, owners in open_items(facts, day, rules):
        if not owners:
            unreached.append(item)
        urgent = item.on is not None and _is_dated(item) and falls_due(item.on, day)
        for user in owners:
            if weekly or urgent or user in whole:
                mine[user].append(item)
        for user, copy in _further(item, owners, facts, rules):
            if weekly or user in whole:
                mine[user].append(copy)
    digests = (
        Digest(user, tuple(sorted(items, key=_place)), user in facts.people.paused)
        for user, items in sorted(mine.items())
        if user not in told
    )
    return Plan(tuple(digests), tuple(unreached))


def _is_dated(item: Item) -> bool:
    """Whether `on` is a day to be met; of a report it is the last one, of a blocker its opening."""
    past = (ReminderReason.DUE, ReminderReason.STALE, ReminderReason.BLOCKER)
    return item.reason not in past


def _further(
    item: Item, owners: tuple[int, ...], facts: Facts, rules: Rules
) -> Iterator[tuple[int, Item]]:
    """Copies for the head, then for the DX office, of what stays unanswered."""
    days = unanswered(item, facts)
    told = set(owners)
    reached = min(len(days) // rules.escalate_after, Level.OFFICE)
    for level in (Level.HEAD, Level.OFFICE)[:reached]:
        people = facts.people
        users = people.heads_of(item.department) if level == Level.HEAD else people.office
        for user in users:
            if user not in told:
                told.add(user)
                yield user, replace(item, level=level, whose=owners, since=days[0])


def _place(item: Item) -> tuple[int, int, dt.date, int, str]:
    """Own things first, then by urgency and date."""
    return (
        item.level,
        _ORDER[item.reason],
        item.on or dt.date.min,
        item.initiative or 0,
        item.key,
    )


def asked(
    facts: Facts, initiatives: Iterable[int], told: frozenset[int]
) -> tuple[dict[int, Digest], tuple[InitiativeFacts, ...]]:
    """What the DX office asks about now, by person, and the initiatives that reach nobody.

    Whoever has a digest of the day already, or pauses, gets none: they stand in the result with
    `held`, so that the page can say so.
    """
    mine: defaultdict[int, list[Item]] = defaultdict(list)
    lost = []
    for pk in initiatives:
        found = facts.initiatives.get(pk)
        if found is None:
            continue
        owners = found.owners or facts.people.heads_of(found.lead)
        for user in owners:
            mine[user].append(_item("report", ReminderReason.ASKED, found, on=found.last_report))
        if not owners:
            lost.append(found)
    silent = told | facts.people.paused
    digests = {
        user: Digest(user, tuple(items), user in silent) for user, items in sorted(mine.items())
    }
    return digests, tuple(lost)
