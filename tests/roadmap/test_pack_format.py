"""The reader of packs: every fault has a place and a remedy, and nothing gets past the schema."""

import copy
import json
from contextlib import suppress
from typing import Any

import jsonschema
import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import (
    Cause,
    Direction,
    IndicatorKind,
    InitiativeKind,
    Measure,
    Standing,
    TagScheme,
    Verdict,
)
from roadmap.pack_format import (
    MAX_BYTES,
    VERSION,
    PackRefused,
    in_one_order,
    read_pack,
    schema,
    written,
)

PACK: dict[str, Any] = {
    "format": "dxportal-pack",
    "version": 1,
    "made": {
        "municipality_code": "132012",
        "municipality_name": "隣の市",
        "size_band": "city_50k",
        "on": "2026-10-01",
        "licence": "CC BY 4.0",
    },
    "initiatives": [
        {"title": "甲", "milestones": [{"title": "始める", "days": 0}]},
        {
            "title": "乙",
            "indicators": [
                {"name": "割合", "kind": "use", "targets": [{"year": 0, "value": 1.5}]},
                {"name": "割合", "kind": "effect"},
            ],
            "verdicts": [{"verdict": "established", "shares": {}}],
            "values": [{"measure": "hours", "standing": "verified", "low": 300, "high": 540}],
        },
    ],
}


def refused(pack: Any) -> PackRefused:
    """Why it is refused."""
    content = pack if isinstance(pack, bytes) else json.dumps(pack).encode()
    with pytest.raises(PackRefused) as error:
        read_pack(content)
    return error.value


def read_or_refused(content: bytes) -> dict[str, Any] | None:
    """The pack, or None where a sentence says why not; any other error is one."""
    with suppress(PackRefused):
        return read_pack(content)
    assert refused(content).sentence
    return None


def changed(path: list[Any], value: Any) -> dict[str, Any]:
    """The pack with one value set."""
    pack = copy.deepcopy(PACK)
    at: Any = pack
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    return pack


def test_pack_is_read_as_it_was_written() -> None:
    assert read_pack(written(PACK)) == PACK
    assert read_pack(b"\xef\xbb\xbf" + written(PACK)) == PACK
    assert in_one_order(json.loads(written(PACK))) == in_one_order(PACK)


def test_schema_is_a_schema_and_holds_the_words_of_the_product() -> None:
    jsonschema.Draft202012Validator.check_schema(schema())
    item = schema()["properties"]["initiatives"]["items"]["properties"]
    assert item["kind"]["enum"] == ["", *InitiativeKind.values]
    assert item["delay_causes"]["items"]["enum"] == Cause.values
    assert item["verdicts"]["items"]["properties"]["verdict"]["enum"] == Verdict.values
    tag = item["tags"]["items"]["properties"]["scheme"]["enum"]
    indicator = item["indicators"]["items"]["properties"]
    assert tag == TagScheme.values
    assert indicator["kind"]["enum"] == IndicatorKind.values
    assert indicator["direction"]["enum"] == Direction.values
    value = item["values"]["items"]["properties"]
    assert value["measure"]["enum"] == Measure.values
    assert value["standing"]["enum"] == Standing.values
    assert schema()["properties"]["version"]["const"] == VERSION


