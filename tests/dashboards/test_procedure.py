"""The check list of the national procedure: kept by the office, read by all, apart from stages."""

from __future__ import annotations

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Municipality, User
from dxportal.dashboards.procedure import facts_of, steps_of
from roadmap.actions.procedure import ProcedureConflict, say_procedure, undo_procedure
from roadmap.actions.samples import add_samples
from roadmap.choices import ProcedureState
from roadmap.content.procedure import ITEMS, STEPS
from roadmap.models import DirtyMark, ProcedureEntry
from tests import factories

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 30)
URL = "dashboards:procedure"


@pytest.fixture
def town() -> Municipality:
    return factories.municipality()


@pytest.fixture
def office(town: Municipality) -> User:
    return factories.user(town, role=Role.DX_OFFICE, of=factories.department(town, "情報課"))


def said(town: Municipality, by: User, **more: object) -> ProcedureEntry | None:
    fields = {"state": "in_place", "evidence": "DX推進計画", "held_on": None, "seen": None, **more}
    return say_procedure(town, "policy", by=by, today=TODAY, **fields)  # type: ignore[arg-type]


def client_of(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def test_content_has_four_steps_and_each_code_once() -> None:
    codes = [item.code for step in STEPS for item in step.items]
    assert [step.number for step in STEPS] == [0, 1, 2, 3]
    assert len(codes) == len(set(codes)) == len(ITEMS)
    assert all(len(code) <= 30 for code in codes)


def test_newest_entry_counts_and_the_same_again_writes_nothing(
    town: Municipality, office: User
) -> None:
    first = said(town, office)
    assert first is not None
    assert said(town, office, seen=first.pk) is None
    second = said(town, office, seen=first.pk, evidence="改定版", held_on=TODAY)
    assert second is not None
    held = {row.item.code: row for step in steps_of(office, TODAY) for row in step.items}
    entry = held["policy"].entry
    assert entry is not None
    assert (entry.evidence, entry.held_on, entry.by) == ("改定版", TODAY, office)
    assert held["talked"].state == ProcedureState.NOT_YET
    assert ProcedureEntry.objects.count() == 2
    assert Event.objects.filter(action="procedure.said").count() == 2


def test_nothing_of_it_is_counted_again(town: Municipality, office: User) -> None:
    DirtyMark.objects.all().delete()
    said(town, office)
    assert not DirtyMark.objects.exists()


def test_stale_page_and_missing_evidence_and_future_are_refused(
    town: Municipality, office: User
) -> None:
    said(town, office)
    with pytest.raises(ProcedureConflict):
        said(town, office, seen=None, evidence="別の計画")
    with pytest.raises(ValidationError):
        said(town, office, evidence=" ")
    with pytest.raises(ValidationError):
        said(town, office, held_on=TODAY + dt.timedelta(days=1))
    with pytest.raises(ValidationError):
        say_procedure(
            town,
            "nonsense",
            state="not_yet",
            evidence="",
            held_on=None,
            seen=None,
            by=office,
            today=TODAY,
        )
    assert ProcedureEntry.objects.count() == 1


def test_undo_says_again_what_stood_before_and_only_once(town: Municipality, office: User) -> None:
    first = said(town, office, state="under_way", evidence="案")
    assert first is not None
    second = said(town, office, seen=first.pk)
    assert second is not None
    assert not undo_procedure(first, by=office)
    assert undo_procedure(second, by=office)
    assert not undo_procedure(second, by=office)
    last = town.procedure.latest("pk")
    assert (last.state, last.evidence, last.undoes_id) == ("under_way", "案", second.pk)
    assert ProcedureEntry.objects.count() == 3


def test_entries_are_never_changed_by_the_application(town: Municipality, office: User) -> None:
    entry = said(town, office)
    assert entry is not None
    for statement in ("UPDATE {} SET evidence = ''", "DELETE FROM {}"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement.format("roadmap_procedureentry"))


def test_what_the_product_sees_is_shown_with_its_numbers(town: Municipality, office: User) -> None:
    section = factories.department(town, "市民課")
    factories.user(town, of=section, role=Role.PROMOTER)
    factories.user(town, role=Role.CDO)
    factories.initiative(town, "電子申請")
    add_samples(town, by=office, today=TODAY)
    facts = facts_of(office, timezone.localdate())
    assert facts["cdo"].seen
    assert "1" in facts["initiatives"].words  # samples are not counted
    assert "5" not in facts["initiatives"].words
    assert facts["promoters"].seen
    assert not facts["rounds"].seen
    assert facts["initiatives"].url == reverse("roadmap:initiative_list")
    employee = factories.user(town, of=section)
    assert facts_of(employee, timezone.localdate())["asked_again"].url == ""


def test_page_is_kept_by_the_office_and_read_by_an_employee(
    town: Municipality, office: User
) -> None:
    client = client_of(office)
    data = {"item": "policy", "policy-state": "in_place", "policy-evidence": "DX推進計画2026"}
    sent = client.post(reverse(URL), data)
    assert sent.status_code == 302
    assert sent.headers["Location"].endswith("#item-policy")
    employee = client_of(factories.user(town))
    page = employee.get(reverse(URL)).content.decode()
    assert "DX推進計画2026" in page
    assert "<textarea" not in page
    assert 'name="policy-state"' not in page
    assert employee.post(reverse(URL), data).status_code == 403
    undo = reverse("dashboards:procedure_undo", args=[ProcedureEntry.objects.get().pk])
    assert employee.post(undo).status_code == 403
    assert client.post(undo).status_code == 302
    assert town.procedure.latest("pk").state == ProcedureState.NOT_YET


def test_refused_form_keeps_what_was_typed(town: Municipality, office: User) -> None:
    client = client_of(office)
    data = {"item": "policy", "policy-state": "in_place", "policy-evidence": ""}
    sent = client.post(reverse(URL), {**data, "policy-held_on": "2026-04-01"})
    assert sent.status_code == 422
    assert "2026-04-01" in sent.content.decode()
    assert client.post(reverse(URL), {"item": "nonsense"}).status_code == 422
    said(town, office)
    stale = client.post(reverse(URL), {**data, "policy-evidence": "別の計画", "policy-seen": ""})
    assert stale.status_code == 409
    assert "別の計画" in stale.content.decode()


def test_another_municipality_is_neither_seen_nor_undone(town: Municipality, office: User) -> None:
    entry = said(town, office)
    assert entry is not None
    away = factories.municipality("余所市")
    stranger = client_of(factories.user(away, role=Role.DX_OFFICE))
    assert "DX推進計画" not in stranger.get(reverse(URL)).content.decode()
    undo = reverse("dashboards:procedure_undo", args=[entry.pk])
    assert stranger.post(undo).status_code == 404


def test_page_asks_the_same_number_of_queries(
    town: Municipality, office: User, django_assert_num_queries: object
) -> None:
    client = client_of(office)
    said(town, office)
    client.get(reverse(URL))
    for number in (1, 3):
        for extra in range(number):
            code = list(ITEMS)[4 + number + extra]
            say_procedure(
                town,
                code,
                state="under_way",
                evidence="",
                held_on=None,
                seen=None,
                by=factories.user(town),
                today=TODAY,
            )
        with django_assert_num_queries(14):  # type: ignore[operator]
            client.get(reverse(URL))
