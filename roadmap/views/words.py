"""The mapping screen: the municipality's own status words and what they mean."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Case, Count, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions.words import map_status_words
from roadmap.choices import CHOOSABLE_PHASES, Channel, Progress
from roadmap.models import StatusWord, Update


@dataclass(frozen=True)
class WordRow:
    """A word, how often it came in, and what is chosen for it."""

    word: StatusWord
    uses: int
    phase: str
    progress: str


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
    rows, valid = _rows(request, words)
    if request.method == "POST" and valid:
        meanings = {row.word: (row.phase, row.progress) for row in rows}
        sentence = _saved(*map_status_words(meanings, by=user))
        return notify(request, redirect("roadmap:status_word_list"), sentence)
    context = {
        "rows": rows,
        "unmapped": sum(1 for row in rows if not (row.word.phase or row.word.progress)),
        "phases": CHOOSABLE_PHASES,
        "progresses": list(Progress),
        "invalid": not valid,
    }
    status = 200 if valid else 422
    return render(request, "roadmap/status_word_list.html", context, status=status)


def _saved(words: int, initiatives: int) -> str:
    """What became of the form."""
    if not words:
        return _("Nothing was changed.")
    sentence = ngettext("%(count)s word saved.", "%(count)s words saved.", words)
    sentence = sentence % {"count": words}
    if initiatives:
        more = ngettext(
            "%(count)s imported initiative got its status.",
            "%(count)s imported initiatives got their status.",
            initiatives,
        )
        sentence += " " + more % {"count": initiatives}
    return sentence


def _rows(request: HttpRequest, words: list[StatusWord]) -> tuple[list[WordRow], bool]:
    """Rows with what was sent, and whether every choice is one of those offered."""
    rows, valid = [], True
    for word in words:
        phase = request.POST.get(f"phase-{word.pk}", word.phase)
        progress = request.POST.get(f"progress-{word.pk}", word.progress)
        offered = {"", word.phase, *CHOOSABLE_PHASES}
        valid = valid and phase in offered and progress in {"", *Progress.values}
        rows.append(WordRow(word, getattr(word, "uses", 0), phase, progress))
    return rows, valid
