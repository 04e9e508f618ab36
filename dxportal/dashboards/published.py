"""The bundled public indicators of all municipalities: what they are, and the reader that checks.

Origin, edition and conditions of use stand in `data/README.md` and on the page.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import SizeBand
from dxportal.accounts.codes import is_valid_code

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

FILE: Final = Path(__file__).parent / "data" / "municipalities_dx.csv"
#: Fiscal year of the surveys behind the figures, and the day of their governance part.
FISCAL_YEAR: Final = 2023
STATE_OF: Final = "2023-04-01"
#: Where the figures were published, and from which copy of them the bundled file was made.
SOURCE_URL: Final = "https://www.digital.go.jp/resources/govdashboard/local-government-dx"
UPDATED_ON: Final = "2024-07-12"
COPY: Final = "onodso/jichitai-dx-Zoom-tool@4c3b0a6"
COPIED_ON: Final = "2026-01-30"

#: Name of a size in the file → ours; the cuts are those of MIC's similar-municipality groups.
BANDS: Final[Mapping[str, SizeBand]] = {
    "指定都市": SizeBand.DESIGNATED,
    "特別区": SizeBand.WARD,
    "市15万以上": SizeBand.CITY_150K,
    "市10万～15万": SizeBand.CITY_100K,
    "市5万～10万": SizeBand.CITY_50K,
    "市5万未満": SizeBand.CITY_SMALL,
    "町村2万以上": SizeBand.TOWN_20K,
    "町村1.5万～2万": SizeBand.TOWN_15K,
    "町村1万～1.5万": SizeBand.TOWN_10K,
    "町村5千～1万": SizeBand.TOWN_5K,
    "町村5千未満": SizeBand.TOWN_SMALL,
}


class Area(StrEnum):
    """The three areas of the dashboard that the figures come from."""

    GOVERNANCE = "governance"
    WORK = "work"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Indicator:
    """One published figure: yes or no (governance, work), or a percentage (service)."""

    column: str
    label: _StrPromise
    area: Area

    @property
    def is_percentage(self) -> bool:
        """Whether the values are percentages from 0 to 100, not 1 for yes and 0 for no."""
        return self.area == Area.SERVICE


#: In the order and, in Japanese, with the names of the source.
INDICATORS: Final = (
    Indicator("cio", _("CIO appointed"), Area.GOVERNANCE),
    Indicator("cio_aide", _("Aide to the CIO appointed"), Area.GOVERNANCE),
    Indicator("policy", _("Overall policy drawn up"), Area.GOVERNANCE),
    Indicator("org", _("Organisation-wide structure set up"), Area.GOVERNANCE),
    Indicator("external", _("External specialists engaged"), Area.GOVERNANCE),
    Indicator("hr_dev", _("Staff development"), Area.GOVERNANCE),
    Indicator("all_staff_training", _("Training for all staff"), Area.GOVERNANCE),
    Indicator("ai", _("AI introduced"), Area.WORK),
    Indicator("rpa", _("RPA introduced"), Area.WORK),
    Indicator("telework", _("Telework introduced"), Area.WORK),
    Indicator("mynumber_pct", _("My Number cards held"), Area.SERVICE),
    Indicator("online26_pct", _("26 childcare and care procedures online"), Area.SERVICE),
    Indicator("online32_pct", _("32 often used procedures online"), Area.SERVICE),
)
ANSWERS: Final = tuple(i for i in INDICATORS if not i.is_percentage)
PERCENTAGES: Final = tuple(i for i in INDICATORS if i.is_percentage)
GOVERNANCE: Final = tuple(i for i in INDICATORS if i.area == Area.GOVERNANCE)
COLUMNS: Final = (
    *("code6", "code5", "pref", "name", "kana", "type", "pop_2025_prelim", "pop_2020", "size_band"),
    *(i.column for i in INDICATORS),
    *("online32_den", "online32_num"),
)


class DataError(ValueError):
    """The file is not what it has to be; ``str()`` names the line."""


@dataclass(frozen=True, slots=True)
class Place:
    """One municipality; `values` by column, None where there is none (調査無し), never 0."""

    code: str
    prefecture: str
    name: str
    kana: str
    band: SizeBand
    values: Mapping[str, int | None]

    @property
    def full_name(self) -> str:
        """With the prefecture: 25 names are those of several municipalities."""
        return f"{self.prefecture} {self.name}"


@dataclass(frozen=True)
class Published:
    """All municipalities, in the order of their codes."""

    places: tuple[Place, ...]

    @cached_property
    def by_code(self) -> Mapping[str, Place]:
        """Six-digit code → municipality; nothing else tells two of them apart."""
        return {place.code: place for place in self.places}

    @cached_property
    def bands(self) -> Mapping[SizeBand, tuple[Place, ...]]:
        """Size → its municipalities, in the order of sizes."""
        return {band: tuple(p for p in self.places if p.band == band) for band in BANDS.values()}


def read(lines: Iterable[str]) -> Published:
    """The municipalities of the file; DataError where a column, code or value is wrong."""
    reader = csv.reader(lines)
    heading = next(reader, [])
    if tuple(heading) != COLUMNS:
        raise DataError(f"columns: {heading}")
    places = []
    for number, cells in enumerate(reader, start=2):
        try:
            places.append(_place(dict(zip(COLUMNS, cells, strict=True))))
        except ValueError as error:
            raise DataError(f"line {number}: {error}") from error
    places.sort(key=lambda place: place.code)
    found = Published(tuple(places))
    if len(found.by_code) != len(places):
        raise DataError("a code stands twice")
    return found


def _place(row: Mapping[str, str]) -> Place:
    code = row["code6"]
    if not is_valid_code(code) or row["code5"] != code[:5]:
        raise DataError(f"code {code} {row['code5']}")
    if row["size_band"] not in BANDS:
        raise DataError(f"size {row['size_band']}")
    values = {i.column: _value(row[i.column], 100 if i.is_percentage else 1) for i in INDICATORS}
    asked, online = int(row["online32_den"]), int(row["online32_num"])
    if not 0 <= online <= asked or (values["online32_pct"] is None) != (asked == 0):
        raise DataError(f"{online} of {asked} procedures")
    return Place(code, row["pref"], row["name"], row["kana"], BANDS[row["size_band"]], values)


def _value(text: str, highest: int) -> int | None:
    """A whole number from 0 to `highest`; an empty cell is no value, never 0."""
    if text == "":
        return None
    if not (text.isascii() and text.isdigit() and int(text) <= highest):
        raise DataError(f"value {text}")
    return int(text)


@cache
def published() -> Published:
    """The bundled file, read and checked once a process."""
    with FILE.open(encoding="utf-8", newline="") as lines:
        return read(lines)
