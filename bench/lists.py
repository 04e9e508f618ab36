"""The views of the list against naive loops over the same rows, and the table against its rows."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

from bench import harness
from bench.harness import Series

ROWS_TARGET = 1.5
VIEWS = ("table", "board", "timeline", "departments")

#: Facts in bulk, the same in every run.
_FACTS = (
    "SELECT setseed(0.42)",
    """INSERT INTO accounts_department (municipality_id, code, name, kind, stands, "order",
         valid_from, without_account)
       SELECT %(m)s, 'B' || g, '第' || g || '部', 'bureau', false, g * 1000, '2020-04-01', 0
         FROM generate_series(1, 30) g""",
    """INSERT INTO accounts_department (municipality_id, code, name, kind, stands, "order",
         valid_from, without_account, parent_id, bureau_id)
       SELECT %(m)s, 'D' || g, '第' || g || '課', 'section', true, b."order" + g, '2020-04-01',
              0, b.id, b.id
         FROM generate_series(1, %(departments)s) g
         JOIN accounts_department b ON b.code = 'B' || (1 + g %% 30)""",
    """INSERT INTO accounts_post (department_id, name, is_head)
       SELECT id, name || '長', true FROM accounts_department
        WHERE municipality_id = %(m)s AND kind = 'section'""",
    """INSERT INTO roadmap_initiative (municipality_id, title, purpose, kind, stops, adds,
         beneficiaries, accountable_post_id, start_fy, start_quarter, target_fy, target_quarter,
         target_text, budget, source, origin, extra, version, search_text, created_at)
       SELECT %(m)s, '取組 ' || g, '窓口の待ち時間を減らす', 'subtract', '', '', '["staff"]', p.id,
              %(fy)s, 1 + floor(random() * 4)::int, %(fy)s + floor(random() * 2)::int,
              1 + floor(random() * 4)::int, '', '', '', '', '{}', 1, '取組' || g, now()
         FROM generate_series(1, %(initiatives)s) g
         JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n, count(*) OVER () AS all_posts
                 FROM accounts_post) p ON p.n = 1 + g %% p.all_posts""",
    """INSERT INTO roadmap_initiativedepartment (initiative_id, department_id, role)
       SELECT i.id, p.department_id, r.role
         FROM roadmap_initiative i JOIN accounts_post p ON p.id = i.accountable_post_id
        CROSS JOIN (VALUES ('lead'), ('user')) r(role)""",
    """INSERT INTO roadmap_initiativecriterion (initiative_id, criterion_id)
       SELECT i.id, c.id FROM roadmap_initiative i
         JOIN (SELECT c.id, row_number() OVER (ORDER BY c.id) AS n, count(*) OVER () AS all_c
                 FROM roadmap_criterion c) c ON c.n IN (1 + i.id %% c.all_c,
                   1 + (i.id * 7 + 3) %% c.all_c)
       ON CONFLICT DO NOTHING""",
    """INSERT INTO roadmap_update (initiative_id, phase, progress, note, unchanged, cause,
         next_step, reported_on, at, channel, is_report)
       SELECT i.id, (ARRAY['idea', 'planned', 'building', 'trial', 'live'])
                [1 + floor(random() * 5)::int],
              (ARRAY['ahead', 'on_track', 'late'])[1 + floor(random() * 3)::int], '', false, '',
              '', %(d)s::date - 10 * k - floor(random() * 9)::int, now(), 'screen', true
         FROM roadmap_initiative i CROSS JOIN generate_series(6, 1, -1) k""",
    """INSERT INTO roadmap_milestone (initiative_id, title, due_on, done_on, version)
       SELECT i.id, '節目 ' || k, day, CASE WHEN random() < 0.4 THEN day END, 1
         FROM roadmap_initiative i CROSS JOIN generate_series(1, 5) k
        CROSS JOIN LATERAL (SELECT %(d)s::date - 200 + 110 * k + floor(random() * 30)::int
                              + i.id::int * 0 AS day) days""",
    """INSERT INTO roadmap_dependency (predecessor_id, successor_id, note)
       SELECT p.id, i.id, '' FROM roadmap_initiative i
         JOIN roadmap_initiative p ON p.id = i.id - 1 WHERE i.id %% 4 = 0""",
)


@dataclass(frozen=True, slots=True)
class Size:
    """How much is listed and how often."""

    departments: int
    initiatives: int
    reps: int


FULL, QUICK = Size(300, 3000, 5), Size(60, 150, 5)


def run(*, quick: bool) -> None:
    """Fill, check that both sides show the same, measure, print."""
    size = QUICK if quick else FULL
    idle = harness.idle_share()
    with harness.database(), ExitStack() as late:
        late.enter_context(harness.plain_static())
        bench = _Lists(_fill(size))
        ways: dict[str, Callable[[], object]] = {}
        for view in VIEWS:
            ways[f"{view}, request"] = bench.request(view)
            ways[f"{view}, naive loop"] = bench.naive(view)
        ways["table, ready-made rows"] = bench.ready_made
        bench.refuse_differences()
        facts = [
            f"{size.initiatives} initiatives, {5 * size.initiatives} milestones,"
            f" {size.departments} departments; a page of 50, a board of all phases",
            f"{size.reps} interleaved repetitions; median (smallest to largest)",
            "",
        ]
        print(harness.heading("Views of the list", facts, idle), flush=True)
        _report(harness.interleave(ways, size.reps), bench, idle)


class _Lists:
    """The ways that are measured."""

    def __init__(self, municipality: int) -> None:
        from django.test import Client

        from dxportal.accounts.models import User

        self.user = User.objects.get(municipality_id=municipality)
        self.client = Client(headers={"host": "localhost"})
        self.client.force_login(self.user)
        self.statements: dict[str, int] = {}

    def counted(self, name: str, way: Callable[[], Any]) -> Any:
        """What it gives; its statements are kept."""
        from django.db import connection

        self.statements[name] = 0

        def count(execute: Any, *args: Any) -> Any:
            self.statements[name] += 1
            return execute(*args)

        with connection.execute_wrapper(count):
            return way()

    def request(self, view: str) -> Callable[[], str]:
        """The page as a browser gets it."""

        def get() -> str:
            response = self.client.get(f"/initiatives/?view={view}")
            if response.status_code != 200:
                raise SystemExit(f"{view}: {response.status_code}; nothing was measured")
            return str(response.content.decode())

        return get

    def naive(self, view: str) -> Callable[[], Any]:
        """The same figures as somebody would loop for them: a query for whatever a row needs."""
        return lambda: _NAIVE[view](self.user)

    @property
    def ready_made(self) -> Callable[[], str]:
        """The table's page with rows that are there already: what the template alone costs."""
        from django.contrib.auth.middleware import get_user
        from django.template.loader import render_to_string
        from django.test import RequestFactory
        from django.utils import timezone

        from roadmap.views.drawn import draw_view
        from roadmap.views.listed import load_listing

        request = RequestFactory(headers={"host": "localhost"}).get("/initiatives/")
        request.session = self.client.session
        request.user = get_user(request)
        day = timezone.localdate()
        listing = load_listing(self.user, day, request.GET)
        context = draw_view(request, listing, self.user, day)
        context["messages"] = []
        return lambda: render_to_string("roadmap/initiative_list.html", context, request)

    def refuse_differences(self) -> None:
        """A measurement of two different things is none."""
        for view in VIEWS:
            page = self.counted(f"{view}, request", self.request(view))
            figures = self.counted(f"{view}, naive loop", self.naive(view))
            missing = [word for word in figures if str(word) not in page]
            if not figures or missing:
                raise SystemExit(f"{view}: {missing[:3]} is not on the page; nothing was measured")
        ready = self.counted("table, ready-made rows", self.ready_made)
        if ready.count("<tr id=") != 50:
            raise SystemExit("the ready-made table has other rows; nothing was measured")


