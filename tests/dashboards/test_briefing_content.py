"""What is frozen: nothing that its audience may not see, nothing that can be changed after."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.utils import timezone, translation

from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import words
from dxportal.dashboards.briefing.gather import NothingCounted, Wish, gather
from dxportal.dashboards.briefing.making import drawn, make_briefing
from roadmap.choices import BriefingKind, Disclosure, Verdict
from roadmap.models import Briefing, Initiative, Withholding
from tests import factories
from tests.dashboards.briefings import content, count, office, stand
from tests.dashboards.reading import words_of

DB = pytest.mark.django_db
HOLLOW = "運用中の2件は、使われていないか楽になっていません。"


@pytest.fixture
def city() -> Municipality:
    return factories.municipality("青空市")


def made(user: User, kind: str, **wish: Any) -> c.Content:
    return gather(user, Wish(kind, **wish), now=timezone.now())


# Frozen ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("kind", BriefingKind.values)
def test_what_is_frozen_is_read_back_as_it_was(kind: str) -> None:
    whole = content(kind)
    stored = json.loads(json.dumps(c.freeze(whole)))
    assert c.thaw(stored) == whole
    assert c.checksum(stored) == c.checksum(c.freeze(whole))


def test_checksum_is_that_of_the_canonical_json() -> None:
    assert c.checksum({"b": 1, "a": "市"}) == (
        __import__("hashlib").sha256('{"a":"市","b":1}'.encode()).hexdigest()
    )
    assert c.checksum({"a": 1}) != c.checksum({"a": 2})


def test_a_field_of_a_later_shape_is_passed_over() -> None:
    stored = {**c.freeze(content()), "weather": "sunny"}
    assert c.thaw(stored) == content()


BOTH_WAYS = "一方の階段で上がり、もう一方で下がりました。"


# Sentences ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("up", "down", "mixed", "compared", "hollow", "said"),
    [
        (9, 1, 0, True, 2, "26部署のうち9部署が段を上がり、1部署が下がりました。" + HOLLOW),
        (9, 0, 0, True, 0, "26部署のうち9部署が段を上がり、下がった部署はありません。"),
        (0, 3, 0, True, 0, "26部署のうち3部署が段を下がり、上がった部署はありません。"),
        (0, 0, 0, True, 0, "26部署のうち、段の動いた部署はありません。"),
        (0, 0, 0, False, 0, "26部署が階段に載っています。比べる前回の集計はまだありません。"),
        (0, 0, 2, True, 0, "26部署のうち2部署は" + BOTH_WAYS + "ほかは変わりません。"),
    ],
)  # fmt: skip
def test_finding_says_what_moved_and_what_got_worse(
    up: int, down: int, mixed: int, *, compared: bool, hollow: int, said: str
) -> None:
    with translation.override("ja"):
        told = words.finding(26, up, down, mixed, compared=compared, hollow=hollow)
    assert told == said


def test_what_got_worse_is_named_and_the_rest_counted() -> None:
    with translation.override("ja"):
        told = words.lines(["甲", "乙", "丙", "丁", "戊"], ["庚" * 200], [], ["己"])
    cut = "庚" * 29 + "…"
    assert told == (
        "下がった部署：甲、乙、丙、ほか2",
        f"一方の階段で上がり、もう一方で下がった部署：{cut}",
        "立ち位置なし：己",
    )


# Who gets to know what ---------------------------------------------------------------------------
def two_departments(city: Municipality, *, swapped: bool) -> list[Department]:
    first, second = (1, 2) if swapped else (2, 1)
    return [
        stand(city, "市民課", technology=1, culture=first, code="A"),
        stand(city, "農政課", technology=1, culture=second, code="B"),
    ]


def four_departments(city: Municipality, *, swapped: bool) -> None:
    """Two on each step of culture: so many that their numbers tell of none of them."""
    two_departments(city, swapped=swapped)
    stand(city, "税務課", technology=2, culture=1, code="C")
    stand(city, "福祉課", technology=2, culture=2, code="D")


@DB
def test_mayor_sees_names_on_both_axes(city: Municipality) -> None:
    two_departments(city, swapped=False)
    count(city)
    told = made(office(city), "mayor")
    assert {(n.name, cell.technology, cell.culture) for cell in told.cells for n in cell.names} == {
        ("市民課", 1, 2),
        ("農政課", 1, 1),
    }
    assert told.with_culture


@DB
@pytest.mark.parametrize("kind", ["board", "assembly"])
def test_others_get_the_same_sheet_whoever_stands_where_on_culture(kind: str) -> None:
    """Two towns that differ only in which of the two departments stands higher on culture."""
    frozen = []
    for swapped in (False, True):
        city = factories.municipality("青空市")
        four_departments(city, swapped=swapped)
        count(city)
        plain = c.freeze(made(office(city, name="事務局"), kind))
        plain.update(made_at="", place={})
        frozen.append(plain)
    assert frozen[0] == frozen[1]
    culture = [step["here"] for step in frozen[0]["steps"] if step["axis"] == "culture"]
    assert culture == [2, 2, 0]
    assert {step["seeds"] for step in frozen[0]["steps"] if step["axis"] == "culture"} == {None}


@DB
@pytest.mark.parametrize("kind", ["board", "assembly"])
def test_culture_that_would_tell_of_single_departments_is_not_told(
    city: Municipality, kind: str
) -> None:
    two_departments(city, swapped=False)
    count(city)
    assert [step for step in made(office(city), kind).steps if step.axis == "culture"] == []


@DB
def test_assembly_reads_no_verdict_of_a_withheld_phase_and_no_withheld_day(
    city: Municipality,
) -> None:
    lead, by = stand(city, "市民課", technology=1, culture=1), office(city)
    common: dict[str, Any] = {"lead": lead, "disclosure": Disclosure.OPEN}
    day = timezone.localdate() - dt.timedelta(days=120)
    open_ = factories.initiative(city, "電子申請", launched_on=day, **common)
    dated = factories.initiative(city, "会議録AI", launched_on=day, **common)
    phased = factories.initiative(city, "電子決裁", launched_on=day, **common)
    _withhold(dated, "launched_on", by)
    _withhold(phased, "phase", by)
    for initiative in (open_, dated, phased):
        initiative.verdicts.create(on=timezone.localdate(), verdict=Verdict.UNUSED, figures={})
    count(city)
    told = {row.title: row.launched_on for row in made(by, "assembly").follow_ups}
    assert told == {"電子申請": day.isoformat(), "会議録AI": ""}


@DB
@pytest.mark.parametrize("kind", ["board", "assembly"])
@pytest.mark.parametrize("file", ["pdf", "pptx", "xlsx", "csv"])
def test_no_file_names_a_department_beside_culture(
    city: Municipality, kind: str, file: str
) -> None:
    """The steps of culture are named once, with their counts; no department stands in that line."""
    four_departments(city, swapped=False)
    count(city)
    by = office(city)
    sheet = make_briefing(by, Wish(kind), now=timezone.now())
    assert json.dumps(sheet.content["cells"]).count('"culture": 0') == 4
    lines = words_of(drawn(sheet, file)[1], file)
    text = "\n".join(lines)
    assert ("市民課" in text) == (file != "pptx"), "technology is told with names"
    steps = [step for step in sheet.content["steps"] if step["axis"] == "culture"]
    culture = [step["short" if file == "pptx" else "name"] for step in steps]
    found = [line for line in lines if any(name in line for name in culture)]
    assert found
    assert not [line for line in found if "市民課" in line or "農政課" in line]


@DB
def test_assembly_reads_published_records_without_what_is_withheld(city: Municipality) -> None:
    lead = stand(city, "市民課", technology=1, culture=1)
    by = office(city, name="事務局 花子")
    contact = factories.user(city, of=lead, name="担当 太郎")
    common: dict[str, Any] = {"lead": lead, "contact": contact, "purpose": "待たせない"}
    open_ = factories.initiative(city, "電子申請", disclosure=Disclosure.OPEN, **common)
    half = factories.initiative(city, "会議録AI", disclosure=Disclosure.OPEN, **common)
    whole = factories.initiative(city, "極秘の取組", disclosure=Disclosure.OPEN, **common)
    factories.initiative(city, "未公開の取組", **common)
    _withhold(half, "purpose", by)
    _withhold(whole, "", by)
    for initiative in Initiative.objects.filter(municipality=city):
        initiative.verdicts.create(on=timezone.localdate(), verdict=Verdict.UNUSED, figures={})
    count(city)
    told = made(by, "assembly", asks=(c.Ask("誰にも見せない"),))
    assert {row.title: row.purpose for row in told.initiatives} == {
        open_.title: "待たせない",
        half.title: "",
    }
    assert {row.title for row in told.follow_ups} == {"電子申請", "会議録AI"}
    everything = json.dumps(c.freeze(told), ensure_ascii=False)
    for hidden in ("極秘", "未公開", "担当 太郎", "事務局 花子", "誰にも見せない"):
        assert hidden not in everything


def _withhold(initiative: Initiative, field: str, by: User) -> None:
    later = timezone.localdate() + dt.timedelta(days=90)
    Withholding.objects.create(initiative=initiative, field=field, reason="審議中", review_on=later)


@DB
def test_nothing_is_made_before_the_first_count(city: Municipality) -> None:
    with pytest.raises(NothingCounted):
        made(office(city), "mayor")


@DB
def test_a_town_without_surveys_has_dashes_and_no_zero(city: Municipality) -> None:
    factories.department(city, "会計課")
    count(city)
    told = made(office(city), "mayor")
    assert told.heat is None
    values = {figure.key: figure.value for figure in told.figures}
    assert values == {"rooted": "–", "hours": "–", "replies": "–", "late": "–"}
    assert all(step.firmness is None for step in told.steps)
    assert [name.name for name in told.missing] == ["会計課"]


@DB
def test_board_counts_each_bureau_and_what_waits_there(city: Municipality) -> None:
    bureau = factories.department(city, "市民部", kind="bureau")
    lead = stand(city, "市民課", technology=2, culture=1, parent=bureau)
    factories.department(city, "会計課", parent=bureau)
    factories.initiative(
        city, "遅れた取組", lead=lead, progress="late", reported_on=timezone.localdate()
    )
    factories.initiative(city, "音沙汰のない取組", lead=lead)
    count(city)
    told = made(office(city), "board")
    (row,) = told.bureaus
    assert (row.name, row.departments, row.here, row.unplaced) == ("市民部", 2, (0, 1, 0, 0), 1)
    assert (row.initiatives, row.late) == (2, 1)
    assert [(one.title, one.department, one.late) for one in told.late if one.late] == [
        ("遅れた取組", "市民課", True)
    ]


# Kept --------------------------------------------------------------------------------------------
@DB
def test_a_sheet_can_be_neither_changed_nor_removed(city: Municipality) -> None:
    stand(city, "市民課", technology=1, culture=1)
    count(city)
    sheet = make_briefing(office(city), Wish("mayor"), now=timezone.now())
    assert c.checksum(Briefing.objects.get(pk=sheet.pk).content) == sheet.sha256
    for change in (
        "UPDATE roadmap_briefing SET title = 'x'",
        "UPDATE roadmap_briefing SET content = '{}'",
        "DELETE FROM roadmap_briefing",
    ):
        with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(change)


@DB
def test_what_comes_later_changes_nothing_in_a_sheet(city: Municipality) -> None:
    section = stand(city, "市民課", technology=1, culture=1)
    count(city)
    by = office(city)
    sheet = make_briefing(by, Wish("mayor"), now=timezone.now())
    before = {kind: drawn(sheet, kind) for kind in ("csv", "xlsx", "pptx")}
    Department.objects.filter(pk=section.pk).update(name="改名した課")
    stand(city, "新しい課", technology=2, culture=2)
    Municipality.objects.filter(pk=city.pk).update(name="緑市", calendar_style="seireki")
    count(city)
    again = Briefing.objects.get(pk=sheet.pk)
    assert {kind: drawn(again, kind) for kind in before} == before


@DB
def test_the_same_sheet_of_a_day_is_made_once(city: Municipality) -> None:
    stand(city, "市民課", technology=1, culture=1)
    count(city)
    by, now = office(city), timezone.now()
    first = make_briefing(by, Wish("mayor"), now=now)
    assert make_briefing(by, Wish("mayor"), now=now) == first
    other = make_briefing(by, Wish("mayor", asks=(c.Ask("止めるか"),)), now=now)
    assert other != first
    assert make_briefing(by, Wish("board"), now=now) not in (first, other)
