"""A town before 1 April: eight sections with heads, staff, promoters and initiatives."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

from django.db import connection

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, Municipality, Post, RoleGrant, User
from dxportal.shared.tabular import read_tables
from roadmap.actions.reorganisation_writes import refresh
from roadmap.models import Initiative
from roadmap.reorganising.rows import Change, read_changes
from roadmap.reorganising.state import Operation
from tests import factories

DAY = dt.date(2027, 4, 1)
EVE = dt.date(2027, 3, 31)
SECTIONS = ("市民課", "国保年金課", "商工観光課", "税務課", "福祉課", "土木課", "総務課", "情報課")
#: Tables that a reorganisation may change, and columns that only grow.
KEPT = {
    "accounts_department": (),
    "accounts_departmentsuccession": (),
    "accounts_post": (),
    "accounts_assignment": (),
    "accounts_rolegrant": (),
    "accounts_user": (),
    "roadmap_initiative": ("version",),
    "roadmap_initiativedepartment": (),
    "roadmap_postsuccession": (),
    "roadmap_update": (),
    "roadmap_milestone": (),
}


@dataclass
class Town:
    """Who and what there is, by name."""

    municipality: Municipality
    office: User
    bureau: Department
    sections: dict[str, Department] = field(default_factory=dict)
    heads: dict[str, User] = field(default_factory=dict)
    posts: dict[str, Post] = field(default_factory=dict)
    staff: dict[str, list[User]] = field(default_factory=dict)
    promoters: dict[str, User] = field(default_factory=dict)
    initiatives: dict[str, Initiative] = field(default_factory=dict)


def build(staff: int = 6, *, staircase: bool = False) -> Town:
    """Everybody sits on a post; each section leads two initiatives, one through its 係長."""
    home = factories.municipality(staircase=staircase)
    bureau = factories.department(home, "市民部", kind=DepartmentKind.BUREAU, code="01")
    office = factories.user(home, role=Role.DX_OFFICE, name="事務 局")
    factories.user(home, role=Role.ADMIN, name="管理 者")
    town = Town(home, office, bureau)
    for number, name in enumerate(SECTIONS, 1):
        _section(town, name, number, staff)
    refresh([Operation("initiative", row.pk, {}, {}) for row in town.initiatives.values()])
    return town


def _section(town: Town, name: str, number: int, staff: int) -> None:
    of = factories.department(
        town.municipality, name, parent=town.bureau, code=f"01{number:02d}", without_account=number
    )
    head = factories.user(town.municipality, of=of, role=Role.HEAD, name=f"{name}の長")
    town.sections[name], town.heads[name] = of, head
    town.posts[name] = factories.post(of, f"{name}長", held_by=head, is_head=True)
    town.staff[name] = [
        factories.user(town.municipality, of=of, name=f"{name}{n}", email=f"s{number}-{n}@a.test")
        for n in range(staff)
    ]
    chief = factories.post(of, "係長", held_by=town.staff[name][0])
    promoter = town.staff[name][1]
    RoleGrant.objects.create(
        user=promoter,
        role=Role.PROMOTER,
        department=of,
        valid_from=factories.LONG_AGO,
        valid_to=dt.date(2028, 4, 1),
        how="公募",
    )
    town.promoters[name] = promoter
    for title, post in ((f"{name}の電子申請", town.posts[name]), (f"{name}の様式", chief)):
        town.initiatives[title] = factories.initiative(
            town.municipality, title, lead=of, accountable_post=post, reported_on=EVE
        )


def picture() -> dict[str, Any]:
    """Every row of the tables in question."""
    found: dict[str, Any] = {}
    with connection.cursor() as cursor:
        for table, without in KEPT.items():
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            names = [column.name for column in cursor.description or ()]
            found[table] = [
                {n: v for n, v in zip(names, row, strict=True) if n not in without}
                for row in cursor.fetchall()
            ]
    return found


def read(text: str, encoding: str = "cp932") -> list[Change]:
    """Rows of a CSV file as it is uploaded."""
    return read_changes(read_tables(BytesIO(text.encode(encoding)), "四月.csv")).changes


def forty_moves(town: Town) -> str:
    """Two sections merge, one splits, and forty people move: one file."""
    lines = [
        "種類,部署,あとの部署,あとの部署のコード,あとの上位部署,メールアドレス,いまの職,あとの職,所属長,取組",
        "統合,市民課、国保年金課,市民保険課,0120,,,,,,",
        "分割,商工観光課,商工課、観光課,,,,,,,",
        "分割,商工観光課,観光課,,,,,,,商工観光課の様式",
        f"異動,,観光課,,,{town.heads['国保年金課'].email},,観光課長,○,",
        f"異動,,税務課,,,{town.heads['土木課'].email},,,○,",
        f"異動,,土木課,,,{town.heads['税務課'].email},,,○,",
    ]
    movers = [
        person for name in ("税務課", "福祉課", "土木課", "総務課") for person in town.staff[name]
    ]
    movers = movers[:37]
    for place, person in enumerate(movers):
        target = ("市民保険課", "商工課", "情報課", "福祉課")[place % 4]
        if target == "福祉課" and person in town.staff["福祉課"]:
            target = "総務課"
        post = f"主任{place}" if place % 3 == 0 else ""
        lines.append(f"異動,,{target},,,{person.email},,{post},,")
    return "\r\n".join(lines) + "\r\n"
