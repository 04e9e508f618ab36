"""Four views of one list: the same initiatives and counts, at a fixed number of queries."""

import datetime as dt
import re
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import DepartmentKind
from dxportal.shared.fiscal import fiscal_year
from roadmap.actions.updates import report
from roadmap.choices import DepartmentRole, InitiativeKind, Phase, Progress, Queue, TagScheme
from roadmap.models import (
    Criterion,
    Dependency,
    Initiative,
    InitiativeCriterion,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
    Milestone,
    Tag,
    Theme,
    Update,
)
from roadmap.views.phases import PER_PHASE
from tests import factories
from tests.roadmap.board import HTMX, Town, signed_in, town
from tests.roadmap.test_initiative_list import made, open_list

pytestmark = pytest.mark.django_db

#: View → queries of the whole request; with search words one more, for the names.
QUERIES = {"table": 18, "board": 18, "timeline": 20, "departments": 14}
THIS_YEAR = fiscal_year(timezone.localdate())


def filled(number: int) -> Town:
    """So many initiatives, five milestones each, every third waiting for the one before."""
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    today = timezone.localdate()
    phases = [*Phase.values]
    rows = Initiative.objects.bulk_create(
        Initiative(
            municipality=place.municipality,
            title=f"取組その{index}",
            search_text=f"取組その{index}",
            start_fy=THIS_YEAR,
            start_quarter=1,
            target_fy=THIS_YEAR + index % 2,
            target_quarter=1 + index % 4,
        )
        for index in range(number)
    )
    InitiativeDepartment.objects.bulk_create(
        InitiativeDepartment(
            initiative=row,
            department=(place.section, place.other)[index % 2],
            role=DepartmentRole.LEAD,
        )
        for index, row in enumerate(rows)
        if index % 10 != 9
    )
    Update.objects.bulk_create(
        Update(
            initiative=row,
            phase=phases[index % len(phases)],
            progress=Progress.values[index % 4],
            reported_on=today,
        )
        for index, row in enumerate(rows)
    )
    Milestone.objects.bulk_create(
        Milestone(
            initiative=row, title=f"節目{step}", due_on=today + dt.timedelta(days=40 * step - 60)
        )
        for row in rows
        for step in range(5)
    )
    InitiativeTheme.objects.bulk_create(
        InitiativeTheme(initiative=row, theme=theme) for row in rows
    )
    criterion = Criterion.objects.visible_to(place.office)[0]
    InitiativeCriterion.objects.bulk_create(
        InitiativeCriterion(initiative=row, criterion=criterion) for row in rows
    )
    Dependency.objects.bulk_create(
        Dependency(predecessor=rows[index - 1], successor=rows[index])
        for index in range(1, number, 3)
    )
    return place


