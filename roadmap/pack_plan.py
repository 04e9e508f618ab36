"""What would be made here of a pack: known and unknown codes, and the fields of the template."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.utils.translation import gettext as _

from dxportal.accounts.models import Municipality
from dxportal.shared.fiscal import fiscal_year, quarter
from roadmap.actions.indicators import IndicatorFields
from roadmap.actions.initiatives import InitiativeFields
from roadmap.choices import Beneficiary, Direction, Rhythm
from roadmap.content import THEMES
from roadmap.models import Criterion, Tag, Theme
from roadmap.search import key

_PRODUCT_THEMES: Final = frozenset(theme.code for theme in THEMES)


@dataclass(frozen=True)
class Books:
    """What codes mean here: three statements."""

    criteria: Mapping[str, int]
    tags: Mapping[tuple[str, str, str], int]
    themes: Mapping[str, int]
    labels: Mapping[str, int]
    names: Mapping[str, str]

    @classmethod
    def of(cls, municipality: Municipality) -> Books:
        """Criteria and tags by code, themes by code where they came with the product, by label."""
        criteria = Criterion.objects.filter(stage__municipality=municipality).in_force()
        tags = list(Tag.objects.filter(municipality=municipality))
        themes = list(Theme.objects.book(municipality.pk))
        kept = {theme.pk: theme.merged_into_id or theme.pk for theme in themes}
        return cls(
            criteria=dict(criteria.order_by("pk").values_list("code", "pk")),
            tags={(tag.scheme, tag.version, tag.code): tag.pk for tag in tags},
            themes={t.code: kept[t.pk] for t in themes if t.code in _PRODUCT_THEMES},
            labels={key(theme.label): kept[theme.pk] for theme in themes},
            names={f"{tag.scheme}:{tag.version}:{tag.code}": str(tag) for tag in tags},
        )

    def theme(self, entry: Mapping[str, Any]) -> int | None:
        """The theme of a code that everybody has, or of the same words."""
        return self.themes.get(entry["code"]) or self.labels.get(key(entry["label"]))


@dataclass(frozen=True)
class Template:
    """One initiative of a pack as it would stand here."""

    place: int
    item: Mapping[str, Any]
    themes: tuple[int, ...]
    criteria: tuple[int, ...]
    tags: tuple[int, ...]
    tag_names: tuple[str, ...]
    unknown: tuple[str, ...]

    @property
    def title(self) -> str:
        """On one line."""
        return " ".join(str(self.item["title"]).split())

    def fields(self, made: Mapping[str, str], start: dt.date) -> InitiativeFields:
        """What is filled in here; who is accountable, and what it costs here, is not theirs."""
        item, launch = self.item, self.item.get("launch") or {}
        named = {"name": made["municipality_name"], "licence": made["licence"]}
        source = _("%(name)s (%(licence)s)") % named
        return InitiativeFields(
            title=self.title,
            purpose=_plain(item.get("purpose", "")),
            stops=_plain(item.get("stops", "")),
            adds=_plain(item.get("adds", "")),
            pitfalls=_plain(item.get("pitfalls", "")),
            kind=item.get("kind", ""),
            beneficiaries=tuple(
                b for b in Beneficiary.values if b in item.get("beneficiaries", ())
            ),
            start_fy=fiscal_year(start),
            start_quarter=quarter(start),
            learners=_plain(launch.get("learners", "")),
            learn_minutes=launch.get("minutes"),
            old_way=_plain(launch.get("old_way", "")),
            source=source[:400],
            themes=self.themes,
            criteria=self.criteria,
            tags=self.tags,
        )

    def milestones(self, start: dt.date) -> list[tuple[str, dt.date]]:
        """Titles and days, counted from the day on which it starts here; the same one once."""
        days = (
            (" ".join(each["title"].split()), start + dt.timedelta(days=each["days"]))
            for each in self.item.get("milestones", ())
        )
        return list(dict.fromkeys(days))

    def indicators(self) -> list[IndicatorFields]:
        """What is measured; their figures stay theirs."""
        return [
            IndicatorFields(
                name=" ".join(each["name"].split()),
                kind=each["kind"],
                unit=" ".join(each.get("unit", "").split()),
                direction=each.get("direction", Direction.UP),
                every_months=each.get("every_months", Rhythm.YEARLY.value),
            )
            for each in self.item.get("indicators", ())
        ]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def templates(pack: Mapping[str, Any], books: Books) -> list[Template]:
    """Every initiative of a pack that was read, against what is known here."""
    return [_template(place, item, books) for place, item in enumerate(pack["initiatives"])]


def _template(place: int, item: Mapping[str, Any], books: Books) -> Template:
    eased = [(each["label"], books.theme(each)) for each in item.get("eased", ())]
    criteria = [(code, books.criteria.get(code)) for code in item.get("criteria", ())]
    tags = [(_tag(each), books.tags.get(_tag(each))) for each in item.get("tags", ())]
    return Template(
        place,
        item,
        themes=_found(eased),
        criteria=_found(criteria),
        tags=_found(tags),
        tag_names=tuple(books.names[":".join(name)] for name, pk in tags if pk is not None),
        unknown=(
            *(_("pain point “%(name)s”") % {"name": n} for n, pk in eased if pk is None),
            *(_("criterion %(name)s") % {"name": n} for n, pk in criteria if pk is None),
            *(_("tag %(name)s") % {"name": " ".join(n)} for n, pk in tags if pk is None),
        ),
    )


def _tag(entry: Mapping[str, str]) -> tuple[str, str, str]:
    return entry["scheme"], entry.get("version", ""), entry["code"]


def _found(pairs: Sequence[tuple[Any, int | None]]) -> tuple[int, ...]:
    return tuple(sorted({pk for _name, pk in pairs if pk is not None}))
