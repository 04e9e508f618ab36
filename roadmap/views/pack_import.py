"""Taking initiatives of another municipality over: the file, what would be made of it, undo."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.models import User
from dxportal.shared.htmx import notify
from roadmap.actions.packs import receive_pack, take_over_pack, undo_pack
from roadmap.forms.packs import PackTakeForm, PackUploadForm
from roadmap.models import Initiative, PackOrigin, PackUpload
from roadmap.pack_format import PackRefused
from roadmap.pack_plan import Books, Template, templates
from roadmap.views.pack_shown import blocker_lines, lines_beside, theirs


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def pack_import(request: HttpRequest) -> HttpResponse:
    """Choose a file; nothing is written but the file itself, until its preview is confirmed."""
    user = signed_in(request)
    if user.municipality is None:
        raise PermissionDenied
    sent = request.method == "POST"
    form = PackUploadForm(request.POST, request.FILES) if sent else PackUploadForm()
    if form.is_valid():
        file = form.cleaned_data["file"]
        try:
            upload = receive_pack(
                user.municipality, name=file.name or "", content=file.read(), by=user
            )
        except PackRefused as error:
            form.add_error("file", str(error))
        else:
            return redirect("roadmap:pack_preview", upload.pk)
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/pack_import.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.EDIT_INITIATIVES)
def pack_preview(request: HttpRequest, pk: UUID) -> HttpResponse:
    """What would be made of it here; confirmed twice it is made once."""
    user, day = signed_in(request), timezone.localdate()
    upload = get_object_or_404(PackUpload.objects.visible_to(user), pk=pk)
    if upload.applied_at is not None:
        return _done(request, upload)
    found = templates(upload.content, Books.of(upload.municipality))
    form = PackTakeForm(request.POST if request.method == "POST" else None, found=found, day=day)
    if not form.is_valid():
        return _page(request, user, upload, found, form)
    made = take_over_pack(
        upload,
        places=form.cleaned_data["places"],
        start_on=form.cleaned_data["start_on"],
        by=user,
    )
    return notify(request, _onward(upload, made), _taken(made), _undo_url(upload))


@require_POST
@requires(Permission.EDIT_INITIATIVES)
def pack_undo(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take what was made of a file off the list again."""
    user = signed_in(request)
    upload = get_object_or_404(PackUpload.objects.visible_to(user), pk=pk)
    count = undo_pack(upload, by=user)
    sentence = ngettext(
        "%(count)s initiative was taken off the list. It can be brought back under the settings.",
        "%(count)s initiatives were taken off the list. They can be brought back under the"
        " settings.",
        count,
    ) % {"count": count}
    sentence = sentence if count else _("Nothing of it stands in the list any more.")
    return notify(request, redirect("roadmap:initiative_list"), sentence)


def _undo_url(upload: PackUpload) -> str:
    return reverse("roadmap:pack_undo", args=[upload.pk])


def _taken(made: list[Initiative]) -> str:
    count = len(made)
    return ngettext(
        "%(count)s initiative was added as a template.",
        "%(count)s initiatives were added as templates.",
        count,
    ) % {"count": count}


def _onward(upload: PackUpload, made: list[Initiative]) -> HttpResponse:
    """One: its page, where who is accountable is filled in; several: what was made."""
    if len(made) == 1:
        return redirect(made[0])
    return redirect("roadmap:pack_preview", upload.pk)


def _done(request: HttpRequest, upload: PackUpload) -> HttpResponse:
    rows = Initiative.objects.filter(pack_origin__upload=upload).order_by("pk")
    context = {"upload": upload, "rows": rows, "standing": rows.standing().exists()}
    return render(request, "roadmap/pack_done.html", context)


def _taken_before(user: User, upload: PackUpload) -> list[PackOrigin]:
    """What was made of the same content and still stands."""
    same = PackUpload.objects.visible_to(user).filter(sha256=upload.sha256)
    rows = PackOrigin.objects.filter(upload__in=same, initiative__removed_on__isnull=True)
    return list(rows.select_related("initiative").order_by("pk"))


def _page(
    request: HttpRequest,
    user: User,
    upload: PackUpload,
    found: list[Template],
    form: PackTakeForm,
) -> HttpResponse:
    made = upload.content["made"]
    cards = [
        (
            template,
            theirs(made["municipality_name"], made["size_band"], template.item),
            lines_beside(template.item),
            blocker_lines(template.item),
        )
        for template in found
    ]
    context = {
        "upload": upload,
        "made": made,
        "made_on": date.fromisoformat(made["on"]),
        "form": form,
        "cards": cards,
        "before": _taken_before(user, upload),
    }
    status = 422 if form.is_bound else 200
    return render(request, "roadmap/pack_preview.html", context, status=status)
