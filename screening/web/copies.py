"""Copies that cannot be made as they were asked for."""

from __future__ import annotations

from collections.abc import Mapping

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from screening.clinical.text.phrases import in_sentence


def no_copy(request: HttpRequest, heading: str, words: str, links: Mapping[str, str]) -> HttpResponse:
    """Why there is no such copy, with ways out: addresses by their labels."""
    context = {"heading": heading, "words": words, "links": links}
    return render(request, "screening/web/no_copy.html", context, status=422)


def no_such_paper(request: HttpRequest, copy: str, address: str) -> HttpResponse:
    """That a PDF is made for A4 and Letter only; ``copy`` is what it is called, ``address`` where it is."""
    words = f"The {in_sentence(copy)} is made for A4 or for Letter."
    links = {f"{copy} on A4": f"{address}?paper=a4", f"{copy} on Letter": f"{address}?paper=letter"}
    return no_copy(request, "There is no such paper", words, links)
