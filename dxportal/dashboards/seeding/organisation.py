"""The town's organisation and people, entered through actions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from random import Random

from dxportal.accounts.actions.founding import NewPerson, create_people, found_municipality
from dxportal.accounts.actions.organisation import save_department
from dxportal.accounts.actions.posts import assign, save_post
from dxportal.accounts.actions.roles import grant_role
from dxportal.accounts.choices import DepartmentKind, Employment, Role, SizeBand
from dxportal.accounts.models import Department, Municipality, Post, User
from dxportal.dashboards.seeding.names import WITHOUT_ACCOUNT, head_title
from dxportal.dashboards.seeding.plan import WITH_PROMOTER, SectionPlan, TownPlan
from roadmap.actions.content import ensure_staircase, ensure_tags, ensure_themes
from surveys.actions.codebook import ensure_terms

COMMAND = "command"
HOW_PROMOTERS = ("所属長の推薦", "公募", "所属長の推薦", "前任からの引継ぎ")


@dataclass(slots=True)
class Section:
    """One section with its rows."""

    plan: SectionPlan
    department: Department
    post: Post
    head: User
    promoter: User | None
    members: list[User]


@dataclass(slots=True)
class Town:
    """The municipality as far as it stands."""

    plan: TownPlan
    municipality: Municipality
    domain: str
    encoded_password: str
    sections: dict[str, Section] = field(default_factory=dict)
    bureaus: dict[str, Department] = field(default_factory=dict)
    #: Named accounts: admin, dx, cdo, auditor.
    people: dict[str, User] = field(default_factory=dict)
    section_of: dict[int, str] = field(default_factory=dict)

    @property
    def admin(self) -> User:
        """Who enters the organisation."""
        return self.people["admin"]

    @property
    def dx(self) -> User:
        """The DX office's first person."""
        return self.people["dx"]


@dataclass(slots=True)
class Numbers:
    """Accounts are numbered through the whole town, names are used up one by one."""

    names: Iterator[str]
    head: int = 0
    promoter: int = 0
    staff: int = 0


def found_town(plan: TownPlan, *, code: str, name: str, domain: str, encoded_password: str) -> Town:
    """The municipality with its staircase and themes, and nobody in it."""
    municipality = found_municipality(code, name, size_band=SizeBand.CITY_50K, by=None)
    ensure_staircase(municipality, by=None)
    ensure_themes(municipality, by=None)
    ensure_tags(municipality, by=None)
    ensure_terms(municipality)
    return Town(plan, municipality, domain, encoded_password)


def settle(town: Town, random: Random) -> Numbers:
    """Bureaus with their heads, sections with everybody, and the named accounts."""
    numbers = Numbers(iter(town.plan.names))
    for account, role in (("admin", Role.ADMIN), ("cdo", Role.CDO), ("auditor", Role.AUDITOR)):
        _name(town, numbers, account, role)
    _found_bureaus(town, numbers)
    for plan in town.plan.by_account:
        if not plan.late:
            open_section(town, plan, numbers, random, on=town.plan.calendar.founded)
    _name(town, numbers, "dx", Role.DX_OFFICE, town.plan.office)
    return numbers


def _found_bureaus(town: Town, numbers: Numbers) -> None:
    day = town.plan.calendar.founded
    for number, name in enumerate(town.plan.bureaus, start=1):
        town.bureaus[name] = save_department(
            None,
            municipality=town.municipality,
            by=town.admin,
            channel=COMMAND,
            code=f"{number:02d}",
            name=name,
            parent=None,
            kind=DepartmentKind.BUREAU,
            stands=False,
            valid_from=day,
            valid_to=None,
        )
    new = [
        NewPerson(next(numbers.names), f"director{number}@{town.domain}", town.bureaus[name])
        for number, name in enumerate(town.plan.bureaus, start=1)
    ]
    for person, name in zip(_enter(town, new), town.plan.bureaus, strict=True):
        title = f"{name}長" if not name.endswith(("等", "局")) else f"{name}統括"
        _seat(town, town.bureaus[name], title, person, day)


def open_section(
    town: Town, plan: SectionPlan, numbers: Numbers, random: Random, *, on: dt.date
) -> Section:
    """A section with its head, perhaps a promoter, and its staff."""
    bureau = town.bureaus[plan.bureau]
    place = [s.name for s in town.plan.sections if s.bureau == plan.bureau].index(plan.name) + 1
    department = save_department(
        None,
        municipality=town.municipality,
        by=town.admin,
        channel=COMMAND,
        code=f"{bureau.code}{place:02d}",
        name=plan.name,
        parent=bureau,
        kind=DepartmentKind.SECTION,
        stands=True,
        without_account=WITHOUT_ACCOUNT.get(plan.name, 0),
        valid_from=on,
        valid_to=None,
    )
    people = _enter(town, _members(town, plan, department, numbers, random))
    head, promoter = people[0], people[1] if plan.size >= WITH_PROMOTER else None
    post = _seat(town, department, head_title(plan.name), head, on)
    if promoter is not None:
        how = random.choice(HOW_PROMOTERS)
        _grant(town, promoter, Role.PROMOTER, department, on=on, how=how)
    section = Section(plan, department, post, head, promoter, people)
    town.sections[plan.name] = section
    town.section_of |= {person.pk: plan.name for person in people}
    return section


def _members(
    town: Town, plan: SectionPlan, department: Department, numbers: Numbers, random: Random
) -> Iterator[NewPerson]:
    """The head, the promoter of a larger section, then staff; a fifth by fiscal year."""
    for place in range(plan.size):
        if place == 0:
            numbers.head += 1
            account, regular = f"head{numbers.head}", True
        elif place == 1 and plan.size >= WITH_PROMOTER:
            numbers.promoter += 1
            account, regular = f"promoter{numbers.promoter}", True
        else:
            numbers.staff += 1
            account, regular = f"staff{numbers.staff}", random.random() > 0.22
        employment = Employment.REGULAR if regular else Employment.FISCAL_YEAR
        yield NewPerson(next(numbers.names), f"{account}@{town.domain}", department, employment)


def _name(town: Town, numbers: Numbers, account: str, role: Role, section: str = "") -> None:
    """One account for a role that stands for no section."""
    place = town.sections[section].department if section else None
    new = NewPerson(next(numbers.names), f"{account}@{town.domain}", place)
    person = _enter(town, [new])[0]
    town.people[account] = person
    if section:
        town.section_of[person.pk] = section
    _grant(town, person, role, None, on=town.plan.calendar.founded, how="辞令")


def _enter(town: Town, people: Iterable[NewPerson]) -> list[User]:
    return create_people(town.municipality, people, encoded_password=town.encoded_password, by=None)


def _seat(town: Town, department: Department, title: str, person: User, day: dt.date) -> Post:
    """The department's head: a post, who sits on it, and the role."""
    post = save_post(
        None, department=department, name=title, is_head=True, by=town.admin, channel=COMMAND
    )
    assign(post, person, valid_from=day, valid_to=None, by=town.admin, channel=COMMAND)
    _grant(town, person, Role.HEAD, department, on=day, how="辞令")
    return post


def _grant(
    town: Town, person: User, role: Role, department: Department | None, *, on: dt.date, how: str
) -> None:
    grant_role(
        person,
        role,
        department=department,
        valid_from=on,
        valid_to=None,
        how=how,
        by=town.admin,
        channel=COMMAND,
    )
