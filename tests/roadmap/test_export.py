"""Files of the list: what is filtered is in them, and the import reads them back."""

import io

import pytest
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from dxportal.shared.tabular import read_table
from roadmap.actions.updates import report
from roadmap.choices import Progress
from roadmap.exporters import HEADER
from roadmap.import_rows import parse_initiatives
from roadmap.models import Initiative, Theme
from tests import factories
from tests.roadmap.board import signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

EXPORT_QUERIES = 30


@pytest.mark.parametrize("number", [1, 3])
def test_export_costs_the_same_for_any_number_of_rows(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    for index in range(number):
        made(place, f"取組{index}", themes=(theme.pk,), partners=(place.other.pk,))
    client = signed_in(place.office)
    with django_assert_num_queries(EXPORT_QUERIES):
        content = client.get("/initiatives/export.csv").content
    assert content.count(b"\r\n") == number + 1


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_exported_file_is_read_back_by_the_import(kind: str) -> None:
    place = town()
    initiative = made(place, "窓口の電子化", contact=place.employee.pk, start_fy=2025)
    report(initiative, by=place.head, progress=Progress.LATE, cause="law", next_step="協議")
    response = signed_in(place.employee).get(f"/initiatives/export.{kind}")
    assert response["Content-Disposition"].startswith("attachment")
    parsed = parse_initiatives(read_table(io.BytesIO(response.content), f"list.{kind}"))
    [row] = parsed.rows
    assert row.title == "窓口の電子化"
    assert row.department_text == "市民課"
    assert (row.start_fy, row.end_fy) == (2025, 2027)
    assert row.fields["purpose"] == "窓口で書かせない"
    assert row.fields["post"] == "市民課 課長"
    assert row.fields["person"] == "田中"
    assert row.fields["next_step"] == "協議"
    assert row.fields["code"] == str(initiative.pk)
    assert not parsed.problems


def test_export_holds_what_is_filtered() -> None:
    place = town()
    made(place, "甲の取組")
    made(place, "乙の取組", lead=place.other.pk)
    text = signed_in(place.employee).get("/initiatives/export.csv?q=乙").content.decode("utf-8-sig")
    assert "乙の取組" in text
    assert "甲の取組" not in text


def test_export_never_writes_a_formula() -> None:
    place = town()
    made(place, "=1+1")
    content = signed_in(place.employee).get("/initiatives/export.xlsx").content
    sheet = load_workbook(io.BytesIO(content)).active
    assert sheet is not None
    assert [cell.value for cell in next(sheet.iter_rows(max_row=1))] == list(HEADER)
    assert sheet["B2"].data_type == "s"
    text = signed_in(place.employee).get("/initiatives/export.csv").content.decode("utf-8-sig")
    assert '"=1+1"' not in text


def test_export_of_nothing_is_the_empty_table() -> None:
    place = town()
    text = signed_in(place.office).get("/initiatives/export.csv").content.decode("utf-8-sig")
    assert text.startswith('"整理番号","取組名"')


def test_export_holds_only_the_own_municipality_and_is_closed_to_the_host() -> None:
    place, elsewhere = town(), town("別の市")
    made(elsewhere, "よその取組")
    text = signed_in(place.employee).get("/initiatives/export.csv").content.decode("utf-8-sig")
    assert "よその取組" not in text
    host = factories.user(None, role=Role.HOST)
    assert signed_in(host).get("/initiatives/export.csv").status_code == 403
    assert signed_in(place.office).get("/initiatives/export.pdf").status_code == 404


def test_shift_jis_is_saved_on_request_and_reports_what_it_cannot_hold() -> None:
    place = town()
    initiative = made(place, "窓口の電子化")
    client = signed_in(place.employee)
    response = client.get("/initiatives/export.csv?encoding=cp932")
    assert "窓口の電子化" in response.content.decode("cp932")
    Initiative.objects.filter(pk=initiative.pk).update(purpose="𠮷田さんの£")
    page = client.get("/initiatives/export.csv?encoding=cp932&q=窓口")
    assert page["Content-Type"].startswith("text/html")
    assert "𠮷田さんの£" in page.content.decode()
    assert "q=%E7%AA%93%E5%8F%A3&amp;encoding=cp932&amp;replace=1" in page.content.decode()
    file = client.get("/initiatives/export.csv?encoding=cp932&replace=1")
    assert "〓田さんの〓" in file.content.decode("cp932")


def test_workbook_offers_lists_and_explains_its_columns() -> None:
    place = town()
    made(place, "窓口の電子化")
    book = load_workbook(
        io.BytesIO(signed_in(place.office).get("/initiatives/export.xlsx").content)
    )
    sheet, legend, lists = book.worksheets
    assert (sheet.freeze_panes, lists.sheet_state) == ("C2", "hidden")
    assert sheet.auto_filter.ref is not None
    offered = {
        str(rule.sqref).split(":")[0]: rule for rule in sheet.data_validations.dataValidation
    }
    progress = get_column_letter(HEADER.index("進み具合") + 1)
    rule = offered[f"{progress}2"]
    column = next(cell.column for cell in lists[1] if cell.value == "進み具合")
    words = [lists.cell(row, column).value for row in range(2, 6)]
    assert words == ["予定より進んでいる", "予定どおり", "遅れている", "対象外"]
    assert get_column_letter(column) in str(rule.formula1)
    assert {row[0].value for row in legend.iter_rows(min_row=2)} >= set(HEADER)
    assert sheet.print_title_rows == "$1:$1"
