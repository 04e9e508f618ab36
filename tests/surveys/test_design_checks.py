"""What keeps a survey from opening, and what its author is warned of."""

import copy
import random
from collections.abc import Callable
from typing import Any

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from surveys import design_checks
from surveys.anonymity import seal
from surveys.answers import settled
from surveys.content import TEMPLATES, is_asked, most_pages, most_taps, path
from surveys.design_checks import (
    MOST_TEXTS,
    Finding,
    check_attributes,
    check_definition,
    check_pairs,
    is_open_to_waves,
)
from surveys.kinds import KINDS, bounds
from tests.surveys.test_kinds import ask, option

YES_NO = (option("yes"), option("no"))


@pytest.fixture(autouse=True)
def english() -> Any:
    """Sentences as they stand in the source."""
    with translation.override("en"):
        yield


def survey(*questions: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "template": "empty",
        "version": "1",
        "title_ja": "調査",
        "title_en": "Survey",
        "minutes": 3,
        "check": True,
        "audience": "staff",
        "questions": list(questions),
        **more,
    }


def sound() -> dict[str, Any]:
    """Every kind once, and branches by job and by an earlier answer."""
    fixed = {code: KINDS[code].fixed or [] for code in ("job", "scale", "frequency", "minutes")}
    return survey(
        ask("J", "job", *fixed["job"]),
        ask("A", "single", *YES_NO),
        ask("B", "multiple", *YES_NO, option("perhaps"), max=2),
        ask("C", "scale", *fixed["scale"], ask_if=[{"question": "J", "any_of": ["counter"]}]),
        ask("D", "frequency", *fixed["frequency"]),
        ask("E", "minutes", *fixed["minutes"], ask_if=[{"question": "B", "any_of": ["perhaps"]}]),
        ask("F", "number", option("low", 0, 9), option("high", 10, None)),
        ask("G", "text", max_length=400),
    )


def _levels(findings: list[Finding]) -> list[tuple[str, str]]:
    return [(finding.level, finding.question) for finding in findings]


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=lambda t: t["template"])
def test_the_templates_have_nothing_wrong(template: Any) -> None:
    assert check_definition(template) == []


def test_a_survey_of_every_kind_has_nothing_wrong() -> None:
    assert check_definition(sound()) == []


def test_a_survey_without_questions_does_not_open() -> None:
    found = check_definition(survey())

    assert _levels(found) == [("error", "")]
    assert not is_open_to_waves(found)


def _edit(code: str, **more: Any) -> Callable[[dict[str, Any]], None]:
    def change(definition: dict[str, Any]) -> None:
        next(q for q in definition["questions"] if q["code"] == code).update(more)

    return change


def _after(question: str, *codes: str) -> list[dict[str, Any]]:
    return [{"question": question, "any_of": list(codes)}]


def _again(definition: dict[str, Any]) -> None:
    definition["questions"].append(copy.deepcopy(definition["questions"][1]))