@pytest.mark.parametrize("view", QUERIES)
@pytest.mark.parametrize("number", [1, 3, 1000])
def test_view_costs_the_same_for_any_number_of_rows(
    view: str, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = signed_in(filled(number).office)
    with django_assert_num_queries(QUERIES[view]):
        html = open_list(client, f"?view={view}")
    assert "取組その0" in html or view == "departments"
    with django_assert_num_queries(QUERIES[view] + 1):
        open_list(client, f"?view={view}&q=取組&progress=ahead&fy={THIS_YEAR}&sort=-target")


@pytest.mark.parametrize("view", QUERIES)
def test_every_view_shows_the_same_counts_and_keeps_the_filter(view: str) -> None:
    place = town()
    late = made(place, "遅れの取組")
    report(late, by=place.office, progress=Progress.LATE)
    made(place, "ほかの取組", kind=InitiativeKind.ADD.value)
    client = signed_in(place.office)
    html = open_list(client, f"?view={view}&kind=subtract&queue=late")
    tabs = re.search(r'id="queue-tabs".*?</nav>', html, re.S)
    assert tabs
    counts = [int(count) for count in re.findall(r'class="n">(\d+)', tabs[0])]
    assert counts[:2] == [1, 1]
    assert len(counts) == len(Queue)
    for other in QUERIES:
        wanted = "kind=subtract&amp;queue=late" + (f"&amp;view={other}" if other != "table" else "")
        assert f'href="/initiatives/?{wanted}"' in html
    assert "ほかの取組" not in html
    assert "data-announce" in html


@pytest.mark.parametrize("view", QUERIES)
def test_empty_views_offer_ways_in_and_the_way_back(view: str) -> None:
    place = town()
    client = signed_in(place.office)
    assert "/initiatives/new/" in open_list(client, f"?view={view}")
    made(place, "甲")
    html = open_list(client, f"?view={view}&q=存在しない言葉")
    assert 'class="empty"' in html


@pytest.mark.parametrize("view", QUERIES)
def test_htmx_answers_the_view_its_tools_and_a_short_address(view: str) -> None:
    place = town()
    made(place, "甲")
    query = f"?q=甲&department=&stage=&phase=&view={view}"
    response = signed_in(place.office).get(f"/initiatives/{query}", headers=HTMX)
    html = response.content.decode()
    assert html.lstrip().startswith(f'<div id="initiative-{view}"')
    assert 'id="list-tools" hx-swap-oob' in html
    assert "<html" not in html
    shown = f"&view={view}" if view != "table" else ""
    assert response["HX-Push-Url"] == f"/initiatives/?q=%E7%94%B2{shown}"


# Filters and order --------------------------------------------------------------------------------
def test_filters_of_tag_progress_year_beneficiary_and_bureau() -> None:
    place = town()
    bureau = factories.department(place.municipality, "市民部", kind=DepartmentKind.BUREAU)
    place.section.parent = place.section.bureau = bureau
    place.section.save()
    tag = Tag.objects.create(
        municipality=place.municipality, scheme=TagScheme.PILLAR, code="1", label="書かない窓口"
    )
    wanted = made(place, "甲", target_fy=2026, beneficiaries=("residents",))
    InitiativeTag.objects.create(initiative=wanted, tag=tag)
    report(wanted, by=place.office, progress=Progress.AHEAD)
    made(place, "乙", lead=place.other.pk, accountable_post=None)
    client = signed_in(place.office)
    conditions = [
        f"tag={tag.pk}",
        "progress=ahead",
        "fy=2026",
        "beneficiary=residents",
        f"bureau={bureau.pk}",
        f"lead={place.section.pk}",
    ]
    for condition in conditions:
        html = open_list(client, f"?{condition}")
        assert ">甲</a>" in html, condition
        assert ">乙</a>" not in html, condition
        assert html.count('class="chip" href="/initiatives/"') == 1, condition
    html = open_list(client, "?progress=none")
    assert ">乙</a>" in html
    assert ">甲</a>" not in html


def test_a_chip_leaves_out_its_own_condition_alone() -> None:
    place = town()
    html = open_list(signed_in(place.office), "?kind=add&phase=trial&view=board")
    assert 'class="chip" href="/initiatives/?kind=add&amp;view=board"' in html
    assert 'class="chip" href="/initiatives/?phase=trial&amp;view=board"' in html


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("target", "乙甲丙"),
        ("-target", "甲乙丙"),
        ("progress", "甲乙丙"),
        ("updated", "乙甲丙"),
        ("-updated", "甲乙丙"),
        ("department", "甲丙乙"),
        ("nothing", "甲丙乙"),
    ],
)
def test_headings_sort(sort: str, order: str) -> None:
    place, today = town(), timezone.localdate()
    first = made(place, "甲", target_fy=2028)
    second = made(place, "乙", target_fy=2027, lead=place.other.pk)
    factories.initiative(place.municipality, "丙", lead=place.section)
    report(first, by=place.office, progress=Progress.LATE, on=today)
    report(second, by=place.office, progress=Progress.AHEAD, on=today - dt.timedelta(days=3))
    html = open_list(signed_in(place.office), f"?sort={sort}")
    assert "".join(re.findall(r">([甲乙丙])</a>", html)) == order


def test_a_heading_turns_round_and_says_so() -> None:
    place = town()
    made(place, "甲")
    html = open_list(signed_in(place.office), "?sort=target&kind=subtract")
    assert 'aria-sort="ascending"' in html
    assert 'href="/initiatives/?kind=subtract&amp;sort=-target"' in html


def test_search_looks_up_names_as_they_are_now() -> None:
    place = town()
    person = factories.user(place.municipality, name="齋藤 花子")
    initiative = made(
        place,
        "甲",
        contact=person.pk,
        accountable_post=place.section.posts.create(name="窓口係長").pk,
    )
    Initiative.objects.filter(pk=initiative.pk).update(plan_code="ア-12")
    tag = Tag.objects.create(
        municipality=place.municipality,
        scheme=TagScheme.PILLAR,
        code="P3",
        label="デジタルデバイド",
    )
    InitiativeTag.objects.create(initiative=initiative, tag=tag)
    made(place, "乙", lead=place.other.pk, accountable_post=None)
    place.section.name = "住民窓口サービス課"
    place.section.save()
    client = signed_in(place.office)
    for query in ("斎藤", "窓口係長", "住民窓口サービス", "デジタル・デバイド", "ア-12", "p3"):
        html = open_list(client, f"?q={query}")
        assert ">甲</a>" in html, query
        assert ">乙</a>" not in html, query


