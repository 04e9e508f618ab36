"""The positive share of the pulse is taken of all who answered (decision 14)."""

import pytest

from roadmap.choices import Level
from roadmap.staircase import SURVEY
from surveys.actions.publishing import group_levels, share_band
from surveys.content import PULSE
from surveys.counting import Place, count, positive
from surveys.partition import ALL, Ballot

ORG = [Place(0, None, "全職員", None, "all"), Place(1, 0, "総務課", 1, "section")]


def _ballots(**answers: int) -> list[Ballot]:
    """So many people per answer to P8; "none" passed it over."""
    return [
        Ballot(1, {} if code == "none" else {"P8": code})
        for code, people in answers.items()
        for _ in range(people)
    ]


def _level(ballots: list[Ballot]) -> tuple[int, str, str]:
    counted = count(PULSE, ORG, ballots, k_cell=5, k_text=10)
    agree = positive("P8", counted.groups, ballots)
    found = group_levels(counted.groups, {ALL}, agree, {1: len(ballots)})
    return found[0]


@pytest.mark.parametrize(
    ("answers", "level"),
    [
        ({"fully_agree": 8, "rather_agree": 4, "rather_disagree": 8}, Level.FIRM),
        ({"fully_agree": 12, "unknown": 8}, Level.FIRM),
        ({"fully_agree": 11, "unknown": 9}, Level.PARTLY),
        ({"fully_agree": 11, "none": 9}, Level.PARTLY),
        ({"fully_agree": 8, "unknown": 6, "none": 6}, Level.STARTED),
        ({"fully_agree": 4, "rather_disagree": 1, "unknown": 15}, Level.NOT_STARTED),
    ],
)
def test_people_who_do_not_know_count_as_not_positive(
    answers: dict[str, int], level: Level
) -> None:
    found = _level(_ballots(**answers))

    assert found[:2] == (level, share_band(level, SURVEY))


def test_leaving_them_out_would_give_another_level() -> None:
    """The control: the share among the five labels alone is 80 %, which would be firm."""
    few = _level(_ballots(fully_agree=4, rather_disagree=1))

    assert few[0] == Level.FIRM


def test_every_statement_has_the_same_n_whoever_does_not_know() -> None:
    ballots = _ballots(fully_agree=9, unknown=7, none=4)

    counted = count(PULSE, ORG, ballots, k_cell=5, k_text=10)

    assert {(row.group, row.n) for row in counted.rows} == {(g.key, g.n) for g in counted.groups}
    assert {row.n for row in counted.rows if row.group == ALL} == {20}
