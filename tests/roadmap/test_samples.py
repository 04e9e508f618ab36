"""Samples: in by one button, out by one, exactly these, and never in what is published."""

from __future__ import annotations

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Municipality, User
from roadmap.actions.closing import close_round
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.milestones import mark_milestone_done
from roadmap.actions.samples import add_samples, standing_samples, take_away_samples
from roadmap.actions.updates import report
from roadmap.choices import Disclosure
from roadmap.content.samples import MARK, SAMPLES
from roadmap.content.themes import THEMES
from roadmap.models import Initiative, InitiativeCriterion, InitiativeDepartment, Milestone
from roadmap.public_rows import open_records
from roadmap.reminder_facts import load
from roadmap.reminding import Rules
from surveys.actions.follow_ups import schedule_follow_ups
from tests import factories
from tests.roadmap.reporting import led, opened

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 30)


@pytest.fixture
def town() -> Municipality:
    return factories.municipality()


@pytest.fixture
def office(town: Municipality) -> User:
    return factories.user(town, role=Role.DX_OFFICE)


def standing(town: Municipality) -> set[str]:
    found = Initiative.objects.standing().filter(municipality=town)
    return set(found.values_list("title", flat=True))


def rename(initiative: Initiative, by: User, title: str) -> None:
    initiative.refresh_from_db()
    fields = fields_of(initiative)
    changed = type(fields).from_plain({**fields.plain(), "title": title})
    edit_initiative(initiative, by=by, fields=changed, version=initiative.version)


def test_content_names_themes_that_every_municipality_has() -> None:
    known = {theme.code for theme in THEMES}
    assert all(set(sample.themes) <= known for sample in SAMPLES)
    assert len({sample.code for sample in SAMPLES}) == len(SAMPLES)


def test_pressed_twice_they_are_there_once(town: Municipality, office: User) -> None:
    assert add_samples(town, by=office, today=TODAY) == len(SAMPLES)
    assert add_samples(town, by=office, today=TODAY) == 0
    assert standing(town) == {f"{MARK}{sample.title}" for sample in SAMPLES}
    assert Milestone.objects.count() == sum(len(sample.milestones) for sample in SAMPLES)
    # No department is asked to report on them, and no staircase counts them.
    assert not InitiativeDepartment.objects.exists()
    assert not InitiativeCriterion.objects.exists()


def test_exactly_they_go_and_come_back_as_the_same_rows(town: Municipality, office: User) -> None:
    own = factories.initiative(town, f"{MARK}うちの取組")  # named alike, but not one of them
    add_samples(town, by=office, today=TODAY)
    before = set(Initiative.objects.values_list("pk", flat=True))
    assert take_away_samples(town, keep=(), seen=(), by=office) == (len(SAMPLES), 0)
    assert standing(town) == {own.title}
    assert take_away_samples(town, keep=(), seen=(), by=office) == (0, 0)
    assert add_samples(town, by=office, today=TODAY) == len(SAMPLES)
    assert set(Initiative.objects.values_list("pk", flat=True)) == before


def test_what_somebody_changed_is_asked_for(town: Municipality, office: User) -> None:
    add_samples(town, by=office, today=TODAY)
    rows = [sample.row for sample in standing_samples(town)]
    rename(rows[0].initiative, office, f"{MARK}休暇届の電子化")
    report(rows[1].initiative, by=office, note="様式がそろった")
    mark_milestone_done(
        Milestone.objects.filter(initiative=rows[2].initiative).first(),  # type: ignore[arg-type]
        by=office,
        on=timezone.localdate(),
    )
    edited = {sample.row.pk for sample in standing_samples(town) if sample.edited}
    assert edited == {row.pk for row in rows[:3]}
    # Not asked about: they stay. One is kept, one goes.
    gone = take_away_samples(town, keep=[rows[0].pk], seen=[rows[1].pk], by=office)
    assert gone == (len(SAMPLES) - 2, 1)
    assert standing(town) == {"休暇届の電子化", rows[2].initiative.title}
    # What was kept is an initiative like any other; its sample comes anew.
    assert [sample.row.pk for sample in standing_samples(town)] == [rows[2].pk]
    assert add_samples(town, by=office, today=TODAY) == len(SAMPLES) - 1
    assert "休暇届の電子化" in standing(town)
    assert len(standing_samples(town)) == len(SAMPLES)


