"""Sign-in, sign-out and one's own password; what a form held when the session ended."""

from __future__ import annotations

import logging

import redis
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import login, logout, update_session_auth_hash
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.forms import PasswordChangeForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from dxportal.accounts import carry
from dxportal.accounts.access import signed_in
from dxportal.accounts.actions.sign_in import (
    Outcome,
    change_own_password,
    check_password,
    record_sign_in,
    record_sign_out,
)
from dxportal.accounts.forms import SignInForm, posted
from dxportal.accounts.models import User
from dxportal.shared.csrf import from_anywhere_here

log = logging.getLogger("dxportal.accounts.sign_in")
#: In a session that must leave nothing in the browser: it ends with it, and after a ballot.
SHARED_PC = "shared_pc"


@login_not_required
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The form, one try, and then the page that was wanted or the form that was carried."""
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(_wanted(request))
        return _sign_in_page(request, SignInForm())
    form = SignInForm(request.POST)
    if not form.is_valid():
        return _sign_in_page(request, form, status=422)
    shared_pc = form.cleaned_data.pop("shared_pc")
    attempt = check_password(request, **form.cleaned_data)
    if attempt.user is None:
        waiting = attempt.outcome is Outcome.WAIT
        form.add_error(None, _wait_text() if waiting else _wrong_text())
        return _sign_in_page(request, form, status=429 if waiting else 422)
    try:
        mark = _let_in(request, attempt.user, shared_pc=shared_pc)
    except redis.RedisError:
        log.exception("sign-in is not possible: sessions cannot be stored")
        form.add_error(None, _("Signing in is not possible just now. Try again in a few minutes."))
        return _sign_in_page(request, form, status=503)
    response = _after_sign_in(request, mark)
    _remember(response, mark)
    return response


@login_not_required
@require_POST
@from_anywhere_here
def sign_out(request: HttpRequest) -> HttpResponse:
    """End the session, even where the cache that holds it is away."""
    response = redirect("accounts:sign_in")
    if isinstance(request.user, User):
        record_sign_out(request.user)
        try:
            logout(request)
        except redis.RedisError:
            log.warning("a session could not be removed: the cache is away")
            response.delete_cookie(settings.SESSION_COOKIE_NAME)
    return response


@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password_change(request: HttpRequest) -> HttpResponse:
    """Replace one's own password; this session goes on, others end."""
    user = signed_in(request)
    form = PasswordChangeForm(user, posted(request))
    if request.method == "POST" and form.is_valid():
        change_own_password(user, form.cleaned_data["new_password1"], by=user)
        update_session_auth_hash(request, user)
        messages.success(request, _("The password has been changed."))
        response = redirect("home")
        _remember(response, carry.mark_of(user))
        return response
    status = 422 if form.is_bound else 200
    return render(request, "accounts/password_change.html", {"form": form}, status=status)


def session_ended(request: HttpRequest) -> HttpResponse:
    """Answer a post without a session: the sign-in page, which carries what was typed."""
    token = carry.seal(request)
    context = {"form": SignInForm(), "carried": token, "ended": True, "next": ""}
    response = render(request, "accounts/sign_in.html", context, status=401)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that somebody else's sign-in made old: nothing is sent, and the page says so."""
    if request.path == reverse("accounts:sign_in"):
        return redirect("accounts:sign_in")
    return render(request, "accounts/form_too_old.html", status=403)


def _sign_in_page(request: HttpRequest, form: SignInForm, *, status: int = 200) -> HttpResponse:
    """The sign-in page with what it carries on."""
    context = {
        "form": form,
        "carried": request.POST.get("carried", ""),
        "next": request.POST.get("next") or request.GET.get("next", ""),
    }
    return render(request, "accounts/sign_in.html", context, status=status)


def _let_in(request: HttpRequest, user: User, *, shared_pc: bool) -> str:
    """Begin the session. Whoever signs in again here keeps the forms of their other tabs.

    What somebody without an account left in the browser's session goes, so that nothing ties the
    two people to each other.
    """
    mark = carry.mark_of(user)
    kept = request.META.get("CSRF_COOKIE")
    if not request.user.is_authenticated:
        request.session.flush()
    login(request, user)
    if kept and request.COOKIES.get(carry.LAST_USER) == mark:
        request.META["CSRF_COOKIE"] = kept
    request.session["draft_binding"] = user.get_session_auth_hash()
    if shared_pc:
        request.session[SHARED_PC] = True
        request.session.set_expiry(0)
    record_sign_in(user)
    return mark


def _after_sign_in(request: HttpRequest, mark: str) -> HttpResponse:
    """The carried form for the same person, else the page that was wanted."""
    token = request.POST.get("carried", "")
    carried = carry.unseal(token)
    if carried is not None and carried.who == mark:
        return render(request, "accounts/replay.html", {"carried": carried})
    if token:
        messages.error(
            request,
            _("You signed in as another person, so what was typed before has been dropped.")
            if carried
            else _("What was typed before could not be kept for so long."),
        )
    return redirect(_wanted(request))


def _remember(response: HttpResponse, mark: str) -> None:
    """Who signed in here last, until the browser is closed."""
    response.set_cookie(
        carry.LAST_USER,
        mark,
        httponly=True,
        secure=settings.SESSION_COOKIE_SECURE,
        samesite="Lax",
    )


def _wanted(request: HttpRequest) -> str:
    """The page to go on to, if it is one of ours."""
    wish = request.POST.get("next") or request.GET.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wish, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wish if ours and wish.startswith("/") else reverse("home")


def _wrong_text() -> str:
    return _("The e-mail or the password is wrong.")


def _wait_text() -> str:
    minutes = settings.SIGN_IN_WINDOW_SECONDS // 60
    return _(
        "There were too many wrong passwords. Wait %(minutes)d minutes,"
        " or ask your administrator for a new password."
    ) % {"minutes": minutes}
