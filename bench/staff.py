"""A municipality with many staff, for benchmarks of surveys; rows in bulk, no action measured."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from typing import Any

from bench import harness

SECTIONS_A_BUREAU = 10

_FACTS = (
    """INSERT INTO accounts_department (municipality_id, code, name, kind, stands, "order",
         valid_from, without_account)
       SELECT %(m)s, 'B' || g, '第' || g || '部', 'bureau', false, g * 1000, '2020-04-01', 0
         FROM generate_series(1, %(bureaus)s) g""",
    """INSERT INTO accounts_department (municipality_id, parent_id, bureau_id, code, name, kind,
         stands, "order", valid_from, without_account)
       SELECT %(m)s, b.id, b.id, b.code || '-' || g, b.name || g || '課', 'section', true,
              b."order" + g, '2020-04-01', %(tickets)s
         FROM accounts_department b CROSS JOIN generate_series(1, %(sections)s) g
        WHERE b.municipality_id = %(m)s AND b.kind = 'bureau'""",
    """INSERT INTO accounts_user (municipality_id, department_id, email, name, password,
         employment, is_active)
       SELECT %(m)s, d.id, 'p' || g || '-' || %(m)s || '@bench.example', '職員 ' || g, '!',
              'regular', true
         FROM generate_series(1, %(staff)s) g
         JOIN (SELECT id, row_number() OVER (ORDER BY id) - 1 AS place,
                      count(*) OVER () AS sections
                 FROM accounts_department
                WHERE municipality_id = %(m)s AND kind = 'section') d
           ON d.place = g %% d.sections""",
)


def found(
    staff: int,
    *,
    code: str = "999997",
    name: str = "測定市",
    sections: int = 0,
    tickets: int = 0,
) -> Any:
    """A municipality with that many staff in sections of about 25; returned with its themes.

    `sections`: so many instead. `tickets`: so many more staff in each section, without an account.
    """
    from django.db import connection

    from dxportal.accounts.actions.founding import found_municipality
    from dxportal.accounts.choices import SizeBand
    from dxportal.celery import without_hints
    from roadmap.actions.content import ensure_staircase, ensure_themes

    with without_hints():
        place = found_municipality(code, name, size_band=SizeBand.CITY_SMALL, by=None)
        ensure_staircase(place, by=None)
        ensure_themes(place, by=None)
    bureaus = max(2, (sections or staff // 25) // SECTIONS_A_BUREAU)
    values = {
        "m": place.pk,
        "bureaus": bureaus,
        "sections": SECTIONS_A_BUREAU,
        "staff": staff,
        "tickets": tickets,
    }
    with connection.cursor() as cursor:
        for statement in _FACTS:
            cursor.execute(statement, values)
    harness.as_owner("ANALYZE accounts_department, accounts_user")
    return place


def grant(person: Any, role: Any, department: Any = None) -> Any:
    """Give somebody a role from today on; returns the person."""
    from django.utils import timezone

    from dxportal.accounts.actions.roles import grant_role

    today = timezone.localdate()
    grant_role(
        person, role, department=department, valid_from=today, valid_to=None, how="", by=None
    )
    return person


def plan(place: Any, label: str, now: dt.datetime, template: str = "pain") -> Any:
    """A draft of a survey for everybody, two weeks long."""
    from surveys.actions.definitions import create_survey
    from surveys.actions.waves import plan_wave

    survey = place.surveys.filter(template=template).first()
    survey = survey or create_survey(place, template, by=None)
    end = now + dt.timedelta(days=14)
    times: dict[str, Any] = {"opens_at": now, "closes_at": end, "publish_at": end}
    return plan_wave(survey, label=label, by=None, **times)


def answers(count: int, template: str = "pain", texts: int = 5) -> Iterator[dict[str, Any]]:
    """That many ordinary answers; one in `texts` with a text. The same ones each time."""
    from surveys.content import TEMPLATES

    draw = random.Random(42)
    asked = TEMPLATES[template]["questions"]
    text = next((question["code"] for question in asked if not question["options"]), None)
    for number in range(count):
        given: dict[str, Any] = {
            question["code"]: draw.choice(question["options"])["code"]
            for question in asked
            if question["options"] and question["kind"] != "multiple"
        }
        if text and number % texts == 0:
            given[text] = f"同じ内容を三つの表に写しています。{number}件目です。" * 3
        yield given
