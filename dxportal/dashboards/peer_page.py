"""The bundled public figures → dataclasses for the page of peers, and rows for its files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.choices import SizeBand
from dxportal.accounts.models import Municipality
from dxportal.dashboards import peer_figures, peers
from dxportal.dashboards.peer_figures import Dot
from dxportal.dashboards.peers import Share, Spread
from dxportal.dashboards.published import (
    ANSWERS,
    INDICATORS,
    PERCENTAGES,
    Area,
    Indicator,
    Place,
    published,
)
from dxportal.shared.charts import Chart

#: Municipalities listed for one search; more are counted.
LISTED: Final = 20
AREA_LABELS: Final = {
    Area.GOVERNANCE: gettext_lazy("How DX is governed"),
    Area.WORK: gettext_lazy("DX of the municipality's work"),
}
#: Value of a yes/no indicator → what the page says, and its sign.
ANSWER_WORDS: Final = {
    1: ("ok", gettext_lazy("does it")),
    0: ("not_started", gettext_lazy("does not")),
    None: ("unknown", gettext_lazy("not surveyed")),
}


@dataclass(frozen=True, slots=True)
class AnswerRow:
    """One yes/no indicator of the size, with the answer of the marked municipality."""

    label: str
    share: Share
    sign: str = ""
    answer: str = ""

    @property
    def percent(self) -> str:
        """To one decimal, the same in every language."""
        return _share_told(self.share)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which size, and which municipality in it; `viewed` may be of another size."""

    band: SizeBand
    viewed: Place | None
    own: Place | None
    found: Sequence[Place] = ()
    more: int = 0
    #: What was searched for and does not name one municipality.
    query: str = ""

    @property
    def shown(self) -> Place | None:
        """The municipality that is marked: only inside its own size."""
        return self.viewed if self.viewed and self.viewed.band == self.band else None

    @property
    def is_own(self) -> bool:
        """Whether the viewer's own municipality is looked at."""
        return self.viewed is not None and self.viewed is self.own

    @property
    def who(self) -> str:
        """What the marked municipality is called; '' where none is marked."""
        if self.shown is None:
            return ""
        return _("Your municipality") if self.is_own else self.shown.name


@dataclass(frozen=True, slots=True)
class PeerPage:
    """Everything the page shows of one size."""

    choice: Choice
    count: int
    charts: list[Chart]
    areas: list[tuple[str, list[AnswerRow]]]
    finding: str
    associations: tuple[str, str]


@dataclass(frozen=True, slots=True)
class BandRow:
    """One size beside the others; `band` is None for all municipalities together."""

    band: SizeBand | None
    label: str
    count: int
    #: Label of an indicator and its median or share, as told on the page.
    medians: list[tuple[str, str]]
    shares: list[tuple[str, str]]
    marked: bool


def choose(home: Municipality | None, *, band: str, code: str, query: str) -> Choice:
    """Size and municipality wished for, else one's own; what is not known is ignored.

    A search that only one municipality answers to chooses it, with its own size.
    """
    known = published()
    found = peers.find(known.places, query)
    own = known.by_code.get(home.code) if home else None
    viewed = known.by_code.get(code) or own
    if single := peers.single(found, query):
        viewed, found, band, query = single, [], "", ""
    if band in SizeBand.values:
        size = SizeBand(band)
    elif viewed:
        size = viewed.band
    else:
        size = SizeBand(home.size_band) if home else SizeBand.CITY_SMALL
    return Choice(size, viewed, own, found[:LISTED], len(found[LISTED:]), query.strip())


def peer_page(choice: Choice, csv_url: str) -> PeerPage:
    """Build the page of one size; no statement is needed."""
    places = published().bands[choice.band]
    lowest, highest = (f"{value:+.2f}" for value in peers.associations())
    return PeerPage(
        choice=choice,
        count=len(places),
        charts=[_chart(indicator, places, choice, csv_url) for indicator in PERCENTAGES],
        areas=[(str(label), _answers(area, places, choice)) for area, label in AREA_LABELS.items()],
        finding=peers.answers_finding(places, choice.who, choice.shown),
        associations=(lowest.replace("-", "−"), highest.replace("-", "−")),
    )


