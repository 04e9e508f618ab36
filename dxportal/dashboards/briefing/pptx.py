"""A sheet as one slide: the finding as title, native charts and tables, definitions as notes."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import pgettext
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.oxml.xmlchemy import OxmlElement
from pptx.util import Cm, Pt

from dxportal.dashboards.briefing.packed import dated
from dxportal.dashboards.briefing.sheet import NumberedAsk, Sheet
from dxportal.shared.charts import INK, KEY, MUTED
from roadmap.choices import Axis

FONT: Final = "BIZ UDPGothic"
ACCENT: Final = "#8b3200"
PALE: Final = "#e8f1fe"
WIDTH, HEIGHT, EDGE = 33.867, 19.05, 1.2
#: Where the charts begin, the lowest line of the tables below them, and what is between, in cm.
CHARTS, LOWEST, GAP = 6.25, HEIGHT - 1.1, 0.2
#: How high the charts are, where little is to be decided and where much is.
TALLEST, FLATTEST = 7.6, 4.6
#: From this height on the charts have larger letters.
ROOMY: Final = 5.5
#: Of the table below them: width of the titles, height of the heading, room around a text.
TITLES, HEADING, INSET, PADDING = 9.5, 0.75, 0.55, 0.2
#: Sizes of letters that are tried for it in points; height of a line in letters.
SIZES: Final = (11.0, 10.0, 9.0, 8.0, 7.0)
LINE: Final = 1.5
CM_OF_A_POINT: Final = 2.54 / 72
#: Layout "Title Only" of the library's own template.
TITLE_ONLY: Final = 5


def pptx(sheet: Sheet) -> bytes:
    """The bytes; what they depend on is the content alone."""
    content = sheet.content
    show = Presentation()
    show.slide_width, show.slide_height = Cm(WIDTH), Cm(HEIGHT)
    slide = show.slides.add_slide(show.slide_layouts[TITLE_ONLY])
    _title(slide, content.finding)
    _line(slide, _above(sheet), 0.45, size=12, colour=MUTED)
    if sheet.caution:
        _line(slide, _("Handle with care"), 0.45, size=14, colour=ACCENT, right=True)
    _figures(slide, sheet)
    half, plan = (WIDTH - 2 * EDGE - 0.8) / 2, _planned(sheet)
    tall = min(TALLEST, LOWEST - CHARTS - GAP - plan.height)
    _counts(slide, sheet, (EDGE, half, tall))
    _firmness(slide, sheet, (EDGE + half + 0.8, half, tall))
    _asks(slide, plan, CHARTS + tall + GAP)
    _line(slide, _below(sheet), HEIGHT - 0.95, size=9, colour=MUTED)
    slide.notes_slide.notes_text_frame.text = _notes(sheet)
    _speak(show, content.language)
    core = show.core_properties
    core.title, core.author, core.language = sheet.heading, content.office, content.language
    core.comments, core.keywords = "", sheet.sha256
    made_at = dt.datetime.fromisoformat(content.made_at)
    core.created = core.modified = made_at.astimezone(dt.UTC).replace(tzinfo=None)
    core.last_modified_by = content.office
    file = io.BytesIO()
    show.save(file)
    return dated(file.getvalue(), made_at)


def _above(sheet: Sheet) -> str:
    content = sheet.content
    when = content.round or content.period[:7]
    return f"{content.place.name}　{content.title}　{when}　{content.audience}"


def _below(sheet: Sheet) -> str:
    content = sheet.content
    parts = (
        (pgettext("figures", "Source"), content.source),
        (_("as of"), content.as_of),
        (_("method"), content.method),
        (_("checksum"), sheet.sum),
    )
    return "　".join(f"{term} {text}" for term, text in parts)


def _notes(sheet: Sheet) -> str:
    """Purpose, what got worse, and what the words mean."""
    content = sheet.content
    words = [f"{word.term}: {word.meaning}" for word in content.definitions]
    return "\n".join([content.purpose, *content.lines, "", *words, "", _below(sheet)])


def _title(slide: Any, text: str) -> None:
    box = slide.shapes.title
    box.left, box.top, box.width, box.height = Cm(EDGE), Cm(1.15), Cm(WIDTH - 2 * EDGE), Cm(2.1)
    frame = box.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.MIDDLE
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _write(frame.paragraphs[0], text, size=24 if len(text) < 60 else 20, colour=INK, bold=True)


def _line(
    slide: Any, text: str, top: float, *, size: int, colour: str, right: bool = False
) -> None:
    left, width = (WIDTH - 8, 8 - EDGE) if right else (EDGE, WIDTH - EDGE - 8)
    box = slide.shapes.add_textbox(Cm(left), Cm(top), Cm(width), Cm(0.7))
    box.text_frame.word_wrap = True
    _write(box.text_frame.paragraphs[0], text, size=size, colour=colour, bold=right)


def _write(paragraph: Any, text: str, *, size: float, colour: str, bold: bool = False) -> None:
    """One run in our font, for Japanese letters too."""
    run = paragraph.add_run()
    run.text = text
    _dress(run.font, size=size, colour=colour, bold=bold)


def _dress(font: Any, *, size: float, colour: str, bold: bool = False) -> None:
    font.size, font.bold, font.name = Pt(size), bold, FONT
    font.color.rgb = _rgb(colour)
    _east_asian(font._rPr if hasattr(font, "_rPr") else font._element)


def _east_asian(properties: Any) -> None:
    """The font of Japanese letters, which the library sets for Latin ones only."""
    for found in properties.findall(qn("a:ea")):
        properties.remove(found)
    latin = properties.find(qn("a:latin"))
    east = OxmlElement("a:ea")
    east.set("typeface", FONT)
    if latin is None:
        properties.append(east)
    else:
        latin.addnext(east)


def _rgb(colour: str) -> Any:
    return RGBColor.from_string(colour.lstrip("#").upper())


def _figures(slide: Any, sheet: Sheet) -> None:
    """Key figures as one native table: label, value, note below each other."""
    figures = sheet.content.figures
    table = _table(slide, 3, len(figures), top=3.45, height=2.6, name=_("Key figures"))
    for column, figure in enumerate(figures):
        _cell(table.cell(0, column), figure.label, size=11, colour=MUTED)
        _cell(table.cell(1, column), figure.value, size=20, colour=INK, bold=True)
        _cell(table.cell(2, column), figure.note, size=10, colour=MUTED)


def _table(slide: Any, rows: int, columns: int, *, top: float, height: float, name: str) -> Any:
    frame = slide.shapes.add_table(
        rows, columns, Cm(EDGE), Cm(top), Cm(WIDTH - 2 * EDGE), Cm(height)
    )
    frame.name = name
    table = frame.table
    table.first_row = table.horz_banding = False
    return table


def _cell(cell: Any, text: str, *, size: float, colour: str, bold: bool = False) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = _rgb(PALE)
    cell.margin_top = cell.margin_bottom = Cm(0.06)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    _write(cell.text_frame.paragraphs[0], text, size=size, colour=colour, bold=bold)


def _counts(slide: Any, sheet: Sheet, where: tuple[float, float, float]) -> None:
    """How many departments stand on each step, technology and culture."""
    steps = [*sheet.technology, *sheet.content.steps_on(Axis.CULTURE)]
    _chart(
        slide,
        _("Departments on each step"),
        [_step_label(step.axis, step.step, step.short or step.name) for step in steps],
        [step.here for step in steps],
        where=where,
    )


def _firmness(slide: Any, sheet: Sheet, where: tuple[float, float, float]) -> None:
    """How firm each step is; a step without data has no bar."""
    steps = [*sheet.technology, *sheet.content.steps_on(Axis.CULTURE)]
    _chart(
        slide,
        _("How firm each step is (%)"),
        [_step_label(step.axis, step.step, step.short or step.name) for step in steps],
        [step.firmness for step in steps],
        where=where,
        highest=100,
    )


def _step_label(axis: str, step: int, name: str) -> str:
    return f"{Axis(axis).label}{step} {name}"


def _chart(
    slide: Any,
    title: str,
    labels: Sequence[str],
    values: Sequence[int | None],
    *,
    where: tuple[float, float, float],
    highest: int | None = None,
) -> None:
    """A native bar chart with its values at the bars, the first step on top.

    `where`: left edge, width and height in cm.
    """
    told = CategoryChartData()
    told.categories = labels
    told.add_series(title, values)
    left, width, height = where
    frame = slide.shapes.add_chart(
        XL_CHART_TYPE.BAR_CLUSTERED, Cm(left), Cm(CHARTS), Cm(width), Cm(height), told
    )
    frame.name = title
    chart = frame.chart
    chart.has_legend, chart.has_title = False, True
    _write(chart.chart_title.text_frame.paragraphs[0], title, size=13, colour=INK, bold=True)
    _dress(chart.font, size=11 if height >= ROOMY else 9, colour=INK)
    _name_every_bar(chart.category_axis)
    chart.category_axis.reverse_order = True
    chart.category_axis.has_major_gridlines = False
    chart.value_axis.visible = chart.value_axis.has_major_gridlines = False
    chart.value_axis.minimum_scale = 0
    if highest is not None:
        chart.value_axis.maximum_scale = highest
    plot = chart.plots[0]
    plot.gap_width, plot.has_data_labels = 40, True
    plot.data_labels.position = XL_LABEL_POSITION.OUTSIDE_END
    plot.data_labels.show_value = True
    fill = plot.series[0].format.fill
    fill.solid()
    fill.fore_color.rgb = _rgb(KEY)


@dataclass(frozen=True, slots=True)
class _Plan:
    """What is to be decided, in letters of such a size; heights in cm, the heading's first."""

    heading: str
    beside: str
    rows: Sequence[tuple[str, Sequence[str]]]
    size: float = SIZES[0]
    heights: Sequence[float] = ()

    @property
    def height(self) -> float:
        """Of the whole table."""
        return sum(self.heights)


