"""The settings page of the lists of tags: own pillars, and the nation's lists by version."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality, User
from dxportal.shared.htmx import notify
from roadmap.actions.content import ensure_tags, missing_tags
from roadmap.actions.tags import add_tags, edit_tag, end_tag, is_own, move_tag, restore_tag
from roadmap.choices import TagScheme
from roadmap.forms.tags import TagAddForm, TagForm
from roadmap.models import Tag

#: Initiatives that were removed do not count as uses.
_CARRIED = Q(initiative_links__initiative__removed_on__isnull=True)


@dataclass(frozen=True)
class TagRow:
    """An entry, how many initiatives carry it, and what may be done with it."""

    tag: Tag
    uses: int
    own: bool


@dataclass(frozen=True)
class TagList:
    """One list: what can be chosen today or later, and what has ended."""

    scheme: str
    label: str
    standing: list[TagRow]
    ended: list[TagRow]


def _lists(user: User, day: date) -> list[TagList]:
    """One query."""
    rows: dict[str, list[TagRow]] = {scheme: [] for scheme in TagScheme.values}
    standing = Count("initiative_links", filter=_CARRIED)
    for tag in Tag.objects.visible_to(user).annotate(uses=standing):
        rows[tag.scheme].append(TagRow(tag, getattr(tag, "uses", 0), is_own(tag)))
    return [
        TagList(
            scheme,
            str(TagScheme(scheme).label),
            [row for row in found if not _over(row.tag, day)],
            [row for row in found if _over(row.tag, day)],
        )
        for scheme, found in rows.items()
    ]


def _over(tag: Tag, day: date) -> bool:
    return tag.valid_to is not None and tag.valid_to <= day


def _town(user: User) -> Municipality:
    if user.municipality is None:
        raise PermissionDenied
    return user.municipality


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_WORDS)
def tag_list(request: HttpRequest) -> HttpResponse:
    """All lists; entries are added below them."""
    user, day = signed_in(request), timezone.localdate()
    form = TagAddForm(request.POST or None, initial={"scheme": TagScheme.PILLAR})
    if request.method == "POST" and form.is_valid():
        try:
            made = add_tags(_town(user), by=user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            return notify(request, redirect("roadmap:tag_list"), _added(len(made)))
    context = {
        "lists": _lists(user, day),
        "form": form,
        "bundled": len(missing_tags(_town(user))),
    }
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/tag_list.html", context, status=status)


def _added(count: int) -> str:
    if not count:
        return _("All these names are on the list already.")
    sentence = ngettext("%(count)s entry was added.", "%(count)s entries were added.", count)
    return sentence % {"count": count}


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_WORDS)
def tag_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name for an own entry."""
    user = signed_in(request)
    tag = _own_tag(user, pk)
    form = TagForm(request.POST or None, initial={"label": tag.label, "label_en": tag.label_en})
    if request.method == "POST" and form.is_valid():
        try:
            edit_tag(tag, by=user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            sentence = _("“%(title)s” was saved.") % {"title": form.cleaned_data["label"]}
            return notify(request, redirect("roadmap:tag_list"), sentence)
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/tag_edit.html", {"form": form, "tag": tag}, status=status)


def _own_tag(user: User, pk: int) -> Tag:
    tag = get_object_or_404(Tag.objects.visible_to(user), pk=pk)
    if not is_own(tag):
        raise Http404
    return tag


@require_POST
@requires(Permission.EDIT_WORDS)
def tag_move(request: HttpRequest, pk: int) -> HttpResponse:
    """One place up or down."""
    user = signed_in(request)
    tag = get_object_or_404(Tag.objects.visible_to(user), pk=pk)
    move_tag(tag, up=request.POST.get("to") != "down", by=user)
    return redirect(reverse("roadmap:tag_list") + f"#tag-{tag.pk}")


@require_POST
@requires(Permission.EDIT_WORDS)
def tag_end(request: HttpRequest, pk: int) -> HttpResponse:
    """From today on it cannot be chosen any more."""
    user = signed_in(request)
    tag = get_object_or_404(Tag.objects.visible_to(user), pk=pk)
    end_tag(tag, on=timezone.localdate(), by=user)
    sentence = _("“%(name)s” has ended. Initiatives that carry it keep it.") % {"name": tag}
    undo = reverse("roadmap:tag_restore", args=[tag.pk])
    return notify(request, redirect("roadmap:tag_list"), sentence, undo)


@require_POST
@requires(Permission.EDIT_WORDS)
def tag_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """It can be chosen again."""
    user = signed_in(request)
    tag = get_object_or_404(Tag.objects.visible_to(user), pk=pk)
    restore_tag(tag, by=user)
    sentence = _("“%(name)s” can be chosen again.") % {"name": tag}
    return notify(request, redirect("roadmap:tag_list"), sentence)


@require_POST
@requires(Permission.EDIT_WORDS)
def tag_bundle(request: HttpRequest) -> HttpResponse:
    """Take over what came with the product and is not on the lists yet."""
    user = signed_in(request)
    count = ensure_tags(_town(user), by=user)
    return notify(request, redirect("roadmap:tag_list"), _added(count))
