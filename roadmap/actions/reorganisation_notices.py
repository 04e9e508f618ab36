"""Notices of reorganisations: to new holders of posts, and to the office."""

from __future__ import annotations

import datetime as dt

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from dxportal.accounts.access import ROLE_PERMISSIONS, Permission
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.models import RoleGrant, User
from roadmap.models import Reorganisation
from roadmap.reorganising.plan import Plan

#: How long after its day a reorganisation can be taken back; our own proposal.
UNDO_DAYS = 30


def tell_holders(reorganisation: Reorganisation, now: dt.datetime) -> None:
    """Everybody who has a new post hears of the handover page."""
    keys = {
        operation[3]["user"]
        for step in reorganisation.inverse["steps"]
        for operation in step
        if operation[0] == "assignment" and operation[2] is None
    }
    with translation.override(settings.LANGUAGE_CODE):
        subject = _("You have a new post")
        body = _(
            "The handover page shows its initiatives, what is due, and what your predecessor noted."
        )
    notify(
        User.objects.filter(pk__in=keys, is_active=True),
        subject=subject,
        body=body,
        path=reverse("roadmap:handover_list"),
        key=f"handover-{reorganisation.pk}",
        municipality=reorganisation.municipality_id,
        now=now,
    )


def tell_office(reorganisation: Reorganisation, now: dt.datetime, plan: Plan | None) -> None:
    """That it was carried out (no plan), or why not."""
    with translation.override(settings.LANGUAGE_CODE):
        if plan is None:
            subject = _("The reorganisation was carried out")
            body = _("“%(name)s” is in force. It can be taken back for %(days)s days.") % {
                "name": reorganisation,
                "days": UNDO_DAYS,
            }
        else:
            subject = _("The reorganisation could not be carried out")
            body = _(
                "“%(name)s”: %(problems)s rows no longer fit, %(initiatives)s initiatives would be"
                " without an owner. Take it back and confirm it anew."
            ) % {
                "name": reorganisation,
                "problems": len(plan.problems),
                "initiatives": len(plan.undecided),
            }
    roles = [role for role, held in ROLE_PERMISSIONS.items() if Permission.REORGANISE in held]
    day = timezone.localdate(now)
    grants = RoleGrant.objects.on(day).filter(role__in=roles)
    notify(
        User.objects.filter(
            municipality=reorganisation.municipality_id,
            is_active=True,
            pk__in=grants.values("user"),
        ),
        subject=subject,
        body=body,
        path=reorganisation.get_absolute_url(),
        key=f"reorganisation-{reorganisation.pk}-{'done' if plan is None else day.isoformat()}",
        municipality=reorganisation.municipality_id,
        now=now,
    )
