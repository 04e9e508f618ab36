"""Tables in and out: encodings, hostile files, limits, and nothing lost on the way."""

import codecs
import datetime as dt
import io
import tracemalloc
import unicodedata
import zipfile
from collections.abc import Iterator

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from dxportal.shared.tables import Note
from dxportal.shared.tabular import Sheet, Table, TableError, csv_lines, read_table, write_xlsx

RARE = "髙﨑①～㈱－Ⅱ"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def read(data: bytes, **limits: int) -> Table:
    return read_table(io.BytesIO(data), "表.csv", **limits)


def cells(table: Table) -> list[list[str]]:
    return [row.cells for row in table.rows]


def refusal(data: bytes) -> str:
    with pytest.raises(TableError) as caught:
        list(read(data).rows)
    return str(caught.value)


def workbook(*sheets: list[list[object]]) -> bytes:
    book = Workbook(write_only=True)
    for rows in sheets:
        page = book.create_sheet()
        for row in rows:
            page.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def repacked(data: bytes, name: str, content: bytes) -> bytes:
    """The same package with one part replaced or added."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for entry in old.namelist():
            if entry != name:
                new.writestr(entry, old.read(entry))
        new.writestr(name, content)
    return out.getvalue()


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("cp932", "cp932"), ("utf-16", "utf-16")],
)
def test_japanese_text_is_read_in_every_usual_encoding(encoding: str, found: str) -> None:
    table = read(f"氏名,課\r\n{RARE},総務課\r\n".encode(encoding))
    assert (table.header, table.encoding) == (["氏名", "課"], found)
    assert cells(table) == [[RARE, "総務課"]]


def test_utf8_is_never_taken_for_cp932() -> None:
    assert read("取組名\n髙齢者支援の強化\n".encode()).encoding == "utf-8"


def test_unreadable_bytes_are_named_with_their_line() -> None:
    data = "取組名\n窓口\n".encode() + b"\xff\xfe\xfd\n"
    assert "line 3 could not be read (byte 18 of the file)" in refusal(data)


def test_a_broken_cp932_file_is_named_with_its_line() -> None:
    assert "line 2 could" in refusal("取組名\n窓口".encode("cp932") + b"\x81\n")


def test_text_is_composed_and_not_rewritten() -> None:
    table = read("名前\nが①㈱～\n".encode())
    assert cells(table) == [["が①㈱～"]]


@pytest.mark.parametrize("mark", [",", "\t", ";"])
def test_the_separator_is_recognised(mark: str) -> None:
    table = read(f"課{mark}名\n総務、財政{mark}a\n税務{mark}b\n".encode())
    assert cells(table) == [["総務、財政", "a"], ["税務", "b"]]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_quoted_line_breaks_stay_in_their_cell_and_rows_keep_their_number(end: str) -> None:
    table = read(end.join(["課,備考", '総務,"一行', '二行"', "", "税務,x", ""]).encode())
    rows = list(table.rows)
    assert [(r.number, r.cells) for r in rows] == [
        (2, ["総務", "一行\n二行"]),
        (4, ["税務", "x"]),
    ]


def test_control_characters_are_removed_and_counted() -> None:
    table = read("課,備考\n総\x00務,a\x0bb\n税\x07務,c\n".encode() + b"x" * 600)
    rows = cells(table)
    assert rows[:2] == [["総務", "a\nb"], ["税務", "c"]]
    assert [str(note) for note in table.notes] == ["Control characters were removed from 2 cells."]


def test_codes_written_for_excel_keep_their_zeros() -> None:
    assert cells(read('コード,課\n"=""012084""",総務\n'.encode())) == [["012084", "総務"]]


def test_short_rows_are_filled_and_long_ones_kept() -> None:
    assert cells(read(b"a,b,c\n1\n1,2,3,4\n1,2,3,,\n")) == [
        ["1", "", ""],
        ["1", "2", "3", "4"],
        ["1", "2", "3"],
    ]


