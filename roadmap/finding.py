"""Which initiatives the words of a query find: in their own texts and by what they are linked to.

Names of departments, themes, tags, posts and people are looked up when somebody searches, so that
a new name is found the moment it is given.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from roadmap.models import (
    Initiative,
    InitiativeDepartment,
    InitiativeTag,
    InitiativeTheme,
)
from roadmap.search import key, keys

Linked = Mapping[str, list[tuple[int, str]]]


def matching(
    initiatives: QuerySet[Initiative], query: str, municipality_id: int
) -> QuerySet[Initiative]:
    """Those in which every word of the query is found: one query more, whatever their number."""
    words = keys(query)
    linked = _linked(municipality_id) if words else {}
    for word, folded in words:
        found = Q(search_text__contains=folded) | Q(plan_code__icontains=word)
        for kind, names in linked.items():
            if ids := [pk for pk, name in names if folded in name]:
                found |= _BY_KIND[kind](ids)
        initiatives = initiatives.filter(found)
    return initiatives


def _linked(municipality_id: int) -> Linked:
    """Kind → key and folded name of everything that initiatives are linked to: one query."""
    parts = InitiativeDepartment.objects.filter(initiative__municipality_id=municipality_id)
    themes = InitiativeTheme.objects.filter(initiative__municipality_id=municipality_id)
    tags = InitiativeTag.objects.filter(initiative__municipality_id=municipality_id)
    owners = Initiative.objects.filter(municipality_id=municipality_id)
    post = Concat("accountable_post__department__name", "accountable_post__name")
    tag = Concat("tag__code", Value(" "), "tag__label")
    named = [
        parts.values_list(Value("department"), F("department_id"), F("department__name")),
        themes.values_list(Value("theme"), F("theme_id"), F("theme__label")),
        tags.values_list(Value("tag"), F("tag_id"), tag),
        owners.filter(accountable_post__isnull=False).values_list(
            Value("post"), F("accountable_post_id"), post
        ),
        owners.filter(contact__isnull=False).values_list(
            Value("contact"), F("contact_id"), F("contact__name")
        ),
    ]
    found: dict[str, list[tuple[int, str]]] = {kind: [] for kind in _BY_KIND}
    for kind, pk, name in named[0].order_by().union(*(rows.order_by() for rows in named[1:])):
        found[kind].append((pk, key(name)))
    return found


def _link(model: type, column: str) -> Callable[[Iterable[int]], Q]:
    def among(ids: Iterable[int]) -> Q:
        rows = model.objects.filter(initiative=OuterRef("pk"), **{f"{column}__in": list(ids)})  # type: ignore[attr-defined]
        return Q(Exists(rows))

    return among


_BY_KIND: dict[str, Callable[[Iterable[int]], Q]] = {
    "department": _link(InitiativeDepartment, "department_id"),
    "theme": _link(InitiativeTheme, "theme_id"),
    "tag": _link(InitiativeTag, "tag_id"),
    "post": lambda ids: Q(accountable_post_id__in=list(ids)),
    "contact": lambda ids: Q(contact_id__in=list(ids)),
}
