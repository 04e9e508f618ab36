"""What files say about departments and people: the doorway to the two parsers. No database."""

from .department_rows import DEPARTMENT_FIELDS, DepartmentRow, parse_departments
from .staff_rows import STAFF_FIELDS, KnownDepartment, StaffRow, parse_staff

__all__ = [
    "DEPARTMENT_FIELDS",
    "STAFF_FIELDS",
    "DepartmentRow",
    "KnownDepartment",
    "StaffRow",
    "parse_departments",
    "parse_staff",
]
