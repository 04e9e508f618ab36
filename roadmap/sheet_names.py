"""Keys by the one text that stands for each of them in a file. No database."""

from __future__ import annotations

import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any


def loose(text: str) -> str:
    """A name without width, case and spaces."""
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


@dataclass(slots=True)
class Names:
    """Keys by the one text that stands for each of them."""

    texts: dict[Any, str] = field(default_factory=dict)
    keys: dict[str, Any] = field(default_factory=dict)
    loosely: dict[str, set[Any]] = field(default_factory=lambda: defaultdict(set))
    over: set[Any] = field(default_factory=set)  # ended, merged or gone: nothing new may name them

    @classmethod
    def of(cls, rows: Iterable[tuple[Any, bool, Sequence[str]]]) -> Names:
        """From (key, still there, its names from short to certain); the last one is unique.

        A name that several share stands for none of them, unless only one is still there.
        """
        made, waiting = cls(), list(rows)
        made.over = {key for key, here, _names in waiting if not here}
        for key, _here, names in waiting:
            for name in names:
                made.loosely[loose(name)].add(key)
        for level in range(max((len(names) for _k, _h, names in waiting), default=0)):
            waiting = made._name(waiting, level)
        return made

    def _name(
        self, rows: list[tuple[Any, bool, Sequence[str]]], level: int
    ) -> list[tuple[Any, bool, Sequence[str]]]:
        """Give names of one level; those that have to wait for a longer one."""
        here = Counter(names[min(level, len(names) - 1)] for _k, there, names in rows if there)
        gone = Counter(names[min(level, len(names) - 1)] for _k, there, names in rows if not there)
        left = []
        for row in rows:
            key, there, names = row
            name = names[min(level, len(names) - 1)]
            only = here[name] == 1 if there else not here[name] and gone[name] == 1
            if name and only and name not in self.keys:
                self.texts[key], self.keys[name] = name, key
            else:
                left.append(row)
        return left

    def find(self, text: str) -> Any:
        """The key; LookupError with the keys that are meant as well, or none."""
        if text in self.keys:
            return self.keys[text]
        found = self.loosely.get(loose(text), set())
        here = found - self.over
        if len(here) == 1 or len(found) == 1:
            return next(iter(here or found))
        raise LookupError(sorted(self.texts.get(key, "") for key in here or found))

    def listed(self) -> list[str]:
        """What may be chosen, in order."""
        return [text for key, text in self.texts.items() if key not in self.over]
