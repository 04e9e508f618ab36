"""The DX office looks at evidence: the queue, accepting, asking, asking back, taking back."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.forms import posted
from dxportal.accounts.models import Department, Event
from dxportal.shared.htmx import notify
from roadmap.actions.evidence import (
    ACCEPTED,
    EvidenceConflict,
    accept_evidence,
    ask_back,
    ask_for_evidence,
    page_of,
    take_back_acceptance,
    withdraw_request,
)
from roadmap.evidence_queue import askable, open_requests, to_review
from roadmap.forms.evidence import AskDepartmentForm, AskForm
from roadmap.models import Assessment, EvidenceRequest
from roadmap.reading_table import bureaus_of
from roadmap.views.status import next_url

#: Confirmations on one page, which can be accepted in one press.
PAGE_SIZE = 25


@require_safe
@requires(Permission.REVIEW_EVIDENCE)
def evidence_list(request: HttpRequest) -> HttpResponse:
    """New firm confirmations, the oldest first; what was asked and is open."""
    user, today = signed_in(request), timezone.localdate()
    bureaus = bureaus_of(user, today)
    bureau = next((one for one in bureaus if str(one.pk) == request.GET.get("bureau")), None)
    key = bureau.pk if bureau else None
    pages = Paginator(to_review(user, today, bureau=key), PAGE_SIZE)
    asked = open_requests(user, today, bureau=key)
    context = {
        "page": pages.get_page(request.GET.get("page")),
        "asked": asked,
        "overdue": sum(one.overdue for one in asked),
        "bureaus": bureaus,
        "bureau": bureau,
        "today": today,
        "here": request.get_full_path(),
    }
    return render(request, "roadmap/evidence_list.html", context)


@require_POST
@requires(Permission.REVIEW_EVIDENCE)
def evidence_accept(request: HttpRequest) -> HttpResponse:
    """Accept those that are ticked; what moved on meanwhile is left out and said."""
    user, today = signed_in(request), timezone.localdate()
    keys = [int(pk) for pk in request.POST.getlist("assessment") if pk.isascii() and pk.isdigit()]
    rows = list(_confirmations(request).filter(pk__in=keys[:500]))
    made, batch = accept_evidence(rows, by=user, today=today)
    response = _back(request)
    if not made:
        sentence = _("Nothing was accepted: tick what you have looked at.")
        if rows:
            sentence = _("Nothing was accepted: it has moved on in the meantime.")
        return notify(request, response, sentence, tone="error")
    words = ngettext(
        "%(count)s confirmation was accepted.", "%(count)s confirmations were accepted.", len(made)
    ) % {"count": len(made)}
    if len(made) < len(rows):
        words += _(" %(count)s had moved on in the meantime.") % {"count": len(rows) - len(made)}
    undo = reverse("roadmap:evidence_accept_undo", args=[batch])
    return notify(request, response, words, undo)


@require_POST
@requires(Permission.REVIEW_EVIDENCE)
def evidence_accept_undo(request: HttpRequest, batch: str) -> HttpResponse:
    """What was accepted in one press stands in the queue again."""
    user = signed_in(request)
    pressed = Event.objects.visible_to(user).filter(action=ACCEPTED, after__batch=batch)
    if not pressed.exists():
        raise Http404
    count = take_back_acceptance(batch, municipality_id=user.municipality_id or 0, by=user)
    words = _("Taken back: %(count)s stand in the queue again.") % {"count": count}
    return notify(request, _back(request), words)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_EVIDENCE)
def evidence_ask(request: HttpRequest) -> HttpResponse:
    """Ask a department for evidence of a criterion."""
    user, today = signed_in(request), timezone.localdate()
    here = Department.objects.visible_to(user).on(today).sections()
    departments = {one.pk: one for one in here.select_related("bureau").in_order()}
    criteria = {one.pk: one for one in askable(user)}
    form = AskDepartmentForm(
        posted(request),
        departments=list(departments.values()),
        criteria=list(criteria.values()),
        chosen=request.GET,
        today=today,
    )
    if form.is_valid():
        department = departments[form.cleaned_data["department"]]
        criterion = criteria[form.cleaned_data["criterion"]]
        wanted = {name: form.cleaned_data[name] for name in ("text", "due_on")}
        try:
            row = ask_for_evidence(department, criterion, **wanted, by=user, today=today)
        except (EvidenceConflict, ValidationError) as refused:
            form.add_error(None, refused if isinstance(refused, ValidationError) else str(refused))
        else:
            return _asked(request, row)
    context = {"form": form, "department": None}
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/evidence_ask.html", context, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.REVIEW_EVIDENCE)
def evidence_ask_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask back about one confirmation: it stops counting until it is answered."""
    user, today = signed_in(request), timezone.localdate()
    assessment = get_object_or_404(_confirmations(request), pk=pk)
    form = AskForm(posted(request), today=today)
    status = 422 if form.is_bound else 200
    if form.is_valid():
        try:
            row = ask_back(assessment, **form.cleaned_data, by=user, today=today)
        except (EvidenceConflict, ValidationError) as refused:
            form.add_error(None, refused if isinstance(refused, ValidationError) else str(refused))
            status = 409
        else:
            return _asked(request, row)
    context = {"form": form, "assessment": assessment, "department": assessment.department}
    return render(request, "roadmap/evidence_ask.html", context, status=status)


@require_POST
@requires(Permission.REVIEW_EVIDENCE)
def evidence_withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a request back; a confirmation that was asked back counts again."""
    user = signed_in(request)
    rows = EvidenceRequest.objects.visible_to(user).select_related("department", "criterion")
    row = get_object_or_404(rows, pk=pk)
    if not withdraw_request(row, by=user, today=timezone.localdate()):
        sentence = _("It was answered or taken back in the meantime.")
        return notify(request, _back(request), sentence, tone="error")
    return notify(request, _back(request), _("The request was taken back."))


def _confirmations(request: HttpRequest) -> QuerySet[Assessment]:
    """Confirmations of the user's municipality, with what actions and pages name."""
    rows = Assessment.objects.visible_to(signed_in(request))
    return rows.select_related(
        "criterion__stage", "department__bureau", "department__municipality", "confirmed_by"
    )


def _back(request: HttpRequest) -> HttpResponseRedirect:
    return HttpResponseRedirect(next_url(request, reverse("roadmap:evidence_list")))


def _asked(request: HttpRequest, row: EvidenceRequest) -> HttpResponse:
    """Said, with the way back."""
    undo = reverse("roadmap:evidence_withdraw", args=[row.pk])
    words = _("%(department)s was asked about %(code)s.")
    values = {"department": row.department.name, "code": row.criterion.code}
    here = page_of(row.department_id, row.criterion.code)
    wish = next_url(request, reverse("roadmap:evidence_list"))
    response = HttpResponseRedirect(here if request.GET.get("from") == "criterion" else wish)
    return notify(request, response, words % values, undo)
