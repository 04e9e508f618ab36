"""Views of the list that somebody keeps: save, rename, share, delete and bring back."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import notify
from roadmap.actions.saved_views import (
    DELETED,
    change_view,
    delete_view,
    restore_view,
    save_view,
)
from roadmap.forms.saved_views import SavedViewForm
from roadmap.models import SavedView
from roadmap.permissions import may_change_view, may_share_views
from roadmap.views.listed import load_filter


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def saved_view_list(request: HttpRequest) -> HttpResponse:
    """All views that the person sees; a post saves one more."""
    user = signed_in(request)
    if request.method != "POST":
        return _page(request, user, None)
    known, _stages = load_filter(user, timezone.localdate(), QueryDict())
    form = SavedViewForm(request.POST, may_share=may_share_views(user), known=known)
    if not form.is_valid():
        return _page(request, user, form, status=422)
    query = form.cleaned_data["query"]
    try:
        shared = form.cleaned_data.get("shared", False)
        view = save_view(by=user, name=form.cleaned_data["name"], query=query, shared=shared)
    except ValidationError as refused:
        form.add_error(None, refused.messages)
        return _page(request, user, form, status=422)
    base = reverse("roadmap:initiative_list")
    response = redirect(f"{base}?{query}" if query else base)
    return notify(request, response, _("The view “%(name)s” was saved.") % {"name": view.name})


@require_POST
@requires(Permission.SEE_INITIATIVES)
def saved_view_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Rename one, share it or keep it to oneself."""
    user = signed_in(request)
    view = _own(user, pk)
    form = SavedViewForm(request.POST, may_share=may_share_views(user))
    if not form.is_valid():
        return _page(request, user, form, view, status=422)
    try:
        shared = form.cleaned_data.get("shared", view.shared)
        view = change_view(view, by=user, name=form.cleaned_data["name"], shared=shared)
    except ValidationError as refused:
        form.add_error("name", refused.messages)
        return _page(request, user, form, view, status=422)
    response = redirect("roadmap:saved_view_list")
    return notify(request, response, _("The view “%(name)s” was saved.") % {"name": view.name})


@require_POST
@requires(Permission.SEE_INITIATIVES)
def saved_view_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete one, with a way back."""
    user = signed_in(request)
    view = _own(user, pk)
    event = delete_view(view, by=user)
    undo = reverse("roadmap:saved_view_restore", args=[pk]) if event else None
    sentence = _("The view “%(name)s” was deleted.") % {"name": view.name}
    return notify(request, redirect("roadmap:saved_view_list"), sentence, undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def saved_view_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Bring back what one has deleted oneself."""
    user = signed_in(request)
    deleted = Event.objects.visible_to(user).about("savedview", pk)
    event = deleted.filter(action=DELETED, actor_id=user.pk).first()
    if event is None:
        raise Http404
    response = redirect("roadmap:saved_view_list")
    try:
        view = restore_view(event, by=user)
    except ValidationError as refused:
        return notify(request, response, " ".join(refused.messages), tone="error")
    sentence = _("“%(title)s” is as it was before.") % {"title": view.name}
    return notify(request, response, sentence)


def _own(user: User, pk: int) -> SavedView:
    """A view that the person may change; a stranger's private one is not there."""
    view = get_object_or_404(SavedView.objects.visible_to(user), pk=pk)
    if not may_change_view(user, view):
        raise PermissionDenied
    return view


def _page(
    request: HttpRequest,
    user: User,
    form: SavedViewForm | None,
    changed: SavedView | None = None,
    status: int = 200,
) -> HttpResponse:
    """The page of all views; a refused form stands at its view, or above for a new one."""
    views = list(SavedView.objects.visible_to(user).select_related("owner"))
    rows = [(view, may_change_view(user, view)) for view in views]
    context = {
        "rows": rows,
        "refused": form,
        "changed": changed,
        "may_share": may_share_views(user),
    }
    return render(request, "roadmap/saved_view_list.html", context, status=status)
