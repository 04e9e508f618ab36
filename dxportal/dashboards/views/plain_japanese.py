"""The check list for plain Japanese: its rules, and a place to try a text. Nothing is kept."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from dxportal.accounts.forms import posted
from dxportal.shared.names import looks_like_name
from dxportal.shared.plain_japanese import EVERYTHING, Hint, check
from dxportal.shared.plain_words import PLAIN_WORDS


class PlainForm(forms.Form):
    """A text to look at."""

    text = forms.CharField(
        label=_("Text to look at"),
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("It is looked at and not kept."),
    )


@require_http_methods(["GET", "POST"])
def plain_japanese(request: HttpRequest) -> HttpResponse:
    """The rules with the words; for a text that was sent, what is hard to read in it."""
    form = PlainForm(posted(request))
    hints: list[Hint] = []
    if form.is_valid():
        text = form.cleaned_data["text"]
        hints = check(text, rules=EVERYTHING, names=looks_like_name)
    context = {
        "form": form,
        "hints": hints,
        "clean": form.is_bound and form.is_valid() and not hints,
        "words": sorted(PLAIN_WORDS.items()),
    }
    status = 422 if form.errors else 200
    return render(request, "dashboards/plain_japanese.html", context, status=status)