def test_title_rows_above_the_headings_are_skipped_and_noted() -> None:
    text = "令和7年度 進捗管理表,,,\n,,,令和7年9月末\n\n取組名,担当課,進捗,備考\n窓口,税務課,A,\n"
    table = read(text.encode())
    assert table.header == ["取組名", "担当課", "進捗", "備考"]
    assert [row.number for row in table.rows] == [5]
    assert [(note.row, note.value) for note in table.notes] == [
        (1, "令和7年度 進捗管理表"),
        (2, "令和7年9月末"),
    ]


def test_two_rows_of_headings_become_one() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["令和8年度 DX推進計画 進捗管理表"])
    page.append(["番号", "事業名", "担当課", "スケジュール", None, None, "進捗"])
    page.append([None, None, None, "令和6年度", "令和7年度", "令和8年度", None])
    page.append([1, "電子申請", "情報課", "調査", "構築", "運用", "予定どおり"])
    page.append([2, "書かない窓口", "市民課", None, "調査", "構築", "遅れている"])
    page.merge_cells("A1:G1")
    page.merge_cells("D2:F2")
    for column in "ABCG":
        page.merge_cells(f"{column}2:{column}3")
    out = io.BytesIO()
    book.save(out)
    table = read(out.getvalue())
    years = [f"スケジュール 令和{year}年度" for year in (6, 7, 8)]
    assert table.header == ["番号", "事業名", "担当課", *years, "進捗"]
    assert [row[1] for row in cells(table)] == ["電子申請", "書かない窓口"]
    assert any("second row of headings" in str(note) for note in table.notes)


@pytest.mark.parametrize(
    "text",
    [
        "取組名,担当課,,\n電子申請,情報課,x,y\n窓口,市民課,x,y\n",
        "番号,取組名,,\n1,,x,y\n2,窓口,x,y\n",
    ],
)
def test_a_first_row_of_values_is_no_second_heading(text: str) -> None:
    assert len(cells(read(text.encode()))) == 2


def test_a_table_of_one_column_starts_with_its_heading() -> None:
    table = read("取組名\n窓口\n".encode())
    assert (table.header, cells(table)) == (["取組名"], [["窓口"]])


def test_an_unclosed_quotation_mark_is_explained() -> None:
    data = b'a,b\n1,"' + b"x" * 200_000 + b"\n"
    assert "quotation mark" in refusal(data)


def test_too_many_rows_are_refused() -> None:
    table = read(b"a\n" + b"1\n" * 11, max_rows=10)
    with pytest.raises(TableError, match="more than 10 rows"):
        list(table.rows)


def test_too_many_columns_are_refused() -> None:
    assert "at most 500" in refusal(b"a," * 501 + b"\n")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "holds no table"),
        (b" \r\n\r\n", "is empty"),
        (b",,\n,,\n", "holds no table"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "old Office file"),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"),
            "password",
        ),
        (b"%PDF-1.7\n%\xe2\xe3", "is a PDF"),
        (b"\x89PNG\r\n\x1a\n\0\0", "is a picture"),
        (b"\xff\xd8\xff\xe0\0", "is a picture"),
        (b"\xef\xbb\xbf<html><table>", "web page or document"),
        (b"a\0b\0c\0", "is no text file"),
        (b"PK\x03\x04 broken", "damaged"),
    ],
)
def test_other_files_are_answered_in_a_sentence(data: bytes, words: str) -> None:
    assert words in refusal(data)


def test_a_large_file_is_refused_unread() -> None:
    class Large(io.BytesIO):
        def tell(self) -> int:
            return 100_000_001

    with pytest.raises(TableError, match="larger than 100 MB"):
        read_table(Large(b"a,b\n"), "表.csv")


def test_a_line_without_end_is_refused() -> None:
    assert "no line breaks" in refusal(b"a" * 4_200_000)


def test_workbook_values_are_read_as_they_are_seen() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    page.append(["コード", "日付", "時刻", "率", "数", "小数", "真偽", "備考"])
    moment = dt.datetime(2026, 4, 1, 9, 5)  # noqa: DTZ001 (workbooks know no zone)
    page.append([12084, dt.date(2026, 4, 1), moment, 0.85])
    page["A2"].number_format = "000000"
    page["D2"].number_format = "0%"
    page["E2"], page["F2"], page["G2"], page["H2"] = 1000.0, 0.1 + 0.2, True, " 備考 "
    out = io.BytesIO()
    book.save(out)
    assert cells(read(out.getvalue())) == [
        ["012084", "2026/4/1", "2026/4/1 09:05", "85%", "1000", "0.3", "TRUE", "備考"]
    ]


