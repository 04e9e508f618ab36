"""The list: what is in it, its queues, search and filters, at a fixed number of queries."""

import datetime as dt
import re

import pytest
from django.test import Client
from django.utils import timezone
from django.utils.translation import override
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from roadmap.actions.initiatives import InitiativeFields, create_initiative
from roadmap.actions.updates import report
from roadmap.choices import Beneficiary, InitiativeKind, Phase, Progress, Queue
from roadmap.completeness import MANDATORY, MandatoryFacts, complete_sql, incomplete_fields
from roadmap.listing import listed, queue_condition, queue_counts
from roadmap.models import AdoptionVerdict, Criterion, Initiative, Stage, Theme, Update
from roadmap.rollup_sql import COMPLETE
from roadmap.search import fold
from tests import factories
from tests.roadmap.board import HTMX, Town, signed_in, town

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 9, 30)
LIST_QUERIES = 18


def fields(place: Town, title: str, **more: object) -> InitiativeFields:
    """A complete initiative of the section."""
    post = place.section.posts.first() or factories.post(place.section, held_by=place.head)
    values: dict[str, object] = {
        "title": title,
        "purpose": "窓口で書かせない",
        "kind": InitiativeKind.SUBTRACT.value,
        "beneficiaries": (Beneficiary.STAFF.value,),
        "lead": place.section.pk,
        "accountable_post": post.pk,
        "target_fy": 2027,
        "criteria": (Criterion.objects.visible_to(place.office).order_by("order")[0].pk,),
        **more,
    }
    return InitiativeFields(**values)  # type: ignore[arg-type]


def made(place: Town, title: str, **more: object) -> Initiative:
    """A complete initiative in the database."""
    return create_initiative(
        place.municipality, by=place.office, fields=fields(place, title, **more)
    )


def titles(place: Town, queue: str, day: dt.date) -> set[str]:
    """Who stands in a queue on a day."""
    found = listed(place.office, day).filter(queue_condition(queue, day))
    return set(found.values_list("title", flat=True))