def _planned(sheet: Sheet) -> _Plan:
    """Each thing to be decided with its options; what is not used where nothing is asked."""
    if sheet.asks:
        rows = [(f"{ask.number}. {ask.title}", _options(ask)) for ask in sheet.asks]
        return _fitting(_Plan(_("To be decided"), _("Options (risk, cost, effect)"), rows))
    hollow = [row for row in sheet.follow_ups if row.hollow][:3]
    rows = [(row.title, [row.verdict_label]) for row in hollow]
    return _fitting(_Plan(_("Not used or no easier"), "", rows)) if rows else _Plan("", "", ())


def _fitting(plan: _Plan) -> _Plan:
    """The largest letters with which the table leaves room for the charts."""
    fitted = plan
    for size in SIZES:
        heights = [HEADING, *(_needed(title, texts, size) for title, texts in plan.rows)]
        fitted = replace(plan, size=size, heights=heights)
        if fitted.height <= LOWEST - CHARTS - FLATTEST - GAP:
            break
    return fitted


def _needed(title: str, texts: Sequence[str], size: float) -> float:
    """Height of a row in cm: its lines as they break in the two columns."""
    letter = size * CM_OF_A_POINT
    beside = WIDTH - 2 * EDGE - TITLES
    lines = sum(ceil(len(text) * letter / (beside - INSET)) for text in texts)
    of_title = ceil(len(title) * (size + 1) * CM_OF_A_POINT / (TITLES - INSET))
    return max(lines * letter, of_title * (size + 1) * CM_OF_A_POINT) * LINE + PADDING


