"""How a sheet of a workbook looks and helps: widths, lists to choose from, print."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

#: Rows below the table for which cells still offer their lists.
SPARE_ROWS: Final = 500
#: Limits of Excel for the words beside a cell.
_LONGEST_TITLE, _LONGEST_HINT = 32, 255
_A3: Final = 8


@dataclass(frozen=True)
class Offer:
    """What a cell offers: a list (a range such as `=choices!$A$2:$A$9`) or only a hint.

    `strict`: nothing else may be typed; else Excel asks whether it is meant.
    """

    source: str = ""
    strict: bool = True
    title: str = ""
    hint: str = ""


@dataclass(frozen=True)
class SheetLook:
    """Everything about one sheet beside its cells. Columns are counted from 0."""

    widths: Sequence[int] = ()
    muted: Collection[int] = ()
    offers: Mapping[int, Offer] = field(default_factory=dict)
    hidden: bool = False
    frozen_columns: int = 0
    filtered: bool = True
    footer: str = ""


def dress(book: Any, page: Any, look: SheetLook, rows: int) -> None:
    """Widths, lists and print set-up of one sheet with that many rows below the headings."""
    plain = book.add_format({"text_wrap": True, "valign": "top"})
    muted = book.add_format({"text_wrap": True, "valign": "top", "bg_color": "#F2F2F2"})
    for column, width in enumerate(look.widths):
        page.set_column(column, column, width, muted if column in look.muted else plain)
    page.freeze_panes(1, look.frozen_columns)
    for column, offer in look.offers.items():
        page.data_validation(1, column, rows + SPARE_ROWS, column, _validation(offer))
    page.set_landscape()
    page.set_paper(_A3)
    page.repeat_rows(0)
    page.fit_to_pages(1, 0)
    page.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    page.set_footer(f"&L{look.footer}&R&P / &N")
    if look.frozen_columns:
        page.repeat_columns(0, look.frozen_columns - 1)
        page.fit_to_pages(0, 0)
        page.set_print_scale(70)
    if look.hidden:
        page.hide()


def _validation(offer: Offer) -> dict[str, Any]:
    hint = {
        "input_title": offer.title[:_LONGEST_TITLE],
        "input_message": offer.hint[:_LONGEST_HINT],
        "ignore_blank": True,
    }
    if not offer.source:
        return {"validate": "any", **hint}
    kind = "stop" if offer.strict else "warning"
    return {"validate": "list", "source": offer.source, "error_type": kind, **hint}
