"""「解決に加わる」: offering to help with a theme, by name; never reached from a ballot."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.shared.htmx import notify
from surveys.actions.volunteering import offer, restore, withdraw
from surveys.models import Volunteer
from surveys.reply_forms import OfferForm

#: Offers on one page of the office's list.
PAGE = 50


@require_http_methods(["GET", "POST"])
@requires(Permission.ANSWER)
def volunteer_list(request: HttpRequest) -> HttpResponse:
    """The own offers and the form; the DX office sees who offered, by theme."""
    user = signed_in(request)
    own = list(Volunteer.objects.of(user).standing().by_theme())
    offered = {row.theme_id for row in own}
    data = request.POST if request.method == "POST" else None
    form = OfferForm(data, user=user, offered=offered)
    if request.method == "POST" and form.is_valid():
        note, day = form.cleaned_data["note"], timezone.localdate()
        try:
            row = offer(form.chosen(), note=note, by=user, on=day)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            undo = reverse("surveys:volunteer_withdraw", args=[row.pk])
            listed = redirect("surveys:volunteer_list")
            return notify(request, listed, _("Thank you. The DX office sees your offer."), undo)
    context = {"form": form, "own": own, "page": None}
    if can(user, Permission.REPLY_TO_THEMES):
        everybody = Volunteer.objects.visible_to(user).standing().by_theme()
        context["page"] = Paginator(everybody, PAGE).get_page(request.GET.get("page"))
    status = 422 if form.is_bound else 200
    return render(request, "surveys/volunteer_list.html", context, status=status)


@require_POST
@requires(Permission.ANSWER)
def volunteer_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the own offer back."""
    user = signed_in(request)
    row = get_object_or_404(Volunteer.objects.of(user), pk=pk)
    withdraw(row, by=user, on=timezone.localdate())
    undo = reverse("surveys:volunteer_restore", args=[row.pk])
    listed = redirect("surveys:volunteer_list")
    return notify(request, listed, _("Your offer was taken back."), undo)


@require_POST
@requires(Permission.ANSWER)
def volunteer_restore(request: HttpRequest, pk: int) -> HttpResponse:
    """Undo the taking back."""
    user = signed_in(request)
    row = get_object_or_404(Volunteer.objects.of(user), pk=pk)
    tone, sentence = "success", _("Your offer stands again.")
    try:
        restore(row, by=user)
    except ValidationError as error:
        tone, sentence = "error", error.messages[0]
    return notify(request, redirect("surveys:volunteer_list"), sentence, tone=tone)
