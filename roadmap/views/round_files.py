"""The files of a closed round, byte for byte as they were written when it closed."""

from __future__ import annotations

import base64

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.cache import get_conditional_response, patch_cache_control
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, requires
from roadmap.round_files import CONTENT_TYPES
from roadmap.views.rounds import visible_round


@require_safe
@requires(Permission.SEE_INITIATIVES)
def round_file(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """The stored bytes; their SHA-256 is the ETag and stands in Repr-Digest (RFC 9530)."""
    found = get_object_or_404(visible_round(request, pk).files, kind=kind)
    response = HttpResponse(bytes(found.content), content_type=CONTENT_TYPES[kind])
    digest = base64.b64encode(bytes.fromhex(found.sha256)).decode("ascii")
    response["ETag"] = f'"{found.sha256}"'
    response["Repr-Digest"] = f"sha-256=:{digest}:"
    response["Content-Disposition"] = content_disposition_header(True, found.name) or ""
    patch_cache_control(response, private=True, no_cache=True)
    answer = get_conditional_response(request, etag=response["ETag"], response=response)
    return answer or response
