"""Comments and links on the page of an initiative."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, can, requires
from dxportal.accounts.models import Event
from dxportal.shared.htmx import notify
from roadmap.actions.comments import add_comment, remove_comment
from roadmap.actions.links import add_link, remove_link, restore_link
from roadmap.forms.talk import CommentForm, LinkForm
from roadmap.talk import people_around
from roadmap.views.parts import back_to, changeable_initiative


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def comment_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Write a comment; a form that is sent twice writes it once."""
    initiative, user, _day = changeable_initiative(request, pk, Permission.COMMENT)
    people = people_around(initiative, without=user)
    form = CommentForm(request.POST if request.method == "POST" else None, people=people)
    if form.is_bound and form.is_valid():
        token = request.POST.get("token", "").replace("\0", "")[:64]
        text, named = form.cleaned_data["text"], form.cleaned_data["named"]
        try:
            add_comment(initiative, text=text, named=named, by=user, token=token)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            sentence = _("Your comment stands on the page.")
            return notify(request, back_to(request, initiative, "comments"), sentence)
    context = {"initiative": initiative, "form": form, "token": request.POST.get("token", "")}
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/comment_edit.html", context, status=status)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def comment_remove(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Remove the own comment; the DX office removes anybody's."""
    initiative, user, _day = changeable_initiative(request, pk, Permission.COMMENT)
    comment = get_object_or_404(initiative.comments, pk=comment_pk)
    if comment.by_id != user.pk and not can(user, Permission.EDIT_INITIATIVES):
        raise PermissionDenied
    remove_comment(comment, by=user, now=timezone.now())
    sentence = _("The comment was removed.")
    return notify(request, back_to(request, initiative, "comments"), sentence)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_INITIATIVES)
def link_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Keep an address."""
    initiative, user, _day = changeable_initiative(request, pk)
    form = LinkForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            add_link(initiative, by=user, **form.cleaned_data)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return notify(request, back_to(request, initiative, "links"), _("The link was added."))
    status = 422 if form.is_bound else 200
    context = {"initiative": initiative, "form": form}
    return render(request, "roadmap/link_edit.html", context, status=status)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def link_remove(request: HttpRequest, pk: int, link_pk: int) -> HttpResponse:
    """Take a link away, with a way back."""
    initiative, user, _day = changeable_initiative(request, pk)
    link = get_object_or_404(initiative.link_rows, pk=link_pk)
    event = remove_link(link, by=user)
    undo = reverse("roadmap:link_restore", args=[pk, event.pk]) if event else None
    return notify(request, back_to(request, initiative, "links"), _("The link was removed."), undo)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def link_restore(request: HttpRequest, pk: int, event_pk: int) -> HttpResponse:
    """Bring a removed link back."""
    initiative, user, _day = changeable_initiative(request, pk)
    events = Event.objects.visible_to(user).about("initiative", initiative.pk)
    event = get_object_or_404(events, pk=event_pk)
    back = back_to(request, initiative, "links")
    try:
        restore_link(event, initiative, by=user)
    except ValidationError as refused:
        return notify(request, back, " ".join(refused.messages), tone="error")
    return notify(request, back, _("The link is back."))
