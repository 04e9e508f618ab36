"""State at a moment: what the history gives back is what stood there."""

import datetime as dt
from typing import Any
from unittest.mock import patch

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts import audit
from dxportal.accounts.models import Municipality
from roadmap.actions.initiatives import (
    InitiativeFields,
    Withheld,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.actions.parts import record_part
from roadmap.actions.updates import latest_update, report, undo_update
from roadmap.as_of import NAMES, STATUS, end_of, initiatives_at, removal_days
from roadmap.choices import Beneficiary, Cause, InitiativeKind, Phase, Progress
from roadmap.models import Criterion, Initiative, Milestone, Tag, Theme
from roadmap.pictures import picture_at
from tests import factories
from tests.roadmap.board import Town, town
from tests.roadmap.reporting import led

pytestmark = pytest.mark.django_db

QUERIES = 9


def recorded(municipality: Municipality) -> dict[int, Any]:
    """What stands now, read from the rows themselves."""
    found = {}
    for initiative in Initiative.objects.filter(municipality=municipality).order_by("pk"):
        latest = latest_update(initiative)
        status = {name: audit.plain(getattr(latest, name)) for name in STATUS} if latest else None
        found[initiative.pk] = (fields_of(initiative).plain(), status, initiative.removed_on)
    return found


def given_back(municipality: Municipality, moment: dt.datetime) -> dict[int, Any]:
    """The same, from the history."""
    return {
        key: (dict(one.fields), dict(one.status), one.removed_on)
        for key, one in initiatives_at(municipality.pk, moment).items()
    }


def remove(initiative: Initiative, place: Town) -> None:
    """As the page of fields does it."""
    row = Initiative.objects.get(pk=initiative.pk)
    before = {"removed_on": row.removed_on, "version": row.version}
    row.removed_on = None if row.removed_on else timezone.localdate()
    row.version += 1
    row.save(update_fields=["removed_on", "version"])
    action = "initiative.removed" if row.removed_on else "initiative.brought_back"
    after = {"removed_on": row.removed_on, "version": row.version}
    audit.record(action, row, by=place.office, before=before, after=after)


#: One step: which initiative, what is done, and with what.
STEPS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["create", "edit", "report", "undo", "remove", "part"]),
        st.integers(0, 5),
    ),
    min_size=1,
    max_size=12,
)


def take(place: Town, made: list[Initiative], step: tuple[int, str, int]) -> None:
    """Do one step through the actions."""
    which, what, number = step
    if what == "create" or not made:
        fields = InitiativeFields(title=f"取組{number}", lead=place.section.pk)
        made.append(create_initiative(place.municipality, by=place.office, fields=fields))
        return
    initiative = Initiative.objects.get(pk=made[which % len(made)].pk)
    if what == "edit":
        themes = Theme.objects.visible_to(place.office).order_by("pk")[:number]
        criteria = Criterion.objects.visible_to(place.office).order_by("pk")[:number]
        fields = InitiativeFields(
            title=f"名前{number}",
            purpose="目的" * number,
            kind=InitiativeKind.ADD.value if number % 2 else "",
            beneficiaries=tuple(Beneficiary.values[: number % 3]),
            lead=(place.section.pk, place.other.pk, None)[number % 3],
            partners=(place.other.pk,) if number > 3 else (),
            contact=place.head.pk if number > 2 else None,
            target_fy=2024 + number,
            target_quarter=1 + number % 4,
            themes=tuple(sorted(theme.pk for theme in themes)),
            criteria=tuple(sorted(criterion.pk for criterion in criteria)),
            launched_on=initiative.launched_on,
            tags=tuple(sorted(Tag.objects.order_by("pk").values_list("pk", flat=True)[:number])),
            withholdings=(Withheld("budget", "入札の前", dt.date(2030, 4, 1)),) * (number > 3),
        )
        edit_initiative(initiative, by=place.office, fields=fields, version=initiative.version)
    elif what == "report":
        phase = (Phase.IDEA, Phase.PLANNED, Phase.TRIAL, Phase.LIVE)[number % 4]
        words = {"progress": Progress.values[number % 4], "note": f"備考{number}"}
        care = {"cause": Cause.BUDGET, "next_step": "話す"} if number == 2 else {}
        report(initiative, by=place.head, phase=phase, **words, **care)
    elif what == "undo":
        updates = list(initiative.updates.order_by("-id")[:2])
        if len(updates) == 2:
            undo_update(updates[0], by=place.office)
    elif what == "remove":
        remove(initiative, place)
    else:
        part = Milestone.objects.create(
            initiative=initiative, title=f"節目{number}", due_on=timezone.localdate()
        )
        record_part(
            "milestone.renamed",
            initiative,
            part,
            by=place.office,
            before={"title": "別の題", "version": 1},
            after={"title": part.title, "version": 2},
        )


