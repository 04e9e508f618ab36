"""Who may report on which initiative: the rules that depend on the initiative itself."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import Assignment, Department, User
from roadmap.choices import DepartmentRole
from roadmap.models import Initiative, InitiativeDepartment, SavedView


@dataclass(frozen=True)
class UpdateRights:
    """What one person may report on, asked once for any number of rows."""

    user_id: int
    municipality_id: int
    everything: bool
    departments: frozenset[int]
    posts: frozenset[int]

    def allow(self, initiative: Initiative, lead_id: int | None) -> bool:
        """The DX office; head or promoter of the lead department; accountable post; contact."""
        if initiative.municipality_id != self.municipality_id:
            return False
        return (
            self.everything
            or lead_id in self.departments
            or initiative.accountable_post_id in self.posts
            or initiative.contact_id == self.user_id
        )


def update_rights(user: User, day: date) -> UpdateRights:
    """The person's rights on that day: one query beside the roles."""
    posts = Assignment.objects.on(day).filter(user=user).values_list("post_id", flat=True)
    return UpdateRights(
        user_id=user.pk,
        municipality_id=user.municipality_id or 0,
        everything=can(user, Permission.UPDATE_ALL_INITIATIVES),
        departments=frozenset(departments_for(user, Permission.UPDATE_OWN_INITIATIVES)),
        posts=frozenset(posts),
    )


def may_update(user: User, initiative: Initiative, day: date) -> bool:
    """Whether the person may report on this initiative on that day."""
    lead = (
        InitiativeDepartment.objects.filter(initiative=initiative, role=DepartmentRole.LEAD)
        .values_list("department_id", flat=True)
        .first()
    )
    return update_rights(user, day).allow(initiative, lead)


def may_edit(user: User) -> bool:
    """Whether the person may create initiatives and change their fields."""
    return can(user, Permission.EDIT_INITIATIVES)


def may_share_views(user: User) -> bool:
    """Whether the person may show a saved view to everybody: those who report or decide."""
    return any(
        can(user, permission)
        for permission in (
            Permission.UPDATE_OWN_INITIATIVES,
            Permission.UPDATE_ALL_INITIATIVES,
            Permission.RECORD_DECISIONS,
        )
    )


def may_change_view(user: User, view: SavedView) -> bool:
    """The own views; the DX office also those that are shown to everybody."""
    return view.owner_id == user.pk or (view.shared and may_edit(user))


def holds_for(user: User, permission: Permission, department: Department) -> bool:
    """Whether a department role allows it for the department or for the one above it."""
    held = departments_for(user, permission)
    return bool(held & {department.pk, department.bureau_id, department.parent_id})


def may_feed(user: User, department: Department) -> bool:
    """Whether the person may enter figures of criteria: the DX office, and the own head."""
    if department.municipality_id != user.municipality_id:
        return False
    return can(user, Permission.FEED_READINGS) or holds_for(
        user, Permission.CONFIRM_CRITERIA, department
    )
