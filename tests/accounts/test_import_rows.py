"""Departments and people out of files that others wrote."""

import datetime as dt
import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from dxportal.accounts.choices import Employment, Role
from dxportal.accounts.import_rows import (
    DepartmentRow,
    KnownDepartment,
    StaffRow,
    parse_departments,
    parse_staff,
)
from dxportal.shared.importing import Parsed
from dxportal.shared.tabular import Table, read_table

PUBLISHED = Path(__file__).parents[1] / "data" / "org_charts_published.csv"


@pytest.fixture(autouse=True)
def _english() -> Iterator[None]:
    with override("en"):
        yield


def table(text: str) -> Table:
    return read_table(io.BytesIO(text.encode()), "表.csv")


def paths(parsed: Parsed[DepartmentRow]) -> list[str]:
    return ["/".join(row.path) for row in parsed.rows]


def departments(text: str) -> Parsed[DepartmentRow]:
    return parse_departments(table(text))


@pytest.fixture(scope="module")
def published() -> Parsed[DepartmentRow]:
    with PUBLISHED.open("rb") as file:
        return parse_departments(read_table(file, PUBLISHED.name))


def test_published_charts_are_read_without_a_problem(published: Parsed[DepartmentRow]) -> None:
    assert published.problems == []
    assert published.columns == {
        "origin": "municipality",
        "level1": "bu",
        "level2": "ka",
        "level3": "kakari",
    }
    assert sum(published.origins.values()) == 74
    assert len(published.origins) == 6
    assert published.origins["南富良野町"] == 19


def test_published_charts_name_the_column_that_is_not_read(
    published: Parsed[DepartmentRow],
) -> None:
    with override("en"):
        assert [str(note) for note in published.notes] == ["These columns were not read: source."]


def test_a_town_without_bureaus_has_sections_at_the_top(published: Parsed[DepartmentRow]) -> None:
    town = [row for row in published.rows if row.origin == "南富良野町"]
    assert {len(row.path) for row in town} == {1, 2}
    room = next(row for row in town if row.name == "防災安全推進室")
    assert (room.kind, room.title, room.parent_path) == ("team", "室", ("総務課",))


def test_bureaus_without_sections_are_kept(published: Parsed[DepartmentRow]) -> None:
    city = [row for row in published.rows if row.origin == "大崎市"]
    assert [row.path for row in city] == [(row.name,) for row in city]
    assert len(city) == 5
    assert {row.kind for row in city} == {"bureau"}


def test_each_published_department_is_read_once_with_parents_first(
    published: Parsed[DepartmentRow],
) -> None:
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for row in published.rows:
        assert (row.origin, row.path) not in seen
        assert not row.parent_path or (row.origin, row.parent_path) in seen
        seen.add((row.origin, row.path))


def test_wide_columns_of_a_large_city_have_four_levels() -> None:
    parsed = departments("局,部,課,係\n市民局,総務部,総務課,庶務係\n市民局,,区政課,\n")
    assert paths(parsed) == [
        "市民局",
        "市民局/総務部",
        "市民局/総務部/総務課",
        "市民局/総務部/総務課/庶務係",
        "市民局/区政課",
    ]
    assert [row.kind for row in parsed.rows] == ["bureau", "bureau", "section", "team", "section"]


def test_a_team_with_nothing_above_it_belongs_to_the_row_above_and_says_so() -> None:
    parsed = departments("部,課,係\n総務部,総務課,庶務係\n,,人事係\n")
    assert paths(parsed)[-1] == "総務部/総務課/人事係"
    assert "“人事係” was placed below “総務部／総務課”" in str(parsed.notes[0])


def test_ditto_in_wide_columns_is_the_row_above() -> None:
    parsed = departments("部,課\n総務部,総務課\n同上,財政課\n〃,税務課\n")
    assert paths(parsed)[1:] == ["総務部/総務課", "総務部/財政課", "総務部/税務課"]
    assert len(parsed.notes) == 2


def test_a_wide_row_twice_is_read_once_and_noted() -> None:
    parsed = departments("部,課\n総務部,総務課\n総務部,総務課\n")
    assert paths(parsed) == ["総務部", "総務部/総務課"]
    assert "already in row 2" in str(parsed.notes[0])


def test_a_wide_row_of_a_parent_gives_it_its_code() -> None:
    parsed = departments("コード,部,課\n0101,総務部,総務課\n0100,総務部,\n")
    assert [(row.code, row.name) for row in parsed.rows] == [("0100", "総務部"), ("0101", "総務課")]