def _answers(area: Area, places: Sequence[Place], choice: Choice) -> list[AnswerRow]:
    rows = []
    for indicator in (i for i in ANSWERS if i.area == area):
        sign, answer = "", ""
        if choice.shown:
            sign, words = ANSWER_WORDS[choice.shown.values[indicator.column]]
            answer = str(words)
        share = peers.share(places, indicator)
        rows.append(AnswerRow(str(indicator.label), share, sign, answer))
    return rows


def _chart(indicator: Indicator, places: Sequence[Place], choice: Choice, csv_url: str) -> Chart:
    spread = peers.spread(places, indicator)
    shown = _dot(choice.shown, indicator) if choice.shown else None
    dots = [
        dot for place in places if place is not choice.shown and (dot := _dot(place, indicator))
    ]
    figure = peer_figures.dot_figure(dots, median=spread.median, chosen=shown, who=choice.who)
    return Chart(
        name=indicator.column.removesuffix("_pct"),
        title=str(indicator.label),
        finding=peers.spread_finding(spread, choice.who, shown.percent if shown else None),
        columns=(_("Figure"), _("Value")),
        rows=_numbers(spread, choice, shown),
        figure=figure,
        csv_url=csv_url,
    )


def _dot(place: Place, indicator: Indicator) -> Dot | None:
    percent = place.values[indicator.column]
    if percent is None:
        return None
    return Dot(place.full_name, percent, peers.jitter(place.code))


def _numbers(spread: Spread, choice: Choice, shown: Dot | None) -> list[tuple[str, str | None]]:
    own = [(choice.who, _told(shown.percent if shown else None))] if choice.who else []
    return [
        *own,
        (_("Lowest"), _told(spread.lowest)),
        (_("A quarter have this or less"), _told(spread.lower)),
        (_("Median"), _told(spread.median)),
        (_("A quarter have this or more"), _told(spread.upper)),
        (_("Highest"), _told(spread.highest)),
        (_("Municipalities with a value"), str(spread.known)),
        (_("Municipalities without a value"), str(spread.unknown)),
    ]


def _told(percent: float | None) -> str | None:
    return None if percent is None else f"{percent:g}%"


def band_rows(marked: SizeBand) -> list[BandRow]:
    """All sizes from the largest to the smallest, then all municipalities together."""
    known = published()
    groups: list[tuple[SizeBand | None, str, Sequence[Place]]] = [
        (band, str(band.label), places) for band, places in known.bands.items()
    ]
    groups.append((None, _("All municipalities"), known.places))
    return [
        BandRow(
            band,
            label,
            len(places),
            [(str(i.label), _told(peers.spread(places, i).median) or "–") for i in PERCENTAGES],
            [(str(i.label), _share_told(peers.share(places, i))) for i in ANSWERS],
            marked=band == marked,
        )
        for band, label, places in groups
    ]


def _share_told(share: Share) -> str:
    return "–" if share.percent is None else f"{share.percent:.1f}"


def place_header() -> list[str]:
    """Headings of the file of one size."""
    labels = [str(indicator.label) for indicator in INDICATORS]
    return [_("Municipality code"), _("Prefecture"), _("Municipality"), _("Size"), *labels]


def place_cells(places: Sequence[Place]) -> Iterator[list[str | int | None]]:
    """One row a municipality: answers as words, percentages as numbers, empty without a value."""
    for place in places:
        cells: list[str | int | None] = [place.code, place.prefecture, place.name]
        cells.append(str(place.band.label))
        for indicator in INDICATORS:
            value = place.values[indicator.column]
            cells.append(value if indicator.is_percentage else str(ANSWER_WORDS[value][1]))
        yield cells
