"""Published results of a wave: the same cells for everybody, and none before the time."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from surveys.actions.closing import CLOSED
from surveys.models import CloseAudit, Wave
from surveys.results import Results, heat_columns


@require_safe
@requires(Permission.SEE_RESULTS)
def wave_results(request: HttpRequest, pk: int) -> HttpResponse:
    """Hours first, then units, then question by question; before the time, when."""
    user, now = signed_in(request), timezone.now()
    wave = get_object_or_404(Wave.objects.visible_to(user).select_related("survey"), pk=pk)
    context: dict[str, object] = {"wave": wave}
    if Wave.objects.shown(now).filter(pk=pk).exists() and not wave.too_few:
        results = Results(wave)
        themes = results.themes()
        audit = CloseAudit.objects.filter(wave=wave, step=CLOSED).first()
        context |= {
            "results": results,
            "themes": themes,
            "heavy": [line for line in themes if line.weighs],
            "light": [line for line in themes if not line.weighs],
            "heat": results.heat("Q1", heat_columns(themes)) if themes else None,
            "questions": results.questions(),
            "receipts": audit.receipts if audit else [],
            "audit": audit,
        }
    elif wave.too_few and Wave.objects.shown(now).filter(pk=pk).exists():
        context["too_few"] = True
    return render(request, "surveys/wave_results.html", context)
