"""The list as it may be published: open records, without the fields that are withheld."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, cast

from django.utils import translation
from django.utils.translation import gettext as _

from dxportal.accounts.models import Municipality, User
from dxportal.shared.fiscal import CalendarStyle, format_date, format_fiscal_year
from roadmap.choices import DepartmentRole, Disclosure, InitiativeKind, Phase
from roadmap.disclosure import PUBLIC_FIELDS, is_published, public_names
from roadmap.listing import Initiatives, with_status
from roadmap.models import Initiative, Withholding
from roadmap.shown_words import ShownWords, shown_words
from roadmap.wording import LABELS

#: The file is for residents here: its language is that of the municipality.
LANGUAGE = "ja"
_LINKED: tuple[str, ...] = (
    "parts__department",
    "theme_links__theme",
    "criterion_links__criterion",
    "tag_links__tag",
    "withholdings",
)
#: `latest` is a relation of `with_status`.
_JOINED: tuple[str, ...] = ("latest", "accountable_post__department")


def open_records(user: User, day: date) -> Initiatives:
    """Those that may be published, with everything that a line shows: a fixed number of queries."""
    found = Initiative.objects.visible_to(user).real().filter(disclosure=Disclosure.OPEN)
    return (
        with_status(found, day).select_related(*_JOINED).prefetch_related(*_LINKED).order_by("id")
    )


def due_reviews(user: User, day: date) -> Sequence[Withholding]:
    """What was withheld until a day that has come, the longest due first."""
    return list(
        Withholding.objects.filter(
            initiative__municipality_id=user.municipality_id or 0,
            initiative__removed_on__isnull=True,
            review_on__lte=day,
        )
        .select_related("initiative")
        .order_by("review_on", "initiative_id", "field")
    )


def public_lines(place: Municipality, user: User, day: date) -> Iterator[list[str]]:
    """The heading, then one line a record; the last column names what is withheld."""
    with translation.override(LANGUAGE):
        yield [*(str(LABELS[name]) for name in PUBLIC_FIELDS), _("withheld fields")]
        words = shown_words(place.pk)
        style = cast(CalendarStyle, place.calendar_style)
        for initiative in open_records(user, day):
            withheld = {row.field for row in initiative.withholdings.all()}
            if is_published(initiative.disclosure, withheld):
                yield _line(initiative, withheld, words, style)


def _line(
    initiative: Initiative, withheld: set[str], words: ShownWords, style: CalendarStyle
) -> list[str]:
    shown = set(public_names(withheld))
    values = _values(initiative, words, style)
    cells = [values[name] if name in shown else "" for name in PUBLIC_FIELDS]
    return [*cells, "、".join(str(LABELS[n]) for n in PUBLIC_FIELDS if n in withheld)]


def _values(initiative: Initiative, words: ShownWords, style: CalendarStyle) -> dict[str, str]:
    """Every public field in words; texts are as they were written."""
    latest = getattr(initiative, "latest", None)
    post = initiative.accountable_post
    texts = {name: str(getattr(initiative, name, "") or "") for name in PUBLIC_FIELDS}
    return texts | {
        "kind": str(InitiativeKind(initiative.kind).label) if initiative.kind else "",
        "beneficiaries": "、".join(initiative.beneficiary_labels()),
        "lead": _departments(initiative, DepartmentRole.LEAD),
        "partners": _departments(initiative, DepartmentRole.PARTNER),
        "accountable_post": f"{post.department.name} {post.name}" if post else "",
        "phase": words.phase(latest.phase if latest else Phase.IDEA),
        "progress": words.progress(latest.progress if latest else ""),
        "start_fy": _year(initiative.start_fy, initiative.start_quarter, style),
        "target_fy": _year(initiative.target_fy, initiative.target_quarter, style),
        "launched_on": format_date(initiative.launched_on, style) if initiative.launched_on else "",
        "themes": _joined(initiative.theme_links.all(), "theme"),
        "criteria": "、".join(
            f"{link.criterion.code} {link.criterion}"
            for link in initiative.criterion_links.all()
            if not link.criterion.retired
        ),
        "tags": _joined(initiative.tag_links.all(), "tag"),
    }


def _departments(initiative: Initiative, role: str) -> str:
    return "、".join(p.department.name for p in initiative.parts.all() if p.role == role)


def _joined(links: Any, name: str) -> str:
    return "、".join(str(getattr(link, name)) for link in links)


def _year(year: int | None, quarter: int | None, style: CalendarStyle) -> str:
    if year is None:
        return ""
    text = format_fiscal_year(year, style)
    return f"{text} 第{quarter}四半期" if quarter else text