# Board --------------------------------------------------------------------------------------------
def test_board_has_a_column_for_every_phase_and_the_first_of_each() -> None:
    place = town()
    rows = [made(place, f"取組{index}") for index in range(PER_PHASE + 2)]
    report(rows[0], by=place.office, phase=Phase.TRIAL, progress=Progress.LATE)
    html = open_list(signed_in(place.office), "?view=board&kind=subtract")
    assert html.count('class="phase') - html.count('class="phases') == len(Phase)
    assert html.count('class="pcard') == PER_PHASE + 1
    assert 'href="/initiatives/?phase=idea&amp;kind=subtract"' in html
    assert 'class="pcard hot"' in html


def test_board_link_to_the_table_holds_what_the_column_counts() -> None:
    place = town()
    unreported = factories.initiative(place.municipality, "報告なし", lead=place.section)
    made(place, "構想中")
    html = open_list(signed_in(place.office), "?phase=idea")
    assert unreported.title in html
    assert "構想中" in html


def test_card_is_moved_by_a_plain_form() -> None:
    place = town()
    initiative = made(place, "甲")
    client = signed_in(place.promoter)
    html = open_list(client, "?view=board")
    card = re.search(r'id="initiative-card-.*?</li>', html, re.S)
    assert card
    expected = re.findall(r'name="expected" value="(\d+)"', card[0])[0]
    back = re.findall(r'name="next" value="([^"]*)"', card[0])[0]
    assert 'name="phase" value="planned"' in card[0]
    sent = {"phase": "planned", "expected": expected, "next": back}
    response = client.post(f"/initiatives/{initiative.pk}/status/", sent)
    assert response.status_code == 302
    assert response["Location"] == f"/initiatives/?view=board#initiative-card-{initiative.pk}"
    assert initiative.updates.latest("id").phase == Phase.PLANNED


def test_cards_have_no_forms_for_those_who_only_read() -> None:
    place = town()
    made(place, "甲")
    html = open_list(signed_in(place.employee), "?view=board")
    assert 'class="moves"' not in html
    assert "甲" in html


# Timeline -----------------------------------------------------------------------------------------
def time_row(html: str, initiative: Initiative) -> str:
    """One row of the timeline's table."""
    found = re.search(rf'<tr id="timeline-row-{initiative.pk}".*?</tr>', html, re.S)
    assert found
    return found[0]


def test_timeline_draws_bar_milestones_and_what_comes_first() -> None:
    place, today = town(), timezone.localdate()
    first = made(place, "先の取組")
    second = made(
        place,
        "後の取組",
        start_fy=THIS_YEAR,
        start_quarter=1,
        target_fy=THIS_YEAR,
        target_quarter=3,
    )
    Dependency.objects.create(predecessor=first, successor=second)
    for title, days, done in (("済", 0, True), ("先", 1, False)):
        due = today + dt.timedelta(days=days)
        Milestone.objects.create(
            initiative=second, title=title, due_on=due, done_on=today if done else None
        )
    html = open_list(signed_in(place.employee), "?view=timeline")
    row = time_row(html, second)
    assert re.findall(r'<td class="(bar[^"]*)"', row) == ["bar first", "bar", "bar last"]
    assert f'data-before="{first.pk} "' in row
    assert f'href="#timeline-row-{first.pk}"' in row
    assert 'class="mk done"' in row
    assert 'class="mk open"' in row
    assert "formaction" not in row
    assert row.count("<td") == 8


def test_timeline_names_what_comes_first_on_another_page_but_nothing_removed() -> None:
    place = town()
    first, gone = made(place, "先の取組"), made(place, "消した取組")
    last = made(place, "後の取組", kind=InitiativeKind.ADD.value)
    for one in (first, gone):
        Dependency.objects.create(predecessor=one, successor=last)
    Initiative.objects.filter(pk=gone.pk).update(removed_on=timezone.localdate())
    html = open_list(signed_in(place.office), "?view=timeline&kind=add")
    row = time_row(html, last)
    assert f'href="/initiatives/{first.pk}/"' in row
    assert "消した取組" not in row


