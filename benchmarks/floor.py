"""The floor: the least that Django costs for the work of a screening. It checks nothing and works nothing out.

Each page reads the session and the user. GET /form/ then renders a line and a form with a CSRF token. POST /form/
writes, in one transaction, the rows of the application's record of somebody who takes an opioid: screening, answers,
audit event. GET /result/ID/ writes an audit event, because every look at a record must leave one, and renders a line.
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

from screening.models import Answer, AuditEvent, Screening


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
        AuditEvent.objects.create(**event | {"id": None, "subject": str(screening.uuid)})
    return redirect("result", screening.uuid)


@login_required
def result(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Write the audit event of a look."""
    AuditEvent.objects.create(**sample()[2] | {"id": None, "subject": str(uuid)})
    return render(request, "result.html", {"uuid": uuid})


@cache
def sample() -> tuple[Any, Any, Any]:
    """The columns of a screening of the application, its answers and its event, read once a process."""
    screening = Screening.objects.values().get(uuid=os.environ["BENCHMARK_SAMPLE"])
    answers = Answer.objects.filter(screening=screening["id"]).values()
    event = AuditEvent.objects.filter(subject=str(screening["uuid"])).values().earliest("pk")
    return screening, list(answers), event


urlpatterns = [path("form/", form), path("result/<uuid:uuid>/", result, name="result")]
