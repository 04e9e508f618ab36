"""Free texts as written: reading them, giving them themes, and taking that back."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import get_random_string
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.shared.htmx import notify, wants_partial
from surveys.actions.codebook import ensure_terms
from surveys.actions.reading import BOTH, note_reading, readers_of
from surveys.actions.theming import Filed, restore_texts, sort_texts
from surveys.codebook import Book
from surveys.models import RawVoice, Wave
from surveys.text_forms import FileForm, FindForm, MoveForm
from surveys.texts import UNSORTED, Texts, one_text, question_texts, text_row
from surveys.views.text_access import readers_only

PAGE = 20
#: Ways back that a session remembers; their addresses say neither text nor theme.
UNDOS, UNDO_KEY = 10, "texts_undo"


@require_safe
@requires(Permission.SEE_REPLIES)
@readers_only
def text_list(request: HttpRequest, wave: Wave) -> HttpResponse:
    """The texts, found and queued; every opening is noted with how many were shown."""
    user = signed_in(request)
    ensure_terms(wave.survey.municipality)
    book = Book(wave.municipality_id)
    form = FindForm(request.GET, book=book)
    texts = Texts(wave, book, **form.wish())
    page = Paginator(texts.found, PAGE).get_page(request.GET.get("page"))
    voices = list(page)
    readers = note_reading(wave, by=user, texts=len(voices))
    context = {
        "wave": wave,
        "texts": texts,
        "form": form,
        "page": page,
        "rows": [texts.row(voice) for voice in voices],
        "themes": book.standing,
        "readers": readers,
        "both": len(readers) >= BOTH,
        "purge": texts.purged_in(timezone.localdate()),
        "back": request.get_full_path(),
        "tabs": _tabs(wave, len(texts.all), texts.unsorted, form.wish()["show"]),
    }
    return render(request, "surveys/text_list.html", context)


@require_POST
@requires(Permission.SEE_REPLIES)
@readers_only
def text_theme(request: HttpRequest, wave: Wave, voice_pk: UUID) -> HttpResponse:
    """File one text: a chip, the select beside it, or "no theme"."""
    user = signed_in(request)
    form = FileForm(request.POST, book=Book(wave.municipality_id))
    if not form.is_valid():
        sentence = " ".join(str(e) for errors in form.errors.values() for e in errors)
        return _answer(request, wave, voice_pk, sentence, status=422)
    seen = form.cleaned_data["seen"]
    chosen = form.cleaned_data["chosen"]
    filed = sort_texts(wave, [voice_pk], chosen, by=user, seen=seen, check_seen=True)
    undo = _remember(request, wave, filed) if filed.number else None
    return _answer(request, wave, voice_pk, told(filed), undo=undo)


@require_POST
@requires(Permission.SEE_REPLIES)
@readers_only
def text_move(request: HttpRequest, wave: Wave) -> HttpResponse:
    """File all ticked texts under one theme."""
    form = MoveForm(request.POST, book=Book(wave.municipality_id))
    back = redirect(_back(request, wave))
    if not form.is_valid():
        sentence = " ".join(str(e) for errors in form.errors.values() for e in errors)
        return notify(request, back, sentence, tone="error")
    data = form.cleaned_data
    filed = sort_texts(wave, data["voices"], data["theme"], by=signed_in(request))
    return notify(request, back, told(filed), _remember(request, wave, filed))


@require_POST
@requires(Permission.SEE_REPLIES)
@readers_only
def text_undo(request: HttpRequest, wave: Wave, token: str) -> HttpResponse:
    """Put back what one of the session's last acts had changed."""
    back = redirect(_back(request, wave))
    kept = request.session.get(UNDO_KEY, {})
    act = kept.pop(token, None)
    if act is None or act["wave"] != wave.pk:
        return notify(request, back, _("This was taken back already."), tone="error")
    request.session[UNDO_KEY] = kept
    before = {UUID(pk): theme for pk, theme in act["before"].items()}
    restored = restore_texts(wave, before, by=signed_in(request))
    if not restored:
        return notify(request, back, _gone(), tone="error")
    return notify(request, back, _("The texts are as they were before."))


def told(filed: Filed) -> str:
    """What became of it, in a sentence or two; never an error."""
    if not filed.number:
        return _gone()
    sentence = _("Recorded as “%(theme)s”.")
    if filed.number > 1:
        sentence = _("%(count)s texts recorded as “%(theme)s”.")
    if filed.theme is None:
        sentence = _("The theme was taken away.")
    elif filed.asked is not None:
        sentence = _("“%(asked)s” was merged into “%(theme)s”. Recorded as “%(theme)s”.")
    if filed.other is not None:
        sentence += " " + _("%(name)s had chosen “%(others)s” in the meantime.")
    return sentence % {
        "theme": filed.theme,
        "asked": filed.asked,
        "count": filed.number,
        "name": filed.other.name if filed.other else "",
        "others": filed.others,
    }


def _gone() -> str:
    return _("These texts were removed on their date and are not there any more.")


def _remember(request: HttpRequest, wave: Wave, filed: Filed) -> str:
    """The address that undoes it: what was there before stays in the session."""
    kept: dict[str, Any] = request.session.get(UNDO_KEY, {})
    token = get_random_string(12)
    before = {str(pk): theme for pk, theme in filed.before.items()}
    kept[token] = {"wave": wave.pk, "before": before}
    request.session[UNDO_KEY] = dict(list(kept.items())[-UNDOS:])
    return reverse("surveys:text_undo", args=[wave.pk, token])


def _answer(
    request: HttpRequest,
    wave: Wave,
    pk: UUID,
    sentence: str,
    *,
    undo: str | None = None,
    status: int = 200,
) -> HttpResponse:
    """The fresh row with its counts for htmx; the page one came from, at that text, otherwise."""
    tone = "error" if status != 200 else "success"
    if not wants_partial(request):
        back = redirect(f"{_back(request, wave)}#text-{pk}")
        return notify(request, back, sentence, undo, tone=tone)
    voice = one_text(wave, pk)
    if voice is None:
        return notify(request, HttpResponse(), sentence, tone="error")
    book = Book(wave.municipality_id)
    row = text_row(voice, book, book.terms(), question_texts(wave))
    numbers = RawVoice.objects.sorting(wave)
    unsorted = sum(theme is None for theme, _question in numbers)
    context = {
        "wave": wave,
        "row": row,
        "themes": book.standing,
        "back": _back(request, wave),
        "tabs": _tabs(wave, len(numbers), unsorted, request.POST.get("show", "")),
        "both": len(readers_of(wave)) >= BOTH,
        "swapped": True,
    }
    response = render(request, "surveys/_text_row.html", context, status=status)
    return notify(request, response, sentence, undo, tone=tone)


def _tabs(wave: Wave, total: int, unsorted: int, show: str) -> list[dict[str, Any]]:
    """Queues with their counts."""
    url = reverse("surveys:text_list", args=[wave.pk])
    return [
        {"url": url, "label": _("All texts"), "n": total, "current": show == ""},
        {
            "url": f"{url}?show={UNSORTED}",
            "label": _("Not sorted yet"),
            "n": unsorted,
            "current": show == UNSORTED,
        },
    ]


def _back(request: HttpRequest, wave: Wave) -> str:
    """The list as the reader had it."""
    url = request.POST.get("next", "")
    own = reverse("surveys:text_list", args=[wave.pk])
    safe = url_has_allowed_host_and_scheme(url, {request.get_host()}, request.is_secure())
    return url if safe and url.startswith(own) else own