# The naive loops ----------------------------------------------------------------------------------
def _of(user: Any) -> list[Any]:
    from roadmap.models import Initiative

    return list(Initiative.objects.visible_to(user).order_by("id"))


def _latest(initiative: Any) -> Any:
    return initiative.updates.order_by("-id").first()


def _lead(initiative: Any) -> Any:
    part = initiative.parts.filter(role="lead").first()
    return part.department if part else None


def _in_order(user: Any) -> list[Any]:
    rows = [(initiative, _lead(initiative)) for initiative in _of(user)]
    rows.sort(key=lambda pair: (pair[1].order, pair[1].code, pair[0].pk))
    return rows


def _table(user: Any) -> list[str]:
    """Queue counts over all, then what the rows of one page say."""
    from dxportal.shared.fiscal import format_fiscal_year

    late = sum(1 for i in _of(user) if (latest := _latest(i)) and latest.progress == "late")
    words = [f'<span class="n">{late}</span>']
    for initiative, lead in _in_order(user)[:50]:
        steps = [link.criterion.stage.step for link in initiative.criterion_links.all()]
        words += [initiative.title, lead.name] if steps else []
        words.append(format_fiscal_year(initiative.target_fy, user.municipality.calendar_style))
    return words


def _board(user: Any) -> list[str]:
    """Every initiative with its phase and department; the first of each column."""
    columns: dict[str, list[Any]] = {}
    for initiative, lead in _in_order(user):
        columns.setdefault(_latest(initiative).phase, []).append((initiative, lead))
    words = [f'<span class="n">{len(found)}</span>' for found in columns.values()]
    for found in columns.values():
        words += [word for one, lead in found[:20] for word in (one.title, lead.name)]
    return words


