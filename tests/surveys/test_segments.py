"""Where people are counted, and where staff without an account are."""

from hypothesis import given
from hypothesis import strategies as st

from surveys.segments import OrgNode, Person, Unit, draw, without_account

BUREAU = Unit(1, None, None, "総務部", is_bureau=True)
SECTION = Unit(2, 1, 1, "総務課")
TEAM = Unit(3, 2, 1, "庶務係", is_team=True, without_account=2)
DEPOT = Unit(4, 1, 1, "車庫", without_account=3)
OUTSIDE = Unit(5, None, None, "議会事務局", without_account=1)


def _units(*units: Unit) -> dict[int, Unit]:
    return {unit.id: unit for unit in units}


def _labels(nodes: list[OrgNode]) -> dict[str, str]:
    return {str(node["key"]): node["label"] for node in nodes}


def test_a_section_without_any_account_is_a_segment_too() -> None:
    units = _units(BUREAU, SECTION, TEAM, DEPOT, OUTSIDE)

    nodes, placed = draw(units, [Person(9, SECTION.id)])

    counts = {_labels(nodes)[key]: n for key, n in without_account(units, nodes).items()}
    assert counts == {"総務課": 2, "車庫": 3, "議会事務局": 1}
    assert [place.person for place in placed] == [9]


def test_staff_of_a_bureau_itself_are_counted_beside_its_sections() -> None:
    bureau = Unit(1, None, None, "総務部", is_bureau=True, without_account=4)
    units = _units(bureau, SECTION)

    nodes, _placed = draw(units, [Person(9, SECTION.id), Person(8, SECTION.id, is_head=True)])

    counts = without_account(units, nodes)
    assert {_labels(nodes)[key]: n for key, n in counts.items()} == {
        "総務部（課に属さない職員）": 4
    }


def test_without_such_staff_the_tree_is_as_before() -> None:
    units = _units(BUREAU, SECTION, Unit(4, 1, 1, "車庫"))

    nodes, _placed = draw(units, [Person(9, SECTION.id)])

    assert [node["label"] for node in nodes] == ["全職員", "総務部", "総務課"]
    assert without_account(units, nodes) == {}


@given(st.lists(st.tuples(st.integers(0, 4), st.booleans(), st.booleans()), max_size=12), st.data())
def test_nobody_without_an_account_is_lost_and_only_leaves_count(
    shape: list[tuple[int, bool, bool]], data: st.DataObject
) -> None:
    units: dict[int, Unit] = {}
    for number, (staff, is_bureau, is_team) in enumerate(shape, start=1):
        above = data.draw(st.sampled_from([None, *units]))
        parent = units.get(above or 0)
        bureau = None if parent is None else parent.id if parent.is_bureau else parent.bureau
        units[number] = Unit(
            number, above, None if is_bureau else bureau, f"{number}", is_bureau,
            is_team and not is_bureau, staff,
        )  # fmt: skip
    people = [Person(n, unit) for n, unit in enumerate(units)]

    nodes, placed = draw(units, people)

    counts = without_account(units, nodes)
    inner = {node["parent"] for node in nodes}
    assert sum(counts.values()) == sum(unit.without_account for unit in units.values())
    assert not {int(key) for key in counts} & inner
    assert len(placed) == len(people)
