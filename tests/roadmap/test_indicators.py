"""Indicators: their actions, the short form that measures, and the card that never adds them."""

import datetime as dt
import re
import threading
from decimal import Decimal
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import connections
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from dxportal.shared.fiscal import add_months, fiscal_year
from roadmap.actions import indicators as actions
from roadmap.actions.indicators import IndicatorFields, MeasurementConflict, measure
from roadmap.actions.parts import PartConflict
from roadmap.actions.updates import report
from roadmap.choices import Phase
from roadmap.measurements import due_measurements, indicator_rows
from roadmap.models import Indicator, Initiative, Measurement
from tests import factories
from tests.roadmap.board import HTMX, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

DAY = dt.date(2026, 4, 1)
SHARE = IndicatorFields(
    name="オンライン申請の割合",
    kind="use",
    unit="%",
    source="申請システムの月報",
    baseline=Decimal(3),
    baseline_on=dt.date(2025, 4, 1),
    next_due=DAY,
    targets=((2025, Decimal(20)), (2026, Decimal("37.5"))),
)


@pytest.fixture
def initiative() -> Initiative:
    city = factories.municipality(staircase=False)
    return factories.initiative(city, "電子申請", lead=factories.department(city))


def added(initiative: Initiative, **changes: Any) -> Indicator:
    values = IndicatorFields(**{**vars(SHARE), **changes})
    return actions.add_indicator(initiative, by=None, values=values)


def test_indicator_is_there_once_and_its_name_once_a_kind(initiative: Initiative) -> None:
    assert added(initiative) == added(initiative)
    with pytest.raises(ValidationError):
        added(initiative, unit="件")
    other = added(initiative, kind="availability")
    assert other.order == 1
    assert Event.objects.filter(action=actions.ADDED).count() == 2


def test_change_keeps_only_what_differs_and_stale_ones_are_refused(
    initiative: Initiative,
) -> None:
    row = added(initiative)
    values = IndicatorFields(**{**vars(SHARE), "targets": ((2026, Decimal("40.000")),)})
    for _twice in range(2):
        actions.edit_indicator(row, by=None, values=values, version=1)
    event = Event.objects.get(action=actions.EDITED)
    assert event.before == {"targets": ["2025: 20", "2026: 37.5"]}
    assert event.after["targets"] == ["2026: 40"]
    assert actions.fields_of(Indicator.objects.get()) == values
    with pytest.raises(PartConflict):
        actions.edit_indicator(row, by=None, values=SHARE, version=1)
    added(initiative, name="別")
    taken = IndicatorFields(**{**vars(values), "name": "別"})
    with pytest.raises(ValidationError):
        actions.edit_indicator(row, by=None, values=taken, version=2)


def test_measuring_moves_the_next_date_and_is_safe_to_repeat(initiative: Initiative) -> None:
    row = added(initiative)
    for _twice in range(2):
        measure(row, by=None, value=Decimal("21.5"), on=DAY)
    row.refresh_from_db()
    assert (row.next_due, row.version) == (dt.date(2027, 4, 1), 2)
    assert Measurement.objects.get().value == Decimal("21.5")
    assert Event.objects.filter(action=actions.MEASURED).count() == 1


def test_other_value_of_the_same_day_is_not_lost(initiative: Initiative) -> None:
    row = added(initiative)
    measure(row, by=None, value=Decimal(20), on=DAY)
    with pytest.raises(MeasurementConflict) as conflict:
        measure(row, by=None, value=Decimal(25), on=DAY)
    assert conflict.value.theirs.value == 20
    measure(row, by=None, value=Decimal(25), on=DAY, replaces=Decimal(20))
    assert Measurement.objects.get().value == 25


@pytest.mark.django_db(transaction=True)
def test_of_two_people_who_measure_the_same_day_one_is_told() -> None:
    row = added(factories.initiative(factories.municipality(staircase=False)))
    barrier, told = threading.Barrier(2), []

    def enter(value: int) -> None:
        try:
            barrier.wait(10)
            measure(row, by=None, value=Decimal(value), on=DAY)
        except MeasurementConflict as conflict:
            told.append((value, conflict.theirs.value))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=enter, args=[value]) for value in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    kept = Measurement.objects.get().value
    assert told == [(3 - kept, kept)]


