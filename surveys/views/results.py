"""Published results of a wave: the same cells for everybody, and none before the time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared import printing
from surveys import exporters
from surveys.choices import CLOSED
from surveys.models import CloseAudit, Wave
from surveys.report import Report
from surveys.texts import wave_voices

CONTENT_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pdf": "application/pdf",
}
PAGE = "surveys/wave_results.html"


@require_safe
@requires(Permission.SEE_RESULTS)
def wave_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Hours first, then units, then question by question; before the time, when."""
    wave = _wave(signed_in(request), pk)
    if wave.several:
        return redirect("surveys:followup_list")
    context: dict[str, object] = {"wave": wave}
    if _is_shown(wave):
        if wave.too_few:
            context["too_few"] = exporters.too_few(wave)
        else:
            context["report"] = _report(request, wave)
            context["voices"] = wave_voices(wave, signed_in(request))
            wish = _wish(request)
            context["query"] = f"?compare={wish}" if wish else ""
    return render(request, PAGE, context)


@require_safe
@requires(Permission.SEE_REPLIES)
def wave_receipts(request: HttpRequest, pk: int) -> HttpResponse:
    """For everybody: how many answered, the receipts that were counted, hash and end of the key."""
    wave = _wave(signed_in(request), pk)
    blocks = (
        wave.blocks.filter(initiative__removed_on=None) if wave.several else Wave.objects.none()
    )
    context: dict[str, object] = {
        "wave": wave,
        "blocks": blocks.select_related("initiative").order_by("pk"),
        "shown": wave.is_shown(timezone.now()),
    }
    if context["shown"]:
        context["audit"] = CloseAudit.objects.filter(wave=wave, step=CLOSED).first()
        context["asked"] = wave.asked_count()
    return render(request, "surveys/wave_receipts.html", context)


@require_safe
@requires(Permission.SEE_RESULTS)
def wave_export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The cells of the page as a file; before the time the page that says when, as not found."""
    wave = _wave(signed_in(request), pk)
    if not _is_shown(wave):
        return render(request, PAGE, {"wave": wave}, status=404)
    try:
        content = _too_few(request, wave, kind) if wave.too_few else _file(request, wave, kind)
    except printing.CannotPrint as missing:
        return render(request, "surveys/no_pdf.html", {"wave": wave, "why": missing}, status=503)
    response = HttpResponse(content, content_type=CONTENT_TYPES[kind])
    name = exporters.file_name(wave, kind)
    response["Content-Disposition"] = content_disposition_header(True, name) or ""
    return response


def _wave(user: User, pk: int) -> Wave:
    waves = Wave.objects.visible_to(user).select_related("survey__municipality")
    return get_object_or_404(waves, pk=pk)


def _is_shown(wave: Wave) -> bool:
    return Wave.objects.shown(timezone.now()).filter(pk=wave.pk).exists()


def _wish(request: HttpRequest) -> int:
    """The wave to compare with that the reader chose; 0 for the last one."""
    wish = request.GET.get("compare", "")
    return int(wish) if wish.isascii() and wish.isdigit() and len(wish) < 19 else 0


def _report(request: HttpRequest, wave: Wave) -> Report:
    return Report(wave, signed_in(request), timezone.now(), compare_with=_wish(request))


def _file(request: HttpRequest, wave: Wave, kind: str) -> bytes:
    report = _report(request, wave)
    if kind == "csv":
        return exporters.csv(report)
    if kind == "xlsx":
        return exporters.xlsx(report)
    words = exporters.definitions(report)
    context = {"wave": wave, "report": report, "paper": True, "words": words}
    return printing.write_pdf(render_to_string("surveys/results_paper.html", context, request))


def _too_few(request: HttpRequest, wave: Wave, kind: str) -> bytes:
    if kind == "csv":
        return exporters.too_few_csv(wave)
    if kind == "xlsx":
        return exporters.too_few_xlsx(wave)
    context = {"wave": wave, "too_few": exporters.too_few(wave)}
    return printing.write_pdf(render_to_string("surveys/results_paper.html", context, request))
