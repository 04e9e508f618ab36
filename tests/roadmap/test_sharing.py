"""The pure part of sharing: which distributions may be told, and the bytes behind a checksum."""

import hashlib
import json
from itertools import product

import pytest

from roadmap.sharing import canonical, changes, checksum, distribution, percent, seen_checksum


def content(**more: object) -> dict[str, object]:
    base = {
        "title": "秋",
        "as_of": "2026-09-30",
        "staircase": "第1版",
        "technology": {
            "steps": [
                {
                    "step": 1,
                    "name": "デジタル化",
                    "firmness": {"level_sum": 6, "answered": 3, "total": 4},
                    "departments": [{"name": "市民課", "bureau": "市民部"}],
                },
                {
                    "step": 2,
                    "name": "情報共有",
                    "firmness": {"level_sum": 0, "answered": 0, "total": 4},
                    "departments": [],
                },
            ],
            "missing": [{"name": "会計課", "bureau": ""}],
        },
        "culture": {"counts": [2, 3]},
    }
    return {**base, **more}


def test_checksum_is_that_of_the_bytes_whatever_the_order_of_keys() -> None:
    one = content()
    other = json.loads(json.dumps(dict(reversed(list(one.items())))))
    assert canonical(one) == canonical(other)
    assert checksum(one) == hashlib.sha256(canonical(one)).hexdigest()
    assert b" " not in canonical(one)
    assert "市民課".encode() in canonical(one)
    assert seen_checksum(one) == seen_checksum(content(title="冬"))
    assert checksum(one) != checksum(content(title="冬"))


@pytest.mark.parametrize(
    ("counts", "told"),
    [
        ([0, 0, 0], False),
        ([1, 1, 0], False),
        ([1, 1, 1], True),
        ([2, 1, 0], False),
        ([2, 2, 0], True),
        ([40, 1, 0], False),
        ([40, 0, 0], False),
        ([39, 2, 0], True),
    ],
)
def test_distribution_is_told_only_where_it_tells_of_nobody(counts: list[int], told: bool) -> None:
    assert distribution(counts) == (counts if told else None)


def test_nobody_learns_another_step_from_the_own_one_and_the_distribution() -> None:
    """Every town of up to seven departments: take any one away, the others are never all alike."""
    for counts in product(range(6), repeat=3):
        if not sum(counts) or sum(counts) > 7 or distribution(counts) is None:
            continue
        for own in (step for step in range(3) if counts[step]):
            rest = [n - (step == own) for step, n in enumerate(counts)]
            assert sum(n > 0 for n in rest) > 1, (counts, own)


def test_unanswered_step_has_no_percentage() -> None:
    assert percent({"level_sum": 0, "answered": 0, "total": 4}) is None
    assert percent({"level_sum": 0, "answered": 1, "total": 4}) == 0
    assert percent({"level_sum": 6, "answered": 3, "total": 4}) == 50
    assert percent({"level_sum": 0, "answered": 0, "total": 0}) is None


def test_changes_name_every_move_and_nothing_for_the_same() -> None:
    assert changes(content(), content()) == []
    new = content(title="冬", as_of="2026-12-31", culture={"counts": None})
    technology = {
        "steps": [
            {**content()["technology"]["steps"][0], "departments": []},  # type: ignore[index]
            {
                "step": 2,
                "name": "情報の共有",
                "firmness": {"level_sum": 3, "answered": 1, "total": 4},
                "departments": [
                    {"name": "市民課", "bureau": "市民部"},
                    {"name": "会計課", "bureau": ""},
                    {"name": "農政課", "bureau": ""},
                ],
            },
        ],
        "missing": [],
    }
    told = "\n".join(changes(content(), {**new, "technology": technology}))
    for words in (
        "秋",
        "冬",
        "2026-12-31",
        "市民部 市民課",
        "会計課",
        "農政課",
        "情報の共有",
        "25 %",
    ):
        assert words in told, words
    assert len(changes(content(), {**new, "technology": technology})) == 8
