"""The page of the blank form: the same each time but for the token and the ticket that it carries."""

from __future__ import annotations

import gzip
import re

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from screening.clock import local_now
from screening.forms import blank_questions
from screening.models import Edition
from screening.permissions import roles_of
from screening.tickets import TICKET_FIELD, Ticket

from .common import page_context, perms_of
from .drawn import drawn

_TAKES_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")


def blank_form(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The form of an edition with nothing filled in, under a new ticket."""
    definition = edition.definition
    values = {
        **page_context(request),
        "perms": perms_of(roles_of(request.user)),
        "action": reverse("screening:screening_new"),
        "blank": blank_questions(definition),
        "definition": definition,
        "edition_number": edition.number,
        "remarks": edition.remarks(local_now().date()),
        "takes_list": bool(definition.lexicon),
        "ticket_field": TICKET_FIELD,
    }
    places = {"csrf_token": get_token(request), "ticket": Ticket.issue(edition, request.user.pk).signed()}
    return _compressed(request, drawn("screening/form.html", values, places).encode())


def _compressed(request: HttpRequest, page: bytes) -> HttpResponse:
    """Compressed where the browser takes it. Nothing that a person sent stands on this page beside the token, which
    is masked anew each time, so its length tells nobody anything."""
    response = HttpResponse(page)
    patch_vary_headers(response, ["Accept-Encoding"])
    if _TAKES_GZIP.search(request.headers.get("Accept-Encoding", "")):
        response.content = gzip.compress(page, compresslevel=1)
        response.headers["Content-Encoding"] = "gzip"
    return response
