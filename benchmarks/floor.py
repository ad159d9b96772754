"""The floor: a bare Django project that writes the rows of a screening, without any validation or evaluation.

Each page reads the session and the user. GET /form/ renders a line and a form with a CSRF token. POST /form/ writes,
in one transaction, the rows of a screening with an opioid: screening, answers, worklist entry, audit event.
GET /result/ID/ writes an audit event, because every access to a record is recorded, and renders a line.
"""

import os
from functools import cache
from typing import Any
from uuid import UUID, uuid4

from django.contrib.auth.decorators import login_required
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path

from screening.models import Answer, AuditEvent, Screening, WorklistEntry


@login_required
def form(request: HttpRequest) -> HttpResponse:
    """Show the form, or write the rows of a screening."""
    if request.method != "POST":
        return render(request, "form.html")
    columns, answers, event = sample()
    with transaction.atomic():
        screening = Screening.objects.create(**columns | {"id": None, "uuid": uuid4(), "submission": uuid4()})
        own = {"id": None, "screening_id": screening.pk}
        Answer.objects.bulk_create([Answer(**each | own) for each in answers])
        copied = {"screened_at": screening.screened_at, "outcome": screening.outcome}
        WorklistEntry.objects.create(screening=screening, **copied)
        AuditEvent.objects.create(**event | {"id": None, "subject": str(screening.uuid)})
    return redirect("result", screening.uuid)


@login_required
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the audit event of an access, and show the id."""
    AuditEvent.objects.create(**sample()[2] | {"id": None, "subject": str(uuid)})
    return render(request, "result.html", {"uuid": uuid})


@cache
def sample() -> tuple[Any, Any, Any]:
    """Return a screening of the application, its answers and its event, read once per process."""
    screening = Screening.objects.values().get(uuid=os.environ["BENCHMARK_SAMPLE"])
    answers = Answer.objects.filter(screening=screening["id"]).values()
    event = AuditEvent.objects.filter(subject=str(screening["uuid"])).values().earliest("pk")
    return screening, list(answers), event


urlpatterns = [path("form/", form), path("result/<uuid:uuid>/", result, name="result")]
