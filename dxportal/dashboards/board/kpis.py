"""The key figures on top: each with its change, each a link to what it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.dashboards.adoption import AdoptionRow
from dxportal.dashboards.board.figures import CELL, PAIR, RANGE, SHARE, Figure, Links
from dxportal.dashboards.board.health import Counts
from dxportal.dashboards.board.surveyed import EASIER, PartOfWave, Surveys
from dxportal.dashboards.painpoints import PainSummary
from dxportal.dashboards.value_page import ValuePanel
from roadmap.choices import Standing
from surveys.gap import Positive, positive
from surveys.results import hours_text


@dataclass(frozen=True, slots=True)
class Kpi:
    """One key figure: `rest` follows it small; `notes` are words and further figures below."""

    name: str
    label: str
    figure: Figure | None
    rest: str = ""
    notes: Sequence[Figure | str] = field(default_factory=list)
    empty: str = ""


def easier_figure(part: PartOfWave, url: str) -> Figure | None:
    """The share that agrees among all staff: a share where it is a number, else as it is stored."""
    top = part.results.everybody
    if top is None:
        return None
    share = positive(part.results, EASIER, top)
    return None if share.masked else _of_share("easier", share, url)


def _of_share(name: str, share: Positive, url: str) -> Figure:
    if share.low == share.high:
        return Figure(name, f"{share.low:g}%", url, share.low, SHARE)
    return Figure(name, share.text, url, share.text, CELL)


def kpis(
    links: Links,
    *,
    found: Surveys | None,
    pain: PainSummary | None,
    value: ValuePanel,
    adoption: Sequence[AdoptionRow],
    now: Counts,
    then: Counts | None,
) -> list[Kpi]:
    """In the order of the mock-up; what is not for the viewer (or not there yet) is left out or
    says what is missing."""
    shown = [_easier(links, found)] if found else []
    shown.append(_freed(value, pain, links))
    if pain is not None:
        shown += [_replies(links, pain), _response(links, pain)]
    return [*shown, _late(links, now, then), _rooted(links, adoption)]


def _easier(links: Links, found: Surveys) -> Kpi:
    label = _("Work has become easier")
    if found.pulse is None:
        return Kpi("easier", label, None, empty=_("known after the first culture survey"))
    figure = easier_figure(found.pulse, links.figure("easier", wave=found.pulse.wave.pk))
    before = found.before and easier_figure(
        found.before, links.figure("easier", wave=found.before.wave.pk)
    )
    notes: list[Figure | str] = []
    if figure and before:
        if isinstance(figure.value, float | int) and isinstance(before.value, float | int):
            notes.append(_points(round(figure.value - before.value)))
        notes.append(_("last time"))
        notes.append(before)
    return Kpi("easier", label, figure, notes=notes, empty=_("not shown"))


def _points(points: int) -> str:
    if points == 0:
        return _("unchanged")
    if points > 0:
        return _("▲ %(n)s points") % {"n": points}
    return _("▼ %(n)s points") % {"n": -points}


def _freed(value: ValuePanel, pain: PainSummary | None, links: Links) -> Kpi:
    """What was checked as saved, beside what the staff still lose."""
    cell = next(cell for cell in value.cells if cell.standing == Standing.VERIFIED)
    amount = cell.total.amount
    url = reverse("dashboards:value") + f"?{cell.query}"
    figure = Figure("freed", cell.text, url, amount.low, RANGE, amount.high) if amount else None
    notes: list[Figure | str] = []
    if pain is not None and pain.hours is not None:
        low, high = pain.hours
        text = _("%(hours)s hours") % {"hours": hours_text(low, high)}
        notes += [
            _("still lost to pain points (estimate, a week)"),
            Figure("hours", text, links.figure("hours"), low, RANGE, high),
        ]
    label = _("Time freed, verified")
    return Kpi("freed", label, figure, notes=notes, empty=_("nothing is verified yet"))


def _replies(links: Links, pain: PainSummary) -> Kpi:
    rate, label = pain.replies, _("Themes replied to")
    if not rate.total:
        return Kpi("replies", label, None, empty=_("no theme to reply to yet"))
    figure = Figure(
        "replies", str(rate.answered), links.figure("replies"), rate.answered, PAIR, rate.total
    )
    notes: list[Figure | str] = []
    if waiting := rate.total - rate.answered:
        text = ngettext("%(n)s without a reply", "%(n)s without a reply", waiting) % {"n": waiting}
        page = links.figure("unreplied")
        notes.append(Figure("unreplied", text, page, waiting, tone="bad"))
    if rate.oldest_days is not None:
        days = rate.oldest_days
        notes.append(
            ngettext("the oldest for %(n)s day", "the oldest for %(n)s days", days) % {"n": days}
        )
    rest = _("/ %(total)s") % {"total": rate.total}
    return Kpi("replies", label, figure, rest, notes or [_("every theme has its reply")])


def _response(links: Links, pain: PainSummary) -> Kpi:
    label, top = _("Response rate"), pain.results.everybody
    percent = pain.results.response
    if top is None or percent is None:
        return Kpi("response", label, None, empty=_("not shown"))
    page = links.figure("response")
    figure = Figure("response", f"{percent}%", page, percent, SHARE)
    people = _("%(n)s of %(eligible)s people") % {"n": top.n, "eligible": top.eligible}
    below = Figure("response", people, page, top.n, PAIR, top.eligible)
    return Kpi("response", label, figure, notes=[below])


def _late(links: Links, now: Counts, then: Counts | None) -> Kpi:
    label = _("Initiatives reported late")
    if not now["initiatives"]:
        return Kpi("late", label, None, empty=_("no initiative is counted yet"))
    figure = Figure("late", str(now["late"]), links.figure("late"), now["late"])
    total = Figure(
        "initiatives",
        _("of %(total)s initiatives") % {"total": now["initiatives"]},
        links.figure("initiatives"),
        now["initiatives"],
    )
    notes: list[Figure | str] = [total]
    if then is not None and then["initiatives"]:
        notes.append(_difference(now["late"] - then["late"]))
    return Kpi("late", label, figure, notes=[*notes, *_beside_late(links, now)])


def _beside_late(links: Links, now: Counts) -> Iterator[Figure]:
    """What the dates say, beside what was reported."""
    words = {
        "behind": ngettext("%(n)s past its target", "%(n)s past their target", now["behind"]),
        "unconfirmed": ngettext("%(n)s unconfirmed", "%(n)s unconfirmed", now["unconfirmed"]),
        "unknown": ngettext("%(n)s unknown", "%(n)s unknown", now["unknown"]),
    }
    for name, text in words.items():
        if now[name]:
            shown = text % {"n": now[name]}
            yield Figure(name, shown, links.figure(name), now[name], tone="bad")


def _difference(more: int) -> str:
    if more == 0:
        return _("as many as before")
    if more > 0:
        return _("▲ %(n)s more than before") % {"n": more}
    return _("▼ %(n)s fewer than before") % {"n": -more}


def _rooted(links: Links, adoption: Sequence[AdoptionRow]) -> Kpi:
    label = _("Took root after three months")
    if not adoption:
        return Kpi("rooted", label, None, empty=_("nobody was asked again yet"))
    rooted = sum(row.adoption.took_root for row in adoption)
    hollow = sum(row.adoption.hollow for row in adoption)
    figure = Figure("rooted", str(rooted), links.figure("rooted"), rooted)
    asked = Figure(
        "judged",
        _("of %(total)s asked about again") % {"total": len(adoption)},
        links.figure("judged"),
        len(adoption),
    )
    notes: list[Figure | str] = [asked]
    if hollow:
        text = ngettext("%(n)s unused or to rethink", "%(n)s unused or to rethink", hollow)
        page = links.figure("hollow")
        notes.append(Figure("hollow", text % {"n": hollow}, page, hollow, tone="bad"))
    return Kpi("rooted", label, figure, notes=notes)
