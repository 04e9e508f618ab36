"""People, organisation, audit, messages and imports: one file a noun."""

from dxportal.accounts.models.department import Department, DepartmentSuccession
from dxportal.accounts.models.event import Event
from dxportal.accounts.models.imports import ImportJob, ImportMapping
from dxportal.accounts.models.municipality import Municipality
from dxportal.accounts.models.outbox import Outbox
from dxportal.accounts.models.post import Assignment, Post
from dxportal.accounts.models.user import RoleGrant, User
from dxportal.accounts.models.webhook import Webhook

__all__ = [
    "Assignment",
    "Department",
    "DepartmentSuccession",
    "Event",
    "ImportJob",
    "ImportMapping",
    "Municipality",
    "Outbox",
    "Post",
    "RoleGrant",
    "User",
    "Webhook",
]
