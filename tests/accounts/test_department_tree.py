"""Names of departments: only as long as they have to be."""

from dataclasses import dataclass

import pytest
from django.utils.translation import override

from dxportal.accounts.department_tree import told_apart


@dataclass(frozen=True)
class Place:
    """A department."""

    pk: int
    name: str
    parent_id: int | None = None


@pytest.fixture(autouse=True)
def _japanese():
    with override("ja"):
        yield


def test_name_that_exists_once_stays_short():
    places = [Place(1, "総務部"), Place(2, "総務課", 1), Place(3, "市民課", 1)]
    assert told_apart(places) == {1: "総務部", 2: "総務課", 3: "市民課"}


def test_same_name_is_followed_by_what_stands_above():
    places = [Place(1, "総務部"), Place(2, "教育部"), Place(3, "総務課", 1), Place(4, "総務課", 2)]
    labels = told_apart(places)
    assert (labels[3], labels[4]) == ("総務課（総務部）", "総務課（教育部）")
    assert (labels[1], labels[2]) == ("総務部", "教育部")


def test_where_that_is_the_same_too_it_climbs_further():
    places = [
        *(Place(1, "総務部"), Place(2, "教育部"), Place(3, "総務課", 1), Place(4, "総務課", 2)),
        *(Place(5, "庶務係", 3), Place(6, "庶務係", 4)),
    ]
    labels = told_apart(places)
    assert (labels[5], labels[6]) == ("庶務係（総務部）", "庶務係（教育部）")
    assert len(set(labels.values())) == len(places)


def test_same_names_without_anything_above_stay_as_they_are():
    assert told_apart([Place(1, "総務課"), Place(2, "総務課")]) == {1: "総務課", 2: "総務課"}
    ring = [Place(1, "総務課", 2), Place(2, "総務課", 1)]
    assert set(told_apart(ring)) == {1, 2}
