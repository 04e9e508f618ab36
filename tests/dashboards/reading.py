"""Files read back as the lines that a person or a program finds in them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import Any

from openpyxl import load_workbook
from pptx import Presentation
from pypdf import PdfReader


def words_of(content: bytes, kind: str) -> list[str]:
    """Every line of text: rows of tables, lines of pages, categories and values of charts."""
    return list({"pdf": _pdf, "pptx": _pptx, "xlsx": _xlsx, "csv": _csv}[kind](content))


def _pdf(content: bytes) -> Iterator[str]:
    for page in PdfReader(io.BytesIO(content)).pages:
        yield from page.extract_text().splitlines()


def _xlsx(content: bytes) -> Iterator[str]:
    for sheet in load_workbook(io.BytesIO(content)):
        for row in sheet.iter_rows(values_only=True):
            yield " ".join(str(cell) for cell in row if cell is not None)


def _csv(content: bytes) -> Iterator[str]:
    for row in csv.reader(io.StringIO(content.decode("utf-8-sig"))):
        yield " ".join(row)


def _pptx(content: bytes) -> Iterator[str]:
    for slide in Presentation(io.BytesIO(content)).slides:
        for shape in slide.shapes:
            yield from _shape(shape)
        yield from slide.notes_slide.notes_text_frame.text.splitlines()


def _shape(shape: Any) -> Iterator[str]:
    if shape.has_text_frame:
        yield shape.text_frame.text
    elif shape.has_chart:
        plot = shape.chart.plots[0]
        yield from (
            f"{label} {value}"
            for label, value in zip(plot.categories, plot.series[0].values, strict=True)
        )
    elif shape.has_table:
        for row in shape.table.rows:
            yield " ".join(cell.text_frame.text for cell in row.cells)
