"""The gap: from published cells, never mixed, by name only to whom it may be told."""

import datetime as dt
import re
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, User
from dxportal.dashboards.gaps.declared import BothRow, both
from dxportal.dashboards.gaps.page import gap_board, gap_panel
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.published import Measured, publish_measured
from roadmap.choices import CriterionSource
from roadmap.models import Criterion, EvidenceRequest, MeasuredValue
from tests import factories
from tests.surveys.boxes import own_key_dir
from tests.surveys.result_towns import Asked, pulse_and_heads

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
RECENT = TODAY - dt.timedelta(days=30)
LONG_PAST = TODAY - dt.timedelta(days=400)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


def _declared(town: Any, code: str, question: str = "P4") -> Criterion:
    """A declared criterion with a question of the pulse beside it."""
    found = Criterion.objects.get(stage__municipality=town, code=code)
    found.source, found.question = CriterionSource.DECLARED, question
    found.save()
    return found


def _says(of: Department, criterion: Criterion, level: int, by: User, on: dt.date = RECENT) -> None:
    confirm_criteria(of, {criterion.pk: Claim(level, "台帳")}, by=by, on=on)


def _value(criterion: Criterion, *rows: tuple[Department, str, int, bool]) -> None:
    measured = [Measured(of.pk, level, band, "10–19", up) for of, band, level, up in rows]
    publish_measured(criterion, measured, wave_label="2026秋", on=RECENT)


def _row(user: User, code: str) -> BothRow:
    board = gap_board(user, timezone.now())
    found = both(user, board, TODAY)
    rows = [*found.declared, *found.measured]
    return next(row for row in rows if row.criterion.code == code)


def _get(client: Any, user: User, query: str = "") -> str:
    client.force_login(user)
    text: str = client.get(reverse("dashboards:gap") + query).content.decode()
    return text


# Staff beside heads -------------------------------------------------------------------------------
def test_the_biggest_gap_comes_first_and_untold_ones_last() -> None:
    asked = pulse_and_heads()
    board = gap_board(asked.place.office, timezone.now())
    assert board is not None

    told = [abs(line.points) for line in board.lines if line.points is not None]

    assert len(board.lines) == 9
    assert told == sorted(told, reverse=True)
    assert [line.points is None for line in board.lines] == sorted(
        line.points is None for line in board.lines
    )
    assert board.is_whole


def test_a_chosen_bureau_shows_its_own_cells_and_whose_heads_stand_beside(client: Any) -> None:
    asked = pulse_and_heads([30, 20], [25], [40])
    office = asked.place.office
    board = gap_board(office, timezone.now())
    assert board is not None
    keys = {unit.label: unit.group.key for unit in board.units}

    first, third = (_get(client, office, f"?unit={keys[name]}") for name in ("第1部", "第3部"))
    nonsense = gap_board(office, timezone.now(), "n999999")

    assert "市全体の所属長の値と並べています" not in first
    assert "市全体の所属長の値と並べています" in third
    assert re.search(r"<h2[^>]*>第3部", third)
    assert nonsense is not None
    assert nonsense.is_whole


@pytest.mark.parametrize(
    ("who", "names"),
    [("cdo", {"第1部", "第2部", "第3部"}), ("auditor", set()), ("head", {"第1部1課"})],
)
def test_units_are_offered_to_whom_they_may_be_told(who: str, names: set[str], client: Any) -> None:
    asked = pulse_and_heads()
    section = asked.place.sections[0]
    role = {"cdo": Role.CDO, "auditor": Role.AUDITOR, "head": Role.HEAD}[who]
    reader = factories.user(asked.place.municipality, role=role, of=section)
    office = gap_board(asked.place.office, timezone.now())
    assert office is not None

    page = _get(client, reader)
    foreign = next(unit.group.key for unit in office.units if unit.label == "第2部")
    other = _get(client, reader, f"?unit={foreign}")

    options = set(re.findall(r'<option value="[^"]+"[^>]*>([^<]+)</option>', page))
    main = other[other.index("<main") : other.index("</main>")]
    assert options == names
    assert ("第2部" in main) == (who == "cdo")


