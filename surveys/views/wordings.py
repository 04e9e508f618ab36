"""Wordings for everybody: one reader writes, the other agrees, sends back or withdraws."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify
from dxportal.shared.plain_asking import hints_once
from surveys.actions.reading import BOTH, note_reading, readers_of
from surveys.actions.voices import (
    WordingRefused,
    approve_wording,
    delete_wording,
    propose_wording,
    take_back_wording,
)
from surveys.codebook import Book
from surveys.models import PublishedVoice, Wave
from surveys.text_forms import WordingForm
from surveys.texts import Texts, wordings, worries
from surveys.views.text_access import readers_only

#: Texts that stand beside the form.
BESIDE = 30


@require_safe
@requires(Permission.SEE_REPLIES)
@readers_only
def wording_list(request: HttpRequest, wave: Wave) -> HttpResponse:
    """All wordings of a round with what each reader may do; plainly, where one reader is alone."""
    readers = readers_of(wave)
    context = {
        "wave": wave,
        "wordings": wordings(wave, signed_in(request)),
        "readers": readers,
        "both": len(readers) >= BOTH,
    }
    return render(request, "surveys/text_wordings.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_REPLIES)
@readers_only
def wording_create(request: HttpRequest, wave: Wave) -> HttpResponse:
    """Write a wording beside the texts of its theme, and put it before the other reader."""
    return _form(request, wave, None)


@require_http_methods(["GET", "POST"])
@requires(Permission.SEE_REPLIES)
@readers_only
def wording_edit(request: HttpRequest, wave: Wave, wording_pk: int) -> HttpResponse:
    """Change a draft that came back, and propose it again."""
    draft = get_object_or_404(PublishedVoice.objects.of_wave(wave), pk=wording_pk)
    return _form(request, wave, draft)


@require_POST
@requires(Permission.SEE_REPLIES)
@readers_only
def wording_decide(request: HttpRequest, wave: Wave, wording_pk: int) -> HttpResponse:
    """Approve, send back or withdraw, or delete a draft."""
    user, today = signed_in(request), timezone.localdate()
    row = get_object_or_404(PublishedVoice.objects.of_wave(wave), pk=wording_pk)
    back = redirect("surveys:wording_list", wave.pk)
    act = request.POST.get("act", "")
    try:
        if act == "approve":
            approve_wording(row, by=user, on=today, seen=request.POST.get("seen", ""))
            sentence = _("The wording is shown to everybody now.")
        elif act == "back":
            take_back_wording(row, by=user)
            sentence = _("The wording is a draft again and is not shown.")
        elif act == "delete":
            delete_wording(row, by=user)
            sentence = _("The draft was deleted.")
        else:
            return notify(request, back, _("Choose one of the buttons."), tone="error")
    except WordingRefused as refused:
        return notify(request, back, str(refused), tone="error")
    return notify(request, back, sentence)


def _form(request: HttpRequest, wave: Wave, draft: PublishedVoice | None) -> HttpResponse:
    book = Book(wave.municipality_id)
    start = {"theme": draft.theme_id, "text": draft.text} if draft else {}
    initial = {"theme": request.GET.get("theme", ""), **start}
    sent = request.POST if request.method == "POST" else None
    form = WordingForm(sent, book=book, initial=initial)
    if request.method == "POST" and form.is_valid():
        text = form.cleaned_data["text"]
        found, hints = worries(wave, text), hints_once(request, text)
        unsure = found and not form.cleaned_data["sure"]
        if unsure:
            form.ask_to_look()
        if unsure or hints:
            return _form_page(
                request, wave, book, form, draft, worries=found if unsure else None, hints=hints
            )
        try:
            today = timezone.localdate()
            propose_wording(wave, form.chosen, text, by=signed_in(request), on=today, draft=draft)
        except WordingRefused as refused:
            form.add_error(None, str(refused))
        else:
            sentence = _("The other reader has to agree before it is shown.")
            return notify(request, redirect("surveys:wording_list", wave.pk), sentence)
    return _form_page(request, wave, book, form, draft)


def _form_page(
    request: HttpRequest,
    wave: Wave,
    book: Book,
    form: WordingForm,
    draft: PublishedVoice | None,
    **context: object,
) -> HttpResponse:
    """The form with the texts of its theme beside it; that is an opening too, and noted."""
    theme = str(form["theme"].value() or "")
    known = theme if theme in {str(pk) for pk in book.themes} else ""
    texts = Texts(wave, book, show=known)
    beside = texts.found[:BESIDE]
    readers = note_reading(wave, by=signed_in(request), texts=len(beside))
    context |= {
        "wave": wave,
        "form": form,
        "draft": draft,
        "beside": beside,
        "more": len(texts.found) - len(beside),
        "theme": book.themes[int(known)] if known else None,
        "alone": len(readers) < BOTH,
    }
    status = 422 if form.is_bound else 200
    return render(request, "surveys/text_wording_form.html", context, status=status)
