"""The fields of an initiative: kept exactly, merged field by field, set back, dates included."""

import datetime as dt
from dataclasses import fields as names_of
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.actions.initiatives import (
    EditConflict,
    InitiativeFields,
    Withheld,
    edit_initiative,
    fields_of,
)
from roadmap.actions.parts import record_part
from roadmap.choices import Disclosure
from roadmap.completeness import MANDATORY
from roadmap.models import Initiative, Milestone, Tag
from roadmap.wording import LABELS, Wording
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_initiative_edit import posted
from tests.roadmap.test_initiative_list import fields, made

DAY = dt.date(2027, 3, 31)

_texts = st.text(max_size=20)
_days = st.none() | st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))
_keys = st.lists(st.integers(1, 99), unique=True, max_size=4).map(lambda keys: tuple(sorted(keys)))
_maybe = st.none() | st.integers(0, 9_999)
_withheld = st.lists(
    st.builds(Withheld, _texts, _texts, st.dates(dt.date(1950, 1, 1), dt.date(2100, 1, 1))),
    max_size=3,
).map(lambda rows: tuple(sorted(rows)))
_KINDS = {
    "str": _texts,
    "int | None": _maybe,
    "bool | None": st.none() | st.booleans(),
    "date | None": _days,
    "tuple[str, ...]": st.lists(_texts, max_size=3).map(tuple),
    "tuple[int, ...]": _keys,
    "tuple[Withheld, ...]": _withheld,
}
_any_fields = st.builds(
    InitiativeFields,
    **{field.name: _KINDS[str(field.type)] for field in names_of(InitiativeFields)},
)


@given(_any_fields)
def test_plain_values_come_back_as_they_were(values: InitiativeFields) -> None:
    assert InitiativeFields.from_plain(values.plain()) == values


def test_every_field_has_a_name_for_people() -> None:
    assert {field.name for field in names_of(InitiativeFields)} <= LABELS.keys()


def test_the_two_questions_of_the_kind_are_not_mandatory() -> None:
    """Domain 3.2 lists the mandatory fields; what ends and what is new are asked, not demanded."""
    assert not {"stops", "adds"} & MANDATORY.keys()


def full(place: Town, title: str = "甲", **more: Any) -> InitiativeFields:
    """All new fields filled."""
    tags = tuple(Tag.objects.visible_to(place.office).values_list("pk", flat=True)[:3])
    values: dict[str, Any] = {
        "partner_bodies": "隣の町",
        "learners": "窓口の職員",
        "learn_minutes": 30,
        "helpers": "推進員",
        "old_way": "紙の申請書",
        "old_way_ends_on": DAY,
        "ask_again_on": DAY,
        "disclosure": Disclosure.OPEN.value,
        "may_introduce": False,
        "replaces_channel": True,
        "replaced_channel": "窓口の申請書",
        "alternative": "窓口でも受け付ける",
        "support": "総合案内の職員が一緒に入力する",
        "tags": tuple(sorted(tags)),
        "withholdings": (Withheld("budget", "入札の前のため", DAY),),
        **more,
    }
    return fields(place, title, **values)


@pytest.mark.django_db
def test_new_fields_are_written_and_read() -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=full(place), version=1)
    assert fields_of(Initiative.objects.get()) == full(place)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "mine",
    [
        {"old_way_ends_on": dt.date(2027, 4, 30)},
        {"may_introduce": True},
        {"replaces_channel": None},
        {"support": "推進員が手伝う"},
        {"tags": ()},
        {"withholdings": ()},
        {"learn_minutes": 0},
    ],
)
def test_edits_of_different_new_fields_are_merged(mine: dict[str, Any]) -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=full(place), version=1)
    theirs = replace(full(place), ask_again_on=dt.date(2027, 7, 1), disclosure="")
    edit_initiative(initiative, by=place.office, fields=theirs, version=2)
    edit_initiative(initiative, by=place.office, fields=replace(full(place), **mine), version=2)
    assert fields_of(Initiative.objects.get()) == replace(theirs, **mine)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "theirs", "mine"),
    [
        ("ask_again_on", dt.date(2027, 7, 1), dt.date(2027, 8, 1)),
        ("may_introduce", True, None),
        ("replaces_channel", False, None),
        ("tags", (), None),
        ("withholdings", (), (Withheld("budget", "別の理由", DAY),)),
    ],
)
def test_edits_of_the_same_new_field_conflict(name: str, theirs: Any, mine: Any) -> None:
    place = town()
    initiative = made(place, "甲")
    edit_initiative(initiative, by=place.office, fields=full(place), version=1)
    changed = replace(full(place), **{name: theirs})
    edit_initiative(initiative, by=place.head, fields=changed, version=2)
    wanted = full(place).tags[:1] if name == "tags" else mine
    with pytest.raises(EditConflict) as caught:
        edit_initiative(
            initiative, by=place.office, fields=replace(full(place), **{name: wanted}), version=2
        )
    assert caught.value.names == [name]
    assert fields_of(Initiative.objects.get()) == changed