def test_they_never_stand_in_the_file_for_publication(town: Municipality, office: User) -> None:
    add_samples(town, by=office, today=TODAY)
    factories.initiative(town, "電子申請", disclosure=Disclosure.OPEN)
    Initiative.objects.filter(municipality=town).update(disclosure=Disclosure.OPEN)
    assert [row.title for row in open_records(office, TODAY)] == ["電子申請"]


def test_nothing_invented_is_kept_for_good_and_nobody_is_reminded_of_it() -> None:
    found = opened()
    town, office = found.place.municipality, found.place.office
    own = led(found.place, "電子申請")
    add_samples(town, by=office, today=timezone.localdate())
    later = timezone.localdate() + dt.timedelta(days=100)
    facts = load(town.pk, later, Rules(), None).facts
    assert set(facts.initiatives) == {own.pk}
    assert not facts.parts
    everybody = found.round.returns.values_list("department_id", flat=True)
    kept = close_round(found.round, by=office, named=list(everybody), now=timezone.now())
    assert list(kept.snapshots.values_list("initiative_key", flat=True)) == [own.pk]


def test_sample_that_somebody_put_into_operation_is_asked_of_nobody(
    town: Municipality, office: User
) -> None:
    add_samples(town, by=office, today=TODAY)
    row = standing_samples(town)[0].row
    report(row.initiative, by=office, phase="live")
    schedule_follow_ups(timezone.localdate())
    assert not row.initiative.follow_ups.exists()
    take_away_samples(town, keep=[row.pk], seen=(), by=office)
    schedule_follow_ups(timezone.localdate())
    assert row.initiative.follow_ups.exists()


def test_pages_ask_before_they_take_changed_ones_away(town: Municipality, office: User) -> None:
    client = Client()
    client.force_login(office)
    empty = client.get(reverse("roadmap:initiative_list")).content.decode()
    assert reverse("roadmap:sample_add") in empty
    for _again in range(2):
        assert client.post(reverse("roadmap:sample_add")).status_code == 302
    assert len(standing(town)) == len(SAMPLES)
    row = standing_samples(town)[0].row
    report(row.initiative, by=office, note="始めた")
    url = reverse("roadmap:sample_remove")
    assert client.post(url).status_code == 422
    assert len(standing(town)) == len(SAMPLES)
    assert client.post(url, {f"sample-{row.pk}": "keep"}).status_code == 302
    assert standing(town) == {row.initiative.title.removeprefix(MARK)}
    page = client.get(reverse("roadmap:sample_list")).content.decode()
    assert reverse("roadmap:sample_remove") not in page


def test_dashboard_says_that_samples_are_in_it(town: Municipality, office: User) -> None:
    client = Client()
    client.force_login(office)
    add_samples(town, by=office, today=TODAY)
    page = client.get(reverse("dashboards:dashboard"))
    assert page.context["samples"] == len(SAMPLES)
    take_away_samples(town, keep=(), seen=(), by=office)
    assert client.get(reverse("dashboards:dashboard")).context["samples"] == 0


def test_list_of_samples_asks_the_same_number_of_queries(
    town: Municipality, office: User, django_assert_num_queries: object
) -> None:
    client = Client()
    client.force_login(office)
    add_samples(town, by=office, today=TODAY)
    for gone in (0, 2):
        for sample in standing_samples(town)[:gone]:
            sample.row.initiative.removed_on = TODAY
            sample.row.initiative.save()
        with django_assert_num_queries(7):  # type: ignore[operator]
            client.get(reverse("roadmap:sample_list"))