def _name_every_bar(axis: Any) -> None:
    """Else every second name is left out where the chart is low."""
    skip = OxmlElement("c:tickLblSkip")
    skip.set("val", "1")
    last = axis._element.find(qn("c:noMultiLvlLbl"))
    if last is None:
        axis._element.append(skip)
    else:
        last.addprevious(skip)


def _asks(slide: Any, plan: _Plan, top: float) -> None:
    if not plan.rows:
        return
    table = _table(slide, len(plan.heights), 2, top=top, height=plan.height, name=plan.heading)
    table.columns[0].width = Cm(TITLES)
    table.columns[1].width = Cm(WIDTH - 2 * EDGE - TITLES)
    for row, height in zip(table.rows, plan.heights, strict=True):
        row.height = Cm(height)
    _cell(table.cell(0, 0), plan.heading, size=12, colour=INK, bold=True)
    _cell(table.cell(0, 1), plan.beside, size=11, colour=MUTED)
    for number, (title, texts) in enumerate(plan.rows, start=1):
        _cell(table.cell(number, 0), title, size=plan.size + 1, colour=INK, bold=True)
        cell = table.cell(number, 1)
        _cell(cell, texts[0] if texts else "", size=plan.size, colour=INK)
        for text in texts[1:]:
            _write(cell.text_frame.add_paragraph(), text, size=plan.size, colour=INK)


def _options(ask: NumberedAsk) -> list[str]:
    return [
        f"{one.letter} {one.text}（{one.risk or '–'}・{one.cost or '–'}・{one.effect or '–'}）"
        for one in ask.options
    ]


def _speak(show: Any, language: str) -> None:
    """Every text says its language: screen readers and spelling follow it."""
    code = {"ja": "ja-JP", "en": "en-US"}.get(language, language)
    for slide in show.slides:
        for part in (slide, slide.notes_slide):
            for properties in part._element.iter(qn("a:rPr")):
                properties.set("lang", code)
                properties.set("altLang", "en-US")
