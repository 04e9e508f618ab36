"""The public figures: read and checked, counted like the benchmark, told in plain words."""

import csv
import itertools
from pathlib import Path

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.choices import SizeBand
from dxportal.accounts.codes import is_valid_code
from dxportal.dashboards import peers, published
from dxportal.dashboards.published import ANSWERS, BANDS, INDICATORS, Place

BENCHMARK = Path(__file__).parent.parent / "data" / "dx_benchmarks_by_size.csv"
ALL = "全体"
#: Not surveyed on governance after the earthquake of 1 January 2024.
ISHIKAWA = ["172014", "172022", "172031", "172049", "172057", "173657", "174076", "174637"]
LINES = published.FILE.read_text("utf-8").splitlines(keepends=True)
INDICATOR = {i.column: i for i in INDICATORS}


def benchmark() -> list[tuple[str, str, str]]:
    """Every cell of the file that was counted apart from this program."""
    with BENCHMARK.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return [(row["size_band"], name, text) for row in rows for name, text in row.items()]


def places_of(band: str) -> tuple[Place, ...]:
    """The municipalities of a size by its published name, or all."""
    found = published.published()
    return found.places if band == ALL else found.bands[BANDS[band]]


def place(code: str = "011002", **values: int | None) -> Place:
    """A municipality that answers yes to nothing and has 0 everywhere else."""
    told = dict.fromkeys(INDICATOR, 0) | values
    return Place(code, "東京都", "見本市", "ﾐﾎﾝｼ", SizeBand.CITY_50K, told)


# The file ---------------------------------------------------------------------------------------
def test_file_holds_every_municipality_once_with_its_size() -> None:
    found = published.published()
    assert len(found.places) == len(found.by_code) == 1741
    assert all(is_valid_code(code) for code in found.by_code)
    assert list(found.by_code) == sorted(found.by_code)
    assert sum(len(places) for places in found.bands.values()) == 1741
    assert set(found.bands) == set(SizeBand)


def test_size_follows_kind_and_population() -> None:
    """One municipality has no figure of 2020; it counts as the smallest."""
    cuts = {
        "city": ((150_000, "市15万以上"), (100_000, "市10万～15万"), (50_000, "市5万～10万")),
        "town": (
            (20_000, "町村2万以上"),
            (15_000, "町村1.5万～2万"),
            (10_000, "町村1万～1.5万"),
            (5_000, "町村5千～1万"),
        ),
    }
    smallest = {"city": "市5万未満", "town": "町村5千未満"}
    fixed = {"designated_city": "指定都市", "special_ward": "特別区"}
    for row in csv.DictReader(LINES):
        kind = "town" if row["type"] == "village" else row["type"]
        people = int(row["pop_2020"] or 0)
        expected = fixed.get(kind) or next(
            (name for least, name in cuts[kind] if people >= least), smallest.get(kind, "")
        )
        assert row["size_band"] == expected, row["code6"]


def test_names_that_stand_twice_are_kept_apart_by_code() -> None:
    found = published.published().places
    names = [place.name for place in found]
    assert len({name for name in names if names.count(name) > 1}) == 25
    fuchu = {p.code: p.prefecture for p in found if p.name == "府中市"}
    assert fuchu == {"132063": "東京都", "342084": "広島県"}
    assert len({place.full_name for place in found}) == 1741


def test_no_value_stays_apart_from_zero() -> None:
    by_code = published.published().by_code
    unknown = [
        p.code
        for p in by_code.values()
        if all(p.values[i.column] is None for i in published.GOVERNANCE)
    ]
    assert unknown == ISHIKAWA
    assert by_code["172014"].values["ai"] == 1
    without = [p.code for p in by_code.values() if p.values["online32_pct"] is None]
    assert without == ["104264", "294462"]


