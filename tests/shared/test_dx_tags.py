"""Tags of every template."""

import datetime as dt
from types import SimpleNamespace

import pytest
from django.core.paginator import Paginator
from django.template import Context, Template

from dxportal.shared.templatetags import dx


def draw(source: str, **values: object) -> str:
    """A template with our tags."""
    return Template("{% load dx %}" + source).render(Context(values))


def viewer(style: str) -> SimpleNamespace:
    """Somebody of a municipality with this calendar."""
    return SimpleNamespace(municipality=SimpleNamespace(calendar_style=style))


@pytest.mark.parametrize(
    ("style", "expected"), [("wareki", "令和8年4月1日"), ("seireki", "2026年4月1日")]
)
def test_date_follows_the_municipality(style: str, expected: str) -> None:
    assert draw("{% date day %}", day=dt.date(2026, 4, 1), user=viewer(style)) == expected


def test_moment_is_local_time() -> None:
    at = dt.datetime(2026, 3, 31, 15, 5, tzinfo=dt.UTC)
    assert draw("{% moment at %}", at=at, user=viewer("seireki")) == "2026年4月1日 00:05"


def test_fiscal_year_of_a_day_and_of_a_year() -> None:
    assert draw("{% fiscal_year d %}", d=dt.date(2026, 3, 31), user=viewer("wareki")) == "令和7年度"
    assert draw("{% fiscal_year 2026 %}", user=viewer("seireki")) == "2026年度"


@pytest.mark.parametrize("tag", ["{% date x %}", "{% moment x %}", "{% fiscal_year x %}"])
def test_dates_are_a_dash_when_unknown(tag: str) -> None:
    assert draw(tag, x=None) == "–"


def test_user_text_is_escaped_and_out_of_reach_of_htmx() -> None:
    drawn = draw("{{ text|user_text }}", text='<b hx-get="/x">\n次')
    assert drawn == (
        '<span class="usertext" hx-disable>&lt;b hx-get=&quot;/x&quot;&gt;<br>次</span>'
    )


def test_lines_that_begin_with_a_dot_are_a_list_under_their_heading() -> None:
    drawn = draw("{{ text|outlined }}", text="秘密です。\n\n【鍵】\n・<一>\n・二\n\nEnd\n- three")
    assert drawn == (
        '<div class="outlined"><p>秘密です。</p>'
        '<p class="strong">【鍵】</p><ul><li>&lt;一&gt;</li><li>二</li></ul>'
        '<p class="strong">End</p><ul><li>three</li></ul></div>'
    )
    assert draw("{{ text|outlined }}", text=None) == '<div class="outlined"></div>'


@pytest.mark.parametrize(("given", "width"), [(46, "46"), (-3, "0"), (140, "100"), (None, "0")])
def test_bar_is_an_svg_width_between_0_and_100(given: float | None, width: str) -> None:
    assert f'<rect width="{width}" height="6"/>' in draw("{% bar v %}", v=given)


def test_stair_mini_marks_the_current_step_and_has_a_name() -> None:
    drawn = draw('{% stair_mini levels 2 "技術 2段目" %}', levels=[100, 50, None, 0])
    assert drawn.count('class="body"') == 4
    assert drawn.count('class="lv on"') == 1
    assert drawn.count('class="dot"') == 1
    assert "<title>技術 2段目</title>" in drawn
    assert 'role="img"' in drawn


def test_stair_step_fills_up_to_the_step() -> None:
    assert draw("{% stair_step 2 4 %}").count('class="on"') == 2


def test_status_icon_differs_by_shape_not_only_by_colour() -> None:
    shapes = {dx.status_icon(code) for code in ("ahead", "on_track", "late", "not_applicable")}
    assert len(shapes) == 4


def test_page_numbers_leave_out_the_middle() -> None:
    page = Paginator(range(640), 25).page(5)
    assert list(dx.page_numbers(page)) == [1, 2, 3, 4, 5, 6, 7, "…", 26]