def test_a_row_without_any_department_is_a_problem() -> None:
    parsed = departments("部,課,備考\n総務部,総務課,\n,,廃止予定\n")
    assert [problem.row for problem in parsed.problems] == [3]
    assert "names no department" in str(parsed.problems[0])


LIST = "所属コード,所属名,上位所属コード,階層,有効開始日,有効終了日,旧コード\n"


def test_a_list_is_read_with_parents_dates_and_predecessors() -> None:
    parsed = departments(
        LIST + "0101,総務課,0100,課,令和8年4月1日,,0099、0098\n0100,総務部,,部,R8.4.1,2027/3/31,\n"
    )
    assert parsed.problems == []
    bureau, section = parsed.rows
    assert (bureau.code, bureau.kind, bureau.valid_from) == ("0100", "bureau", dt.date(2026, 4, 1))
    assert bureau.valid_to == dt.date(2027, 3, 31)
    assert (section.path, section.parent_path) == (("総務部", "総務課"), ("総務部",))
    assert section.predecessors == ("0099", "0098")


def test_a_parent_may_be_named_or_already_known() -> None:
    parsed = parse_departments(
        table("部署コード,部署名,上位部署\n1,税務課,総務部\n2,総務部,\n3,窓口係,A9\n"),
        known={"A9": ("市民部", "市民課")},
    )
    assert sorted(paths(parsed)) == ["市民部/市民課/窓口係", "総務部", "総務部/税務課"]


@pytest.mark.parametrize(
    ("rows", "numbers", "words"),
    [
        ("1,総務課,9,,,,\n", [2], "there is no department “9”"),
        ("1,総務課,2,,,,\n2,財政課,1,,,,\n", [2, 3], "is below it"),
        ("1,総務部,,,,,\n1,財政部,,,,,\n", [3], "code “1” is used in row 2"),
        ("1,,,,,,\n", [2], "the name is missing"),
        ("1,総務課,,,来年,,\n", [2], "“来年” could not be read as a date"),
        ("1,総務課,,,2026/4/1,2025/3/31,\n", [2], "before the first day"),
        ("1,総務課,係,,,,\n2,係,,,,,\n3,係,,,,,\n", [2], "several departments are called"),
        ("1,総務部,9,,,,\n2,総務課,1,,,,\n", [2, 3], "there is no department"),
        ("1,総務部,,,,,\n2,A課,,,,,\n2,B課,1,,,,\n4,C係,2,,,,\n", [4], "is used in row 3"),
    ],
)
def test_what_is_wrong_in_a_list_is_named_by_row(rows: str, numbers: list[int], words: str) -> None:
    parsed = departments(LIST + rows)
    assert sorted(problem.row or 0 for problem in parsed.problems) == numbers
    assert any(words in str(problem) for problem in parsed.problems)
    assert all(str(problem.remedy) for problem in parsed.problems)
    rejected = {problem.row for problem in parsed.problems}
    assert not rejected & {row.row for row in parsed.rows}


def test_a_list_without_names_is_a_problem_of_the_whole_file() -> None:
    parsed = departments("電話,内線\n1,2\n")
    assert (parsed.rows, [problem.row for problem in parsed.problems]) == ([], [None])
    assert "電話、内線" in str(parsed.problems[0])


def test_a_remembered_mapping_is_used() -> None:
    parsed = parse_departments(table("ユニット,X\n総務課,1\n"), {"ユニット": "name", "X": "code"})
    assert [(row.name, row.code) for row in parsed.rows] == [("総務課", "1")]


KNOWN = [
    KnownDepartment(("総務部",), "0100"),
    KnownDepartment(("総務部", "総務課"), "0101"),
    KnownDepartment(("教育委員会", "総務課"), "0201"),
    KnownDepartment(("市民部", "税務課"), "0301"),
    KnownDepartment(("市民部", "旧税務課"), "0302", dt.date(2026, 3, 31)),
]


def staff(text: str) -> Parsed[StaffRow]:
    return parse_staff(table(text), KNOWN, as_of=dt.date(2026, 4, 1))


def test_people_are_read_with_role_head_and_employment() -> None:
    parsed = staff(
        "メールアドレス,氏名,所属,職名,所属長,役割,任用形態\n"
        "Ａ@city.example,髙﨑 花子,税務課,課長,○,,正規\n"
        "b@city.example,山田 太郎,0101,主事,,DX推進員,会計年度任用職員\n"
        "c@city.example,鈴木 一,,,,CDO,再任用\n"
    )
    assert parsed.problems == []
    head, promoter, cdo = parsed.rows
    assert (head.email, head.name, head.is_head) == ("a@city.example", "髙﨑 花子", True)
    assert head.department == KNOWN[3]
    assert (promoter.department, promoter.role) == (KNOWN[1], Role.PROMOTER)
    assert promoter.employment == Employment.FISCAL_YEAR
    assert (cdo.department, cdo.role, cdo.employment) == (None, Role.CDO, Employment.OTHER)


