"""What every page of the wizard shows: the five steps, and who may do the one at hand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.access import ROLE_PERMISSIONS, Permission, can, signed_in
from dxportal.accounts.choices import Role
from dxportal.accounts.hooks import Remembered
from dxportal.accounts.models import Municipality, RoleGrant, User
from dxportal.shared.htmx import notify, render_page
from roadmap.actions.setting_up import settle_step
from roadmap.choices import SetUpStep, StepMark
from roadmap.setting_up import Progress, progress_of

#: Any one of them is enough for a step.
MAY: dict[str, tuple[Permission, ...]] = {
    SetUpStep.MUNICIPALITY: (Permission.MANAGE_PEOPLE,),
    SetUpStep.DEPARTMENTS: (Permission.MANAGE_PEOPLE, Permission.IMPORT_DATA),
    SetUpStep.STAIRCASE: (Permission.MANAGE_PEOPLE, Permission.EDIT_WORDS),
    SetUpStep.PEOPLE: (Permission.MANAGE_PEOPLE,),
    SetUpStep.SURVEY: (Permission.RUN_SURVEYS,),
}


@dataclass(frozen=True)
class StepLink:
    """One step in the row of five."""

    number: int
    label: str
    url: str
    mark: str
    current: bool

    @property
    def done(self) -> bool:
        """Whether it was carried out."""
        return self.mark == StepMark.DONE

    @property
    def skipped(self) -> bool:
        """Whether it was left for later."""
        return self.mark == StepMark.SKIPPED


def municipality_of(request: HttpRequest) -> Municipality:
    """The one that is being set up."""
    municipality = signed_in(request).municipality
    if municipality is None:
        raise PermissionDenied
    return municipality


def may_do(user: User, step: str) -> bool:
    """Whether the person may carry out a step."""
    return any(can(user, permission) for permission in MAY[step])


def may_post(request: HttpRequest, step: str) -> None:
    """403 for a step that the person may not do."""
    if not may_do(signed_in(request), step):
        raise PermissionDenied


def go_on(request: HttpRequest, step: str, words: str = "") -> HttpResponse:
    """The step is done; on to the next one."""
    kept = settle_step(municipality_of(request), step, StepMark.DONE, by=signed_in(request))
    response = redirect(after(Progress(dict(kept.steps), asked=True), step))
    return notify(request, response, words) if words else response


def who_may(user: User, step: str, today: date) -> list[User]:
    """Active people of the municipality who may; one query, by name."""
    roles = [role for role in Role if ROLE_PERMISSIONS[role] & set(MAY[step])]
    held = RoleGrant.objects.visible_to(user).on(today).filter(role__in=roles)
    people = User.objects.filter(pk__in=held.values("user"), is_active=True)
    return list(people.order_by("name", "pk"))


def step_url(step: str) -> str:
    """The page of a step; the end of the wizard for ""."""
    return reverse(f"dashboards:setup_{step}") if step else reverse("dashboards:setup_end")


def after(progress: Progress, step: str) -> str:
    """The page after a step: the next one that is not done, in order; else the end."""
    steps = list(SetUpStep.values)
    later = steps[steps.index(step) + 1 :]
    waiting = next((name for name in later if name not in progress.marks), "")
    return step_url(waiting or ("" if progress.finished else progress.next_step))


def step_page(
    request: HttpRequest, step: str, context: Mapping[str, Any], *, status: int = 200
) -> HttpResponse:
    """The page of a step, or its picture alone where htmx asks while something is typed."""
    user, progress = signed_in(request), progress_of(signed_in(request))
    may = may_do(user, step)
    frame = {
        "steps": links(progress, step),
        "step": step,
        "step_label": SetUpStep(step).label,
        "step_number": list(SetUpStep.values).index(step) + 1,
        "progress": progress,
        "may_do": may,
        "is_done": progress.marks.get(step) == StepMark.DONE,
        "helpers": [] if may else who_may(user, step, timezone.localdate()),
    }
    template = f"dashboards/setup_{step}.html"
    picture = f"dashboards/_setup_picture_{step}.html"
    return render_page(request, template, {**frame, **context}, partial=picture, status=status)


def links(progress: Progress, current: str = "") -> list[StepLink]:
    """All five, in order."""
    return [
        StepLink(
            number, str(step.label), step_url(step), progress.marks.get(step, ""), step == current
        )
        for number, step in enumerate(SetUpStep, start=1)
    ]


def set_up_to_remember(user: User, _now: datetime) -> list[Remembered]:
    """“Set-up 3/5”, for those who set up, until it is finished or put off."""
    if not can(user, Permission.SET_UP):
        return []
    progress = progress_of(user)
    if not progress.open:
        return []
    values = {"settled": progress.settled, "total": progress.total}
    return [
        Remembered(
            title=_("Set-up %(settled)s/%(total)s") % values,
            text=_("Next: %(step)s") % {"step": SetUpStep(progress.next_step).label},
            note=_("Five steps lead to the first survey. Each can be left for later."),
            url=step_url(progress.next_step),
            button=_("Go on with the set-up"),
        )
    ]
