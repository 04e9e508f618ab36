"""Through what messages go out, and a trial of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.mail import EmailMessage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions import webhooks
from dxportal.accounts.actions.messages import Message, enqueue
from dxportal.accounts.choices import MessageChannel
from dxportal.accounts.forms import WebhookForm, posted
from dxportal.accounts.models import Municipality, Outbox, User, Webhook
from dxportal.shared import outgoing
from dxportal.shared.htmx import notify


@require_http_methods(["GET", "POST"])
@requires(Permission.SET_UP_CHANNELS)
def channel_list(request: HttpRequest) -> HttpResponse:
    """E-mail as the environment says, the portal itself, and the webhook with its form."""
    user = signed_in(request)
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    hook = Webhook.objects.filter(municipality=municipality).first()
    initial = {"url": hook.url, "active": hook.active} if hook else {}
    form = WebhookForm(posted(request), initial=initial)
    if not form.is_valid():
        return _page(request, municipality, form, status=422 if form.is_bound else 200)
    seen = request.POST.get("seen", "")
    try:
        secret = webhooks.save_webhook(municipality, by=user, seen_url=seen, **form.cleaned_data)
    except webhooks.WebhookChanged:
        return _page(request, municipality, form, status=409, changed=True)
    if secret is not None:
        return _page(request, municipality, None, secret=secret)
    return notify(request, redirect("accounts:channel_list"), _("Saved."))


def _page(
    request: HttpRequest,
    municipality: Municipality,
    form: WebhookForm | None,
    *,
    status: int = 200,
    **more: Any,
) -> HttpResponse:
    hook = Webhook.objects.filter(municipality=municipality).first()
    if form is None and hook is not None:
        form = WebhookForm(initial={"url": hook.url, "active": hook.active})
    context = {
        "form": form,
        "webhook": hook,
        "failure": outgoing.words_of(hook.last_error) if hook and hook.last_error else "",
        "mail_enabled": settings.MAIL_ENABLED,
        "mail_host": getattr(settings, "EMAIL_HOST", ""),
        "mail_from": settings.DEFAULT_FROM_EMAIL,
        "site": urlsplit(settings.SITE_URL).geturl(),
        "counts": Outbox.objects.counts(municipality.pk),
        **more,
    }
    return render(request, "accounts/channel_list.html", context, status=status)


@require_POST
@requires(Permission.SET_UP_CHANNELS)
def webhook_secret(request: HttpRequest) -> HttpResponse:
    """A new secret, shown on this answer and never again."""
    user = signed_in(request)
    municipality = get_object_or_404(Municipality, pk=user.municipality_id)
    hook = get_object_or_404(Webhook, municipality=municipality)
    secret = webhooks.renew_secret(hook, by=user)
    return _page(request, municipality, None, secret=secret)


@require_POST
@requires(Permission.SET_UP_CHANNELS)
def channel_try(request: HttpRequest, channel: str) -> HttpResponse:
    """Send one message to oneself through one channel, and say what came of it; then back."""
    tries: dict[str, Callable[[User, datetime], tuple[bool, str]]] = {
        MessageChannel.EMAIL: _try_mail,
        MessageChannel.IN_APP: _try_portal,
        MessageChannel.WEBHOOK: _try_webhook,
    }
    if channel not in tries:
        raise Http404
    went, sentence = tries[channel](signed_in(request), timezone.now())
    back = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    response = redirect(back if back and ours else "accounts:channel_list")
    return notify(request, response, sentence, tone="success" if went else "error")


def _try_mail(user: User, _now: datetime) -> tuple[bool, str]:
    if not settings.MAIL_ENABLED:
        return False, _("E-mail is not set up: EMAIL_URL is empty.")
    subject, body = _("A trial message"), _("This is what messages to you look like.")
    text = f"{body}\n\n{settings.SITE_URL}\n"
    try:
        EmailMessage(subject, text, to=[user.email]).send()
    except OSError as error:  # includes smtplib.SMTPException
        words = _("The mail server did not take it (%(error)s). Check EMAIL_URL.")
        return False, words % {"error": type(error).__name__}
    return True, _("The mail server took a message to %(email)s.") % {"email": user.email}


def _try_portal(user: User, now: datetime) -> tuple[bool, str]:
    message = Message(
        user.pk,
        _("A trial message"),
        _("This is what messages to you look like."),
        "/accounts/notices/",
    )
    enqueue(
        [message],
        key=f"trial-{now.isoformat(timespec='seconds')}",
        municipality_id=user.municipality_id or 0,
        now=now,
        channels=[MessageChannel.IN_APP],
    )
    return True, _("A notice stands in your list now.")


def _try_webhook(user: User, now: datetime) -> tuple[bool, str]:
    hook = Webhook.objects.filter(municipality_id=user.municipality_id or 0).first()
    if hook is None:
        return False, _("Save the address of the webhook first.")
    answer = webhooks.try_webhook(hook, by=user, now=now)
    return answer.accepted, outgoing.words_of(answer.code)