CHANGES = {
    "a column is missing": lambda line: line.replace(",rpa", "", 1),
    "the check digit is wrong": lambda line: line.replace("011002,", "011003,", 1),
    "the codes differ": lambda line: line.replace(",01100,", ",01101,", 1),
    "the leading zero is lost": lambda line: line.replace("011002,", "11002,", 1),
    "the size is unknown": lambda line: line.replace("指定都市", "政令市", 1),
    "an answer is a word": lambda line: line.replace("指定都市,1", "指定都市,実施", 1),
    "a percentage is above 100": lambda line: line.replace(",72,69", ",172,69", 1),
    "more are online than there are": lambda line: line.replace(",24,14", ",14,24", 1),
    "a cell is missing": lambda line: line.replace(",24,14", ",24", 1),
}


@pytest.mark.parametrize("what", CHANGES)
def test_reader_refuses_a_file_in_which(what: str) -> None:
    changed = [CHANGES[what](line) for line in LINES[:2]]
    assert changed != LINES[:2]
    with pytest.raises(published.DataError):
        published.read(changed)


def test_reader_refuses_a_code_that_stands_twice() -> None:
    with pytest.raises(published.DataError, match="twice"):
        published.read([LINES[0], LINES[1], LINES[1]])


# Counting ---------------------------------------------------------------------------------------
def test_benchmark_has_all_sizes_and_all_indicators() -> None:
    cells = benchmark()
    assert {band for band, _name, _text in cells} == {*BANDS, ALL}
    assert {name.removesuffix("_rate").removesuffix("_median") for _b, name, _t in cells} == {
        *("size_band", "n"),
        *INDICATOR,
    }
    assert len(cells) == 12 * 15


@pytest.mark.parametrize(("band", "name", "text"), benchmark())
def test_every_cell_of_the_benchmark_is_counted_the_same(band: str, name: str, text: str) -> None:
    places = places_of(band)
    if name == "size_band":
        assert text in {*BANDS, ALL}
    elif name == "n":
        assert len(places) == int(text)
    elif name.endswith("_rate"):
        share = peers.share(places, INDICATOR[name.removesuffix("_rate")])
        assert f"{share.percent:.1f}" == text
    else:
        assert peers.spread(places, INDICATOR[name.removesuffix("_median")]).median == float(text)


def test_those_who_were_not_surveyed_are_in_no_denominator() -> None:
    found = peers.share(published.published().places, INDICATOR["cio"])
    assert (found.yes, found.no, found.unknown) == (1270, 463, 8)
    assert (found.known, found.percent) == (1733, 73.3)


def test_spread_by_value() -> None:
    values: list[int | None] = [10, None, 40, 20, 30]
    found = peers.spread([place(online32_pct=value) for value in values], INDICATOR["online32_pct"])
    assert found == peers.Spread(4, 1, 10, 17.5, 25, 32.5, 40)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((), peers.Spread(0, 0)),
        ((None,), peers.Spread(0, 1)),
        ((7,), peers.Spread(1, 0, 7, 7, 7, 7, 7)),
    ],
)
def test_spread_of_next_to_nothing(values: tuple[int | None, ...], expected: peers.Spread) -> None:
    places = [place(online32_pct=value) for value in values]
    assert peers.spread(places, INDICATOR["online32_pct"]) == expected
    assert peers.share([], ANSWERS[0]).percent is None


@given(st.lists(st.one_of(st.none(), st.integers(0, 100)), max_size=40))
def test_spread_is_in_order_and_half_lie_on_each_side(values: list[int | None]) -> None:
    found = peers.spread([place(online32_pct=value) for value in values], INDICATOR["online32_pct"])
    known = [value for value in values if value is not None]
    assert found.known + found.unknown == len(values)
    if not known:
        return
    edges = [found.lowest, found.lower, found.median, found.upper, found.highest]
    assert all(a <= b for a, b in itertools.pairwise(edges) if a is not None and b is not None)
    assert found.median is not None
    assert sum(value >= found.median for value in known) * 2 >= len(known)
    assert sum(value <= found.median for value in known) * 2 >= len(known)


def test_governance_does_not_tell_what_is_delivered() -> None:
    lowest, highest = peers.associations()
    assert (round(lowest, 2), round(highest, 2)) == (-0.10, 0.21)


