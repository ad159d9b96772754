"""Responses for a copy that cannot be made in the requested form."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext

from screening.clinical.text.phrases import in_sentence


def copy_unavailable(request: HttpRequest, heading: str, message: str, links: Mapping[str, str]) -> HttpResponse:
    """Respond 422 with the reason and with links to alternatives: addresses by their labels."""
    context = {"heading": heading, "message": message, "links": links}
    return render(request, "screening/web/no_copy.html", context, status=422)


def unsupported_paper(request: HttpRequest, copy: str, address: str) -> HttpResponse:
    """Respond 422 and offer A4 and Letter. ``copy`` is the name of the copy, ``address`` its URL without a query."""
    message = gettext("The {copy} is available on A4 and Letter only.").format(copy=in_sentence(copy))
    links = {
        gettext("{copy} on A4").format(copy=copy): f"{address}?paper=a4",
        gettext("{copy} on Letter").format(copy=copy): f"{address}?paper=letter",
    }
    return copy_unavailable(request, gettext("This paper size is not available"), message, links)
