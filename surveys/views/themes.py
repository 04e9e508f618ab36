"""The codebook: themes with their words; naming, merging, splitting, and taking that back."""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Event, User
from dxportal.shared.htmx import notify
from roadmap.actions.themes import (
    ThemeRefused,
    merge_theme,
    rename_theme,
    split_theme,
    unmerge_theme,
)
from roadmap.models import Theme
from surveys.actions.codebook import add_term, ensure_terms, remove_term, undo_change
from surveys.codebook import LISTED, Book, changes_for
from surveys.models import ThemeTerm
from surveys.text_forms import MergeForm, TermForm, ThemeNameForm


@require_safe
@requires(Permission.RUN_SURVEYS)
def theme_list(request: HttpRequest) -> HttpResponse:
    """Themes with words, what was merged into them, and what was changed."""
    user = signed_in(request)
    if user.municipality is not None:
        ensure_terms(user.municipality)
    book = Book(user.municipality_id or 0)
    page = Paginator(changes_for(user), LISTED).get_page(request.GET.get("page"))
    context = {
        "entries": book.entries(),
        "page": page,
        "changes": book.changes(page),
    }
    return render(request, "surveys/theme_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def theme_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Another name."""
    user = signed_in(request)
    theme = _theme(user, pk)
    initial = {"label": theme.label, "label_en": theme.label_en}
    form = ThemeNameForm(_sent(request), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            changed = rename_theme(theme, by=user, **form.cleaned_data)
        except ThemeRefused as refused:
            form.add_error("label", str(refused))
        else:
            sentence = _("The theme was renamed.") if changed else _("Nothing was changed.")
            return _done(request, user, sentence, undo=changed)
    context = {"theme": theme, "form": form, "what": "rename"}
    status = 422 if form.errors else 200
    return render(request, "surveys/theme_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def theme_split(request: HttpRequest, pk: int) -> HttpResponse:
    """A new theme beside this one; the readers of a round move texts to it."""
    user = signed_in(request)
    theme = _theme(user, pk)
    form = ThemeNameForm(_sent(request))
    if request.method == "POST" and form.is_valid():
        try:
            made = split_theme(theme, by=user, **form.cleaned_data)
        except ThemeRefused as refused:
            form.add_error("label", str(refused))
        else:
            sentence = _("“%(theme)s” is a theme of its own now.") % {"theme": made}
            return _done(request, user, sentence)
    context = {"theme": theme, "form": form, "what": "split"}
    status = 422 if form.errors else 200
    return render(request, "surveys/theme_form.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.RUN_SURVEYS)
def theme_merge(request: HttpRequest) -> HttpResponse:
    """Two ticked themes: choose which name stays, then merge."""
    user = signed_in(request)
    ticked = request.GET.getlist("theme")
    pair = [theme for theme in Theme.objects.visible_to(user) if str(theme.pk) in ticked]
    if len(pair) != 2:
        sentence = _("Tick two themes to merge them.")
        return notify(request, redirect("surveys:theme_list"), sentence, tone="error")
    form = MergeForm(_sent(request), pair=pair)
    if request.method == "POST" and form.is_valid():
        keep = form.cleaned_data["keep"]
        into, gone = sorted(pair, key=lambda theme: theme.pk != keep)
        try:
            target = merge_theme(gone, into, by=user)
        except ThemeRefused as refused:
            form.add_error(None, str(refused))
        else:
            sentence = _("“%(theme)s” counts as “%(into)s” from now on.")
            return _done(request, user, sentence % {"theme": gone, "into": target})
    context = {"pair": pair, "form": form}
    status = 422 if form.errors else 200
    return render(request, "surveys/theme_merge.html", context, status=status)


@require_POST
@requires(Permission.RUN_SURVEYS)
def theme_unmerge(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a merged theme stand by itself again."""
    user = signed_in(request)
    theme = _theme(user, pk)
    try:
        unmerge_theme(theme, by=user)
    except ThemeRefused as refused:
        return notify(request, redirect("surveys:theme_list"), str(refused), tone="error")
    sentence = _("“%(theme)s” stands by itself again.") % {"theme": theme}
    return _done(request, user, sentence, undo=False)


@require_POST
@requires(Permission.RUN_SURVEYS)
def term_add(request: HttpRequest, pk: int) -> HttpResponse:
    """One more word for a theme."""
    user = signed_in(request)
    theme = _theme(user, pk)
    form = TermForm(request.POST)
    if not form.is_valid():
        back = _to_theme(theme)
        return notify(request, back, _("Give a word of two characters or more."), tone="error")
    try:
        added = add_term(theme, form.cleaned_data["term"], by=user)
    except ThemeRefused as refused:
        return notify(request, _to_theme(theme), str(refused), tone="error")
    words = {"term": form.cleaned_data["term"], "theme": theme}
    if not added:
        sentence = _("“%(term)s” points to “%(theme)s” already.") % words
        return notify(request, _to_theme(theme), sentence)
    sentence = _("“%(term)s” points to “%(theme)s” from now on.") % words
    return _done(request, user, sentence, at=theme)


@require_POST
@requires(Permission.RUN_SURVEYS)
def term_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a word out of the codebook."""
    user = signed_in(request)
    found = ThemeTerm.objects.filter(theme__in=Theme.objects.visible_to(user))
    term = get_object_or_404(found.select_related("theme"), pk=pk)
    remove_term(term, by=user)
    sentence = _("“%(term)s” was removed.") % {"term": term.term}
    return _done(request, user, sentence, at=term.theme)


@require_POST
@requires(Permission.RUN_SURVEYS)
def theme_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one change back, as long as nothing was changed since."""
    user = signed_in(request)
    event = get_object_or_404(changes_for(user), pk=pk)
    try:
        theme = undo_change(event, by=user)
    except ThemeRefused as refused:
        return notify(request, redirect("surveys:theme_list"), str(refused), tone="error")
    sentence = _("“%(theme)s” is as it was before.") % {"theme": theme}
    return notify(request, redirect("surveys:theme_list"), sentence)


def _sent(request: HttpRequest) -> QueryDict | None:
    """What was posted, were it nothing at all; None where the page is only opened."""
    return request.POST if request.method == "POST" else None


def _theme(user: User, pk: int) -> Theme:
    return get_object_or_404(Theme.objects.visible_to(user), pk=pk)


def _to_theme(theme: Theme) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"{reverse('surveys:theme_list')}#theme-{theme.pk}")


def _done(
    request: HttpRequest,
    user: User,
    sentence: str,
    *,
    undo: bool = True,
    at: Theme | None = None,
) -> HttpResponse:
    """Back to the list with a sentence and the way back: the user's newest change."""
    newest: Event | None = changes_for(user).filter(actor_id=user.pk).first() if undo else None
    url = reverse("surveys:theme_undo", args=[newest.pk]) if newest else None
    back = _to_theme(at) if at else redirect("surveys:theme_list")
    return notify(request, back, sentence, url)