def open_list(client: Client, query: str = "") -> str:
    """The page as text."""
    response = client.get(f"/initiatives/{query}")
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("number", [1, 3, 60])
def test_list_costs_the_same_for_any_number_of_rows(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    for index in range(number):
        made(place, f"取組その{index}", themes=(theme.pk,))
    client = signed_in(place.office)
    with django_assert_num_queries(LIST_QUERIES):
        html = open_list(client)
    assert html.count('<tr id="initiative-row-') == min(number, 50)


def test_list_shows_only_the_own_municipality() -> None:
    place, elsewhere = town(), town("別の市")
    made(place, "ここの取組")
    made(elsewhere, "よその取組")
    html = open_list(signed_in(place.employee))
    assert "ここの取組" in html
    assert "よその取組" not in html


def test_list_has_controls_only_for_those_who_may_report() -> None:
    place = town()
    initiative = made(place, "窓口の申請書を電子化")
    other = made(place, "税の取組", lead=place.other.pk, accountable_post=None)
    for user, own, foreign in [
        (place.office, True, True),
        (place.head, True, False),
        (place.promoter, True, False),
        (place.employee, False, False),
        (factories.user(place.municipality, role=Role.AUDITOR), False, False),
    ]:
        html = open_list(signed_in(user))
        assert (f'id="status-{initiative.pk}"' in html) is own
        assert (f'id="status-{other.pk}"' in html) is foreign


def test_list_is_closed_to_the_host() -> None:
    host = factories.user(None, role=Role.HOST)
    assert signed_in(host).get("/initiatives/").status_code == 403


def test_empty_list_offers_three_ways_in() -> None:
    place = town()
    html = open_list(signed_in(place.office))
    assert "/initiatives/new/" in html
    assert "/initiatives/export.xlsx" in html
    assert "<table" not in html


def test_filter_without_a_hit_offers_the_way_back() -> None:
    place = town()
    made(place, "窓口の申請書を電子化")
    html = open_list(signed_in(place.office), "?q=存在しない言葉")
    assert 'class="empty"' in html
    assert "<table" not in html


@pytest.mark.parametrize("query", ["テレワーク", "てれわーく", "ﾃﾚﾜｰｸ", "市民 てれ"])
def test_search_finds_whatever_the_kana_and_width(query: str) -> None:
    place = town()
    made(place, "テレワークの試行")
    made(place, "窓口の電子化")
    html = open_list(signed_in(place.office), f"?q={query}")
    assert "テレワークの試行" in html
    assert "窓口の電子化" not in html


def test_search_looks_into_purpose_department_and_pain_point() -> None:
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    made(place, "甲", purpose="転記をなくす")
    made(place, "乙", themes=(theme.pk,))
    made(place, "丙", lead=place.other.pk)
    client = signed_in(place.office)
    for query, title in [("転記", "甲"), (theme.label, "乙"), ("税務", "丙")]:
        html = open_list(client, f"?q={query}")
        assert f">{title}</a>" in html
        assert html.count('<tr id="initiative-row-') == 1


def test_fold_is_idempotent_and_ignores_width_case_and_kana() -> None:
    assert fold("ＤＸ　カード ヴ") == "dx かーど ゔ"
    assert fold(fold("ガギグ ABC")) == fold("ガギグ ABC")


def test_department_filter_tells_departments_of_one_name_apart() -> None:
    place = town()
    for bureau in ("総務部", "市民部"):
        top = factories.department(place.municipality, bureau, kind="bureau")
        factories.department(place.municipality, "総務課", parent=top)
    with override("ja"):
        html = open_list(signed_in(place.office))
    offered = re.findall(r"<option[^>]*>([^<]*)</option>", html)
    assert {"総務課（総務部）", "総務課（市民部）", "市民課"} <= set(offered)
    assert "総務課" not in offered


def test_department_filter_includes_those_below() -> None:
    place = town()
    bureau = factories.department(place.municipality, "市民部", kind="bureau")
    place.section.parent = bureau
    place.section.save()
    made(place, "課の取組")
    made(place, "よその課の取組", lead=place.other.pk)
    html = open_list(signed_in(place.office), f"?department={bureau.pk}")
    assert "課の取組" in html
    assert "よその課の取組" not in html


def test_stage_phase_and_kind_filters() -> None:
    place = town()
    stage = Stage.objects.visible_to(place.office)[1]
    criterion = stage.criteria.first()
    assert criterion is not None
    wanted = made(place, "甲", criteria=(criterion.pk,), kind=InitiativeKind.ADD.value)
    made(place, "乙")
    report(wanted, by=place.office, phase=Phase.TRIAL)
    client = signed_in(place.office)
    for query in (f"?stage={stage.pk}", "?phase=trial", "?kind=add"):
        html = open_list(client, query)
        assert ">甲</a>" in html
        assert ">乙</a>" not in html


def test_filter_ignores_values_that_do_not_exist() -> None:
    place = town()
    made(place, "甲")
    html = open_list(signed_in(place.office), "?department=999999&stage=x&queue=nothing&page=99")
    assert ">甲</a>" in html


def test_htmx_search_answers_table_and_queues() -> None:
    place = town()
    made(place, "甲")
    response = signed_in(place.office).get("/initiatives/?q=甲", headers=HTMX)
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="initiative-table"')
    assert 'id="queue-tabs"' in html
    assert "hx-swap-oob" in html
    assert "<html" not in html
    assert "HX-Request" in response["Vary"]


def test_late_queues_hold_what_is_late_and_what_lacks_care() -> None:
    place = town()
    late, cared, stopped = (made(place, name) for name in ("遅れ", "手当て済み", "中止"))
    report(late, by=place.office, progress=Progress.LATE)
    report(cared, by=place.office, progress=Progress.LATE, cause="budget", next_step="協議する")
    report(
        stopped, by=place.office, progress=Progress.LATE, phase=Phase.STOPPED, note="不要", ended=""
    )
    assert titles(place, Queue.LATE, DAY) == {"遅れ", "手当て済み"}
    assert titles(place, Queue.LATE_CARE, DAY) == {"遅れ"}


def test_stale_queue_begins_on_the_31st_day() -> None:
    place = town()
    initiative = made(place, "古い")
    report(initiative, by=place.office, progress=Progress.ON_TRACK, on=DAY)
    assert titles(place, Queue.STALE, DAY + dt.timedelta(days=30)) == set()
    assert titles(place, Queue.STALE, DAY + dt.timedelta(days=31)) == {"古い"}


def test_rows_of_the_system_are_no_report() -> None:
    place = town()
    initiative = factories.initiative(place.municipality, "取り込んだだけ", lead=place.section)
    Update.objects.create(initiative=initiative, phase=Phase.IDEA, reported_on=DAY, is_report=False)
    assert titles(place, Queue.STALE, DAY) == {"取り込んだだけ"}


def test_unconfirmed_queue_begins_on_the_90th_day_and_ends_with_a_verdict() -> None:
    place = town()
    initiative = made(place, "運用中")
    report(initiative, by=place.office, phase=Phase.LIVE, on=DAY)
    edge = DAY + dt.timedelta(days=90)
    assert titles(place, Queue.UNCONFIRMED, edge - dt.timedelta(days=1)) == set()
    assert titles(place, Queue.UNCONFIRMED, edge) == {"運用中"}
    AdoptionVerdict.objects.create(initiative=initiative, on=edge, verdict="support")
    assert titles(place, Queue.UNCONFIRMED, edge) == set()


def test_unowned_queue_holds_those_without_occupant_and_contact() -> None:
    place = town()
    empty = factories.post(place.other, "係長")
    made(place, "責任者あり")
    made(place, "空席", accountable_post=empty.pk)
    made(place, "空席だが担当あり", accountable_post=empty.pk, contact=place.employee.pk)
    assert titles(place, Queue.UNOWNED, DAY) == {"空席"}
    assignment = place.head.assignments.get()
    assignment.valid_to = DAY
    assignment.save()
    assert titles(place, Queue.UNOWNED, DAY) == {"空席", "責任者あり"}


def test_incomplete_queue_agrees_with_the_rule_in_python() -> None:
    place = town()
    made(place, "そろっている")
    holes: dict[str, object] = {
        "purpose": "",
        "kind": "",
        "beneficiaries": (),
        "lead": None,
        "accountable_post": None,
        "target_fy": None,
        "criteria": (),
        "replaces_channel": True,
    }
    for name, nothing in holes.items():
        made(place, f"足りない{name}", **{name: nothing})
    assert titles(place, Queue.INCOMPLETE, DAY) == {f"足りない{name}" for name in holes}
    html = open_list(signed_in(place.office), "?queue=incomplete")
    assert html.count('<tr id="initiative-row-') == len(holes)
    counted = Initiative.objects.raw(f"SELECT i.* FROM roadmap_initiative i WHERE {COMPLETE}")
    assert [initiative.title for initiative in counted] == ["そろっている"]


def test_incomplete_fields_names_what_is_empty_in_order() -> None:
    nothing = MandatoryFacts(**dict.fromkeys(MANDATORY, False))
    everything = MandatoryFacts(**dict.fromkeys(MANDATORY, True))
    assert incomplete_fields(nothing) == list(MANDATORY)
    assert incomplete_fields(everything) == []
    assert "i.title" in complete_sql("i")


def test_counts_agree_with_the_queues_in_one_query(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    place = town()
    late = made(place, "遅れ")
    report(late, by=place.office, progress=Progress.LATE)
    made(place, "足りない", purpose="")
    with django_assert_num_queries(1):
        counts = queue_counts(listed(place.office, DAY), DAY)
    assert counts == {queue.value: len(titles(place, queue, DAY)) for queue in Queue}


def test_latest_report_is_the_status_not_the_newest_date() -> None:
    place = town()
    initiative = made(place, "甲")
    today = timezone.localdate()
    report(initiative, by=place.office, phase=Phase.TRIAL, on=today)
    report(initiative, by=place.office, phase=Phase.BUILDING, on=today - dt.timedelta(days=9))
    row = listed(place.office, today).select_related("latest").get()  # type: ignore[misc]
    assert row.latest.phase == Phase.BUILDING
