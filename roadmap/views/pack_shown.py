"""A pack in words: the facts of one initiative that are no texts, and the card of an origin."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.accounts.choices import SizeBand
from dxportal.accounts.models import User
from roadmap.board import BoardRow
from roadmap.choices import Beneficiary, Cause, InitiativeKind, Verdict
from roadmap.models import PackOrigin
from roadmap.pack_values import value_words
from roadmap.wording import LABELS


@dataclass(frozen=True)
class PackLine:
    """One fact: its label, and its words."""

    label: str
    words: Sequence[str]


def lines_of(item: Mapping[str, Any]) -> list[PackLine]:
    """What a pack says of one initiative beside its texts; nothing that is empty."""
    kind = item.get("kind")
    causes = [str(Cause(code).label) for code in item.get("delay_causes", ())]
    minutes = (item.get("launch") or {}).get("minutes")
    found = [
        PackLine(str(LABELS["kind"]), [str(InitiativeKind(kind).label)] if kind else []),
        PackLine(
            str(LABELS["beneficiaries"]),
            [str(Beneficiary(code).label) for code in item.get("beneficiaries", ())],
        ),
        PackLine(_("What it eased"), [_eased(each) for each in item.get("eased", ())]),
        PackLine(_("Milestones"), [_milestone(each) for each in item.get("milestones", ())]),
        PackLine(_("In operation"), _after(item.get("live_after_days"))),
        PackLine(str(LABELS["indicators"]), [_indicator(i) for i in item.get("indicators", ())]),
        PackLine(_("Reasons of delays"), causes),
        PackLine(str(LABELS["learn_minutes"]), [] if minutes is None else [str(minutes)]),
        PackLine(str(LABELS["criteria"]), list(item.get("criteria", ()))),
        PackLine(_("Effects"), [value_words(each) for each in item.get("values", ())]),
        PackLine(_("What the staff found"), verdict_words(item)),
    ]
    return [line for line in found if line.words]


def lines_beside(item: Mapping[str, Any]) -> list[PackLine]:
    """The same where the latest verdict is told already: earlier ones alone."""
    earlier = {**item, "verdicts": list(item.get("verdicts", ()))[:-1]}
    return lines_of(earlier)


def _eased(entry: Mapping[str, Any]) -> str:
    if "hours_low" not in entry or "hours_high" not in entry:
        return str(entry["label"])
    return _("%(theme)s (estimated %(low)s to %(high)s hours a week)") % {
        "theme": entry["label"],
        "low": f"{entry['hours_low']:g}",
        "high": f"{entry['hours_high']:g}",
    }


def _after(days: int | None) -> list[str]:
    return [] if days is None else [day_words(days)]


def day_words(days: int) -> str:
    """Day 0 is the start."""
    if days < 0:
        return ngettext("%(days)s day before", "%(days)s days before", -days) % {"days": -days}
    return ngettext("after %(days)s day", "after %(days)s days", days) % {"days": days}


def _milestone(entry: Mapping[str, Any]) -> str:
    return f"{entry['title']}（{day_words(entry['days'])}）"


def _indicator(entry: Mapping[str, Any]) -> str:
    """使用率（%）: 基準値 10、実績 60."""
    unit = f"（{entry['unit']}）" if entry.get("unit") else ""
    numbers = []
    if entry.get("baseline") is not None:
        numbers.append(_("baseline %(value)s") % {"value": entry["baseline"]})
    for name, word in (
        ("targets", _("last target %(value)s")),
        ("results", _("last result %(value)s")),
    ):
        if entry.get(name):
            numbers.append(word % {"value": entry[name][-1]["value"]})
    words = _(", ").join(numbers)
    return f"{entry['name']}{unit}" + (f"：{words}" if words else "")


def verdict_words(item: Mapping[str, Any]) -> list[str]:
    """Each verdict with its shares, as theirs: 定着、週1回以上が60%."""
    return [_verdict(each) for each in item.get("verdicts", ())]


def _share_names() -> dict[str, str]:
    return {
        "weekly_or_more": _("weekly or more %(share)s"),
        "easier": _("easier %(share)s"),
        "harder": _("harder %(share)s"),
        "both_ways": _("both ways side by side %(share)s"),
    }


def _verdict(each: Mapping[str, Any]) -> str:
    shares = each.get("shares") or {}
    names = _share_names()
    parts = [str(Verdict(each["verdict"]).label)]
    if each.get("declared"):
        parts.append(_("declared, not measured"))
    parts += [
        words % {"share": share_words(shares[name])}
        for name, words in names.items()
        if name in shares
    ]
    return _(", ").join(parts)


def figure_words(figures: Mapping[str, Any]) -> str:
    """The stored figures of a verdict in one line: 週1回以上 80%、楽になった 70%; "" for none."""
    shares = {name: figures[name] for name in figures if isinstance(figures[name], dict)}
    parts = [
        words % {"share": share_words(shares[name])}
        for name, words in _share_names().items()
        if name in shares and shares[name].get("percent") is not None
    ]
    if number := figures.get("n"):
        parts.append(ngettext("%(n)s answer", "%(n)s answers", number) % {"n": number})
    return _(", ").join(parts)


def share_words(share: Mapping[str, Any]) -> str:
    """A share with its bound."""
    words = {
        "at_least": _("%(percent)s %% or more"),
        "at_most": _("%(percent)s %% or less"),
    }.get(share["bound"], _("%(percent)s %%"))
    return words % {"percent": share["percent"]}


def theirs(name: str, band: str, item: Mapping[str, Any]) -> str:
    """見本市（市 5万〜10万）では、定着、週1回以上が60%: their verdict, said as theirs."""
    words = verdict_words(item)
    label = str(SizeBand(band).label).replace("（", " ").replace("）", "")
    place = {"name": name, "band": label}
    if not words:
        return _("In %(name)s (%(band)s) staff have not been asked yet.") % place
    return _("In %(name)s (%(band)s): %(words)s.") % {**place, "words": words[-1]}


@dataclass(frozen=True)
class OriginCard:
    """From whose initiative this one was made, and what is known of it there."""

    origin: PackOrigin
    sentence: str
    lines: list[PackLine]
    budget: str
    blockers: list[tuple[str, str, str]]


def origin_card(row: BoardRow, user: User, day: date) -> OriginCard | None:
    """None for an initiative of one's own; one query."""
    origin = PackOrigin.objects.filter(initiative=row.initiative).first()
    if origin is None:
        return None
    item = origin.content
    return OriginCard(
        origin,
        theirs(origin.municipality_name, origin.size_band, item),
        [line for line in lines_beside(item) if line.label not in _own_fields()],
        str(item.get("budget", "")),
        blocker_lines(item),
    )


def _own_fields() -> set[str]:
    """What stands in the initiative's own fields already."""
    return {str(LABELS[name]) for name in ("kind", "beneficiaries", "learn_minutes", "criteria")}


def blocker_lines(item: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(category, what held it back, how it was solved)."""
    return [
        (str(Cause(each["category"]).label), each["text"], each.get("resolution", ""))
        for each in item.get("blockers", ())
    ]
