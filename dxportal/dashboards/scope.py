"""Whose staircase a person may see by name: culture positions are sensitive."""

from __future__ import annotations

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Department, User
from roadmap.permissions import holds_for


def may_see_culture(user: User, department: Department) -> bool:
    """CDO and DX office: everybody's. A head: the own department's."""
    return can(user, Permission.SEE_CULTURE_NAMES) or holds_for(
        user, Permission.SEE_OWN_DEPARTMENT, department
    )


def may_see_technology(user: User, department: Department) -> bool:
    """Who may see technology by name, or the own department."""
    return can(user, Permission.SEE_TECHNOLOGY_NAMES) or may_see_culture(user, department)


def may_confirm(user: User, department: Department) -> bool:
    """The head of the department, or of the bureau above it."""
    return holds_for(user, Permission.CONFIRM_CRITERIA, department)
