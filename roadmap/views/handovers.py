"""The handover page of a post, its note, and that it was taken over."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Assignment, Post, User
from dxportal.shared.htmx import notify
from roadmap import handover
from roadmap.actions.handovers import NoteConflict, save_note, take_over
from roadmap.forms.reorganisations import NoteForm

PER_PAGE = 50


def _post(request: HttpRequest, pk: int) -> tuple[User, Post]:
    """A post of the user's municipality (404) that concerns the user (403)."""
    user = signed_in(request)
    posts = Post.objects.visible_to(user).select_related("department__bureau")
    post = get_object_or_404(posts, pk=pk)
    if not handover.may_read(user, post, timezone.localdate()):
        raise PermissionDenied
    return user, post


@require_safe
@requires(Permission.SEE_INITIATIVES)
def handover_list(request: HttpRequest) -> HttpResponse:
    """Posts that change hands about now: one's own; for the office all."""
    user, today = signed_in(request), timezone.localdate()
    page = Paginator(handover.changes_around(user, today), PER_PAGE).get_page(
        request.GET.get("page")
    )
    counts = handover.answers_for_something(row.post_id for row in page)
    rows = [(row, counts.get(row.post_id, 0)) for row in page]
    context = {"page": page, "rows": rows, "today": today}
    return render(request, "roadmap/handover_list.html", context)


@require_safe
@requires(Permission.SEE_INITIATIVES)
def handover_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that the next holder of a post needs, on one page that can be printed."""
    user, post = _post(request, pk)
    return _page(request, user, post)


def _page(
    request: HttpRequest,
    user: User,
    post: Post,
    *,
    form: NoteForm | None = None,
    theirs: str | None = None,
    status: int = 200,
) -> HttpResponse:
    today = timezone.localdate()
    page = handover.page_of(post, user, today)
    note = page.note
    initial = {"text": note.text if note else "", "version": note.version if note else 0}
    context = {
        "page": page,
        "post": post,
        "today": today,
        "may_note": handover.may_note(user, post, today),
        "form": form or NoteForm(initial=initial),
        "theirs": theirs,
    }
    return render(request, "roadmap/handover_detail.html", context, status=status)


@require_POST
@requires(Permission.SEE_INITIATIVES)
def handover_note(request: HttpRequest, pk: int) -> HttpResponse:
    """Save the note; one that somebody else changed meanwhile is shown beside it (409)."""
    user, post = _post(request, pk)
    if not handover.may_note(user, post, timezone.localdate()):
        raise PermissionDenied
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _page(request, user, post, form=form, status=422)
    try:
        save_note(post, form.cleaned_data["text"], version=form.cleaned_data["version"], by=user)
    except NoteConflict as conflict:
        mine = {"text": form.cleaned_data["text"], "version": conflict.theirs.version}
        again = NoteForm(initial=mine)
        theirs = conflict.theirs.text
        return _page(request, user, post, form=again, theirs=theirs, status=409)
    return notify(request, redirect("roadmap:handover_detail", pk), _("The note is saved."))


@require_POST
@requires(Permission.SEE_INITIATIVES)
def handover_take(request: HttpRequest, pk: int) -> HttpResponse:
    """「引き継ぎました」: by the new holder alone."""
    user, post = _post(request, pk)
    today = timezone.localdate()
    seat = Assignment.objects.on(today).filter(post=post, user=user).first()
    if seat is None:
        raise PermissionDenied
    take_over(seat, by=user)
    response = redirect("roadmap:handover_detail", pk)
    return notify(request, response, _("It is recorded that you have taken the post over."))