@pytest.mark.parametrize(
    ("change", "question", "words"),
    [
        (_edit("A", options=[option("yes")]), "A", "needs two answers"),
        (_edit("A", options=[option("yes"), option("yes")]), "A", "Two answers"),
        (_again, "A", "Two questions"),
        (_edit("A", options=[*YES_NO, option("not_asked")]), "A", "counting needs"),
        (_edit("A", options=[*YES_NO, option("_rest")]), "A", "counting needs"),
        (_edit("A", kind="essay"), "A", "does not exist"),
        (_edit("B", max=4), "B", "More answers"),
        (_edit("B", max=0), "B", "More answers"),
        (_edit("C", options=list(YES_NO)), "C", "are fixed"),
        (_edit("C", ask_if=_after("D", "daily")), "C", "does not come before"),
        (_edit("C", ask_if=_after("C", "neutral")), "C", "does not come before"),
        (_edit("C", ask_if=_after("Z", "yes")), "C", "does not come before"),
        (_edit("C", ask_if=_after("J", "counter", "boat")), "C", "does not exist"),
        (_edit("G", ask_if=_after("F", "low")), "G", "cannot decide"),
        (_edit("C", ask_if=[]), "C", "Nobody can come"),
        (_edit("C", ask_if=_after("J")), "C", "Nobody can come"),
        (_edit("F", options=[option("a", 0, 9), option("b", 9, 20)]), "F", "the same number"),
        (_edit("F", options=[option("a", 0, 9), option("b", 11, 20)]), "F", "are in none"),
        (_edit("F", options=[option("a", 10, 20), option("b", 0, 9)]), "F", "backwards"),
        (_edit("F", options=[option("a", 9, 0), option("b", 10, 20)]), "F", "backwards"),
        (_edit("F", options=[option("a", 0, None), option("b", 10, 20)]), "F", "the same number"),
        (_edit("F", options=[option("a", 0, 9)]), "F", "needs two answers"),
        (_edit("G", required=True), "G", "Nobody may be made to write"),
        (_edit("G", max_length=401), "G", "400 characters"),
        (_edit("G", text_ja=" "), "G", "no Japanese words"),
        (_edit("A", options=[option("yes"), {**option("no"), "label_ja": ""}]), "A", "no Japanese"),
    ],
)
def test_an_error_is_found_where_it_is(
    change: Callable[[dict[str, Any]], None], question: str, words: str
) -> None:
    definition = sound()
    change(definition)

    found = [row for row in check_definition(definition) if words in row.sentence]

    assert _levels(found) == [("error", question)]
    assert not is_open_to_waves(found)


@pytest.mark.parametrize(
    "more", [{"text_en": ""}, {"hint_ja": "補足"}, {"options": [*YES_NO[:1], option("no")]}]
)
def test_missing_english_is_a_warning_and_no_obstacle(more: dict[str, Any]) -> None:
    definition = sound()
    _edit("A", **more)(definition)
    if "options" in more:
        definition["questions"][1]["options"][1]["label_en"] = ""

    found = check_definition(definition)

    assert _levels(found) == [("warning", "A")]
    assert is_open_to_waves(found)


def test_titles_are_looked_at() -> None:
    bare = {**sound(), "title_ja": "", "title_en": ""}

    assert _levels(check_definition(bare)) == [("error", ""), ("warning", "")]


def test_a_question_behind_one_that_nobody_reaches_is_not_reached() -> None:
    definition = survey(
        ask("A", "single", option("on"), {**option("end"), "finish": True}),
        ask("B", "single", *YES_NO, ask_if=_after("A", "end")),
        ask("C", "single", *YES_NO, ask_if=_after("B", "yes")),
    )

    found = [row.question for row in check_definition(definition) if "Nobody can" in row.sentence]

    assert found == ["B", "C"]


def test_long_surveys_are_warned_of_by_pages_and_by_taps() -> None:
    pages = survey(*(ask(f"Q{n}", "text", max_length=400) for n in range(6)))
    pages["questions"] += [ask(f"R{n}", "single", *YES_NO) for n in range(7)]

    sentences = [row.sentence for row in check_definition(pages)]

    assert any("13 questions" in sentence for sentence in sentences)
    assert any("21 taps" in sentence for sentence in sentences)
    pages["questions"].pop()
    assert check_definition(pages) == []


def test_branches_that_exclude_each_other_do_not_add_up() -> None:
    rooms = [
        ask(f"{job}{n}", "single", *YES_NO, ask_if=_after("J", job))
        for job in ("counter", "office", "field")
        for n in range(6)
    ]
    definition = survey(ask("J", "job", *(KINDS["job"].fixed or [])), *rooms)

    assert most_pages(definition) == 7  # type: ignore[arg-type]
    assert check_definition(definition) == []


def test_seven_free_texts_are_too_many_and_six_always_fit() -> None:
    texts = [ask(f"Q{n}", "text", max_length=400) for n in range(MOST_TEXTS + 1)]
    drawn = random.Random(1)
    planes = [c for c in range(0x10000, 0x20000) if not 0xD800 <= c < 0xE000]

    def full(count: int) -> dict[str, str]:
        return {f"Q{n}": "".join(map(chr, drawn.choices(planes, k=400))) for n in range(count)}

    assert any("free texts" in row.sentence for row in check_definition(survey(*texts)))
    assert seal(b"k" * 32, b"n" * 32, full(MOST_TEXTS))
    with pytest.raises(ValueError, match="too long"):
        seal(b"k" * 32, b"n" * 32, full(MOST_TEXTS + 3))


