"""The floor's pages: a form, a record, a result."""

from __future__ import annotations

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from . import rows


@login_required
def form(request: HttpRequest) -> HttpResponse:
    """Show a form with a token, or write what the application would."""
    if request.method == "POST":
        return redirect("result", rows.write_screening())
    return render(request, "floor/form.html")


@login_required
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Put the look on record and say a word."""
    rows.write_event(uuid)
    return render(request, "floor/result.html", {"uuid": uuid})
