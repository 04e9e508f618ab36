"""A sentence that is translated where it is shown, not where it was written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class Message:
    """A lazy gettext template and its values; ``str()`` joins them in the reader's language.

    Values may be messages or lazy strings themselves.
    """

    template: "str | _StrPromise"
    values: Mapping[str, object] = field(default_factory=dict)

    def __str__(self) -> str:
        text = str(self.template)
        return text % self.values if self.values else text