def test_the_first_sheet_with_data_is_read_and_the_others_named() -> None:
    table = read(workbook([], [["取組名"], ["窓口"]], [["x"]]))
    assert (table.sheet, table.header) == ("Sheet1", ["取組名"])
    assert [str(note) for note in table.notes] == [
        "The sheet “Sheet1” was read. Not read: “Sheet”、“Sheet2”."
    ]


def test_cells_merged_downwards_give_their_value_to_every_row() -> None:
    book = Workbook()
    page = book.active
    assert page is not None
    for row in [["担当課", "取組名"], ["税務課", "a"], [None, "b"], [None, "c"], [None, "d"]]:
        page.append(row)
    page.merge_cells("A2:A4")
    out = io.BytesIO()
    book.save(out)
    table = read(out.getvalue())
    assert cells(table) == [["税務課", "a"], ["税務課", "b"], ["税務課", "c"], ["", "d"]]
    assert "1 groups of cells are merged" in str(table.notes[0])


def test_formulas_without_a_result_are_noted() -> None:
    table = read(workbook([["名", "計"], ["a", "=1+1"]]))
    assert cells(table) == [["a", ""]]
    assert "1 formulas have no stored result" in str(table.notes[0])


def test_an_empty_workbook_is_refused() -> None:
    assert "holds no table" in refusal(workbook([], []))


def test_a_far_corner_costs_nothing() -> None:
    data = workbook([["取組名"], ["窓口"]])
    far = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<dimension ref="A1:XFD1048576"/><sheetData>'
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>x</t></is></c></row>'
        b'<row r="1048576"><c r="A1048576"><v>1</v></c></row></sheetData></worksheet>'
    )
    rows = list(read(repacked(data, "xl/worksheets/sheet1.xml", far)).rows)
    assert [(row.number, row.cells) for row in rows] == [(1_048_576, ["1"])]


def test_a_cell_in_the_last_column_is_refused() -> None:
    wide = (
        b'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
        b'<sheetData><row r="1"><c r="XFD1"><v>1</v></c></row></sheetData></worksheet>'
    )
    assert "at most 500" in refusal(repacked(workbook([["a"]]), "xl/worksheets/sheet1.xml", wide))


def test_a_zip_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = repacked(workbook([["a"]]), "xl/media/a.bin", b"\0" * 60_000_000)
    assert "too large to be read safely" in refusal(bomb)


def test_a_dense_part_is_refused() -> None:
    dense = repacked(workbook([["a"]]), "xl/media/a.bin", b"\0" * 2_000_000)
    assert "too large to be read safely" in refusal(dense)


def test_a_workbook_of_too_many_parts_is_refused() -> None:
    data = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(data, "a") as package:
        for number in range(201):
            package.writestr(f"xl/media/{number}", b"")
    assert "too large to be read safely" in refusal(data.getvalue())


def test_a_zip_that_is_no_workbook_is_refused() -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as package:
        package.writestr("word/document.xml", b"<x/>")
    assert "no Excel workbook" in refusal(data.getvalue())


def test_entities_that_explode_are_refused() -> None:
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml"):
        assert "damaged" in refusal(repacked(workbook([["a"]]), part, laughs))


def test_broken_xml_is_refused_in_a_sentence() -> None:
    for part in ("xl/workbook.xml", "xl/worksheets/sheet1.xml", "xl/styles.xml"):
        assert "damaged" in refusal(repacked(workbook([["a"]]), part, b"<broken"))


@pytest.mark.parametrize(("kind", "many"), [("csv", 100_000), ("xlsx", 5_000)])
def test_memory_does_not_grow_with_the_rows(kind: str, many: int) -> None:
    """A workbook of 100,000 such rows was measured once: it takes as little, but half a minute."""
    header = ["取組名", "担当課", "年度", "備考"]
    rows = ([f"窓口の改善 {n}", "税務課", "令和7年度", f"備考{n}"] for n in range(many))
    data = io.BytesIO()
    if kind == "csv":
        data.writelines(csv_lines(header, rows, "cp932"))
    else:
        write_xlsx([Sheet("取組", header, rows)], data)
    tracemalloc.start()
    try:
        count = sum(1 for _row in read_table(data, "取組").rows)
        _now, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == many
    assert peak < 5_000_000


