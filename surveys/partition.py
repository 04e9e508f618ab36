"""The published partition and its numbers: the one door for closing, health checks and tests."""

from surveys.groups import (
    ALL,
    Group,
    Node,
    asked_publishable,
    audit_groups,
    children_of,
    partition,
)
from surveys.shares import (
    NOT_ASKED,
    UNANSWERED,
    Cell,
    Share,
    TallyRow,
    audit_cells,
    cell_span,
    rounded_share,
)
from surveys.sums import Contribution, Sum, group_sums, rounded_sum
from surveys.tallies import OTHER, Ballot, CrossCell, QuestionSpec, cross, tally

__all__ = [
    "ALL",
    "NOT_ASKED",
    "OTHER",
    "UNANSWERED",
    "Ballot",
    "Cell",
    "Contribution",
    "CrossCell",
    "Group",
    "Node",
    "QuestionSpec",
    "Share",
    "Sum",
    "TallyRow",
    "asked_publishable",
    "audit_cells",
    "audit_groups",
    "cell_span",
    "children_of",
    "cross",
    "group_sums",
    "partition",
    "rounded_share",
    "rounded_sum",
    "tally",
]
