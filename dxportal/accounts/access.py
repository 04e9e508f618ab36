"""Who may do what: permissions are words, roles list them in one table, each with a sentence."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import TYPE_CHECKING, Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import Role

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser
    from django.utils.functional import _StrPromise

    from dxportal.accounts.models import User


View = Callable[..., HttpResponseBase]


class Permission(StrEnum):
    """What can be allowed. The sentence of each stands in SENTENCES."""

    ANSWER = "answer"
    SEE_REPLIES = "see_replies"
    SEE_INITIATIVES = "see_initiatives"
    SEE_DISTRIBUTION = "see_distribution"
    SEE_TECHNOLOGY_NAMES = "see_technology_names"
    SEE_CULTURE_NAMES = "see_culture_names"
    SEE_RESULTS = "see_results"
    SEE_OWN_DEPARTMENT = "see_own_department"
    CONFIRM_CRITERIA = "confirm_criteria"
    REVIEW_EVIDENCE = "review_evidence"
    FEED_READINGS = "feed_readings"
    KEEP_FEED_KEYS = "keep_feed_keys"
    UPDATE_OWN_INITIATIVES = "update_own_initiatives"
    UPDATE_ALL_INITIATIVES = "update_all_initiatives"
    EDIT_INITIATIVES = "edit_initiatives"
    IMPORT_DATA = "import_data"
    RUN_SURVEYS = "run_surveys"
    RELEASE_WAVES = "release_waves"
    REPLY_TO_THEMES = "reply_to_themes"
    EDIT_WORDS = "edit_words"
    SEE_STAIRCASE = "see_staircase"
    KEEP_STAIRCASE = "keep_staircase"
    COMMENT = "comment"
    RECORD_DECISIONS = "record_decisions"
    CHECK_EFFECTS = "check_effects"
    RUN_ROUNDS = "run_rounds"
    SUBMIT_ROUNDS = "submit_rounds"
    SEE_RETURNS = "see_returns"
    RUN_REMINDERS = "run_reminders"
    REORGANISE = "reorganise"
    KEEP_PROCEDURE = "keep_procedure"
    SET_UP = "set_up"
    SET_UP_CHANNELS = "set_up_channels"
    SEE_ESCALATIONS = "see_escalations"
    SEE_EVENTS = "see_events"
    MANAGE_PEOPLE = "manage_people"
    APPOINT_PROMOTERS = "appoint_promoters"
    SUGGEST_PROMOTERS = "suggest_promoters"
    RUN_TRAININGS = "run_trainings"
    RECORD_TRAININGS = "record_trainings"
    SHARE_PICTURES = "share_pictures"
    SEE_INSTALLATION = "see_installation"


SENTENCES: dict[Permission, _StrPromise] = {
    Permission.ANSWER: _("Answer surveys for which one is eligible."),
    Permission.SEE_REPLIES: _("Read what was answered to the staff's voices."),
    Permission.SEE_INITIATIVES: _("Read the list and the pages of initiatives."),
    Permission.SEE_DISTRIBUTION: _("See how many departments stand where, without names."),
    Permission.SEE_TECHNOLOGY_NAMES: _("See the technology step of each department by name."),
    Permission.SEE_CULTURE_NAMES: _("See the culture step of each department by name."),
    Permission.SEE_RESULTS: _("Read published survey results."),
    Permission.SEE_OWN_DEPARTMENT: _("See both staircases of the own department."),
    Permission.CONFIRM_CRITERIA: _("Confirm the criteria of the own department with evidence."),
    Permission.REVIEW_EVIDENCE: _(
        "Review the evidence of criteria: accept it, ask back, ask departments for it."
    ),
    Permission.FEED_READINGS: _("Enter the figures of criteria that follow from an indicator."),
    Permission.KEEP_FEED_KEYS: _("Make and end the keys with which other systems send figures."),
    Permission.UPDATE_OWN_INITIATIVES: _("Report on initiatives of the own department."),
    Permission.UPDATE_ALL_INITIATIVES: _("Report on every initiative."),
    Permission.EDIT_INITIATIVES: _("Create initiatives and change their fields."),
    Permission.IMPORT_DATA: _("Import departments and initiatives from files."),
    Permission.RUN_SURVEYS: _("Design, open and close surveys; never see a ballot."),
    Permission.RELEASE_WAVES: _("Release the results of a survey, as one of two people."),
    Permission.REPLY_TO_THEMES: _("Reply to themes with a commitment."),
    Permission.EDIT_WORDS: _("Map the municipality's own status words and keep its tags."),
    Permission.SEE_STAIRCASE: _("Read the versions of the staircase, planned ones too."),
    Permission.KEEP_STAIRCASE: _(
        "Change names, criteria and thresholds of the staircase, from a day on."
    ),
    Permission.COMMENT: _("Comment on initiatives and name people in a comment."),
    Permission.RECORD_DECISIONS: _("Record who decided what about an initiative."),
    Permission.CHECK_EFFECTS: _("Check reported effects against a document."),
    Permission.RUN_ROUNDS: _("Open and close reporting rounds, accept returns or send them back."),
    Permission.SUBMIT_ROUNDS: _("Submit the return of the own department."),
    Permission.SEE_RETURNS: _("Read what departments return in an open reporting round."),
    Permission.RUN_REMINDERS: _("Say when reminders go out, and pause them for somebody."),
    Permission.REORGANISE: _("Carry out a reorganisation of departments and posts."),
    Permission.SET_UP: _("Set up the municipality step by step."),
    Permission.KEEP_PROCEDURE: _(
        "Say how far the municipality is with the steps of the national procedure."
    ),
    Permission.SET_UP_CHANNELS: _("Set up the channels through which messages go out."),
    Permission.SEE_ESCALATIONS: _("See what waits for a decision of the CDO."),
    Permission.SEE_EVENTS: _("Read the audit trail."),
    Permission.MANAGE_PEOPLE: _("Manage people, roles and departments."),
    Permission.APPOINT_PROMOTERS: _("Say who helps which department as a promoter; no other role."),
    Permission.SUGGEST_PROMOTERS: _("Name a promoter of the own department to the DX office."),
    Permission.RUN_TRAININGS: _("Keep the list of trainings and to whom they are offered."),
    Permission.RECORD_TRAININGS: _("Enter how many people of the own department came; no names."),
    Permission.SHARE_PICTURES: _(
        "Share a reduced picture of the staircases under an open address, and take it back."
    ),
    Permission.SEE_INSTALLATION: _("See which municipalities the installation holds."),
}

_STAFF = {
    Permission.ANSWER,
    Permission.SEE_REPLIES,
    Permission.SEE_INITIATIVES,
    Permission.SEE_DISTRIBUTION,
}
_READER = {
    Permission.SEE_REPLIES,
    Permission.SEE_INITIATIVES,
    Permission.SEE_DISTRIBUTION,
    Permission.SEE_TECHNOLOGY_NAMES,
    Permission.SEE_RESULTS,
}

#: The one table: role → permissions. Heads and promoters hold theirs for their department.
ROLE_PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.EMPLOYEE: frozenset(_STAFF),
    Role.PROMOTER: frozenset(
        {
            *_STAFF,
            Permission.UPDATE_OWN_INITIATIVES,
            Permission.COMMENT,
            Permission.RECORD_TRAININGS,
        }
    ),
    Role.HEAD: frozenset(
        {
            *_STAFF,
            Permission.SEE_TECHNOLOGY_NAMES,
            Permission.SEE_RESULTS,
            Permission.SEE_OWN_DEPARTMENT,
            Permission.CONFIRM_CRITERIA,
            Permission.UPDATE_OWN_INITIATIVES,
            Permission.COMMENT,
            Permission.SUBMIT_ROUNDS,
            Permission.SUGGEST_PROMOTERS,
            Permission.RECORD_TRAININGS,
        }
    ),
    Role.DX_OFFICE: frozenset(
        {
            *_STAFF,
            *_READER,
            Permission.SEE_CULTURE_NAMES,
            Permission.UPDATE_ALL_INITIATIVES,
            Permission.EDIT_INITIATIVES,
            Permission.IMPORT_DATA,
            Permission.REVIEW_EVIDENCE,
            Permission.FEED_READINGS,
            Permission.KEEP_FEED_KEYS,
            Permission.RUN_SURVEYS,
            Permission.RELEASE_WAVES,
            Permission.REPLY_TO_THEMES,
            Permission.EDIT_WORDS,
            Permission.SEE_STAIRCASE,
            Permission.KEEP_STAIRCASE,
            Permission.SEE_EVENTS,
            Permission.COMMENT,
            Permission.RECORD_DECISIONS,
            Permission.CHECK_EFFECTS,
            Permission.RUN_ROUNDS,
            Permission.SEE_RETURNS,
            Permission.RUN_REMINDERS,
            Permission.KEEP_PROCEDURE,
            Permission.SET_UP,
            Permission.REORGANISE,
            Permission.SEE_ESCALATIONS,
            Permission.APPOINT_PROMOTERS,
            Permission.RUN_TRAININGS,
            Permission.SHARE_PICTURES,
            Permission.RECORD_TRAININGS,
        }
    ),
    Role.CDO: frozenset(
        {
            *_STAFF,
            *_READER,
            Permission.SEE_CULTURE_NAMES,
            Permission.SEE_STAIRCASE,
            Permission.SEE_ESCALATIONS,
            Permission.COMMENT,
            Permission.RECORD_DECISIONS,
            Permission.RELEASE_WAVES,
            Permission.SEE_RETURNS,
            Permission.SHARE_PICTURES,
        }
    ),
    Role.AUDITOR: frozenset({*_READER, Permission.SEE_EVENTS, Permission.SEE_RETURNS}),
    Role.ADMIN: frozenset(
        {
            *_STAFF,
            Permission.MANAGE_PEOPLE,
            Permission.SEE_EVENTS,
            Permission.RELEASE_WAVES,
            Permission.SET_UP,
            Permission.REORGANISE,
            Permission.SET_UP_CHANNELS,
            Permission.KEEP_FEED_KEYS,
            Permission.APPOINT_PROMOTERS,
        }
    ),
    Role.HOST: frozenset({Permission.SEE_INSTALLATION}),
}


def roles_of(user: User | AnonymousUser) -> dict[Role, set[int]]:
    """Roles in force today → departments they are held for (empty set: whole municipality).

    Asked once per request and kept on the user object; one query.
    """
    if not user.is_authenticated:
        return {}
    if user._roles_today is not None:
        return user._roles_today
    roles: dict[Role, set[int]] = {}
    for role, department in user.grants.on(timezone.localdate()).values_list(
        "role", "department_id"
    ):
        held = roles.setdefault(Role(role), set())
        if department is not None:
            held.add(department)
    if user.municipality_id is not None and not roles.keys() & {Role.AUDITOR, Role.HOST}:
        roles.setdefault(Role.EMPLOYEE, set())
    user._roles_today = roles
    return roles


def permissions_of(user: User | AnonymousUser) -> frozenset[Permission]:
    """Everything that any of the user's roles allows somewhere."""
    return frozenset().union(*(ROLE_PERMISSIONS[role] for role in roles_of(user)))


def can(
    user: User | AnonymousUser, permission: Permission, department_id: int | None = None
) -> bool:
    """Whether a role of the user allows it; with a department, whether it is held for that one."""
    for role, departments in roles_of(user).items():
        if permission not in ROLE_PERMISSIONS[role]:
            continue
        if department_id is None or not departments or department_id in departments:
            return True
    return False


def departments_for(user: User | AnonymousUser, permission: Permission) -> set[int]:
    """Departments for which a department role of the user allows it."""
    found: set[int] = set()
    for role, departments in roles_of(user).items():
        if permission in ROLE_PERMISSIONS[role]:
            found |= departments
    return found


def requires(*permissions: Permission) -> Callable[[View], View]:
    """Refuse (403) unless the user holds one of the permissions somewhere.

    The object itself is fetched through `visible_to` first (404 for a stranger).
    """

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            if not any(can(request.user, permission) for permission in permissions):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.permissions = permissions  # type: ignore[attr-defined]
        return guarded

    return decorate


def signed_in(request: HttpRequest) -> User:
    """The signed-in person of a view behind the default-deny wall."""
    from dxportal.accounts.models import User

    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user