@pytest.mark.parametrize(
    ("path", "value", "place"),
    [
        (["version"], 2, "version"),
        (["version"], True, "version"),
        (["format"], "other", "format"),
        (["made"], [], "made"),
        (["made", "size_band"], "huge", "made.size_band"),
        (["made", "on"], "2026-02-30", "made.on"),
        (["made", "on"], "20260401", "made.on"),
        (["made", "municipality_code"], "12", "made.municipality_code"),
        (["initiatives"], [], "initiatives"),
        (["initiatives"], {}, "initiatives"),
        (["initiatives"], [PACK["initiatives"][0]] * 21, "initiatives"),
        (["initiatives", 0], "甲", "initiatives[0]"),
        (["initiatives", 0], {}, "initiatives[0].title"),
        (["initiatives", 0, "title"], "", "initiatives[0].title"),
        (["initiatives", 0, "title"], "　", "initiatives[0].title"),
        (["initiatives", 0, "title"], 3, "initiatives[0].title"),
        (["initiatives", 0, "title"], "a" * 201, "initiatives[0].title"),
        (["initiatives", 0, "purpose"], "a\0b", "initiatives[0].purpose"),
        (["initiatives", 0, "purpose"], "\ud800", "initiatives[0].purpose"),
        (["initiatives", 0, "owner"], "山田", "initiatives[0].owner"),
        (["initiatives", 0, "a\0b"], "山田", "initiatives[0].a?b"),
        (["initiatives", 0, "milestones", 0, "days"], "3", "initiatives[0].milestones[0].days"),
        (["initiatives", 0, "milestones", 0, "days"], 1.5, "initiatives[0].milestones[0].days"),
        (["initiatives", 0, "milestones", 0, "days"], True, "initiatives[0].milestones[0].days"),
        (["initiatives", 0, "milestones", 0, "days"], 10**9, "initiatives[0].milestones[0].days"),
        (
            ["initiatives", 1, "indicators", 0, "targets", 0, "value"],
            10**14,
            "initiatives[1].indicators[0].targets[0].value",
        ),
        (
            ["initiatives", 1, "indicators", 1, "kind"],
            "use",
            "initiatives[1].indicators[1].name",
        ),
        (
            ["initiatives", 1, "values", 0, "measure"],
            "smiles",
            "initiatives[1].values[0].measure",
        ),
    ],
)
def test_fault_is_told_with_its_place(path: list[Any], value: Any, place: str) -> None:
    error = refused(changed(path, value))
    assert error.place == place
    assert error.sentence
    assert str(error).startswith(place)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"null",
        b"[]",
        b'"dxportal-pack"',
        "日本語".encode("cp932"),
        written(PACK).decode().encode("utf-16"),
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"format": "dxportal-pack", "version": NaN}',
        b'{"format": "dxportal-pack", "version": 1e999}',
        b'{"format": "dxportal-pack", "version": ' + b"9" * 5000 + b"}",
        b'{"format": "x", "format": "dxportal-pack", "version": 1}',
        b" " * (MAX_BYTES + 1),
        b'{"format": "dxportal-pack", "version": 1, "values": ' + b"[" * 20 + b"]" * 20 + b"}",
    ],
)
def test_anything_else_is_refused_with_a_sentence(content: bytes) -> None:
    with override("ja"):
        assert refused(content).sentence


def test_infinity_is_no_value() -> None:
    text = written(PACK).decode().replace("1.5", "1e999")
    assert refused(text.encode()).place == "initiatives[1].indicators[0].targets[0].value"
    free = written(PACK).decode().replace('"low": 300', '"low": 1e999')
    assert refused(free.encode()).place == "initiatives[1].values[0].low"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=8,
)


def paths(value: Any, at: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """Every place of a value."""
    found = [at] if at else []
    inside = (
        value.items()
        if isinstance(value, dict)
        else enumerate(value)
        if isinstance(value, list)
        else ()
    )
    for name, inner in inside:
        found += paths(inner, (*at, name))
    return found


@given(path=st.sampled_from(paths(PACK)), value=JSON)
def test_whatever_stands_in_a_place_is_read_or_refused_and_what_is_read_fits_the_schema(
    path: tuple[Any, ...], value: Any
) -> None:
    content = json.dumps(changed(list(path), value)).encode("utf-8", "surrogatepass")
    if pack := read_or_refused(content):
        jsonschema.Draft202012Validator(schema()).validate(pack)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    read_or_refused(content)


@given(st.data())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject) -> None:
    content = bytearray(written(PACK))
    for _time in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=3))
    read_or_refused(bytes(content))
