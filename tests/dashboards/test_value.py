"""「効果と使い道」: sums that are never mixed, the rows behind them, what the portal costs."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.dashboards.staff_cost import staff_cost
from dxportal.dashboards.value_page import load_ledger, opened, value_panel
from dxportal.shared.fiscal import fiscal_year
from roadmap.actions.reinvestments import reinvest
from roadmap.actions.removal import remove_initiative
from roadmap.actions.updates import report
from roadmap.actions.value import add_value, check_value
from roadmap.choices import InitiativeKind, Measure, Phase, Standing
from roadmap.models import Initiative
from roadmap.value_sums import LINES
from surveys.models import Survey, Wave
from tests import factories
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_value import fields, reported_paper, saved

pytestmark = pytest.mark.django_db

PAGE = "/value/"


@pytest.fixture
def place() -> Town:
    return town()


def launched(place: Town, title: str, **more: object) -> Initiative:
    values = {"lead": place.section, "phase": Phase.LIVE, "reported_on": timezone.localdate()}
    return factories.initiative(place.municipality, title, **{**values, **more})  # type: ignore[arg-type]


def text(client: Client, query: str = "") -> str:
    html = client.get(PAGE + query).content.decode()
    main = html.split("<main")[1].split("</main>")[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))


def test_three_columns_are_never_one_number(place: Town) -> None:
    one, two = launched(place, "甲"), launched(place, "乙")
    add_value(one, by=place.head, fields=fields())
    add_value(two, by=place.head, fields=fields(standing=Standing.REPORTED, low=60, high=120))
    saved(one, 300, 540)
    page = text(signed_in(place.employee))
    assert "週12時間 1件から・数字なし1件" in page
    assert "週1〜2時間 1件から・数字なし1件" in page
    assert "週5〜9時間 職員に聞いた 1件から・数字なし1件" in page
    assert "週18" not in page


def test_total_opens_to_the_rows_that_sum_to_it(place: Town) -> None:
    for number, title in enumerate(("甲", "乙", "丙"), 1):
        add_value(launched(place, title), by=place.head, fields=reported_paper(low=number * 10))
    client = signed_in(place.head)
    html = client.get(PAGE).content.decode()
    url = html.split('href="')[1:]
    found = next(part.split('"')[0] for part in url if "measure=paper&amp;standing=rep" in part)
    page = text(client, found.split("#")[0].replace("&amp;", "&"))
    assert [f"年{n}〜1,000枚" in page for n in (10, 20, 30)] == [True] * 3
    assert page.count("年60〜3,000枚") == 3
    for line in LINES:
        for standing in Standing.values:
            ledger = load_ledger(place.head)
            rows = opened(ledger, line.measure, standing, once=line.once)
            assert rows is not None
            assert len(rows.rows) == (3 if (line.measure, standing) == ("paper", "reported") else 0)


def test_promise_without_an_answer_is_unconfirmed_and_never_nought(place: Town) -> None:
    one = launched(place, "甲")
    add_value(one, by=place.head, fields=fields())
    client = signed_in(place.head)
    assert "甲 時間 週12時間 – 未確認" in text(client)
    saved(one, 300, 540)
    assert "甲 時間 週12時間 – 週5〜9時間" in text(client)


def test_checked_paper_is_shown_apart_from_what_staff_said(place: Town) -> None:
    entry = add_value(launched(place, "甲"), by=place.head, fields=reported_paper())
    check_value(entry, by=place.office, document="月報")
    assert "年900〜1,000枚 書類で確かめた" in text(signed_in(place.head))


def test_filters_by_department_and_year(place: Town) -> None:
    ours = launched(place, "甲")
    theirs = launched(place, "乙", lead=place.other)
    day = timezone.localdate()
    add_value(ours, by=place.head, fields=fields(on=day))
    add_value(theirs, by=place.head, fields=fields(on=day - dt.timedelta(days=366), low=60))
    client = signed_in(place.head)
    by_lead = text(client, f"?lead={place.other.pk}")
    assert ("乙" in by_lead, "甲" in by_lead) == (True, False)
    this_year = text(client, f"?fy={fiscal_year(day)}")
    assert "週12時間 1件から・数字なし1件" in this_year
    assert text(client, "?lead=x&fy=99999999999&measure=luck&standing=sure&tab=none")


def test_uses_show_the_chain_and_what_has_no_use(place: Town) -> None:
    one, two, three = (launched(place, title) for title in ("甲の取組", "乙の取組", "丙の取組"))
    day = timezone.localdate()
    for initiative in (one, two):
        saved(initiative, 300, 540, on=day)
    common = {"by": place.head, "measure": Measure.HOURS, "on": day}
    reinvest(one, amount=240, sentence="申請の見直し", target=two, **common)
    reinvest(two, amount=60, sentence="相談の枠", target=three, **common)
    page = text(signed_in(place.head), "?tab=uses")
    assert "→ 週4時間 乙の取組 ： 申請の見直し → 丙の取組" in page
    assert "まだ使い道が決まっていない： 週1〜5時間" in page
    assert "まだ使い道が決まっていない： 週5〜13時間" in page


def test_balance_counts_kinds_by_phase_with_their_sums(place: Town) -> None:
    cut = launched(place, "甲", kind=InitiativeKind.SUBTRACT)
    launched(place, "乙", kind=InitiativeKind.ADD, phase=Phase.BUILDING)
    launched(place, "丙", phase=Phase.BUILDING)
    saved(cut, 300, 540)
    page = text(signed_in(place.head), "?tab=balance")
    assert (
        "続いている取組は、仕事を減らすもの（引き算）が1、新しい価値をつくるもの（足し算）が1です。"
        in page
    )
    assert "種別が書かれていない取組が1あります。" in page
    assert "運用開始 1 確かめた 週5〜9時間 0 0" in page


def test_stopped_work_is_listed_as_a_success(place: Town) -> None:
    one, two = launched(place, "甲"), launched(place, "乙")
    words = {"by": place.head, "phase": Phase.STOPPED, "note": "統合"}
    report(one, ended="受付簿の転記", freed=(120, 180), **words)
    report(two, ended="", **words)
    client = signed_in(place.head)
    page = text(client, "?tab=stopped")
    assert "甲 市民課 受付簿の転記 週2〜3時間" in page
    assert "やめた業務はない" in page
    assert "やめた取組は2です。" in page
    assert value_panel(place.head).stopped == 2


def test_figures_up_to_a_day_leave_out_later_ones(place: Town) -> None:
    today = timezone.localdate()
    one = launched(place, "甲")
    add_value(one, by=place.head, fields=fields(on=today - dt.timedelta(days=40)))
    add_value(one, by=place.head, fields=fields(on=today, standing=Standing.REPORTED))
    day = today - dt.timedelta(days=10)
    cells = {cell.standing: cell for cell in value_panel(place.head, day).cells}
    assert cells[Standing.PROMISED].total.amount
    assert cells[Standing.REPORTED].total.amount is None
    assert value_panel(place.head).cells[1].total.amount
    client = signed_in(place.head)
    for standing, rows in ((Standing.PROMISED, 1), (Standing.REPORTED, 0)):
        page = client.get(f"{PAGE}?{cells[standing].query}")
        assert len(page.context["opened"].rows) == rows
        assert f"until={day}" in page.context["kept_query"]
    assert client.get(f"{PAGE}?until=2026-99-99").context["ledger"].until is None


def test_removed_initiative_leaves_the_ledger(place: Town) -> None:
    one = launched(place, "甲")
    add_value(one, by=place.head, fields=fields())
    remove_initiative(one, by=place.office)
    page = text(signed_in(place.head))
    assert "週12時間" not in page
    assert "効果はまだ書かれていません" in page


def test_empty_ledger_says_how_to_begin(place: Town) -> None:
    client = signed_in(place.employee)
    for tab, said in {
        "effects": "取組を開き",
        "uses": "使い道",
        "balance": "まだ取組がありません",
        "cost": "使った時間",
        "stopped": "成果",
    }.items():
        assert said in text(client, f"?tab={tab}")


# the portal's own cost ----------------------------------------------------------------------------
def closed_wave(place: Town, *, counted: int, days: int = 10, **more: object) -> Wave:
    now = timezone.now()
    survey, _made = Survey.objects.get_or_create(
        municipality=place.municipality, title="困りごと", template="pain"
    )
    values = {
        "state": "published",
        "opens_at": now - dt.timedelta(days=days + 14),
        "closes_at": now - dt.timedelta(days=days),
        "publish_at": now - dt.timedelta(days=days - 1),
        "key_id": "k",
        "key_destroyed_at": now,
        "counted": counted,
        "frozen_definition": {"minutes": 3},
    }
    return Wave.objects.create(survey=survey, label="第1回", **{**values, **more})


def test_answering_costs_answers_times_minutes_of_what_is_shown_by_now(place: Town) -> None:
    now = timezone.now()
    closed_wave(place, counted=40)
    closed_wave(place, counted=3, too_few=True)
    closed_wave(place, counted=99, publish_at=now + dt.timedelta(days=1))
    closed_wave(place, counted=99, key_destroyed_at=None)
    closed_wave(place, counted=99, days=500)
    cost = staff_cost(place.head, now)
    assert (cost.answering, cost.too_few_waves, cost.updating) == (120, 1, None)
    assert [month.answering for month in cost.months].count(120) == 1
    assert len(cost.months) == 12


def test_updating_costs_what_was_measured_and_few_are_not_told(place: Town) -> None:
    rows = [launched(place, f"取組{n}") for n in range(5)]
    for number, row in enumerate(rows):
        if number == 4:
            assert staff_cost(place.head, timezone.now()).updating is None
        report(row, by=place.head, progress="late", seconds=60)
    cost = staff_cost(place.head, timezone.now())
    assert (cost.updating, cost.months[0].updating) == (5.0, 5.0)
    closed_wave(place, counted=40)
    saved(rows[0], 300, 540)
    page = text(signed_in(place.employee), "?tab=cost")
    assert "2.1 時間" in page
    assert "週5〜9時間" in page


# files and cost -----------------------------------------------------------------------------------
def test_files_have_codes_units_and_every_row(place: Town) -> None:
    one = launched(place, "=甲")
    add_value(one, by=place.head, fields=fields())
    saved(one, 300, 540)
    client = signed_in(place.employee)
    content = client.get(reverse("dashboards:value_export", args=["csv"])).content
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [(row[4], row[7], row[11], row[12], row[13]) for row in rows[1:]] == [
        ("hours", "promised", "720", "720", "分／週"),
        ("hours", "verified", "300", "540", "分／週"),
    ]
    assert rows[1][1].startswith("'")
    workbook = client.get(reverse("dashboards:value_export", args=["xlsx"]))
    assert workbook.content.startswith(b"PK")
    assert "效果" not in workbook["Content-Disposition"]


@pytest.mark.parametrize(
    ("tab", "queries"), [("effects", 8), ("uses", 9), ("balance", 8), ("cost", 11), ("stopped", 8)]
)
@pytest.mark.parametrize("number", [1, 3])
def test_tabs_cost_the_same_for_any_number(
    place: Town,
    tab: str,
    queries: int,
    number: int,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for count in range(number):
        one = launched(place, f"取組{count}", kind=InitiativeKind.SUBTRACT)
        saved(one, 300, 540)
        reinvest(
            one, by=None, measure="hours", amount=60, sentence="研修", on=one.created_at.date()
        )
    client = signed_in(place.head)
    with django_assert_num_queries(queries):
        client.get(f"{PAGE}?tab={tab}")


def test_stranger_sees_nothing_of_it(place: Town) -> None:
    add_value(launched(place, "甲"), by=place.head, fields=fields())
    page = text(signed_in(town("隣市").office))
    assert "甲" not in page
    assert "週12時間" not in page
