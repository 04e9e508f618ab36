"""No row of any table leads from an answer to a person: every relation, column by column.

Test (a) of the anonymity specification, over all models of the project as Django knows them. Each
rule has its control: a broken variant that it must catch.
"""

import re
from collections import deque
from collections.abc import Iterable, Iterator

import pytest
from django.apps import apps
from django.db import models
from django.test.utils import isolate_apps

from dxportal.accounts.models import User
from surveys.models import RawVoice, SealedBallot, Wave, WaveEligibility

Model = type[models.Model]

#: A column of these names holds what one person answered or wrote.
ANSWER_COLUMNS = {"sealed", "body", "answers", "answer"}
#: One row of these belongs to everybody who took part: to reach it says nothing of one person.
EVERYBODYS = {"Wave", "Survey", "Question", "Option", "Municipality", "Department", "Theme"}
#: Who read or sorted a text, never who wrote it.
READERS = {"VoiceTheme.by"}
#: Names that tables of people and tables of answers may both have: too coarse to join by.
COARSE = {"id", "wave", "segment", "theme"}
TELLS = re.compile(r"answered|submitted|nullifier|receipt|ballot|token|draft|voted")
MOMENT = (models.DateField, models.TimeField, models.DurationField)
MAY_END = {"RawVoice.purge_on"}


def own_models() -> list[Model]:
    """Every table of ours, tables between two others included."""
    ours = ("accounts", "roadmap", "surveys")
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.app_label in ours]


def columns(model: Model) -> list[models.Field]:  # type: ignore[type-arg]
    return [*model._meta.local_fields, *model._meta.local_many_to_many]


def is_answer(model: Model) -> bool:
    return model._meta.app_label == "surveys" and any(
        field.name in ANSWER_COLUMNS for field in columns(model)
    )


def relations(known: Iterable[Model]) -> dict[str, list[tuple[str, str]]]:
    """By model: (the column that relates, the model at its other end), in both directions."""
    found: dict[str, list[tuple[str, str]]] = {}
    for model in known:
        for field in columns(model):
            if field.is_relation and f"{model.__name__}.{field.name}" not in READERS:
                other = field.related_model
                name = other if isinstance(other, str) else other.__name__  # type: ignore[union-attr]
                via = f"{model.__name__}.{field.name}"
                found.setdefault(model.__name__, []).append((via, name))
                found.setdefault(name, []).append((via, model.__name__))
    return found


def ways_to_a_person(known: Iterable[Model]) -> list[str]:
    """Chains of relations from an answer to a person that pass only rows of single people."""
    known = list(known)
    edges = relations(known)
    found = []
    for start in (model.__name__ for model in known if is_answer(model)):
        waiting: deque[tuple[str, tuple[str, ...]]] = deque([(start, ())])
        seen = {start}
        while waiting:
            at, way = waiting.popleft()
            for via, name in edges.get(at, ()):
                if name == User.__name__:
                    found.append(" > ".join((start, *way, via)))
                elif name not in seen and name not in EVERYBODYS:
                    seen.add(name)
                    waiting.append((name, (*way, via)))
    return found


def joinable_columns(known: Iterable[Model]) -> list[str]:
    """Columns of a table of people by which its rows could be laid beside answers."""
    known = [model for model in known if model._meta.app_label == "surveys"]
    of_answers = {f.name for model in known if is_answer(model) for f in columns(model)} - COARSE
    return [
        f"{model.__name__}.{field.name}"
        for model in known
        if any(field.related_model is User for field in columns(model))
        for field in columns(model)
        if field.name in of_answers or TELLS.search(field.name)
    ]


def moments(known: Iterable[Model]) -> Iterator[str]:
    """Columns that tell when a row of answers was written."""
    for model in known:
        for field in columns(model) if is_answer(model) else ():
            name = f"{model.__name__}.{field.name}"
            if isinstance(field, MOMENT) and name not in MAY_END:
                yield name


def test_no_answer_leads_to_a_person() -> None:
    assert ways_to_a_person(own_models()) == []


def test_no_table_of_people_has_a_column_of_answers() -> None:
    assert joinable_columns(own_models()) == []


def test_no_answer_says_when_it_was_given() -> None:
    assert list(moments(own_models())) == []


def test_the_tables_that_matter_are_looked_at() -> None:
    answers = {model for model in own_models() if is_answer(model)}

    assert {SealedBallot, RawVoice} <= answers
    assert ("SealedBallot.wave", "Wave") in relations(own_models())["SealedBallot"]
    assert ("WaveEligibility.employee", "User") in relations(own_models())["WaveEligibility"]


# Controls: each of these is one careless migration away ------------------------------------------
def _with(name: str, **columns: models.Field) -> list[Model]:  # type: ignore[type-arg]
    """All models, and one that should not be."""
    with isolate_apps("surveys"):
        meta = type("Meta", (), {"app_label": "surveys"})
        broken = type(name, (models.Model,), {"__module__": __name__, "Meta": meta, **columns})
    return [*own_models(), broken]


def _to(model: Model) -> models.Field:  # type: ignore[type-arg]
    return models.ForeignKey(model, models.CASCADE, related_name="+")


def test_a_name_on_a_ballot_is_found() -> None:
    known = _with("Named", wave=_to(Wave), employee=_to(User), sealed=models.BinaryField())

    assert ways_to_a_person(known) == ["Named > Named.employee"]


def test_a_text_of_somebody_on_the_list_is_found() -> None:
    known = _with("Author", eligibility=_to(WaveEligibility), voice=_to(RawVoice))

    way = "RawVoice > Author.voice > Author.eligibility > WaveEligibility.employee"
    assert ways_to_a_person(known) == [way]


@pytest.mark.parametrize(
    "column", ["nullifier", "has_answered", "submitted", "receipt", "sealed", "body"]
)
def test_a_column_of_answers_on_the_list_is_found(column: str) -> None:
    known = _with("Listed", employee=_to(User), **{column: models.TextField()})

    assert f"Listed.{column}" in joinable_columns(known)


@pytest.mark.parametrize("kind", [models.DateTimeField, models.DateField, models.DurationField])
def test_a_moment_on_a_ballot_is_found(kind: type[models.Field]) -> None:  # type: ignore[type-arg]
    known = _with("Dated", sealed=models.BinaryField(), changed_at=kind())

    assert list(moments(known)) == ["Dated.changed_at"]


def test_a_reader_who_is_taken_for_a_writer_would_be_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The exception is needed and reaches no further than the one column."""
    monkeypatch.setattr("tests.surveys.test_reachability.READERS", set())

    assert ways_to_a_person(own_models()) == ["RawVoice > VoiceTheme.voice > VoiceTheme.by"]
