"""Posts and the people on them."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dxportal.accounts.access import Permission, requires, signed_in
from dxportal.accounts.actions.posts import (
    AssignedAlready,
    PostExists,
    assign,
    end_assignment,
    save_post,
)
from dxportal.accounts.forms import AssignmentForm, EndForm, PostForm, department_choices, posted
from dxportal.accounts.models import Assignment, Post
from dxportal.shared.htmx import notify

PER_PAGE = 50


@require_safe
@requires(Permission.MANAGE_PEOPLE)
def post_list(request: HttpRequest) -> HttpResponse:
    """Posts by department, with who holds each today."""
    user, today = signed_in(request), timezone.localdate()
    departments = list(department_choices(user, today))
    chosen = {str(item.pk): item for item in departments}.get(request.GET.get("department", ""))
    posts = Post.objects.visible_to(user).in_department(chosen).with_holders(today)
    page = Paginator(posts, PER_PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "departments": departments, "chosen": chosen}
    return render(request, "accounts/post_list.html", context)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def post_create(request: HttpRequest) -> HttpResponse:
    """A new post."""
    user, today = signed_in(request), timezone.localdate()
    chosen = department_choices(user, today).filter(pk__in=_number(request)).first()
    form = PostForm(posted(request), viewer=user, today=today, department=chosen)
    if form.is_valid():
        try:
            post = save_post(None, by=user, **form.cleaned_data)
        except PostExists:
            form.add_error("name", _("The department has a post of this name."))
        else:
            response = redirect("accounts:post_edit", post.pk)
            return notify(request, response, _("The post is created."))
    status = 422 if form.is_bound else 200
    return render(request, "accounts/post_create.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@requires(Permission.MANAGE_PEOPLE)
def post_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """One post: its name, whether it heads the department, and who holds it."""
    user, today = signed_in(request), timezone.localdate()
    post = get_object_or_404(Post.objects.visible_to(user).select_related("department"), pk=pk)
    form = PostForm(posted(request), viewer=user, today=today, post=post)
    if form.is_valid():
        try:
            save_post(post, department=post.department, by=user, **form.cleaned_data)
        except PostExists:
            form.add_error("name", _("The department has a post of this name."))
        else:
            return notify(request, redirect("accounts:post_edit", pk), _("Saved."))
    assignment = AssignmentForm(None, viewer=user, today=today)
    return _post_page(request, post, form, assignment)


@require_POST
@requires(Permission.MANAGE_PEOPLE)
def assignment_create(request: HttpRequest, pk: int) -> HttpResponse:
    """Put a person on the post."""
    user, today = signed_in(request), timezone.localdate()
    post = get_object_or_404(Post.objects.visible_to(user).select_related("department"), pk=pk)
    form = AssignmentForm(request.POST, viewer=user, today=today)
    if form.is_valid():
        try:
            assign(post, by=user, **form.cleaned_data)
        except AssignedAlready:
            form.add_error("email", _("The person holds this post from that day already."))
        else:
            return notify(request, redirect("accounts:post_edit", pk), _("Saved."))
    return _post_page(request, post, PostForm(None, viewer=user, today=today, post=post), form)


@require_POST
@requires(Permission.MANAGE_PEOPLE)
def assignment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a person off the post on the given day."""
    user = signed_in(request)
    assignments = Assignment.objects.visible_to(user)
    assignment = get_object_or_404(assignments.select_related("post__department", "user"), pk=pk)
    form = EndForm(request.POST)
    response = redirect("accounts:post_edit", assignment.post_id)
    if not form.is_valid():
        return notify(request, response, _("Give the day as a date."), tone="error")
    end_assignment(assignment, on=form.cleaned_data["on"], by=user)
    return notify(request, response, _("Saved."))


def _post_page(
    request: HttpRequest, post: Post, form: PostForm, assignment: AssignmentForm
) -> HttpResponse:
    """The page of one post."""
    context = {
        "post": post,
        "form": form,
        "assignment": assignment,
        "assignments": Assignment.objects.visible_to(signed_in(request)).of(post),
        "today": timezone.localdate(),
    }
    status = 422 if form.is_bound or assignment.is_bound else 200
    return render(request, "accounts/post_edit.html", context, status=status)


def _number(request: HttpRequest) -> list[int]:
    """The department wished for in the address, if it is a number."""
    text = request.GET.get("department", "")
    return [int(text)] if text.isascii() and text.isdigit() and len(text) < 18 else []
