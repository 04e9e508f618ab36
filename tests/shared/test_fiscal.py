"""Fiscal years and dates, written and read."""

import datetime as dt

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared import fiscal

DAYS = st.dates(dt.date(1926, 12, 25), dt.date(2099, 12, 31))


@pytest.mark.parametrize(
    ("day", "year", "quarter"),
    [
        (dt.date(2026, 3, 31), 2025, 4),
        (dt.date(2026, 4, 1), 2026, 1),
        (dt.date(2026, 6, 30), 2026, 1),
        (dt.date(2026, 7, 1), 2026, 2),
        (dt.date(2026, 12, 31), 2026, 3),
        (dt.date(2027, 1, 1), 2026, 4),
    ],
)
def test_fiscal_year_and_quarter_start_in_april(day: dt.date, year: int, quarter: int) -> None:
    assert (fiscal.fiscal_year(day), fiscal.quarter(day)) == (year, quarter)


@given(DAYS)
def test_a_day_lies_in_its_own_quarter(day: dt.date) -> None:
    fy, number = fiscal.fiscal_year(day), fiscal.quarter(day)
    assert fiscal.quarter_start(fy, number) <= day <= fiscal.quarter_end(fy, number)
    assert fiscal.fiscal_year_start(fy) <= fiscal.month_start(day) <= day
    assert day <= fiscal.fiscal_year_end(fy)


def test_a_fifth_quarter_is_refused() -> None:
    with pytest.raises(ValueError):
        fiscal.quarter_start(2025, 5)


@pytest.mark.parametrize(
    ("fy", "wareki", "both"),
    [
        (2025, "令和7年度", "令和7年度(2025年度)"),
        (2019, "令和元年度", "令和元年度(2019年度)"),
        (2018, "平成30年度", "平成30年度(2018年度)"),
        (1989, "平成元年度", "平成元年度(1989年度)"),
        (1988, "昭和63年度", "昭和63年度(1988年度)"),
        (1920, "1920年度", "1920年度"),
    ],
)
def test_fiscal_years_are_written_in_the_municipality_s_calendar(
    fy: int, wareki: str, both: str
) -> None:
    assert fiscal.format_fiscal_year(fy, "wareki") == wareki
    assert fiscal.format_fiscal_year(fy, "seireki") == f"{fy}年度"
    assert fiscal.format_fiscal_year(fy, "both") == both


def test_dates_take_the_era_of_their_day() -> None:
    assert fiscal.format_date(dt.date(2019, 4, 30), "wareki") == "平成31年4月30日"
    assert fiscal.format_date(dt.date(2019, 5, 1), "wareki") == "令和元年5月1日"
    assert fiscal.format_date(dt.date(2026, 4, 1), "both") == "令和8年4月1日(2026年)"


@pytest.mark.parametrize(
    ("text", "years"),
    [
        ("令和7年度", (2025, 2025)),
        ("R7", (2025, 2025)),
        ("R07", (2025, 2025)),
        ("2025年度", (2025, 2025)),
        ("２０２５", (2025, 2025)),
        ("令和元年度", (2019, 2019)),
        ("令和4・5年度", (2022, 2023)),
        ("令和５、６、７年度", (2023, 2025)),
        ("2022〜2024年度", (2022, 2024)),
        ("令和6〜7年度", (2024, 2025)),
        ("R6-7", (2024, 2025)),
        ("2024-25", (2024, 2025)),
        ("平成30年度〜令和2年度", (2018, 2020)),
        ("2016年〜(RPAは2019年〜)", (2016, None)),
        ("令和2年度〜", (2020, None)),
        ("2025年度以降", (2025, None)),
        ("令和6年度から令和8年度まで", (2024, 2026)),
        ("令和3年度9月補正", (2021, 2021)),
        ("令和6年2月", (2023, 2023)),
        ("2024/3/31", (2023, 2023)),
        ("2024-04", (2024, 2024)),
        ("2020年5月試行→2021年4月本格", (2020, 2021)),
        ("R7末392", (2025, 2025)),
        ("検討中", None),
        ("第2期", None),
        ("1,420時間", None),
        ("", None),
    ],
)
def test_fiscal_years_are_read_as_people_write_them(
    text: str, years: tuple[int, int | None] | None
) -> None:
    assert fiscal.parse_fiscal_years(text) == years


@given(st.integers(1927, 2099), st.sampled_from(["wareki", "seireki", "both"]))
def test_a_written_fiscal_year_reads_back(fy: int, style: fiscal.CalendarStyle) -> None:
    assert fiscal.parse_fiscal_years(fiscal.format_fiscal_year(fy, style)) == (fy, fy)


@given(st.text(max_size=60))
def test_any_text_is_read_or_answered_none(text: str) -> None:
    years = fiscal.parse_fiscal_years(text)
    assert years is None or years[1] is None or years[0] <= years[1]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-04-01", "2026/4/1", "令和8年4月1日", "R8.4.1", "r8/4/1", "20260401"),
        *("２０２６／４／１", "2026年4月1日(水)", "2026-04-01T00:00:00", "令和８年４月１日"),
    ],
)
def test_dates_are_read_as_people_write_them(text: str) -> None:
    assert fiscal.parse_date(text) == dt.date(2026, 4, 1)


def test_the_first_year_of_an_era_may_be_written_out() -> None:
    assert fiscal.parse_date("令和元年5月1日") == dt.date(2019, 5, 1)


def test_days_and_moments_are_taken_as_they_are() -> None:
    assert fiscal.parse_date(dt.date(2026, 4, 1)) == dt.date(2026, 4, 1)
    assert fiscal.parse_date(dt.datetime(2026, 4, 1, 9, tzinfo=dt.UTC)) == dt.date(2026, 4, 1)


def test_numbers_are_days_only_where_the_reader_says_so() -> None:
    assert fiscal.parse_date(46113, excel_serial=True) == dt.date(2026, 4, 1)
    assert fiscal.parse_date("46113.5", excel_serial=True) == dt.date(2026, 4, 1)
    assert fiscal.parse_date(44651, excel_serial=True, epoch_1904=True) == dt.date(2026, 4, 1)
    with pytest.raises(ValueError):
        fiscal.parse_date(46113)


@pytest.mark.parametrize("text", ["26/4/1", "4/1", "令和8年4月", "", "来年", "46113"])
def test_an_unclear_date_is_answered_with_an_example(text: str) -> None:
    with override("en"), pytest.raises(ValueError, match="for example 2026/4/1"):
        fiscal.parse_date(text)


def test_a_day_that_does_not_exist_is_named() -> None:
    with override("en"), pytest.raises(ValueError, match="“2026年2月30日” is not a day"):
        fiscal.parse_date("2026年2月30日")


@given(DAYS, st.sampled_from(["wareki", "seireki"]))
def test_a_written_date_reads_back(day: dt.date, style: fiscal.CalendarStyle) -> None:
    assert fiscal.parse_date(fiscal.format_date(day, style)) == day
    assert fiscal.parse_date(day.isoformat()) == day
