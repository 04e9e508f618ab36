"""What tables of departments and people would change: the doorway to the two planners."""

from .department_importer import load_tree, plan_departments
from .staff_importer import plan_staff

__all__ = ["load_tree", "plan_departments", "plan_staff"]
