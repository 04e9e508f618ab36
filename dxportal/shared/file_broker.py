"""Celery's broker of the demo: messages as files that are whole as soon as they can be seen."""

from __future__ import annotations

import os
import uuid
from pathlib import Path
from queue import Empty
from time import time
from typing import Any

from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

#: How a broker address begins that means this transport.
SCHEME = "wholefiles"


class Channel(filesystem.Channel):
    """Kombu's own shows a file before it is written; a worker that reads it then ends for good."""

    def _put(  # type: ignore[override]
        self, queue: str, payload: dict[str, Any], **_kwargs: Any
    ) -> None:
        """Write under another name, then rename: a reader sees all of the message or nothing."""
        folder = Path(self.data_folder_out)
        # As many digits always: names are sorted as text, the oldest message comes first.
        name = f"{round(time() * 1000):015d}_{uuid.uuid4()}"
        part = folder / f"{name}.part"
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(dumps(payload))
        part.rename(folder / f"{name}.{queue}.msg")

    def _get(self, queue: str) -> Any:  # type: ignore[override]
        """The next message; one that cannot be read is dropped: what is due is marked elsewhere."""
        try:
            return super()._get(queue)
        except ValueError:
            raise Empty from None


class Transport(filesystem.Transport):
    """Files, with the channel above."""

    Channel = Channel


TRANSPORT_ALIASES[SCHEME] = f"{__name__}:Transport"