def _timeline(user: Any) -> list[str]:
    """The first page by department and target, with milestones and what comes first."""
    rows = [(initiative, _lead(initiative)) for initiative in _of(user)]
    rows.sort(key=lambda p: (p[1].order, p[1].code, p[0].target_fy, p[0].target_quarter, p[0].pk))
    words = []
    for initiative, lead in rows[:50]:
        words += [initiative.title, lead.name, str(_latest(initiative).get_progress_display())]
        words += [milestone.title for milestone in initiative.milestones.all()][:1]
        words += [link.predecessor.title for link in initiative.predecessor_links.all()]
    return words


def _departments(user: Any) -> list[str]:
    """Counts of each progress in each department."""
    counts: dict[int, dict[str, int]] = {}
    for initiative in _of(user):
        found = counts.setdefault(_lead(initiative).pk, {})
        progress = _latest(initiative).progress
        found[progress] = found.get(progress, 0) + 1
    shown = sorted(counts)[:20]
    return [f'<b class="num">{held}</b>' for pk in shown for held in counts[pk].values()]


_NAIVE: dict[str, Callable[[Any], list[str]]] = {
    "table": _table,
    "board": _board,
    "timeline": _timeline,
    "departments": _departments,
}


def _fill(size: Size) -> int:
    from django.db import connection, transaction
    from django.utils import timezone

    from dxportal.accounts.actions.founding import found_municipality
    from dxportal.accounts.choices import Role, SizeBand
    from dxportal.accounts.models import RoleGrant, User
    from dxportal.celery import without_hints
    from dxportal.shared.fiscal import fiscal_year
    from roadmap.actions.content import ensure_staircase

    with without_hints():
        place = found_municipality("999997", "測定市", size_band=SizeBand.CITY_SMALL, by=None)
        ensure_staircase(place, by=None)
    today = timezone.localdate()
    values: dict[str, Any] = {
        "m": place.pk,
        "d": today,
        "fy": fiscal_year(today),
        "departments": size.departments,
        "initiatives": size.initiatives,
    }
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _FACTS:
            cursor.execute(statement, values)
    user = User.objects.create(municipality=place, email="bench@bench.example", name="測定 太郎")
    begin = dt.date(2020, 4, 1)
    RoleGrant.objects.create(user=user, role=Role.DX_OFFICE, valid_from=begin)
    harness.as_owner("VACUUM ANALYZE")
    return int(place.pk)


def _report(measured: dict[str, Series], bench: _Lists, idle: float) -> None:
    for name, series in measured.items():
        print(f"{series.line()}   {bench.statements[name]} statements")
    print()
    for view in VIEWS:
        found = harness.ratio(measured[f"{view}, request"], measured[f"{view}, naive loop"])
        print(f"{view + ' / naive loop':<28} {found}")
    against = harness.ratio(measured["table, request"], measured["table, ready-made rows"])
    print(f"{'table / ready-made rows':<28} {against}; target <= {ROWS_TARGET}:", end=" ")
    print(harness.verdict(against, ROWS_TARGET, idle))
