"""The page from which a form can be sent again, for a form that could not be accepted and was not stored."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

CSRF_FIELD = "csrfmiddlewaretoken"


def resubmission_page(request: HttpRequest, why_not_stored: str = "") -> HttpResponse:
    """Respond 403 with all submitted values in a form, to be submitted again after signing in.

    ``why_not_stored`` is a sentence for somebody whose session has ended.
    """
    submitted = [(name, value) for name, values in request.POST.lists() if name != CSRF_FIELD for value in values]
    context = {"submitted": submitted, "sign_in_url": reverse("account_login"), "why_not_stored": why_not_stored}
    return render(request, "screening/web/resubmit.html", context, status=403)


def is_same_origin(request: HttpRequest) -> bool:
    """Return True if the browser reports the same origin. Input from another site must never be shown again."""
    here = f"{request.scheme}://{request.get_host()}"
    return request.headers.get("Origin") == here and request.headers.get("Sec-Fetch-Site") == "same-origin"
