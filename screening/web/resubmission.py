"""A sign-in that ends while a form is being filled must not cost what was typed."""

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
    """Let a view answer to those who are signed in; who sent a form without being so gets it back to send again."""

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
    """403 with everything that was sent, to be sent once more after signing in."""
    kept = [(name, value) for name, values in request.POST.lists() if name != CSRF_FIELD for value in values]
    context = {"kept": kept, "sign_in_url": reverse("account_login")}
    return render(request, "screening/web/resubmit.html", context, status=403)


def is_same_origin(request: HttpRequest) -> bool:
    """True only for a form that our own page sent, as browsers tell it; another site's must never be echoed."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == here and request.headers.get("Sec-Fetch-Site") == "same-origin"