def test_timeline_begins_with_the_year_that_is_asked_for() -> None:
    place = town()
    made(place, "甲", target_fy=2031)
    html = open_list(signed_in(place.office), "?view=timeline&from=2030&kind=subtract")
    assert '<td class="bar first last"' in html
    for year in (2029, 2031):
        assert f'href="/initiatives/?kind=subtract&amp;view=timeline&amp;from={year}"' in html
    assert 'href="/initiatives/?kind=subtract&amp;view=timeline"' in html
    assert open_list(signed_in(place.office), "?view=timeline&from=99999")


def test_timeline_groups_by_department_in_any_order() -> None:
    place = town()
    for index in range(4):
        made(place, f"取組{index}", lead=(place.section, place.other)[index % 2].pk)
    html = open_list(signed_in(place.office), "?view=timeline&sort=-target")
    assert html.count('<tr class="grp">') == 2


# Departments --------------------------------------------------------------------------------------
def test_departments_count_what_each_leads() -> None:
    place = town()
    bureau = factories.department(place.municipality, "市民部", kind=DepartmentKind.BUREAU)
    place.section.parent = place.section.bureau = bureau
    place.section.save()
    report(made(place, "甲"), by=place.office, progress=Progress.LATE)
    made(place, "乙")
    made(place, "丙", lead=None, accountable_post=None)
    client = signed_in(place.office)
    html = open_list(client, "?view=departments&kind=subtract")
    assert "市民部" in html
    assert f'href="/departments/{place.section.pk}/"' in html
    links = re.findall(r'href="(/initiatives/\?[^"]*lead=[^"]*)"[^>]*>(.*?)</a>', html, re.S)
    assert len(links) == 5
    for url, words in links:
        shown = re.findall(r"\d+", re.sub(r"<svg.*?</svg>", "", words, flags=re.S))[0]
        table = open_list(client, url.replace("&amp;", "&").removeprefix("/initiatives/"))
        assert table.count('<tr id="initiative-row-') == int(shown), url


def test_numbers_of_a_department_that_has_ended_lead_to_its_initiatives() -> None:
    place = town()
    made(place, "甲")
    made(place, "乙", lead=place.other.pk, accountable_post=None)
    place.other.valid_to = timezone.localdate()
    place.other.save()
    client = signed_in(place.office)
    assert f"lead={place.other.pk}" in open_list(client, "?view=departments")
    html = open_list(client, f"?lead={place.other.pk}")
    assert html.count('<tr id="initiative-row-') == 1
    assert "<b>税務課</b>" in html


def test_department_pages_are_linked_for_those_who_may_open_them() -> None:
    place = town()
    made(place, "甲")
    html = open_list(signed_in(place.employee), "?view=departments")
    assert place.section.name in html
    assert f"/departments/{place.section.pk}/" not in html


def test_stale_parameters_are_ignored_kindly() -> None:
    place = town()
    made(place, "甲")
    query = "?view=x&sort=x&from=x&tag=9&bureau=9&lead=9&fy=x&progress=x&beneficiary=x&kind=x"
    html = open_list(signed_in(place.office), query)
    assert ">甲</a>" in html


def test_views_show_nothing_of_another_municipality() -> None:
    place, elsewhere = town(), town("別の市")
    made(place, "ここ")
    foreign: Any = made(elsewhere, "よその取組")
    client = signed_in(place.office)
    for view in QUERIES:
        html = open_list(client, f"?view={view}&lead=&q=")
        assert foreign.title not in html


@pytest.mark.parametrize("view", QUERIES)
def test_what_htmx_swaps_in_is_what_a_fresh_page_shows(view: str) -> None:
    place = town()
    late = made(place, "窓口の申請書を電子化", start_fy=THIS_YEAR)
    report(late, by=place.office, progress=Progress.LATE)
    Milestone.objects.create(initiative=late, title="契約", due_on=timezone.localdate())
    client, url = signed_in(place.office), f"/initiatives/?kind=subtract&view={view}"
    swapped = plain(client.get(url, headers=HTMX).content.decode())
    page = plain(client.get(url).content.decode())
    part, tabs, tools = re.split(r'(?=<nav class="tabs")|(?=<div class="listtools")', swapped)
    for piece in (part, tabs, tools):
        assert piece.replace(' hx-swap-oob="true"', "").strip() in page


def plain(html: str) -> str:
    """Without tokens, and with spaces as one."""
    html = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", html)
    return re.sub(r"\s+", " ", html)
