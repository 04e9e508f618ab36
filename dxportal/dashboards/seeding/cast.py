"""A cast for tests from outside: three municipalities, one person a role, one wave open."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final

from django.contrib.auth.hashers import make_password
from django.urls import reverse

from dxportal.accounts.actions.founding import NewPerson, create_people, found_municipality
from dxportal.accounts.actions.organisation import save_department
from dxportal.accounts.actions.people import LETTERS
from dxportal.accounts.actions.posts import assign, save_post
from dxportal.accounts.actions.roles import grant_role
from dxportal.accounts.choices import DEPARTMENT_ROLES, DepartmentKind, Role, SizeBand
from dxportal.accounts.codes import check_digit
from dxportal.accounts.models import Department, Municipality, Post, User
from dxportal.celery import without_hints
from dxportal.dashboards.seeding.ideas import IDEAS
from dxportal.dashboards.seeding.names import head_title
from dxportal.dashboards.seeding.plan import draw_names
from dxportal.shared.fiscal import fiscal_year, fiscal_year_start
from roadmap.actions.content import ensure_staircase, ensure_tags, ensure_themes
from roadmap.actions.initiatives import InitiativeFields, create_initiative
from roadmap.choices import InitiativeKind, Phase, Progress
from roadmap.models import Criterion, Initiative
from roadmap.rollups import roll_up
from surveys.actions.definitions import create_survey
from surveys.actions.waves import open_wave, plan_wave
from surveys.choices import Template
from surveys.models import Wave

PLACES: Final = (
    ("99991", "青葉市", SizeBand.CITY_50K),
    ("99992", "若草町", SizeBand.TOWN_10K),
    ("99993", "浜風村", SizeBand.TOWN_SMALL),
)
SECTIONS: Final = ("市民課", "福祉課", "建設課", "総務課")
EMPLOYEES: Final = 40
INITIATIVES: Final = 3
OPEN_DAYS: Final = 14
HOST: Final = "host@cast.example"
#: Roles of one person each; employees come after them.
SINGLE: Final = (
    Role.HEAD,
    Role.PROMOTER,
    Role.DX_OFFICE,
    Role.CDO,
    Role.AUDITOR,
    Role.ADMIN,
)


@dataclass(slots=True)
class Place:
    """One municipality of the cast."""

    municipality: Municipality
    sections: list[Department]
    people: Mapping[Role, User]
    employees: list[User]
    post: Post


def seed_cast(seed: int, *, now: dt.datetime, today: dt.date) -> dict[str, Any]:
    """Everything through actions; return what the file shall hold."""
    random = Random(seed)  # noqa: S311 - invented data
    password = "-".join("".join(random.choices(LETTERS, k=5)) for _ in range(4))
    encoded = make_password(password)
    names = iter(draw_names(random, len(PLACES) * (EMPLOYEES + len(SINGLE)) + 1))
    found = []
    with without_hints():
        host = create_people(
            None, [NewPerson(next(names), HOST, None)], encoded_password=encoded, by=None
        )[0]
        _grant(host, Role.HOST, None, today, by=host)
        for digits, name, size in PLACES:
            new = [next(names) for _ in range(EMPLOYEES + len(SINGLE))]
            place = _settle(digits, name, size, new, encoded=encoded, today=today)
            initiatives = _initiatives(place, today)
            wave = _open_wave(place, now)
            roll_up(place.municipality.pk, as_of=today, full=True)
            found.append(_described(place, initiatives, wave, password))
    return {
        "seed": seed,
        "host": {"email": HOST, "password": password, "role": Role.HOST.value},
        "municipalities": found,
    }


def _settle(
    digits: str, name: str, size: str, names: list[str], *, encoded: str, today: dt.date
) -> Place:
    """Sections, one person a role and the employees, who are dealt to the sections in turn."""
    municipality = found_municipality(digits + check_digit(digits), name, size_band=size, by=None)
    ensure_staircase(municipality, by=None)
    ensure_themes(municipality, by=None)
    ensure_tags(municipality, by=None)
    since = fiscal_year_start(fiscal_year(today) - 1)
    domain = f"m{municipality.code}.example"
    admin_new = NewPerson(names[0], f"admin@{domain}", None)
    admin = create_people(municipality, [admin_new], encoded_password=encoded, by=None)[0]
    _grant(admin, Role.ADMIN, None, since, by=admin)
    sections = [
        save_department(
            None,
            municipality=municipality,
            by=admin,
            channel="command",
            code=f"{number:02d}",
            name=section,
            parent=None,
            kind=DepartmentKind.SECTION,
            stands=True,
            valid_from=since,
            valid_to=None,
        )
        for number, section in enumerate(SECTIONS, start=1)
    ]
    homes = {
        Role.HEAD: sections[0],
        Role.PROMOTER: sections[0],
        Role.DX_OFFICE: sections[-1],
        Role.CDO: None,
        Role.AUDITOR: None,
    }
    others = [
        NewPerson(person, f"{role.value.replace('_office', '')}@{domain}", home)
        for person, (role, home) in zip(names[1:], homes.items(), strict=False)
    ]
    staff = [
        NewPerson(person, f"employee{number}@{domain}", sections[(number - 1) % len(sections)])
        for number, person in enumerate(names[len(SINGLE) :], start=1)
    ]
    made = create_people(municipality, [*others, *staff], encoded_password=encoded, by=admin)
    people = {Role.ADMIN: admin, **dict(zip(homes, made, strict=False))}
    for role, person in people.items():
        if role != Role.ADMIN:
            home = sections[0] if role in DEPARTMENT_ROLES else None
            _grant(person, role, home, since, by=admin)
    title = head_title(sections[0].name)
    post = save_post(
        None, department=sections[0], name=title, is_head=True, by=admin, channel="command"
    )
    assign(post, people[Role.HEAD], valid_from=since, valid_to=None, by=admin, channel="command")
    return Place(municipality, sections, people, made[len(homes) :], post)


def _grant(
    person: User, role: Role, department: Department | None, since: dt.date, *, by: User
) -> None:
    grant_role(
        person,
        role,
        department=department,
        valid_from=since,
        valid_to=None,
        how="辞令",
        by=by,
        channel="command",
    )


def _initiatives(place: Place, today: dt.date) -> list[Initiative]:
    """A few under way, led by the section of the head."""
    codes = Criterion.objects.filter(stage__municipality=place.municipality).in_force()
    criteria = dict(codes.values_list("code", "id"))
    return [
        create_initiative(
            place.municipality,
            by=place.people[Role.DX_OFFICE],
            fields=InitiativeFields(
                title=idea.title,
                purpose=idea.purpose,
                kind=InitiativeKind.SUBTRACT if idea.subtracts else InitiativeKind.ADD,
                beneficiaries=idea.whom,
                lead=place.sections[0].pk,
                accountable_post=place.post.pk,
                target_fy=fiscal_year(today) + 1,
                criteria=tuple(sorted(criteria[code] for code in idea.criteria)),
            ),
            phase=Phase.PLANNED,
            progress=Progress.ON_TRACK,
            on=today,
        )
        for idea in IDEAS[:INITIATIVES]
    ]


def _open_wave(place: Place, now: dt.datetime) -> Wave:
    by = place.people[Role.DX_OFFICE]
    survey = create_survey(place.municipality, Template.PAIN, by=by)
    closes = now + dt.timedelta(days=OPEN_DAYS)
    wave = plan_wave(
        survey, label=survey.title, opens_at=now, closes_at=closes, publish_at=closes, by=by
    )
    return open_wave(wave, by=by, now=now)


def _described(
    place: Place, initiatives: list[Initiative], wave: Wave, password: str
) -> dict[str, Any]:
    """The part of the file about one municipality."""
    named: Iterable[tuple[Role, User]] = [
        *place.people.items(),
        *((Role.EMPLOYEE, person) for person in place.employees),
    ]
    return {
        "code": place.municipality.code,
        "name": place.municipality.name,
        "users": [
            {
                "email": person.email,
                "password": password,
                "role": role.value,
                "department": person.department.name if person.department else None,
            }
            for role, person in named
        ],
        "urls": {
            "sign_in": reverse("accounts:sign_in"),
            "answer": reverse("surveys:answer_start", args=[wave.pk]),
            "initiative_edit": reverse("roadmap:initiative_edit", args=[initiatives[0].pk]),
            "dashboard": reverse("dashboards:dashboard"),
            "import": reverse("roadmap:initiative_import"),
            "export": reverse("roadmap:initiative_export", args=["csv"]),
        },
    }
