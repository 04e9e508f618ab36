"""What every page needs: the portal's name, the navigation, unread notices."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from dxportal.accounts import hooks
from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Outbox


@dataclass(frozen=True)
class NavItem:
    """One entry of the main navigation."""

    url: str
    label: str
    current: bool
    group: str = ""


def _nav(request: HttpRequest) -> list[NavItem]:
    """Entries that the user may open, in the order of the work."""
    entries = [
        (Permission.SEE_DISTRIBUTION, "dashboards:dashboard", _("Staircase")),
        (Permission.SEE_INITIATIVES, "roadmap:initiative_list", _("Initiatives")),
        (Permission.SEE_RESULTS, "dashboards:painpoint_list", _("Pain points")),
        (Permission.SEE_REPLIES, "surveys:voice_list", _("Voices and replies")),
        (Permission.SEE_REPLIES, "surveys:survey_list", _("Surveys")),
    ]
    items = []
    for permission, name, label in entries:
        if can(request.user, permission):
            url = reverse(name)
            items.append(NavItem(url, label, request.path.startswith(url)))
    return items


def _user_menu(request: HttpRequest) -> list[NavItem]:
    """What belongs to single roles: follow-ups, words, people, organisation, audit."""
    own, see, run, rules = _("My own"), _("To look at"), _("To run"), _("Rules and settings")
    entries = [
        (own, Permission.SEE_INITIATIVES, "roadmap:initiative_mine", _("My initiatives")),
        (own, Permission.ANSWER, "roadmap:handover_list", _("Handing over")),
        (own, Permission.ANSWER, "surveys:volunteer_list", _("Help to solve it")),
        (own, Permission.SEE_INITIATIVES, "roadmap:snooze_list", _("Pause reminders")),
        (see, Permission.SEE_RESULTS, "surveys:followup_list", _("Asking again")),
        (see, Permission.SEE_RESULTS, "dashboards:gap", _("The gap")),
        (see, Permission.SEE_INITIATIVES, "dashboards:value", _("Effects and their use")),
        (see, Permission.SEE_TECHNOLOGY_NAMES, "dashboards:department_list", _("Departments")),
        (see, Permission.SEE_ESCALATIONS, "roadmap:escalation_list", _("Decisions wanted")),
        (see, Permission.SEE_INITIATIVES, "roadmap:round_list", _("Progress reports")),
        (see, Permission.SEE_TECHNOLOGY_NAMES, "dashboards:briefing_list", _("Meeting sheets")),
        (see, Permission.SEE_INITIATIVES, "dashboards:promoter_list", _("Promoters and support")),
        (see, Permission.SEE_DISTRIBUTION, "dashboards:peer_list", _("Municipalities of our size")),
        (
            see,
            Permission.SEE_DISTRIBUTION,
            "dashboards:procedure",
            _("Steps of the national procedure"),
        ),
        (run, Permission.REVIEW_EVIDENCE, "roadmap:evidence_list", _("Evidence to look at")),
        (run, Permission.FEED_READINGS, "roadmap:reading_list", _("Figures of criteria")),
        (run, Permission.RUN_REMINDERS, "roadmap:reminder_settings", _("Reminders")),
        (
            run,
            Permission.EDIT_INITIATIVES,
            "roadmap:disclosure_list",
            _("Publication of initiatives"),
        ),
        (run, Permission.EDIT_INITIATIVES, "roadmap:removed_list", _("Removed initiatives")),
        (run, Permission.SHARE_PICTURES, "dashboards:shared_picture_list", _("Shared pictures")),
        (run, Permission.REORGANISE, "roadmap:reorganisation_list", _("Reorganisation")),
        (run, Permission.MANAGE_PEOPLE, "accounts:people_list", _("People")),
        (run, Permission.MANAGE_PEOPLE, "accounts:department_list", _("Departments")),
        (run, Permission.MANAGE_PEOPLE, "accounts:post_list", _("Posts")),
        (
            rules,
            Permission.SEE_STAIRCASE,
            "roadmap:staircase_list",
            _("Versions of the staircase"),
        ),
        (rules, Permission.EDIT_WORDS, "roadmap:status_word_list", _("Status words")),
        (rules, Permission.EDIT_WORDS, "roadmap:tag_list", _("Pillars and tags")),
        (rules, Permission.SET_UP, "dashboards:setup", _("Set-up")),
        (rules, Permission.EDIT_INITIATIVES, "roadmap:sample_list", _("Sample content")),
        (rules, Permission.MANAGE_PEOPLE, "accounts:municipality_edit", _("Municipality")),
        (rules, Permission.SET_UP_CHANNELS, "accounts:channel_list", _("Channels of messages")),
        (rules, Permission.KEEP_FEED_KEYS, "roadmap:feed_key_list", _("Keys for other systems")),
        (rules, Permission.SEE_EVENTS, "accounts:event_list", _("Audit trail")),
        (rules, Permission.SEE_INSTALLATION, "accounts:installation", _("Municipalities")),
        (rules, None, "accounts:role_table", _("Who may do what")),
    ]
    found = [
        (group, reverse(name), label)
        for group, permission, name, label in entries
        if permission is None or can(request.user, permission)
    ]
    return [NavItem(url, label, request.path.startswith(url), group) for group, url, label in found]


def portal(request: HttpRequest) -> dict[str, Any]:
    """Context of every template; lazy, so that pages without it cost no query."""
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return {"nav": [], "portal_name": "", "permissions": frozenset()}
    return {
        "nav": SimpleLazyObject(lambda: _nav(request)),
        "user_menu": SimpleLazyObject(lambda: _user_menu(request)),
        "portal_name": str(user.municipality or ""),
        "unread_notices": SimpleLazyObject(
            lambda: Outbox.objects.visible_to(user).unread().count()
        ),
        "to_remember": SimpleLazyObject(
            lambda: hooks.what_to_remember(user, timezone.now()) if user.municipality_id else []
        ),
        "may": {p.value: can(user, p) for p in Permission},
    }