# Branches ----------------------------------------------------------------------------------------
@st.composite
def branching(draw: st.DrawFn) -> dict[str, Any]:
    """A survey of choices, each perhaps asked after answers to earlier ones."""
    questions: list[dict[str, Any]] = []
    for n in range(draw(st.integers(1, 6))):
        conditions = None
        if questions and draw(st.booleans()):
            named = draw(st.lists(st.sampled_from(questions), min_size=1, max_size=2))
            conditions = [
                {
                    "question": q["code"],
                    "any_of": draw(
                        st.lists(st.sampled_from([o["code"] for o in q["options"]]), min_size=1)
                    ),
                }
                for q in named
            ]
        kind = draw(st.sampled_from(["single", "single", "multiple"]))
        options = [option(f"o{i}") for i in range(draw(st.integers(2, 3)))]
        most = len(options) if kind == "multiple" else 1
        questions.append(ask(f"Q{n}", kind, *options, ask_if=conditions, max=most))
    return survey(*questions)


def _every_way(definition: dict[str, Any]) -> list[list[str]]:
    """By brute force: every answer to every question, as many ways as there are."""
    ways: list[dict[str, Any]] = [{}]
    for q in definition["questions"]:
        codes = [o["code"] for o in q["options"]]
        possible: list[Any] = [codes] if q["kind"] == "multiple" else codes
        ways = [{**way, q["code"]: given} for way in ways for given in possible]
    return [path(definition, way) for way in ways]  # type: ignore[arg-type]


@given(branching())
def test_the_longest_way_is_the_longest_of_all(definition: dict[str, Any]) -> None:
    taps = {q["code"]: q["max"] + 1 for q in definition["questions"]}
    ways = _every_way(definition)

    assert most_pages(definition) == max(map(len, ways))  # type: ignore[arg-type]
    assert most_taps(definition) == max(sum(taps[c] for c in way) for way in ways) + 1  # type: ignore[arg-type]


def test_more_branches_than_can_be_tried_count_in_full() -> None:
    definition = survey(*(ask(f"A{n}", "single", *YES_NO) for n in range(11)))
    for n in range(11):
        for code in ("yes", "no"):
            after = _after(f"A{n}", code)
            definition["questions"].append(ask(f"B{n}{code}", "single", *YES_NO, ask_if=after))

    assert most_pages(definition) == 33  # type: ignore[arg-type]
    definition["questions"] = definition["questions"][:10] + definition["questions"][11:31]
    assert most_pages(definition) == 20  # type: ignore[arg-type]


def test_branches_on_what_is_not_there_are_asked_of_nobody() -> None:
    definition = survey(
        ask("A", "single", *YES_NO),
        ask("B", "single", *YES_NO, ask_if=_after("Z", "yes")),
        ask("C", "text", max_length=400),
        ask("D", "single", *YES_NO, ask_if=_after("C", "yes")),
    )

    found = check_attributes(definition, [("A", "Z")], asked=1000, segment_sizes=[], k=5)

    assert [(f.question, "about 0" in f.sentence) for f in found] == [("B", True), ("D", True)]


@given(branching(), st.data())
def test_the_way_and_what_counts_never_differ(
    definition: dict[str, Any], data: st.DataObject
) -> None:
    posted = {
        q["code"]: data.draw(st.sampled_from(q["options"]))["code"]
        for q in definition["questions"]
        if data.draw(st.booleans())
    }

    kept = settled(definition, posted)
    way = path(definition, posted)  # type: ignore[arg-type]

    assert set(kept) == set(way) & set(posted)
    assert way == [q["code"] for q in definition["questions"] if is_asked(q, kept)]


# Cross tables ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pair", "questions"),
    [
        (("A", "J"), []),
        (("A", "F"), []),
        (("A", "B"), ["B"]),
        (("G", "A"), ["G"]),
        (("A", "Z"), ["Z"]),
        (("A", "A"), ["A"]),
    ],
)
def test_only_single_choices_are_crossed(pair: tuple[str, str], questions: list[str]) -> None:
    found = check_pairs(sound(), [pair])

    assert [finding.question for finding in found] == questions
    assert all(finding.level == "error" for finding in found)


