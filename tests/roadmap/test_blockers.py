"""Blockers: opened, taken to the CDO, decided, solved; two people at once; who may."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox
from roadmap.actions.blockers import (
    BlockerConflict,
    BlockerFields,
    close_blocker,
    edit_blocker,
    escalate_blocker,
    open_blocker,
    reopen_blocker,
)
from roadmap.actions.decisions import DecisionFields, record_decision
from roadmap.escalations import waiting_decisions
from roadmap.models import Blocker, Initiative
from tests import factories
from tests.roadmap.board import Town, signed_in, town

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)
WORDS = BlockerFields("law", "条例の改正が要る")


def made(place: Town) -> Initiative:
    """An initiative of the section."""
    return factories.initiative(place.municipality, "電子申請", lead=place.section)


def opened(place: Town) -> Blocker:
    """A blocker of it."""
    return open_blocker(made(place), fields=WORDS, by=place.head, on=DAY)


def test_blocker_is_inside_or_outside_as_its_category_usually_is() -> None:
    place = town()
    initiative = made(place)
    assert open_blocker(initiative, fields=WORDS, by=place.head, on=DAY).external
    busy = BlockerFields("busy", "忙しい")
    assert not open_blocker(initiative, fields=busy, by=place.head, on=DAY).external
    said = BlockerFields("busy", "国の依頼が続く", external=True)
    assert open_blocker(initiative, fields=said, by=place.head, on=DAY).external


def test_same_blocker_twice_is_one() -> None:
    place = town()
    first = opened(place)
    again = open_blocker(first.initiative, fields=WORDS, by=place.head, on=DAY)
    assert again.pk == first.pk
    assert Event.objects.filter(action="blocker.opened").count() == 1


def test_escalated_blocker_stands_on_the_list_and_the_cdo_is_told_once() -> None:
    place = town()
    cdo = factories.user(place.municipality, role=Role.CDO)
    row = opened(place)
    day = timezone.localdate()
    with pytest.raises(ValidationError):
        escalate_blocker(row, wanted=" ", version=1, by=place.head, on=day)
    row = escalate_blocker(row, wanted="改正するか", version=1, by=place.head, on=day)
    [waiting] = waiting_decisions(cdo, day + dt.timedelta(days=3))
    assert (waiting.blocker.pk, waiting.department, waiting.days) == (row.pk, "市民課", 3)
    assert Outbox.objects.filter(recipient=cdo).count() == 1
    assert waiting_decisions(town("別の市").office, day) == []


def test_decision_takes_the_blocker_off_the_list_and_tells_who_brought_it() -> None:
    place = town()
    cdo = factories.user(place.municipality, role=Role.CDO)
    row = opened(place)
    day = timezone.localdate()
    row = escalate_blocker(row, wanted="改正するか", version=1, by=place.head, on=day)
    fields = DecisionFields("改正する", "CDO", day, blocker=row.pk)
    record_decision(row.initiative, fields=fields, by=cdo)
    assert waiting_decisions(cdo, day) == []
    assert Outbox.objects.filter(recipient=place.head, subject__contains="電子申請").exists()
    row.refresh_from_db()
    escalate_blocker(row, wanted="やり直すか", version=row.version, by=place.head, on=day)
    assert len(waiting_decisions(cdo, day)) == 1


def test_solved_blocker_leaves_the_list_and_comes_back_when_opened_again() -> None:
    place = town()
    cdo = factories.user(place.municipality, role=Role.CDO)
    row = escalate_blocker(opened(place), wanted="?", version=1, by=place.head, on=DAY)
    row = close_blocker(row, resolution="済", version=2, by=place.head, on=DAY)
    assert waiting_decisions(cdo, DAY) == []
    row = reopen_blocker(row, version=3, by=place.head)
    assert len(waiting_decisions(cdo, DAY)) == 1
    assert row.resolution == ""


def test_stale_version_changes_nothing() -> None:
    place = town()
    row = opened(place)
    edit_blocker(row, fields=BlockerFields("busy", "先の人"), version=1, by=place.office)
    with pytest.raises(BlockerConflict):
        edit_blocker(row, fields=BlockerFields("busy", "後の人"), version=1, by=place.head)
    row.refresh_from_db()
    assert row.text == "先の人"


def test_edit_page_shows_theirs_and_keeps_mine() -> None:
    place = town()
    row = opened(place)
    edit_blocker(row, fields=BlockerFields("busy", "先の人"), version=1, by=place.office)
    url = f"/initiatives/{row.initiative_id}/blockers/{row.pk}/"
    data = {"category": "busy", "text": "後の人", "version": "1"}
    response = signed_in(place.head).post(url, data)
    page = response.content.decode()
    assert response.status_code == 409
    assert "先の人" in page
    assert 'value="後の人"' in page
    assert signed_in(place.head).post(url, {**data, "version": "2"}).status_code == 302
    row.refresh_from_db()
    assert row.text == "後の人"


def test_steps_from_the_page_with_their_way_back() -> None:
    place = town()
    row = opened(place)
    client = signed_in(place.promoter)
    base = f"/initiatives/{row.initiative_id}/blockers/{row.pk}/"
    page = client.get(f"/initiatives/{row.initiative_id}/").content.decode()
    assert "条例の改正が要る" in page
    client.post(f"{base}escalate/", {"wanted": "改正するか", "version": "1"})
    row.refresh_from_db()
    assert row.escalated_on == timezone.localdate()
    client.post(f"{base}close/", {"resolution": "済", "version": "2"})
    client.post(f"{base}reopen/", {})
    row.refresh_from_db()
    assert (row.closed_on, row.version) == (None, 4)


def test_list_of_the_cdo_costs_the_same_at_any_length(django_assert_num_queries: object) -> None:
    place = town()
    cdo = factories.user(place.municipality, role=Role.CDO)
    client = signed_in(cdo)
    counts = []
    for _round in range(2):
        row = opened(place)
        escalate_blocker(row, wanted="?", version=1, by=place.head, on=DAY)
        with django_assert_num_queries(8):  # type: ignore[operator]
            client.get("/initiatives/escalations/")
        counts.append(len(waiting_decisions(cdo, DAY)))
    assert counts == [1, 2]