DANGEROUS = ["=1+1", "+81", "-5", "@x", "\t=1", "＝1", "＋1", "－1", "＠x", " =1", "'=1", "''=1"]


@pytest.mark.parametrize("text", DANGEROUS)
def test_no_exported_cell_begins_like_a_formula(text: str) -> None:
    line = b"".join(csv_lines(["x"], [[text]])).removeprefix(codecs.BOM_UTF8).decode()
    assert line == f'"x"\r\n"\'{text}"\r\n'


@given(
    st.lists(
        st.lists(
            st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]) | st.just("\n"))
            | st.sampled_from(DANGEROUS),
            min_size=3,
            max_size=3,
        ),
        max_size=30,
    )
)
def test_exported_csv_reads_back_as_it_was(rows: list[list[str]]) -> None:
    header = ["甲", "乙", "丙"]
    table = read(b"".join(csv_lines(header, rows)))
    wanted = [[unicodedata.normalize("NFC", cell).strip() for cell in row] for row in rows]
    assert table.header == header
    assert cells(table) == [row for row in wanted if any(row)]


def test_numbers_are_exported_as_numbers() -> None:
    assert b"".join(csv_lines(["a", "b"], [[-5, None]], "cp932")) == b'"a","b"\r\n"-5",""\r\n'


def test_what_cp932_cannot_hold_is_reported_and_marked() -> None:
    notes: list[Note] = []
    rows = [["山田", "総務"], ["𠮷田é", "髙﨑"]]
    written = b"".join(csv_lines(["氏名", "課"], rows, "cp932", notes=notes)).decode("cp932")
    assert written.splitlines()[2] == '"〓田〓","髙﨑"'
    assert [(note.row, note.column, note.value) for note in notes] == [(3, "氏名", "𠮷田é")]


def test_what_cp932_cannot_hold_is_never_lost_silently() -> None:
    with pytest.raises(TableError, match="Shift_JIS cannot hold"):
        list(csv_lines(["氏名"], [["𠮷田"]], "cp932"))


def test_written_workbooks_hold_text_and_no_formulas() -> None:
    out = io.BytesIO()
    row = ["=1+1", "https://example.jp", "a\x0bb\ufffe", "_x0041_", "\ud800x", -5, 0.5, True]
    notes = write_xlsx([Sheet("取組", [str(n) for n in range(8)], [row])], out)
    page = load_workbook(out).active
    assert page is not None
    found = [(cell.value, cell.data_type) for cell in page[2]]
    assert found[0] == ("=1+1", "s")
    assert [cell.hyperlink for cell in page[2]] == [None] * 8
    assert [value for value, _kind in found[1:]] == [
        *("https://example.jp", "a b ", "_x005F_x0041_", " x", -5, 0.5, "True"),
    ]
    assert cells(read(out.getvalue()))[0][3] == "_x0041_"
    assert notes == []


def test_text_too_long_for_a_cell_is_cut_and_reported() -> None:
    out = io.BytesIO()
    notes = write_xlsx([Sheet("x", ["備考"], [["あ" * 40_000]])], out)
    assert [(note.row, note.column) for note in notes] == [(2, "備考")]
    assert "40000 characters" in str(notes[0])
    assert cells(read(out.getvalue())) == [["あ" * 32_767]]


def test_sheets_get_names_that_excel_accepts() -> None:
    out = io.BytesIO()
    names = ["取組/一覧", "取組 一覧", "", "あ" * 40]
    write_xlsx([Sheet(name, ["a"], [["b"]]) for name in names], out)
    assert load_workbook(out).sheetnames == ["取組 一覧", "取組 一覧 2", "Sheet", "あ" * 31]


def test_dates_are_written_as_dates() -> None:
    out = io.BytesIO()
    write_xlsx([Sheet("x", ["日"], [[dt.date(2026, 4, 1)]])], out)
    assert cells(read(out.getvalue())) == [["2026/4/1"]]