def test_a_cross_table_stands_once_either_way_round() -> None:
    assert _levels(check_pairs(sound(), [("A", "J"), ("J", "A")])) == [("error", "J")]


# What will stay hidden ---------------------------------------------------------------------------
def test_a_large_town_is_warned_of_nothing() -> None:
    found = check_attributes(sound(), [("A", "J")], asked=1000, segment_sizes=[40, 60], k=5)

    assert found == []


def test_cells_are_expected_to_hold_twice_k_at_sixty_percent() -> None:
    pair = survey(ask("A", "single", *YES_NO), ask("B", "single", *YES_NO))

    enough = check_attributes(pair, [("A", "B")], asked=67, segment_sizes=[], k=5)
    short = check_attributes(pair, [("A", "B")], asked=66, segment_sizes=[], k=5)

    assert enough == []
    assert _levels(short) == [("warning", "A")]
    assert "60% of 66" in short[0].sentence
    assert "4 cells" in short[0].sentence
    assert "holds about 9;" in short[0].sentence


def test_a_kind_of_work_that_few_have_is_warned_of() -> None:
    job = survey(ask("J", "job", *(KINDS["job"].fixed or [])))

    assert check_attributes(job, [], asked=50, segment_sizes=[], k=5) == []
    assert _levels(check_attributes(job, [], asked=49, segment_sizes=[], k=5)) == [("warning", "J")]


@pytest.mark.parametrize(
    ("codes", "words"),
    [(["a"], "come to this question"), (["a", "b", "c"], "do not come")],
)
def test_a_branch_needs_enough_on_both_sides(codes: list[str], words: str) -> None:
    four = [option(code) for code in "abcd"]
    definition = survey(
        ask("A", "single", *four), ask("B", "single", *YES_NO, ask_if=_after("A", *codes))
    )

    enough = check_attributes(definition, [], asked=67, segment_sizes=[], k=5)
    short = check_attributes(definition, [], asked=66, segment_sizes=[], k=5)

    assert enough == []
    assert _levels(short) == [("warning", "B")]
    assert words in short[0].sentence
    assert "about 9" in short[0].sentence


def test_a_branch_of_a_branch_is_asked_of_fewer() -> None:
    definition = survey(
        ask("A", "single", *YES_NO),
        ask("B", "single", *YES_NO, ask_if=_after("A", "yes")),
        ask("C", "single", *YES_NO, ask_if=_after("B", "yes")),
    )

    found = check_attributes(definition, [], asked=60, segment_sizes=[], k=5)

    assert _levels(found) == [("warning", "C")]


def test_small_sections_are_told_as_a_number_only() -> None:
    found = check_attributes(sound(), [], asked=1000, segment_sizes=[3, 8, 9, 200], k=5)

    assert [finding.sentence for finding in found] == [
        "If 60% answer, 2 sections of 4 have fewer than 5 answers."
        " They are counted together with others; nothing needs to be done."
    ]


def test_too_few_people_for_any_result_is_said_first() -> None:
    found = check_attributes(survey(), [], asked=8, segment_sizes=[8], k=5)

    assert "nothing but this is published" in found[0].sentence


def test_sentences_are_in_the_language_of_the_reader() -> None:
    with translation.override("ja"):
        assert check_definition(survey())[0].sentence != "This survey has no questions. Add one."


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=2, max_size=5))
def test_classes_without_a_finding_hold_every_number_once(ends: list[tuple[int, int]]) -> None:
    options = [option(f"c{n}", low, high) for n, (low, high) in enumerate(ends)]
    found = list(design_checks._check_classes(ask("N", "number", *options)))
    low, high = min(e[0] for e in ends), max(e[1] for e in ends)
    holds = [
        sum(bounds(o)[0] <= number <= bounds(o)[1] for o in options)
        for number in range(low, high + 1)
    ]
    in_order = ends == sorted(ends) and all(a <= b for a, b in ends)

    assert (not found) == (in_order and set(holds) <= {1})