def test_fewer_than_five_heads_leave_the_staff_alone(client: Any) -> None:
    asked = pulse_and_heads([30], [25], heads=1)

    page = _get(client, asked.place.office)

    assert "所属長の回がありません" in page
    assert "所属長の回答は公開されていません" in page
    assert "ポイントの差" not in page


def test_before_the_first_pulse_the_page_says_what_will_stand_here(client: Any) -> None:
    town = factories.municipality()
    cdo = factories.user(town, role=Role.CDO)

    page = _get(client, cdo)

    assert "公開された職員アンケートは、まだありません" in page
    assert gap_board(cdo, timezone.now()) is None


def test_a_bureau_of_which_nothing_is_published_is_named_to_the_office_alone(client: Any) -> None:
    asked = pulse_and_heads([30], [25], [12])
    town = asked.place.municipality
    board = gap_board(asked.place.office, timezone.now())
    reader = gap_board(factories.user(town, role=Role.AUDITOR), timezone.now())
    assert board is not None
    assert reader is not None

    labels = {unit.label for unit in board.units}

    assert labels | set(board.hidden) >= {"第1部", "第2部"}
    assert not labels & set(board.hidden)
    assert reader.hidden == []


def test_the_panel_tells_the_three_biggest_of_all_staff() -> None:
    asked = pulse_and_heads()
    auditor = factories.user(asked.place.municipality, role=Role.AUDITOR)
    board = gap_board(auditor, timezone.now())
    panel = gap_panel(auditor, timezone.now())
    assert board is not None
    assert panel is not None

    told = [line.statement.code for line in board.lines if line.points is not None]

    assert [line.statement.code for line in panel.lines] == told[:3]
    assert (
        gap_panel(factories.user(factories.municipality(), role=Role.CDO), timezone.now()) is None
    )


# Measured beside declared -------------------------------------------------------------------------
def _far_town(first: dt.date | None = RECENT) -> tuple[Asked, Criterion]:
    """Three sections: one firm against few, one firm against many, one by the bureau's value.

    `first`: when the first of them confirmed, None for never.
    """
    asked = pulse_and_heads([30, 20], [25])
    criterion = _declared(asked.place.municipality, "C1-5")
    one, two, three = asked.place.sections
    for section, on in ((one, first), (two, RECENT), (three, RECENT)):
        if on is not None:
            _says(section, criterion, 3, asked.place.office, on)
    _value(criterion, (one, "< 40%", 0, False), (two, "≥ 60%", 3, False), (three, "< 40%", 0, True))
    return asked, criterion


def test_declared_levels_stand_beside_the_published_share() -> None:
    asked, criterion = _far_town()
    board = gap_board(asked.place.office, timezone.now())
    assert board is not None

    row = _row(asked.place.office, "C1-5")

    assert (row.declared.firm, row.declared.none) == (3, 0)
    assert row.staff == next(s.staff for s in board.pulse.top.statements if s.code == "P4")
    assert {unit.label for unit in row.units} == {unit.label for unit in board.units}
    assert row.criterion == criterion


def test_only_departments_with_a_value_of_their_own_are_far_apart() -> None:
    asked, _criterion = _far_town()

    row = _row(asked.place.office, "C1-5")

    assert row.names == [asked.place.sections[0]]
    assert (row.apart, row.compared, row.unnamed) == (1, 2, 0)


