"""Trainings in numbers: what each section was offered and how many came. No database."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

#: More people of one section never came to one occasion.
MOST_PEOPLE: Final = 9_999
#: Of a section with fewer people nobody is told how many came.
FEWEST_STAFF: Final = 5
#: Words of a heading line, which is passed over.
_HEADINGS: Final = {"部署", "所属", "課", "section", "department"}


@dataclass(frozen=True, slots=True)
class Reach:
    """One section: occasions offered, people who came in all (one person may come twice), staff."""

    offered: int
    came: int
    staff: int

    @property
    def told(self) -> bool:
        """Whether the number who came may be shown: of very few people it would be of persons."""
        return self.staff >= FEWEST_STAFF

    @property
    def share(self) -> int | None:
        """People who came over staff, in percent, 100 at most; None where nobody works there."""
        return min(100, round(100 * self.came / self.staff)) if self.staff else None


def reaches(
    staff: Mapping[int, int],
    offers: Iterable[tuple[int, int]],
    came: Iterable[tuple[int, int]],
) -> dict[int, Reach]:
    """Section → Reach. `staff`: section → people; `offers`, `came`: (section, number) pairs."""
    offered, people = dict.fromkeys(staff, 0), dict.fromkeys(staff, 0)
    for section, number in offers:
        if section in offered:
            offered[section] += number
    for section, number in came:
        if section in people:
            people[section] += number
    return {key: Reach(offered[key], people[key], number) for key, number in staff.items()}


def read_numbers(text: str) -> tuple[list[tuple[str, int]], list[str]]:
    """Lines 「市民課 12人」 as (section, people), and the lines that could not be read."""
    found, unread = [], []
    for number, raw in enumerate(text.splitlines()):
        line = unicodedata.normalize("NFKC", raw).strip()
        cells = [cell.strip() for cell in line.replace("\t", ",").split(",")]
        if len(cells) == 1:
            cells = line.rsplit(None, 1)
        if not line or (number == 0 and cells[0].lower() in _HEADINGS):
            continue
        digits = cells[1].removesuffix("人").removesuffix("名").strip() if len(cells) > 1 else ""
        if not (digits.isascii() and digits.isdigit() and int(digits) <= MOST_PEOPLE):
            unread.append(raw.strip())
            continue
        found.append((cells[0], int(digits)))
    return found, unread