def test_state_given_back_for_each_moment_is_the_one_recorded_then() -> None:
    place = town()

    @given(steps=STEPS)
    def holds(steps: list[tuple[int, str, int]]) -> None:
        with transaction.atomic():
            made: list[Initiative] = []
            stood = []
            for step in steps:
                take(place, made, step)
                stood.append((timezone.now(), recorded(place.municipality)))
            for moment, then in stood:
                assert given_back(place.municipality, moment) == then
            transaction.set_rollback(True)

    holds()


def test_late_entry_of_an_old_report_does_not_change_the_past() -> None:
    place = town()
    initiative = led(place)
    moment = timezone.now()
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    report(initiative, by=place.office, progress=Progress.LATE, on=yesterday)
    then = initiatives_at(place.municipality.pk, moment)[initiative.pk]
    now = initiatives_at(place.municipality.pk, timezone.now())[initiative.pk]
    assert (then.status["progress"], now.status["progress"]) == ("on_track", "late")
    assert now.last_report == yesterday


def test_removal_that_says_no_more_than_its_name_is_understood() -> None:
    place = town()
    initiative = led(place)
    before = timezone.now()
    Initiative.objects.update(removed_on=dt.date(2026, 9, 1))
    audit.record("initiative.removed", initiative, by=place.office)
    removed = timezone.now()
    Initiative.objects.update(removed_on=None)
    audit.record("initiative.brought_back", initiative, by=place.office)
    at = [
        initiatives_at(place.municipality.pk, moment)[initiative.pk].removed_on is None
        for moment in (before, removed, timezone.now())
    ]
    assert at == [True, False, True]


def test_removal_day_is_told_of_what_is_removed_now() -> None:
    place = town()
    gone, stays = led(place), led(place)
    Initiative.objects.filter(pk=gone.pk).update(removed_on=dt.date(2026, 9, 1))
    days = removal_days(place.municipality.pk, [gone.pk, stays.pk])
    assert days == {gone.pk: dt.date(2026, 9, 1)}


def test_end_of_a_day_is_midnight_in_japan() -> None:
    assert end_of(dt.date(2026, 9, 30)).isoformat() == "2026-10-01T00:00:00+09:00"


@pytest.mark.parametrize("number", [1, 3, 30])
def test_picture_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    for index in range(number):
        led(place, f"取組{index}")
    with django_assert_num_queries(QUERIES - (0 if "tags" in NAMES else 1)):
        assert len(initiatives_at(place.municipality.pk, timezone.now())) == number
    with django_assert_num_queries(17 - (0 if "tags" in NAMES else 2), exact=False):
        assert len(picture_at(place.municipality, timezone.now())) == number


def test_other_municipalities_are_not_in_it() -> None:
    place, elsewhere = town(), town("別の市")
    led(elsewhere)
    with patch.object(timezone, "now", return_value=timezone.now()):
        assert initiatives_at(place.municipality.pk, timezone.now()) == {}
    assert factories.initiative(place.municipality).pk
