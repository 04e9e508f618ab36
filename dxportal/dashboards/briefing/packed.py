"""Office files with the date of their sheet: the same content gives the same bytes."""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from typing import Final

_CORE: Final = "docProps/core.xml"
_DATES: Final = re.compile(rb"(<dcterms:(?:created|modified)[^>]*>)[^<]*(</dcterms:)")


def dated(package: bytes, made_at: dt.datetime) -> bytes:
    """The package with every date in it set to `made_at`, workbooks inside it too."""
    out = io.BytesIO()
    stamp = made_at.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(package)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == _CORE:
                content = _DATES.sub(rb"\g<1>" + stamp + rb"\g<2>", content)
            elif name.endswith(".xlsx"):
                content = dated(content, made_at)
            entry = zipfile.ZipInfo(name, made_at.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(entry, content)
    return out.getvalue()
