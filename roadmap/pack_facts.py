"""Initiatives as they are handed to another municipality: an allow-list, without any person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from django.utils import timezone

from dxportal.accounts.models import Department, Municipality, Post, User
from dxportal.shared.fiscal import fiscal_year, quarter_start
from roadmap.choices import Disclosure, Progress
from roadmap.disclosure import WHOLE
from roadmap.models import Indicator, Initiative, Update
from roadmap.pack_safety import Watch, is_few
from roadmap.pack_sources import published_burdens
from roadmap.pack_text import Text
from roadmap.pack_values import values_of
from roadmap.wording import LABELS

#: A share beside a verdict is stored, and handed on, from this many answers (survey anonymity).
SHARES_FROM: Final = 20
_SHARES: Final = ("weekly_or_more", "easier", "harder", "both_ways")
_OWN: Final = "own_"
_LINKED: Final = (
    "milestones",
    "indicator_rows__targets",
    "indicator_rows__measurements",
    "blockers",
    "theme_links__theme",
    "criterion_links__criterion",
    "tag_links__tag",
    "verdicts",
    "withholdings",
)
#: Texts that are taken over as they stand, in the order of the file.
TEXTS: Final = ("purpose", "stops", "adds", "budget", "pitfalls")


@dataclass
class Draft:
    """One initiative before it is handed on: its content, and what of it was left out."""

    initiative: Initiative
    content: dict[str, Any]
    withheld: list[str] = field(default_factory=list)
    few: int = 0
    own_tags: int = 0


@dataclass(frozen=True)
class _Known:
    """What is asked once for all."""

    day: dt.date
    burdens: Mapping[int, tuple[float, float]]
    causes: Mapping[int, list[str]]
    values: Mapping[int, list[dict[str, Any]]]


def may_leave(initiative: Initiative) -> bool:
    """Neither withheld as a whole, nor marked as not to be introduced to others."""
    if initiative.may_introduce is False or initiative.disclosure == Disclosure.WITHHELD:
        return False
    return WHOLE not in {row.field for row in initiative.withholdings.all()}


def pack_rows(user: User, keys: Collection[int]) -> list[Initiative]:
    """The initiatives with everything that a pack may hold: fourteen statements, however many."""
    found = Initiative.objects.visible_to(user).filter(pk__in=keys)
    return list(found.prefetch_related(*_LINKED).order_by("pk"))


def drafts(municipality: Municipality, rows: Sequence[Initiative], now: dt.datetime) -> list[Draft]:
    """Their content; two statements more than the rows."""
    keys = [row.pk for row in rows]
    known = _Known(
        timezone.localdate(now),
        published_burdens(municipality.pk, now),
        _causes(keys),
        values_of(keys),
    )
    return [_draft(row, known) for row in rows]


def watch_of(municipality: Municipality) -> Watch:
    """Everybody with an account, every department and post here, whenever: three statements."""
    people = User.objects.filter(municipality=municipality).values_list("name", flat=True)
    departments = Department.objects.filter(municipality=municipality)
    posts = Post.objects.filter(department__municipality=municipality)
    return Watch.of(
        people,
        departments.values_list("name", flat=True),
        posts.values_list("name", flat=True),
    )


def _causes(keys: Sequence[int]) -> dict[int, list[str]]:
    """Why each was ever late, in the order in which that was said; the words beside it stay."""
    rows = (
        Update.objects.filter(initiative__in=keys, progress=Progress.LATE)
        .exclude(cause="")
        .order_by("pk")
        .values_list("initiative_id", "cause")
    )
    found: dict[int, dict[str, None]] = {}
    for pk, cause in rows:
        found.setdefault(pk, {})[cause] = None
    return {pk: list(causes) for pk, causes in found.items()}


def _draft(row: Initiative, known: _Known) -> Draft:
    """Field by field; what is withheld from publication is withheld from others too."""
    withheld = {each.field for each in row.withholdings.all()}
    draft = Draft(row, {})
    content = _fields(row) | _plans(row, known.day) | _surveyed(row, known)
    content["tags"], draft.own_tags = _tags(row)
    content["indicators"], draft.few = _indicators(row, start_of(row))
    content["delay_causes"] = known.causes.get(row.pk, [])
    content["values"] = known.values.get(row.pk, [])
    for name in sorted(withheld):
        part = _PARTS.get(name, "")
        if content.get(part) not in (None, "", []):
            content[part] = [] if isinstance(content[part], list) else None
            draft.withheld.append(str(LABELS[name]))
    content |= {name: "" for name in _WORDS if content[name] is None}
    draft.content = {name: content[name] for name in ORDER}
    return draft


#: Field that can be withheld → its part of a pack.
_PARTS: Final = {
    **{name: name for name in (*TEXTS, "kind", "beneficiaries", "indicators", "criteria", "tags")},
    "themes": "eased",
    "launched_on": "live_after_days",
    "start_fy": "year",
}
_WORDS: Final = (*TEXTS, "kind")
#: The parts of one initiative, in the order of the file.
ORDER: Final = (
    *("title", "purpose", "kind", "beneficiaries", "eased", "stops", "adds", "year"),
    *("milestones", "live_after_days", "indicators", "budget", "blockers", "delay_causes"),
    *("pitfalls", "launch", "criteria", "tags", "verdicts", "values"),
)


def _text(row: Initiative, name: str, label: str, text: str, longest: int = 4000) -> Text:
    return Text(text, f"{row.pk}.{name}", label, longest)


def _fields(row: Initiative) -> dict[str, Any]:
    """What is written in the initiative itself."""
    found: dict[str, Any] = {
        name: _text(row, name, str(LABELS[name]), getattr(row, name)) for name in TEXTS
    }
    found["title"] = _text(row, "title", str(LABELS["title"]), row.title, 200)
    found["kind"], found["beneficiaries"] = row.kind, list(row.beneficiaries)
    found["criteria"] = sorted(
        link.criterion.code for link in row.criterion_links.all() if not link.criterion.retired
    )
    found["launch"] = {
        "learners": _text(row, "learners", str(LABELS["learners"]), row.learners),
        "minutes": row.learn_minutes,
        "old_way": _text(row, "old_way", str(LABELS["old_way"]), row.old_way),
    }
    return found


def start_of(row: Initiative) -> dt.date | None:
    """From when its days are counted: the start that was entered, else its first milestone."""
    if row.start_fy:
        return quarter_start(row.start_fy, row.start_quarter or 1)
    days = [each.due_on for each in row.milestones.all()]
    return min(days, default=row.launched_on)


def _days(start: dt.date | None, day: dt.date | None) -> int | None:
    return None if start is None or day is None else (day - start).days


def _plans(row: Initiative, day: dt.date) -> dict[str, Any]:
    """Durations instead of dates, and what stood in the way."""
    start = start_of(row)
    label = str(row.milestones.model._meta.verbose_name)
    solved = str(row.blockers.model._meta.get_field("resolution").verbose_name)
    return {
        "year": fiscal_year(start) if start else None,
        "live_after_days": _days(start, row.launched_on),
        "milestones": [
            {
                "title": Text(each.title, f"{row.pk}.milestone.{each.pk}", label, 200, drops=True),
                "days": _days(start, each.due_on),
                "done_days": _days(start, each.done_on),
            }
            for each in row.milestones.all()
        ],
        "blockers": [
            {
                "category": each.category,
                "external": each.external,
                "text": Text(
                    each.text,
                    f"{row.pk}.blocker.{each.pk}",
                    str(each._meta.verbose_name),
                    400,
                    drops=True,
                ),
                "resolution": _text(row, f"blocker.{each.pk}.solved", solved, each.resolution, 400),
                "solved": each.closed_on is not None,
            }
            for each in sorted(row.blockers.all(), key=lambda each: (each.opened_on, each.pk))
        ],
    }


def _surveyed(row: Initiative, known: _Known) -> dict[str, Any]:
    """What staff said, as it is published for all of them together."""
    eased = []
    for link in sorted(row.theme_links.all(), key=lambda link: link.theme.order):
        key = f"{row.pk}.theme.{link.theme_id}"
        label = Text(link.theme.label, key, str(LABELS["themes"]), 80, drops=True)
        entry: dict[str, Any] = {"code": link.theme.code, "label": label}
        if hours := known.burdens.get(link.theme_id):
            entry["hours_low"], entry["hours_high"] = hours
        eased.append(entry)
    said = sorted(row.verdicts.all(), key=lambda verdict: verdict.on)
    return {
        "eased": eased,
        "verdicts": [_verdict(row, each) for each in said if each.on <= known.day],
    }


def _verdict(row: Initiative, each: Any) -> dict[str, Any]:
    """The word; shares from 20 answers on, as they are stored; never how many were asked."""
    number = each.figures.get("n") or 0
    shares = {
        name: {"percent": share["percent"], "bound": share["bound"]}
        for name in _SHARES
        if number >= SHARES_FROM
        and (share := each.figures.get(name))
        and share.get("percent") is not None
        and share.get("bound") in ("exact", "at_least", "at_most")
    }
    reason = str(each._meta.get_field("reason").verbose_name)
    return {
        "verdict": each.verdict,
        "year": fiscal_year(each.on),
        "days_after_live": _days(row.launched_on, each.on),
        "declared": each.declared,
        "reason": _text(row, f"verdict.{each.pk}", reason, each.reason),
        "answers": answers_band(number),
        "shares": shares,
    }


def answers_band(number: int) -> str:
    """How many answered, as a band; fewer than 20 are not told."""
    if number < SHARES_FROM:
        return ""
    return "20-49" if number < 50 else "50-99" if number < 100 else "100+"


def _tags(row: Initiative) -> tuple[list[dict[str, str]], int]:
    """Entries of the lists that come with the product; own ones mean nothing elsewhere."""
    tags = [link.tag for link in row.tag_links.all()]
    common = [tag for tag in tags if not tag.code.startswith(_OWN)]
    return [
        {"scheme": tag.scheme, "version": tag.version, "code": tag.code}
        for tag in sorted(common, key=lambda tag: (tag.scheme, tag.version, tag.order, tag.pk))
    ], len(tags) - len(common)


def _indicators(row: Initiative, start: dt.date | None) -> tuple[list[dict[str, Any]], int]:
    """Names, targets and results; figures of fewer than 10 people are left out and counted."""
    found, left = [], 0
    for each in row.indicator_rows.all():
        kept, few = _figures(each, start)
        left += few
        label = str(each._meta.verbose_name)
        unit = str(each._meta.get_field("unit").verbose_name)
        key = f"{row.pk}.indicator.{each.pk}"
        found.append(
            {
                "name": Text(each.name, key, label, 120, drops=True),
                "unit": Text(each.unit, f"{key}.unit", unit, 20),
                "kind": each.kind,
                "direction": each.direction,
                "every_months": each.every_months,
                **kept,
            }
        )
    return found, left


def _figures(each: Indicator, start: dt.date | None) -> tuple[dict[str, Any], int]:
    """Baseline, targets by years from the start, results by days from it."""
    first = fiscal_year(start) if start else None
    rows = [
        ("targets", target.value, {"year": target.fiscal_year - first})
        for target in each.targets.all()
        if first is not None
    ]
    rows += [
        ("results", result.value, {"days": (result.measured_on - start).days})
        for result in each.measurements.all()
        if start is not None
    ]
    kept: dict[str, Any] = {"baseline": None, "targets": [], "results": []}
    few = 0
    for name, value, at in rows:
        if is_few(float(value), each.unit, each.name):
            few += 1
        else:
            kept[name].append({**at, "value": plain_number(value)})
    if each.baseline is not None and is_few(float(each.baseline), each.unit, each.name):
        few += 1
    elif each.baseline is not None:
        kept["baseline"] = plain_number(each.baseline)
    return kept, few


def plain_number(value: Decimal) -> int | float:
    """60 and not 60.000."""
    return int(value) if value == value.to_integral_value() else float(value)


def made_by(
    municipality: Municipality, *, on: dt.date, licence: str, product_version: str
) -> dict[str, str]:
    """Who hands it on: the municipality, never a person."""
    return {
        "municipality_code": municipality.code,
        "municipality_name": municipality.name,
        "size_band": municipality.size_band,
        "on": on.isoformat(),
        "product_version": product_version,
        "licence": licence,
    }
