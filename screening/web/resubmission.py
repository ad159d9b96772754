"""Resubmission of a form whose sender is no longer signed in, so that no input is lost."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import TypeAlias

from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

View: TypeAlias = Callable[..., HttpResponse]
CSRF_FIELD = "csrfmiddlewaretoken"


def allow_resubmission(view: View) -> View:
    """Require sign-in for a view. A form submitted without it comes back to be submitted again after signing in."""

    @login_not_required
    @wraps(view)
    def guarded(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        if request.user.is_authenticated:
            return view(request, *args, **kwargs)
        if request.method == "POST":
            return resubmission_page(request)
        return redirect_to_login(request.get_full_path())

    return guarded


def resubmission_page(request: HttpRequest) -> HttpResponse:
    """Respond 403 with all submitted values in a form, to be submitted again after signing in."""
    submitted = [(name, value) for name, values in request.POST.lists() if name != CSRF_FIELD for value in values]
    context = {"submitted": submitted, "sign_in_url": reverse("account_login")}
    return render(request, "screening/web/resubmit.html", context, status=403)


def is_same_origin(request: HttpRequest) -> bool:
    """Return True if the browser reports the same origin. Input from another site must never be shown again."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == here and request.headers.get("Sec-Fetch-Site") == "same-origin"
