"""The mapping screen: the municipality's own status words, what they mean, which are shown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import Municipality, User
from dxportal.shared.htmx import notify
from roadmap.actions.words import Wish, WordChange, remove_word, set_words, take_back_words
from roadmap.choices import CHOOSABLE_PHASES, Channel, Progress
from roadmap.content.status_words import SETS, WordSet
from roadmap.forms.words import WordForm, WordRow, label_of, word_rows
from roadmap.models import StatusWord, Update
from roadmap.shown_words import ShownWords, shown_of


@dataclass(frozen=True)
class Meaning:
    """One of our words beside what the screens say for it, and the words that mean the same."""

    ours: str
    shown: str
    words: list[str]


def words_with_uses(user: User) -> QuerySet[StatusWord]:
    """Unmapped words first, then those that came in most often."""
    uses = (
        Update.objects.filter(
            initiative__municipality=OuterRef("municipality"),
            note=OuterRef("word"),
            channel=Channel.IMPORT,
        )
        .order_by()
        .values("note")
        .annotate(count=Count("initiative", distinct=True))
        .values("count")
    )
    unmapped = Case(
        When(Q(phase="", progress=""), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )
    return (
        StatusWord.objects.filter(municipality_id=user.municipality_id or 0)
        .annotate(uses=Coalesce(Subquery(uses), 0), mapped=unmapped)
        .order_by("mapped", "-uses", "word")
    )


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_WORDS)
def status_word_list(request: HttpRequest) -> HttpResponse:
    """All words in one form, saved together."""
    user = signed_in(request)
    words = list(words_with_uses(user))
    rows, valid = word_rows(words, request.POST)
    if request.method != "POST":
        return _page(request, words, rows)
    if not valid:
        return _page(request, words, rows, errors=[_("Choose one of the words offered.")])
    try:
        change = set_words(_town(user), [row.wish for row in rows], by=user)
    except ValidationError as refused:
        return _page(request, words, rows, errors=refused.messages)
    return _done(request, change)


@require_POST
@requires(Permission.EDIT_WORDS)
def status_word_add(request: HttpRequest) -> HttpResponse:
    """Add one word by hand."""
    user = signed_in(request)
    words = list(words_with_uses(user))
    form = WordForm(request.POST, known=[word.word for word in words])
    if form.is_valid():
        try:
            return _done(request, set_words(_town(user), [form.wish()], by=user))
        except ValidationError as refused:
            form.add_error(None, refused.messages)
    rows, _valid = word_rows(words, request.POST)
    return _page(request, words, rows, form=form, errors=[])


@require_POST
@requires(Permission.EDIT_WORDS)
def status_word_remove(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a word out that no import has brought."""
    user = signed_in(request)
    ours = StatusWord.objects.filter(municipality_id=user.municipality_id or 0)
    word = get_object_or_404(ours, pk=pk)
    response = redirect("roadmap:status_word_list")
    try:
        change = remove_word(word, by=user)
    except ValidationError as refused:
        return notify(request, response, " ".join(refused.messages), tone="error")
    sentence = _("“%(word)s” was removed.") % {"word": word.word}
    undo = reverse("roadmap:status_word_undo", args=[change.batch])
    return notify(request, response, sentence, undo)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_WORDS)
def status_word_set(request: HttpRequest, code: str) -> HttpResponse:
    """A ready-made set: first what it will change, then one click."""
    user = signed_in(request)
    chosen = SETS.get(code)
    if chosen is None:
        raise Http404
    if request.method == "POST":
        wishes = [Wish(w.word, w.phase, w.progress, w.shown) for w in chosen.words]
        return _done(request, set_words(_town(user), wishes, by=user))
    known = {word.word: word for word in words_with_uses(user)}
    context = {"chosen": chosen, **_preview(chosen, known)}
    return render(request, "roadmap/status_word_set.html", context)


@require_POST
@requires(Permission.EDIT_WORDS)
def status_word_undo(request: HttpRequest, batch: str) -> HttpResponse:
    """Take back one's own change of words, with the statuses that it gave."""
    done, kept = take_back_words(batch, by=signed_in(request))
    response = redirect("roadmap:status_word_list")
    if kept:
        words = _(", ").join(kept)
        sentence = _("Changed again since, so left as it is: %(words)s.") % {"words": words}
        return notify(request, response, sentence, tone="error")
    sentence = ngettext(
        "%(count)s word is as it was before.", "%(count)s words are as they were before.", done
    )
    return notify(request, response, sentence % {"count": done})


