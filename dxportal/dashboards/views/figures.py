"""What figures are made of: a step, a count, a published cell, and the rules of counting."""

from __future__ import annotations

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, requires, signed_in
from dxportal.dashboards.board import moments
from dxportal.dashboards.board.counting_rules import RULES
from dxportal.dashboards.board.crosswalk import LEVELS, NAMES, WHY
from dxportal.dashboards.board.figures import SHOWN_AS
from dxportal.dashboards.board.look import Look, look
from dxportal.dashboards.board.opened import Asking
from dxportal.dashboards.board.opening import FIGURES
from dxportal.dashboards.board.stage_page import contributing, stage_page
from dxportal.dashboards.board.standing import scenes
from roadmap.choices import Axis
from roadmap.methods import METHOD

PAGE_SIZE = 100


def _look(request: HttpRequest) -> Look:
    return look(signed_in(request), request.GET.dict(), timezone.now())


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def figure_detail(request: HttpRequest, name: str) -> HttpResponse:
    """The rows of one figure with their sum, how it is counted and where it comes from."""
    if name not in FIGURES:
        raise Http404
    permission, build = FIGURES[name]
    found = _look(request)
    if not can(found.user, permission):
        raise PermissionDenied
    state = found.state
    asking = Asking(found.user, state.moment, state.compare, found.now, request.GET.dict())
    opened = build(asking, name)
    if opened is None:
        raise Http404
    context = {
        "opened": opened,
        "page": Paginator(opened.parts, PAGE_SIZE).get_page(request.GET.get("page")),
        "look": found,
        "counted": moments.counted(found.user, state.moment, found.known.waiting, found.now)
        if opened.dated
        else None,
        "method": moments.method_of(found.user, state.moment) if opened.dated else "",
        "compared": name in SHOWN_AS,
    }
    return render(request, "dashboards/figure_detail.html", context)


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def stage_detail(request: HttpRequest, axis: str, step: int) -> HttpResponse:
    """The departments of one step; culture by department for the CDO and the DX office alone."""
    found = _look(request)
    wanted = Permission.SEE_CULTURE_NAMES
    by_name = can(found.user, wanted if axis == Axis.CULTURE else Permission.SEE_TECHNOLOGY_NAMES)
    state = found.state
    scene = scenes(found.user, state.moment, None, unit=state.bureau if by_name else None).now
    page = (
        stage_page(
            found.user,
            scene,
            axis,
            step,
            unit=state.bureau if by_name else None,
            by_name=by_name,
        )
        if scene
        else None
    )
    if scene is None or page is None:
        raise Http404
    context = {
        "stage": page,
        "page": Paginator(page.rows, PAGE_SIZE).get_page(request.GET.get("page")),
        "look": found,
        "scene": scene,
        "by_name": by_name,
        "counted": moments.counted(found.user, state.moment, found.known.waiting, found.now),
        "method": moments.method_of(found.user, state.moment),
        "initiatives": contributing(found.user, scene, page.stage),
        "axis_label": Axis(axis).label,
        "firmness_rule": RULES["firmness"],
    }
    return render(request, "dashboards/stage_detail.html", context)


@require_safe
@requires(Permission.SEE_DISTRIBUTION)
def rule_list(request: HttpRequest) -> HttpResponse:
    """How every figure is counted; the rules of the levels from 0 to 5."""
    context = {
        "rules": RULES,
        "method": METHOD,
        "levels": [
            (level, "" if level is None else NAMES[level], WHY[rule])
            for rule, level in LEVELS.items()
        ],
    }
    return render(request, "dashboards/rule_list.html", context)
