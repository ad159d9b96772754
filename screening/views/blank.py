"""The page of the blank form: the same each time but for the token and the ticket that it carries."""

from __future__ import annotations

import gzip
import secrets
from collections.abc import Hashable
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.cache import patch_vary_headers

from screening.clinical.definition import Definition
from screening.forms import blank_questions
from screening.models import Edition
from screening.tickets import TICKET_FIELD, Ticket

from .common import page_context

_TOKEN, _TICKET = secrets.token_hex(16), secrets.token_hex(16)


def blank_form(request: HttpRequest, edition: Edition) -> HttpResponse:
    """The form of an edition with nothing filled in, under a new ticket."""
    page = _drawn(edition.definition, edition.number, tuple(page_context(request).items()))
    page = page.replace(_TOKEN, get_token(request)).replace(_TICKET, Ticket.issue(edition).signed())
    return _compressed(request, page.encode())


@lru_cache(maxsize=128)
def _drawn(definition: Definition, edition_number: int, page: tuple[tuple[str, Hashable], ...]) -> str:
    """The page with marks where token and ticket go; kept, because drawing it takes longer than all else."""
    context = {
        "action": reverse("screening:screening_new"),
        "blank": blank_questions(definition),
        "csrf_token": _TOKEN,
        "definition": definition,
        "edition_number": edition_number,
        "ticket": _TICKET,
        "ticket_field": TICKET_FIELD,
    }
    return render_to_string("screening/form.html", {**context, **dict(page)})


def _compressed(request: HttpRequest, page: bytes) -> HttpResponse:
    """Compressed where the browser takes it. Nothing that a person sent stands on this page beside the token, which
    is masked anew each time, so its length tells nobody anything."""
    response = HttpResponse(page)
    patch_vary_headers(response, ["Accept-Encoding"])
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        response.content = gzip.compress(page, compresslevel=1)
        response.headers["Content-Encoding"] = "gzip"
    return response