def test_association_by_value() -> None:
    def row(answers: int, online: int | None) -> Place:
        columns = [i.column for i in published.GOVERNANCE[:answers]]
        return place(online32_pct=online, **dict.fromkeys(columns, 1))

    assert peers.association([row(1, 10), row(2, 20), row(3, 90)]) == pytest.approx(1)
    assert peers.association([row(1, 10), row(1, 20), row(3, 5)]) == pytest.approx(
        -0.866, abs=0.001
    )
    assert peers.association([row(1, 10), row(1, 20), row(1, 90)]) is None
    assert peers.association([row(1, 10), row(2, 20), row(3, None)]) is None
    assert peers.association([]) is None


# Words ------------------------------------------------------------------------------------------
SPREAD = peers.Spread(240, 0, 0, 10, 24, 50, 90)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        (31, "見本市は31%で、中央値より高い値です。"),
        (24, "見本市は24%で、中央値と同じです。"),
        (0, "見本市は0%で、中央値より低い値です。"),
        (None, "見本市の値はありません。"),
    ],
)
def test_finding_holds_the_own_value_against_the_median(own: int | None, expected: str) -> None:
    with translation.override("ja"):
        found = peers.spread_finding(SPREAD, "見本市", own)
    assert found == f"同じ規模の240自治体の半数が24%以上です。{expected}"


def test_finding_without_anybody_tells_the_size_alone() -> None:
    full = peers.Spread(20, 0, 40, 90, 100, 100, 100)
    with translation.override("ja"):
        assert peers.spread_finding(SPREAD, "", None) == "同じ規模の240自治体の半数が24%以上です。"
        assert peers.spread_finding(full, "", None) == "同じ規模の20自治体の半数以上が100%です。"
        assert (
            peers.spread_finding(peers.Spread(0, 1), "", 3)
            == "この規模には、値のある自治体がありません。"
        )


def test_finding_about_answers_names_what_is_usual_and_not_done_yet() -> None:
    others = [place(policy=1, ai=1), place(policy=1, ai=1, rpa=1)]
    with translation.override("ja"):
        assert peers.answers_finding(others, "見本市", place(policy=1)) == (
            "同じ規模の半数以上がしていて、見本市がまだしていないもの：AIの導入状況、RPAの導入状況"
        )
        assert peers.answers_finding(others, "見本市", place(policy=1, ai=1, rpa=1)) == (
            "同じ規模の半数以上がしていることを、見本市はすべてしています。"
        )
        assert peers.answers_finding(others, "", None) == (
            "同じ規模の半数以上がしているもの：全体方針策定、AIの導入状況、RPAの導入状況"
        )


def test_finding_takes_not_surveyed_for_no_failure() -> None:
    unknown = place(**dict.fromkeys((i.column for i in published.GOVERNANCE), None))
    with translation.override("ja"):
        found = peers.answers_finding([place(policy=1)], "輪島市", unknown)
    assert found.startswith("輪島市の推進体制は調査無しです。")


# Finding a municipality -------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("query", "codes"),
    [
        ("府中市", ["132063", "342084"]),
        ("府中", ["132063", "342084", "343021"]),
        ("府中市 広島", ["342084"]),
        ("広島県府中市", ["342084"]),
        ("森町", ["013455", "224618"]),
        ("檮原町", ["394050"]),
        ("梼原町", ["394050"]),
        ("ゆすはら", ["394050"]),
        ("394050", ["394050"]),
        ("３９４０５", ["394050"]),
        ("せたがや", ["131121"]),
        ("", []),
        ("　", []),
        ("見本市", []),
    ],
)
def test_municipality_is_found_by_name_reading_prefecture_and_code(
    query: str, codes: list[str]
) -> None:
    found = [place.code for place in peers.find(published.published().places, query)]
    assert found[: len(codes)] == codes
    assert bool(found) == bool(codes)


def test_search_changes_no_name() -> None:
    assert published.published().by_code["394050"].name == "梼原町"


@pytest.mark.parametrize("code", ["011002", "394050", "999997"])
def test_dot_of_a_code_stays_where_it_is(code: str) -> None:
    assert -0.5 <= peers.jitter(code) < 0.5
    assert peers.jitter(code) == peers.jitter(code)


def test_dots_fall_evenly() -> None:
    halves = [peers.jitter(place.code) < 0 for place in places_of("市5万～10万")]
    assert 100 < sum(halves) < 140