@pytest.mark.parametrize(
    "place",
    ["教育委員会/総務課", "教育委員会　総務課", "教育委員会総務課", "0201", "教育委員会＞総務課"],
)
def test_a_department_is_found_by_code_or_path(place: str) -> None:
    assert staff(f"mail,氏名,所属\na@x.jp,甲,{place}\n").rows[0].department == KNOWN[2]


def test_a_department_is_found_by_wide_columns() -> None:
    parsed = staff("mail,氏名,部,課\na@x.jp,甲,教育委員会,総務課\nb@x.jp,乙,総務部,\n")
    assert [row.department for row in parsed.rows] == [KNOWN[2], KNOWN[0]]


def test_an_ambiguous_department_is_a_problem_that_names_the_candidates() -> None:
    parsed = staff("mail,氏名,所属\na@x.jp,甲,総務課\n")
    assert parsed.rows == []
    assert "総務部／総務課、教育委員会／総務課" in str(parsed.problems[0].remedy)


@pytest.mark.parametrize(
    ("line", "column", "words"),
    [
        ("a@x.jp,甲,旧税務課,,", "所属", "ended on 2026-03-31"),
        ("a@x.jp,甲,税務化,,", "所属", "Did you mean 税務課"),
        ("a@x.jp,甲,zzz,,", "所属", "Import the departments first"),
        ("a(at)x.jp,甲,,,", "mail", "is no e-mail address"),
        (",甲,,,", "mail", "address is missing"),
        ("a@x.jp,,,,", "氏名", "name is missing"),
        ("a@x.jp,甲,,王,", "役割", "is no role"),
        ("a@x.jp,甲,,,たぶん", "所属長", "neither yes nor no"),
    ],
)
def test_what_is_wrong_with_a_person_is_named(line: str, column: str, words: str) -> None:
    parsed = staff(f"mail,氏名,所属,役割,所属長\n{line}\n")
    assert parsed.rows == []
    assert [(problem.row, problem.column) for problem in parsed.problems] == [(2, column)]
    assert words in str(parsed.problems[0])


def test_the_same_address_twice_is_a_problem_that_names_the_first_row() -> None:
    parsed = staff("mail,氏名\na@x.jp,甲\nA@X.jp,乙\n")
    assert [row.row for row in parsed.rows] == [2]
    assert "already stands in row 2" in str(parsed.problems[0])


def test_heads_are_taken_from_post_titles_only_where_no_column_says() -> None:
    text = "mail,氏名,職名\na@x.jp,甲,総務課長\nb@x.jp,乙,課長補佐\nc@x.jp,丙,係長\n"
    parsed = staff(text)
    assert [row.is_head for row in parsed.rows] == [True, False, False]
    assert "1 people were taken for heads" in str(parsed.notes[-1])


def test_an_unknown_employment_is_noted() -> None:
    parsed = staff("mail,氏名,任用形態\na@x.jp,甲,謎\n")
    assert parsed.rows[0].employment == Employment.OTHER
    assert "“謎” was read as another employment" in str(parsed.notes[0])


def test_people_without_addresses_or_names_are_a_problem_of_the_file() -> None:
    assert [problem.column for problem in staff("電話\n1\n").problems] == ["email", "name"]


@pytest.mark.parametrize(
    ("cell", "number"), [("", None), ("0", 0), ("１２人", 12), ("7名", 7), ('"1,200"', 1200)]
)
def test_staff_without_an_account_are_read_or_left_open(cell: str, number: int | None) -> None:
    parsed = departments(f"所属名,アカウントのない職員数\n清掃事務所,{cell}\n")
    assert parsed.problems == []
    assert [row.without_account for row in parsed.rows] == [number]
    wide = departments(f"部,課,アカウントのない職員数\n環境部,清掃事務所,{cell}\n")
    assert [row.without_account for row in wide.rows] == [None, number]


@pytest.mark.parametrize("cell", ["若干", "-1", "10000", "3.5"])
def test_what_is_no_number_of_people_is_named(cell: str) -> None:
    parsed = departments(f"所属名,アカウントのない職員数\n清掃事務所,{cell}\n")
    assert [(problem.row, problem.value) for problem in parsed.problems] == [(2, cell)]
    assert parsed.rows == []