@pytest.mark.parametrize("code", ["C1-5", "T1-6"])
@pytest.mark.parametrize(
    ("role", "own", "named"),
    [
        (Role.DX_OFFICE, 1, True),
        (Role.CDO, 1, True),
        (Role.AUDITOR, 1, False),
        (Role.HEAD, 0, True),
        (Role.HEAD, 1, False),
    ],
)
def test_who_is_far_apart_is_counted_for_those_who_may_not_read_it(
    role: Role, own: int, named: bool, code: str, client: Any
) -> None:
    asked, _criterion = _far_town()
    criterion = _declared(asked.place.municipality, "T1-6")
    one, two = asked.place.sections[:2]
    _says(one, criterion, 3, asked.place.office)
    _value(criterion, (one, "< 40%", 0, False), (two, "≥ 60%", 3, False))
    reader = factories.user(asked.place.municipality, role=role, of=asked.place.sections[own])

    row = _row(reader, code)
    page = _get(client, reader)

    assert [one.name for one in row.names] == (["第1部1課"] if named else [])
    assert (row.apart, row.unnamed) == (1, 0 if named else 1)
    assert (f'href="{one.get_absolute_url()}"' in page) is named


@pytest.mark.parametrize("how", ["expired", "asked back", "ended", "unanswered"])
def test_what_does_not_count_is_no_data_and_never_a_level(how: str) -> None:
    asked, criterion = _far_town({"expired": LONG_PAST, "unanswered": None}.get(how, RECENT))
    one = asked.place.sections[0]
    if how == "asked back":
        EvidenceRequest.objects.create(
            department=one,
            criterion=criterion,
            assessment=one.assessments.get(criterion=criterion),
            text="写しを",
            due_on=TODAY,
            asked_by=asked.place.office,
            asked_on=RECENT,
        )
    elif how == "ended":
        Department.objects.filter(pk=one.pk).update(valid_to=TODAY)

    found = _row(asked.place.office, "C1-5")

    assert found.declared.firm == 2
    assert found.declared.none == (0 if how == "ended" else 1)
    assert found.apart == 0


def test_a_value_without_a_question_stands_too_but_no_share_is_made_up() -> None:
    asked, _criterion = _far_town()
    criterion = _declared(asked.place.municipality, "T1-6", question="")
    one = asked.place.sections[0]
    _says(one, criterion, 3, asked.place.office)
    _value(criterion, (one, "< 40%", 0, False))

    row = _row(asked.place.office, "T1-6")

    assert row.staff.masked
    assert row.names == [one]


def test_without_companions_the_page_says_so(client: Any) -> None:
    asked = pulse_and_heads([30], [25])
    declared = Criterion.objects.filter(
        stage__municipality=asked.place.municipality, source=CriterionSource.DECLARED
    )
    declared.update(question="")
    MeasuredValue.objects.filter(criterion__in=declared).delete()

    page = _get(client, asked.place.office)

    assert "アンケートの質問と並べられる、申告の基準がまだありません" in page


def test_survey_criteria_stand_beside_what_heads_thought() -> None:
    asked = pulse_and_heads()
    board = gap_board(asked.place.office, timezone.now())
    assert board is not None

    row = _row(asked.place.office, "C1-1")

    statement = next(s for s in board.pulse.top.statements if s.code == "P1")
    assert (row.staff, row.heads) == (statement.staff, statement.heads)
    assert row.declared.total == len(asked.place.sections)


def test_declared_levels_stand_before_any_survey(client: Any) -> None:
    town = factories.municipality()
    own = factories.department(town, "市民課")
    office = factories.user(town, role=Role.DX_OFFICE, of=own)
    criterion = _declared(town, "C1-5")
    _says(own, criterion, 3, office)

    row = _row(office, "C1-5")

    assert (row.declared.firm, row.staff.masked, row.compared) == (1, True, 0)
    assert "公開された職員の回答はありません" in _get(client, office)


def test_the_page_costs_the_same_for_one_and_three_rows(client: Any) -> None:
    asked, _criterion = _far_town()
    client.force_login(asked.place.office)
    counts = []
    for codes in ((), ("T1-6", "C2-4")):
        for code in codes:
            criterion = _declared(asked.place.municipality, code)
            for section in asked.place.sections:
                _says(section, criterion, 3, asked.place.office)
                _value(criterion, (section, "< 40%", 0, False))
        client.get(reverse("dashboards:gap"))
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("dashboards:gap"))
        counts.append(len(found))

    assert counts[0] == counts[1]
    assert counts[0] <= 25
