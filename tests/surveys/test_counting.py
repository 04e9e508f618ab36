"""From ballots to what is stored, for any organisation: nothing of fewer than k people."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import voices
from surveys.content import FOLLOW_UP, PAIN
from surveys.counting import Place, bureaus, count, figures, specs
from surveys.partition import Ballot, audit_cells, audit_groups

K, K_TEXT = 5, 10
THEMES = [option["code"] for option in PAIN["questions"][0]["options"]]


@st.composite
def organisations(draw: st.DrawFn) -> tuple[list[Place], dict[int, int]]:
    """Bureaus with sections, a group of heads each, and how many answered in each segment."""
    org = [Place(0, None, "全職員", None, "all")]
    answered: dict[int, int] = {}
    for sizes in draw(st.lists(st.lists(st.integers(0, 14), min_size=1, max_size=5), max_size=5)):
        bureau = len(org)
        org.append(Place(bureau, 0, f"第{bureau}部", bureau, "bureau"))
        for number, size in enumerate(sizes):
            key = len(org)
            heads = number == len(sizes) - 1
            org.append(Place(key, bureau, f"{key}", None, "heads" if heads else "section"))
            answered[key] = size
    return org, answered


def _ballots(draw: Any, answered: dict[int, int]) -> list[Ballot]:
    found = []
    for leaf, size in answered.items():
        for _ in range(size):
            answers = {
                "Q1": draw(st.sampled_from(THEMES)),
                "Q3": draw(st.sampled_from(["daily", "weekly", "busy_season"])),
                "Q4": draw(st.sampled_from(["to_15", "to_60", "unknown"])),
            }
            if draw(st.booleans()):
                answers["Q2"] = "転記です"
            found.append(Ballot(leaf, answers))
    return found


@settings(max_examples=30)
@given(st.data())
def test_nothing_that_is_stored_describes_fewer_than_k(data: st.DataObject) -> None:
    org, answered = data.draw(organisations())
    ballots = _ballots(data.draw, answered)

    counted = count(PAIN, org, ballots, k_cell=K, k_text=K_TEXT)

    assert bool(counted.groups) == (len(ballots) >= K)
    assert all(group.n >= K for group in counted.groups)
    assert audit_groups(counted.groups, answered, K) == []
    assert audit_cells(counted.groups, counted.rows, K, multiple={"Q1b"}) == []
    keys = {group.key for group in counted.groups}
    assert all(set(sums) <= keys for sums in counted.burdens.values())
    told = Counter((voice.question, voice.bureau) for voice in counted.voices)
    assert all(n >= K_TEXT for n in told.values())


@given(
    st.lists(st.tuples(st.integers(1, 5), st.booleans()), max_size=60),
    st.sets(st.integers(1, 5)),
)
def test_texts_are_told_apart_only_in_tens_and_the_rest_mixes_units(
    rows: list[tuple[int, bool]], named: set[int]
) -> None:
    origins = {
        unit: voices.Origin(unit, f"第{unit}部" if unit in named else "") for unit in range(6)
    }
    texts = [
        voices.Text(unit, "Q2" if first else "Q6", f"{i}") for i, (unit, first) in enumerate(rows)
    ]

    found = voices.release(texts, origins, K_TEXT)

    by_body = {text.body: text for text in texts}
    for question in ("Q2", "Q6"):
        asked = [voice for voice in found if voice.question == question]
        written = [text for text in texts if text.question == question]
        assert len(asked) == (len(written) if len(written) >= K_TEXT else 0)
        labels = Counter(voice.bureau for voice in asked)
        assert all(n >= K_TEXT for n in labels.values())
        rest = {by_body[voice.body].leaf for voice in asked if not voice.bureau}
        assert not rest or len(rest) >= 2 or len(labels) == 1


def test_a_bureau_that_is_not_published_by_itself_lends_no_name() -> None:
    org = [
        Place(0, None, "全職員", None, "all"),
        Place(1, 0, "総務部", 1, "bureau"),
        Place(2, 1, "総務課", 2, "section"),
        Place(3, 0, "会計課", 3, "section"),
    ]
    ballots = [Ballot(2, {"Q1": "paper"}) for _ in range(12)] + [Ballot(3, {"Q1": "paper"})] * 3

    counted = count(PAIN, org, ballots, k_cell=K, k_text=K_TEXT)

    assert bureaus(org, counted.groups)[2].name == ""
    assert bureaus(org, counted.groups)[3].unit == 3


def test_free_text_is_never_tallied() -> None:
    assert [spec.code for spec in specs(PAIN)] == ["Q1", "Q1b", "Q3", "Q4", "Q5", "Q9"]
    assert [spec.code for spec in specs(FOLLOW_UP) if spec.asked] == ["F5"]


def test_figures_count_everybody_who_answered() -> None:
    ballots = [
        Ballot(1, {"F1": "daily", "F2": "easier", "F4": "both"}),
        Ballot(1, {"F1": "never"}),
        Ballot(1, {"F1": "weekly", "F2": "harder"}),
    ]

    found = figures(ballots, asked=9)

    assert (found.n, found.asked, found.weekly_or_more) == (3, 9, 2)
    assert (found.easier, found.harder, found.both_ways) == (1, 1, 1)
