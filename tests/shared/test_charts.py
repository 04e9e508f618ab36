"""Charts: theme, colours, and that figure and table tell the same."""

import itertools
import json

import pytest

from dxportal.shared import charts

POINTS = ("2026年3月", "2026年6月", "2026年9月")
FIRM = charts.Series("技術1段目", (52, None, 78))


def contrast(one: str, other: str) -> float:
    """Contrast ratio of WCAG 2 between two colours written as #rrggbb."""
    light = []
    for colour in (one, other):
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        light.append(0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)
    return max(light) / min(light)


def chart() -> charts.Chart:
    """A small line chart with a gap."""
    return charts.line_chart(
        "firmness",
        title="固まり具合",
        finding="上がりました。",
        corner="調査",
        points=POINTS,
        series=[FIRM],
        unit="%",
        highest=100,
    )


def test_line_chart_tells_the_same_in_figure_and_table() -> None:
    drawn = chart()
    assert drawn.figure is not None
    (line,) = drawn.figure["data"]
    assert line["x"] == list(POINTS)
    assert line["y"] == [52, None, 78]
    assert drawn.rows == [(POINTS[0], "52%"), (POINTS[1], None), (POINTS[2], "78%")]
    assert drawn.columns == ("調査", "技術1段目")


def test_line_chart_labels_only_the_last_known_point() -> None:
    figure = charts.line_figure(POINTS, [charts.Series("x", (1, 2, None))])
    assert list(figure.data[0].text) == ["", "2", ""]


def test_figure_json_is_small_and_has_no_markup_or_template() -> None:
    figure = chart().figure
    assert figure is not None
    text = json.dumps(figure, ensure_ascii=False)
    assert "template" not in figure["layout"]
    assert "<" not in text
    assert len(text) < 2500


@pytest.mark.parametrize(
    "fill", sorted({*charts.FOLLOW_UP, *charts.LIKERT, *charts.SEQUENTIAL, charts.KEY})
)
def test_ink_on_every_fill_can_be_read(fill: str) -> None:
    assert contrast(charts.ink_on(fill), fill) >= 4.5


def test_lines_differ_in_more_than_colour() -> None:
    for one, other in itertools.combinations(charts.LINES, 2):
        assert one[1] != other[1]
        assert one[2] != other[2]


@pytest.mark.parametrize(
    ("value", "expected"),
    [(None, "mask"), (0, "h0"), (0.1, "h1"), (20, "h3"), (46, "h5"), (99, "h5")],
)
def test_sequential_class_follows_the_value(value: float | None, expected: str) -> None:
    assert charts.sequential_class(value, 46) == expected


def test_sequential_class_is_empty_when_everything_is_nothing() -> None:
    assert charts.sequential_class(3, 0) == "h0"
