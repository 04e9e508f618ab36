"""Where bars, dots and lines stand."""

import pytest

from surveys.figures import APART, Part, at, axis_of, bar, diverging, dots, range_on, spark


def _number(text: str) -> float:
    return float(text.removesuffix("%"))


ROW = [
    Part(4, 20, "20"),
    Part(3, 30, "30"),
    Part(2, 20, "20"),
    Part(1, 15, "15"),
    Part(0, 5, "5"),
    Part(APART, 10, "10"),
]


def test_neutral_answers_are_centred_and_the_rest_stands_apart() -> None:
    axis = axis_of([ROW])

    boxes = diverging(ROW, axis)

    neutral = boxes[2]
    assert _number(neutral.middle) == pytest.approx(axis.zero, abs=0.02)
    assert [box.hatched for box in boxes] == [False] * 5 + [True]
    ends = [_number(box.left) + _number(box.width) for box in boxes]
    assert all(
        b == pytest.approx(_number(box.left), abs=0.05)
        for b, box in zip(ends[:4], boxes[1:5], strict=True)
    )
    assert _number(boxes[5].left) > ends[4] + 1
    assert ends[5] <= 100.05


def test_rows_share_one_scale() -> None:
    other = [Part(0, 90, "90"), Part(4, 10, "10")]
    axis = axis_of([ROW, other])

    widths = {_number(box.width) / 20 for box in diverging(ROW, axis) if box.text == "20"}

    assert len(widths) == 1
    assert _number(diverging(other, axis)[0].width) == pytest.approx(90 * axis.unit, abs=0.02)
    assert all(
        0 <= _number(box.left) <= 100 for box in [*diverging(ROW, axis), *diverging(other, axis)]
    )


def test_a_share_that_is_no_number_is_hatched_as_wide_as_it_can_be_and_has_no_text() -> None:
    parts = [Part(1, None, "?", most=20), Part(3, 80, "80")]
    boxes = diverging(parts, axis_of([parts]))

    assert (boxes[0].hatched, boxes[0].text) == (True, "")
    assert _number(boxes[0].width) == pytest.approx(_number(boxes[1].width) / 4, abs=0.02)
    assert bar(None, 20).hatched
    assert not bar(40, 0).hatched


def test_narrow_parts_carry_no_text_and_empty_ones_are_not_drawn() -> None:
    parts = [Part(0, 0, "0"), Part(2, 97, "97"), Part(4, 3, "3")]

    boxes = diverging(parts, axis_of([parts]))

    assert [box.text for box in boxes] == ["97", ""]


def test_ranges_stay_inside_and_can_be_seen() -> None:
    assert range_on(10, 30, 40).left == "25%"
    assert range_on(10, 30, 40).width == "50%"
    thin = range_on(40, 40, 40)
    assert _number(thin.left) + _number(thin.width) <= 100
    assert _number(thin.width) > 0
    assert range_on(0, 0, 0).left == "0%"


def test_dots_have_a_line_between_them_only_where_both_are_known() -> None:
    both = dots((50, 50), (80, 80))

    assert both.between is not None
    assert both.staff is not None
    assert both.between.left == both.staff.left == "50%"
    assert dots((50, 50), None).between is None
    assert dots(None, (20, 40)).staff is None


def test_a_line_breaks_where_a_value_is_missing() -> None:
    line = spark([1, 2, None, 4], 4)

    assert len(line.strokes) == 1
    assert line.last == ("97%", "10%")
    assert spark([None, None], 0).last is None


def test_numbers_in_attributes_do_not_depend_on_the_language() -> None:
    assert [at(12.5), at(0), at(33.333)] == ["12.5%", "0%", "33.33%"]
