"""The page of one return: what it costs, and what closed rounds show of it."""

import pytest
from pytest_django import DjangoAssertNumQueries

from roadmap.choices import Phase
from tests import factories
from tests.roadmap.board import signed_in
from tests.roadmap.reporting import closed, led, opened

pytestmark = pytest.mark.django_db

QUERIES = 16


@pytest.mark.parametrize("number", [1, 3, 30])
def test_page_costs_the_same_for_any_number_of_initiatives(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    found = opened()
    for index in range(number):
        led(found.place, f"取組{index}")
    client = signed_in(found.place.head)
    with django_assert_num_queries(QUERIES):
        page = client.get(found.returned().get_absolute_url()).content.decode()
    assert page.count('href="#initiative-row-') == number


def test_initiatives_that_took_root_or_stopped_owe_nothing_and_fields_hold_nothing_up() -> None:
    found = opened()
    for phase in (Phase.ESTABLISHED, Phase.STOPPED):
        led(found.place, f"取組{phase}", phase=phase)
    page = signed_in(found.place.head).get(found.returned().get_absolute_url()).content.decode()
    assert 'href="#initiative-row-' not in page
    assert "足りない項目のある取組 2件" in page


def test_return_of_a_closed_round_shows_its_state_and_no_form() -> None:
    found = closed()
    page = signed_in(found.place.head).get(found.returned().get_absolute_url()).content.decode()
    assert found.round.get_absolute_url() in page
    assert 'name="version"' not in page


def test_return_of_another_municipality_does_not_exist() -> None:
    found, elsewhere = opened(), opened()
    address = elsewhere.returned().get_absolute_url()
    assert signed_in(found.place.office).get(address).status_code == 404
    unasked = factories.department(found.place.municipality)
    address = f"/rounds/{found.round.pk}/returns/{unasked.pk}/"
    assert signed_in(found.place.office).get(address).status_code == 404