@pytest.mark.django_db
def test_fields_of_a_part_are_not_taken_for_those_of_the_initiative() -> None:
    """A milestone has a title and a version of its own; merging must not look at them."""
    place = town()
    initiative = made(place, "甲")
    milestone = Milestone.objects.create(initiative=initiative, title="契約", due_on=DAY)
    record_part(
        "milestone.edited",
        initiative,
        milestone,
        by=place.office,
        before={"title": "業者の決定", "version": 8},
        after={"title": "契約", "version": 9},
    )
    edit_initiative(initiative, by=place.office, fields=fields(place, "甲", risks="雨"), version=1)
    mine = fields(place, "甲", budget="100千円")
    edit_initiative(initiative, by=place.office, fields=mine, version=1)
    assert fields_of(Initiative.objects.get()) == fields(place, "甲", risks="雨", budget="100千円")


@pytest.mark.django_db
def test_form_sends_back_what_it_was_given() -> None:
    place = town()
    initiative = made(place, "甲")
    initiative = edit_initiative(initiative, by=place.office, fields=full(place), version=1)
    client = signed_in(place.office)
    data = posted(client, initiative) | {
        "withholdings_field": ["budget", "", ""],
        "withholdings_reason": ["入札の前のため", "", ""],
        "withholdings_review_on": ["令和9年3月31日", "", ""],
    }
    response = client.post(f"/initiatives/{initiative.pk}/edit/", data)
    assert response.status_code == 302
    initiative.refresh_from_db()
    assert (initiative.version, fields_of(initiative)) == (2, full(place))


@pytest.mark.django_db
def test_conflict_over_what_is_withheld_is_shown_and_settled() -> None:
    place = town()
    initiative = made(place, "甲")
    initiative = edit_initiative(initiative, by=place.office, fields=full(place), version=1)
    client, address = signed_in(place.office), f"/initiatives/{initiative.pk}/edit/"
    data = posted(client, initiative) | {
        "withholdings_field": ["budget"],
        "withholdings_reason": ["契約の前のため"],
        "withholdings_review_on": ["2027-03-31"],
    }
    theirs = replace(full(place), withholdings=(Withheld("risks", "安全のため", DAY),))
    edit_initiative(initiative, by=place.head, fields=theirs, version=2)
    response = client.post(address, data)
    html = response.content.decode()
    assert response.status_code == 409
    assert "契約の前のため" in html
    assert "安全のため" in html
    decided = {"conflict": "withholdings", "their_version": 3, "choose_withholdings": "theirs"}
    assert client.post(address, data | decided).status_code == 302
    initiative.refresh_from_db()
    assert fields_of(initiative).withholdings == theirs.withholdings


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"disclosure": "withheld"}, "withheld_reason"),
        ({"withholdings_field": ["budget"], "withholdings_reason": [""]}, "withholdings"),
        ({"withholdings_field": [""], "withholdings_reason": ["理由だけ"]}, "withholdings"),
        ({"withholdings_field": ["title"], "withholdings_reason": ["理由"]}, "withholdings"),
        (
            {
                "withholdings_field": ["budget", "budget"],
                "withholdings_reason": ["一", "二"],
                "withholdings_review_on": ["2027-04-01", "2027-04-01"],
            },
            "withholdings",
        ),
        (
            {
                "withholdings_field": ["budget"],
                "withholdings_reason": ["一"],
                "withholdings_review_on": ["いつか"],
            },
            "withholdings",
        ),
        ({"learn_minutes": "-5"}, "learn_minutes"),
    ],
)
def test_form_says_what_is_missing_of_what_is_withheld(sent: dict[str, Any], field: str) -> None:
    place = town()
    rows = {"withholdings_review_on": [""], **sent}
    data = {"title": "甲", "phase": "idea", "token": "t", **rows}
    response = signed_in(place.office).post("/initiatives/new/", data)
    assert response.status_code == 422
    assert field in response.context["form"].errors


@pytest.mark.django_db
def test_whole_record_is_withheld_with_its_reason() -> None:
    place = town()
    data = {
        "title": "甲",
        "phase": "idea",
        "token": "t",
        "disclosure": "withheld",
        "withheld_reason": "契約の前のため",
        "withheld_review_on": "R9.4.1",
    }
    assert signed_in(place.office).post("/initiatives/new/", data).status_code == 302
    found = fields_of(Initiative.objects.get())
    assert found.withholdings == (Withheld("", "契約の前のため", dt.date(2027, 4, 1)),)


def test_values_of_new_fields_are_told_in_words() -> None:
    words = Wording("wareki")
    assert words.text("may_introduce", False) != "–"
    assert words.text("ask_again_on", "2027-03-31") == "令和9年3月31日"
    told = words.text("withholdings", [["budget", "入札の前のため", "2027-03-31"]])
    assert "入札の前のため" in told
    assert "令和9年3月31日" in told
