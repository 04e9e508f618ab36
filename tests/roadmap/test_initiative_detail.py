"""The page of one initiative: who answers for it, both statuses, history, verdict."""

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.updates import report
from roadmap.choices import Phase, Progress
from roadmap.models import AdoptionVerdict
from tests import factories
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import fields, made

pytestmark = pytest.mark.django_db

DETAIL_QUERIES = 33


@pytest.mark.parametrize("reports", [1, 3])
def test_detail_costs_the_same_for_any_number_of_reports(
    reports: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    initiative = made(place, "窓口の申請書を電子化")
    for _number in range(reports):
        report(initiative, by=place.head, unchanged=True)
    client = signed_in(place.employee)
    with django_assert_num_queries(DETAIL_QUERIES):
        assert client.get(f"/initiatives/{initiative.pk}/").status_code == 200


def test_detail_names_post_person_and_departments() -> None:
    place = town()
    initiative = made(place, "甲", partners=(place.other.pk,), contact=place.employee.pk)
    html = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/").content.decode()
    for text in ("課長", "鈴木", "田中", "市民課", "税務課", "窓口で書かせない", "T1-1"):
        assert text in html


def test_detail_says_when_nobody_holds_the_post() -> None:
    place = town()
    initiative = made(place, "甲")
    place.head.assignments.all().delete()
    html = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/").content.decode()
    assert "鈴木" not in html


def test_detail_shows_reported_beside_derived_with_its_rule() -> None:
    place = town()
    initiative = made(place, "甲", target_fy=2020)
    report(initiative, by=place.head, progress=Progress.ON_TRACK)
    response = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/")
    row = response.context["row"]
    assert row.progress == Progress.ON_TRACK
    assert row.derived == "late"
    assert row.rule == "target_passed"
    assert str(row.rule.label) in response.content.decode()


def test_detail_tells_reports_and_edits_newest_first() -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=fields(place, "乙"), version=1)
    report(initiative, by=place.head, progress=Progress.LATE, note="<b>条例</b>待ち")
    response = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/")
    kinds = [entry.kind for entry in response.context["history"]]
    assert kinds == ["reported", "edited", "reported", "created"]
    html = response.content.decode()
    assert "<del>甲</del> → <ins>乙</ins>" in html
    assert "&lt;b&gt;条例" in html


def test_detail_shows_the_newest_of_the_history_and_leads_to_all() -> None:
    place = town()
    initiative = made(place, "甲")
    for _number in range(25):
        report(initiative, by=place.head, unchanged=True)
    response = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/")
    assert (len(response.context["history"]), response.context["history_total"]) == (6, 27)
    assert f"/initiatives/{initiative.pk}/history/" in response.content.decode()


def test_detail_offers_undo_of_the_latest_report_to_the_office_only() -> None:
    place = town()
    initiative = made(place, "甲")
    update = report(initiative, by=place.head, progress=Progress.LATE)
    address = f"/initiatives/{initiative.pk}/undo/{update.pk}/"
    page = f"/initiatives/{initiative.pk}/"
    assert address in signed_in(place.office).get(page).content.decode()
    assert address not in signed_in(place.head).get(page).content.decode()


def test_detail_shows_the_latest_verdict_or_that_it_is_unconfirmed() -> None:
    place = town()
    initiative = made(place, "甲")
    client, page = signed_in(place.employee), f"/initiatives/{initiative.pk}/"
    day = timezone.localdate() - dt.timedelta(days=100)
    report(initiative, by=place.office, phase=Phase.LIVE, on=day)
    response = client.get(page)
    assert response.context["verdict"] is None
    assert response.context["row"].derived == "unconfirmed"
    for on, verdict in ((day, "support"), (timezone.localdate(), "unused")):
        AdoptionVerdict.objects.create(initiative=initiative, on=on, verdict=verdict)
    assert client.get(page).context["verdict"].verdict == "unused"


def test_detail_lists_what_is_missing() -> None:
    place = town()
    initiative = made(place, "甲", purpose="", criteria=())
    response = signed_in(place.employee).get(f"/initiatives/{initiative.pk}/")
    assert response.context["row"].missing == ["purpose", "criteria"]


def test_detail_is_read_by_all_here_and_by_nobody_elsewhere() -> None:
    place, elsewhere = town(), town("別の市")
    initiative = made(place, "ここの取組")
    page = f"/initiatives/{initiative.pk}/"
    for role in (Role.EMPLOYEE, Role.AUDITOR, Role.CDO, Role.ADMIN):
        person = factories.user(place.municipality, role=role)
        assert signed_in(person).get(page).status_code == 200
    assert signed_in(elsewhere.office).get(page).status_code == 404
    assert signed_in(factories.user(None, role=Role.HOST)).get(page).status_code == 403


def test_edited_fields_are_those_that_were_read() -> None:
    place = town()
    values = fields(place, "甲", partners=(place.other.pk,), launched_on=dt.date(2026, 4, 1))
    initiative = made(place, "甲", partners=(place.other.pk,), launched_on=dt.date(2026, 4, 1))
    assert fields_of(initiative) == values
    assert type(values).from_plain(values.plain()) == values