def test_removed_value_comes_back_unless_the_day_has_another(initiative: Initiative) -> None:
    row = added(initiative)
    value = measure(row, by=None, value=Decimal(20), on=DAY, note="速報")
    event = actions.remove_measurement(value, by=None)
    assert event is not None
    assert actions.remove_measurement(value, by=None) is None
    actions.restore_measurement(event, by=None)
    found = Measurement.objects.get()
    assert (found.value, found.note) == (20, "速報")
    actions.remove_measurement(found, by=None)
    measure(row, by=None, value=Decimal(5), on=DAY)
    with pytest.raises(MeasurementConflict):
        actions.restore_measurement(event, by=None)


def test_removed_indicator_comes_back_whole(initiative: Initiative) -> None:
    row = added(initiative)
    measure(row, by=None, value=Decimal("20.25"), on=DAY)
    row.refresh_from_db()
    with pytest.raises(PartConflict):
        actions.remove_indicator(row, by=None, version=1)
    before = actions.fields_of(row)
    event = actions.remove_indicator(row, by=None, version=2)
    assert not Indicator.objects.exists()
    assert not Measurement.objects.exists()
    for _twice in range(2):
        back = actions.restore_indicator(event, by=None)
    assert back.pk == event.after["part"][1]
    assert actions.fields_of(Indicator.objects.get()) == before
    assert Measurement.objects.get().value == Decimal("20.25")
    again = actions.remove_indicator(back, by=None, version=back.version)
    added(initiative, unit="人")
    with pytest.raises(ValidationError):
        actions.restore_indicator(again, by=None)


def test_due_measurements_are_those_that_are_still_wanted(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    city = factories.municipality(staircase=False)
    wanted, stopped, removed = (factories.initiative(city, title) for title in "甲乙丙")
    rows = [added(one, name=str(number)) for number in (1, 2) for one in (wanted, stopped, removed)]
    Indicator.objects.filter(pk=rows[3].pk).update(next_due=DAY - dt.timedelta(days=40))
    added(wanted, name="まだ", next_due=DAY + dt.timedelta(days=1))
    added(wanted, name="なし", next_due=None)
    report(stopped, by=None, phase=Phase.STOPPED, note="統合のため", ended="")
    removed.removed_on = DAY
    removed.save()
    added(factories.initiative(factories.municipality("別の市", staircase=False)), name="よそ")
    with django_assert_num_queries(1):
        found = [(row.initiative.title, row.name) for row in due_measurements(city, DAY)]
    assert found == [("甲", "2"), ("甲", "1")]


def test_row_judges_the_ended_year_and_shows_the_next_target(initiative: Initiative) -> None:
    row = added(initiative)
    measure(row, by=None, value=Decimal(12), on=dt.date(2026, 3, 31))
    (shown,) = indicator_rows(initiative, DAY)
    assert (shown.value, shown.target_value, shown.short, shown.is_due) == (
        "12",
        "37.5",
        True,
        False,
    )
    assert [(y.year, y.target, y.result, y.short) for y in shown.years] == [
        (2025, "20", "12", True),
        (2026, "37.5", "", None),
    ]
    assert shown.line is not None
    assert (len(shown.line.points), len(shown.line.targets)) == (2, 2)


# The card and the form ----------------------------------------------------------------------------
def card(html: str) -> str:
    """The card without what differs by request."""
    found = re.search(r'<section class="card parts" id="indicators".*?</section>', html, re.S)
    assert found
    plain = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", found[0])
    return re.sub(r"\s+", " ", plain).replace("> <", "><")


def test_measuring_in_the_card_draws_what_a_fresh_page_shows() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    today = timezone.localdate()
    row = added(initiative, next_due=today)
    address = f"/initiatives/{initiative.pk}/indicators/{row.pk}/measure/"
    saved = client.post(address, {"value": "１，２３４．５％", "measured_on": today}, headers=HTMX)
    assert saved.status_code == 200
    html = client.get(f"/initiatives/{initiative.pk}/").content.decode()
    assert card(saved.content.decode()) == card(html)
    assert "1,234.5" in card(html)
    row.refresh_from_db()
    assert row.next_due == add_months(today, 12)


def test_wrong_value_or_day_asks_again_and_keeps_what_was_typed() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    row = added(initiative)
    address = f"/initiatives/{initiative.pk}/indicators/{row.pk}/measure/"
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    for headers in (HTMX, {}):
        refused = client.post(
            address, {"value": "約３割", "measured_on": tomorrow}, headers=headers
        )
        assert refused.status_code == 422
        assert "約３割" in refused.content.decode()
    assert not Measurement.objects.exists()


def test_second_value_of_a_day_shows_both_sides() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    row = added(initiative)
    measure(row, by=place.office, value=Decimal(20), on=DAY)
    address = f"/initiatives/{initiative.pk}/indicators/{row.pk}/measure/"
    told = client.post(address, {"value": "25", "measured_on": DAY}, headers=HTMX)
    html = told.content.decode()
    assert told.status_code == 409
    assert 'name="replaces" value="20"' in html
    assert "佐藤" in html
    client.post(address, {"value": "25", "measured_on": DAY, "replaces": "20"}, headers=HTMX)
    assert Measurement.objects.get().value == 25


def test_indicator_is_added_and_changed_by_a_form() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.promoter)
    year = fiscal_year(timezone.localdate())
    typed = {
        "name": "導入した課",
        "kind": "availability",
        "unit": "課",
        "direction": "up",
        "every_months": "6",
        f"target_{year}": "１２",
        f"target_{year + 1}": "2,000",
    }
    base = f"/initiatives/{initiative.pk}/indicators/"
    assert client.post(f"{base}new/", {}).status_code == 422
    assert client.post(f"{base}new/", {**typed, "baseline": "3"}).status_code == 422
    for _twice in range(2):
        saved = client.post(f"{base}new/", typed)
        assert saved.url == f"/initiatives/{initiative.pk}/#indicators"
    row = initiative.indicator_rows.get()
    assert actions.fields_of(row).targets == ((year, Decimal(12)), (year + 1, Decimal(2000)))
    page = client.get(f"{base}{row.pk}/").content.decode()
    assert 'value="2,000"' in page
    actions.edit_indicator(
        row,
        by=place.office,
        values=IndicatorFields(**{**vars(actions.fields_of(row)), "unit": "係"}),
        version=1,
    )
    told = client.post(f"{base}{row.pk}/", {**typed, "name": "使える課", "version": "1"})
    assert told.status_code == 409
    assert [label for label, _theirs, _mine in told.context["differing"]]
    assert 'name="version" value="2"' in told.content.decode()
    saved = client.post(f"{base}{row.pk}/", {**typed, "name": "使える課", "version": "2"})
    assert saved.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.unit) == ("使える課", "課")