def _town(user: User) -> Municipality:
    if user.municipality is None:
        raise Http404
    return user.municipality


def _page(
    request: HttpRequest,
    words: Sequence[StatusWord],
    rows: Sequence[WordRow],
    *,
    form: WordForm | None = None,
    errors: Sequence[str] | None = None,
) -> HttpResponse:
    """The page; with errors (also none of its own form) what was sent was refused."""
    context: dict[str, Any] = {
        "rows": rows,
        "form": form or WordForm(),
        "errors": errors,
        "unmapped": sum(1 for row in rows if not (row.word.phase or row.word.progress)),
        "phases": CHOOSABLE_PHASES,
        "progresses": list(Progress),
        "meanings": meanings(words),
        "sets": SETS.values(),
    }
    status = 200 if errors is None else 422
    return render(request, "roadmap/status_word_list.html", context, status=status)


def _done(request: HttpRequest, change: WordChange) -> HttpResponse:
    """A sentence with its way back."""
    undo = reverse("roadmap:status_word_undo", args=[change.batch]) if change.words else None
    return notify(request, redirect("roadmap:status_word_list"), _saved(change), undo)


def _saved(change: WordChange) -> str:
    """What became of the form."""
    if not change.words:
        return _("Nothing was changed.")
    sentence = ngettext("%(count)s word saved.", "%(count)s words saved.", change.words)
    sentence = sentence % {"count": change.words}
    if change.initiatives:
        more = ngettext(
            "%(count)s imported initiative got its status.",
            "%(count)s imported initiatives got their status.",
            change.initiatives,
        )
        sentence += " " + more % {"count": change.initiatives}
    return sentence


def meanings(words: Iterable[StatusWord]) -> list[dict[str, Any]]:
    """Phases and progress: what the screens say, doubles and gaps."""
    words = list(words)
    shown = shown_of((word.word, word.phase, word.progress) for word in words if word.shown)
    phases = [_meaning(words, shown, phase=code) for code in CHOOSABLE_PHASES]
    progresses = [_meaning(words, shown, progress=code) for code in Progress]
    return [_group(_("Progress"), progresses), _group(_("Phase"), phases)]


def _meaning(
    words: list[StatusWord], shown: ShownWords, *, phase: str = "", progress: str = ""
) -> Meaning:
    same = [word.word for word in words if (word.phase, word.progress) == (phase, progress)]
    own = shown.phases.get(phase, "") or shown.progresses.get(progress, "")
    return Meaning(label_of(phase, progress), own, same)


def _group(title: str, found: list[Meaning]) -> dict[str, Any]:
    """A gap is told only where some of the municipality's words are shown at all."""
    speaks = any(meaning.shown for meaning in found)
    return {
        "title": title,
        "meanings": found,
        "doubles": [meaning for meaning in found if len(meaning.words) > 1],
        "gaps": [meaning.ours for meaning in found if speaks and not meaning.shown],
    }


def _preview(chosen: WordSet, known: dict[str, StatusWord]) -> dict[str, Any]:
    """Line by line what the set will change, and the words that are no longer shown."""
    lines = []
    for wish in sorted(chosen.words, key=lambda wish: wish.word):
        word = known.get(wish.word)
        before = label_of(word.phase, word.progress) if word else ""
        after = label_of(wish.phase, wish.progress)
        now = (word.phase, word.progress, word.shown) if word else None
        lines.append(
            {
                "word": wish.word,
                "before": before,
                "after": after,
                "shown": wish.shown,
                "is_new": word is None,
                "changes": now != (wish.phase, wish.progress, wish.shown),
                "uses": getattr(word, "uses", 0),
            }
        )
    taken = {(wish.phase, wish.progress) for wish in chosen.words if wish.shown}
    mine = {wish.word for wish in chosen.words}
    hidden = [
        word.word
        for word in known.values()
        if word.shown and word.word not in mine and (word.phase, word.progress) in taken
    ]
    changes = sum(1 for line in lines if line["changes"])
    return {"lines": lines, "hidden": hidden, "changes": changes + len(hidden)}
