"""From ballots to what is stored, for any organisation: nothing of fewer than k people."""

from collections import Counter
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from surveys import voices
from surveys.content import FOLLOW_UP, PAIN
from surveys.counting import Place, bureaus, count, figures, specs
from surveys.kinds import KINDS
from surveys.partition import ALL, OTHER, UNANSWERED, Ballot, audit_cells, audit_groups
from tests.surveys.test_kinds import ask, option

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


# Kinds -------------------------------------------------------------------------------------------
TOWN = [
    Place(0, None, "全職員", None, "all"),
    *(Place(n, 0, f"第{n}部", n, "bureau") for n in (1, 2, 3)),
]
CLASSES = [option("few", 0, 5), option("some", 6, 20), option("many", 21, None)]


def _survey(*questions: dict[str, Any], template: str = "empty") -> dict[str, Any]:
    return {"template": template, "questions": list(questions)}


@given(st.lists(st.tuples(st.integers(1, 3), st.integers(0, 900_000)), min_size=20, max_size=120))
def test_only_the_class_of_a_number_is_left_of_it(given_numbers: list[tuple[int, int]]) -> None:
    survey = _survey(ask("N", "number", *CLASSES), ask("A", "single", option("x"), option("y")))
    ballots = [Ballot(leaf, {"N": str(n), "A": "x"}) for leaf, n in given_numbers]

    counted = count(survey, TOWN, ballots, k_cell=K, k_text=K_TEXT, pairs=[("N", "A")])

    true = Counter("few" if n <= 5 else "some" if n <= 20 else "many" for _leaf, n in given_numbers)
    everywhere = {option for row in counted.rows for option in row.cells}
    assert everywhere <= {"few", "some", "many", "x", "y", UNANSWERED}
    for option_code, cell in next(
        row for row in counted.rows if (row.group, row.question) == (ALL, "N")
    ).cells.items():
        assert cell.count in (None, true[option_code])
    crossed = {cell.first for cell in counted.crosses["N", "A"]}
    assert crossed <= {"few", "some", "many", UNANSWERED, OTHER}
    assert audit_cells(counted.groups, counted.rows, K) == []


def _by_job() -> dict[str, Any]:
    after = [{"question": "J", "any_of": ["counter"]}]
    return _survey(
        ask("J", "job", *(KINDS["job"].fixed or [])),
        ask("A", "single", option("x"), option("y"), ask_if=after),
        ask("T", "text", max_length=400, ask_if=after),
        ask("U", "text", max_length=400),
    )


def test_kind_of_work_and_what_follows_from_it_are_told_for_all_staff_only() -> None:
    counter = {"J": "counter", "A": "x", "T": "窓口が混みます", "U": "紙が多いです"}
    ballots = [Ballot(leaf, counter) for leaf in (1, 2, 3) for _ in range(40)]
    ballots += [Ballot(leaf, {"J": "field"}) for leaf in (1, 2, 3) for _ in range(40)]

    counted = count(_by_job(), TOWN, ballots, k_cell=K, k_text=K_TEXT)

    assert {(row.group, row.question) for row in counted.rows} == {(ALL, "J"), (ALL, "A")}
    assert {v.bureau for v in counted.voices if v.question == "T"} == {""}
    assert {v.bureau for v in counted.voices if v.question == "U"} == {"第1部", "第2部", "第3部"}
    assert Counter(v.question for v in counted.voices) == {"T": 120, "U": 120}


def test_hours_that_only_one_kind_of_work_is_asked_for_are_told_for_all_staff_only() -> None:
    after = [{"question": "J", "any_of": ["counter"]}]
    cost = [
        ask("Q1", "single", option("paper"), option("phone")),
        ask("Q3", "frequency", *(KINDS["frequency"].fixed or [])),
        ask("Q4", "minutes", *(KINDS["minutes"].fixed or [])),
    ]
    free = _survey(*cost, template="pain")
    tied = _survey(
        ask("J", "job", *(KINDS["job"].fixed or [])),
        cost[0],
        {**cost[1], "ask_if": after},
        cost[2],
        template="pain",
    )
    answers = {"J": "counter", "Q1": "paper", "Q3": "daily", "Q4": "to_30"}
    ballots = [Ballot(leaf, answers) for leaf in (1, 2, 3) for _ in range(40)]

    def groups(survey: dict[str, Any]) -> set[str]:
        counted = count(survey, TOWN, ballots, k_cell=K, k_text=K_TEXT)
        return set(counted.burdens["paper"])

    assert groups(free) == {ALL, "n1", "n2", "n3"}
    assert groups(tied) == {ALL}


def test_hours_come_from_the_kinds_whatever_the_questions_are_called() -> None:
    survey = _survey(
        ask("Q1", "single", option("paper"), option("phone")),
        ask("N7", "minutes", *(KINDS["minutes"].fixed or [])),
        ask("N9", "frequency", *(KINDS["frequency"].fixed or [])),
        template="pain",
    )
    ballots = [Ballot(1, {"Q1": "paper", "N9": "daily", "N7": "to_30"})] * 20

    counted = count(survey, TOWN, ballots, k_cell=K, k_text=K_TEXT)

    assert counted.burdens["paper"][ALL].low == 25  # 20 people x 5 times x 15 minutes


def test_a_table_that_cannot_be_made_does_not_stop_the_count() -> None:
    survey = _survey(
        ask("A", "single", option("x"), option("y")),
        ask("M", "multiple", option("x"), option("y"), max=2),
        ask("T", "text", max_length=400),
    )
    ballots = [Ballot(1, {"A": "x", "M": ["x"]})] * 20
    pairs = [("A", "M"), ("A", "T"), ("A", "A"), ("A", "gone")]

    assert count(survey, TOWN, ballots, k_cell=K, k_text=K_TEXT, pairs=pairs).crosses == {}


def test_figures_count_everybody_who_answered() -> None:
    ballots = [
        Ballot(1, {"F1": "daily", "F2": "easier", "F4": "both"}),
        Ballot(1, {"F1": "never"}),
        Ballot(1, {"F1": "weekly", "F2": "harder"}),
    ]

    found = figures(ballots, asked=9)

    assert (found.n, found.asked, found.weekly_or_more) == (3, 9, 2)
    assert (found.easier, found.harder, found.both_ways) == (1, 1, 1)