def test_introduced_and_used_stand_side_by_side_and_what_lacks_is_said() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.employee)
    page = f"/initiatives/{initiative.pk}/"
    assert client.get(page).context["indicators"].beside == []
    row = added(initiative, kind="availability", name="使える手続")
    measure(row, by=None, value=Decimal(26), on=DAY)
    shown = client.get(page).context["indicators"]
    assert [(str(g.kind), len(g.rows)) for g in shown.beside] == [("availability", 1), ("use", 0)]
    assert "measure/" not in client.get(page).content.decode()


def test_removing_offers_the_way_back() -> None:
    place = town()
    initiative, client = made(place, "電子申請"), signed_in(place.head)
    row = added(initiative)
    value = measure(row, by=None, value=Decimal(26), on=DAY - dt.timedelta(days=400))
    base = f"/initiatives/{initiative.pk}/"
    gone = client.post(f"{base}measurements/{value.pk}/remove/", headers=HTMX)
    back = re.search(r"measurements/restore/\d+/", gone.headers["HX-Trigger"])
    assert back
    client.post(base + back[0])
    assert Measurement.objects.count() == 1
    stale = client.post(f"{base}indicators/{row.pk}/remove/", {"version": 7}, headers=HTMX)
    assert stale.status_code == 409
    gone = client.post(f"{base}indicators/{row.pk}/remove/", {"version": 1}, headers=HTMX)
    back = re.search(r"indicators/restore/\d+/", gone.headers["HX-Trigger"])
    assert back
    assert client.post(f"{base}indicators/{row.pk}/remove/", headers=HTMX).status_code == 200
    client.post(base + back[0])
    assert initiative.indicator_rows.get() == row


@pytest.mark.parametrize("number", [1, 3])
def test_indicators_cost_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    from tests.roadmap.test_initiative_detail import DETAIL_QUERIES

    place = town()
    initiative = made(place, "電子申請")
    for count in range(number):
        row = added(initiative, name=str(count))
        for back in range(count + 1):
            measure(
                row, by=place.office, value=Decimal(back), on=DAY - dt.timedelta(days=600 + back)
            )
    client = signed_in(place.head)
    with django_assert_num_queries(
        DETAIL_QUERIES + 5
    ):  # targets, values, who measured, and what one may do
        client.get(f"/initiatives/{initiative.pk}/")
