"""The result page: what all results of a kind share, and in its places what is a record's own."""

from __future__ import annotations

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.template.loader import render_to_string

from screening.clinical.record import Standing, Superseded
from screening.clinical.summary import Summary, summarise
from screening.clock import local_now
from screening.models import Screening
from screening.permissions import may_correct, roles_of
from screening.templatetags.look import lines

from .common import page_context, perms_of
from .drawn import drawn

PARTS = "screening/summary"


def result_page(request: HttpRequest, screening: Screening) -> str:
    """The page of a record that was read with its edition and its standing."""
    standing, reviews = screening.standing, screening.edition.signed_reviews()
    summary = summarise(screening.record(), local_now().date(), standing, reviews)
    values = {
        **page_context(request),
        "perms": perms_of(roles_of(request.user)),
        "summary": summary.without_the_patients_own(),
        "edition_number": screening.edition_number,
        "stands": standing is None,
        "is_superseded": screening.successor_uuid is not None,
        "is_void": screening.is_void,
        "may_correct": standing is None and may_correct(request.user, screening),
    }
    places = {"csrf_token": get_token(request), **_own(screening, summary), **_became(screening, summary, standing)}
    return drawn("screening/result.html", values, places)


def _own(screening: Screening, summary: Summary) -> dict[str, str]:
    """Who was screened, by whom, what is flagged with which details, which medicines were listed, and what else there
    is of the record number."""
    listed = summary.medications
    flagged = {"heading": summary.headings.flagged, "entries": summary.flagged, "name": "flagged"}
    others = Screening.objects.others_of(screening)
    return {
        "uuid": str(screening.uuid),
        "patient": lines(summary.patient),
        "provenance": lines(summary.provenance),
        "flagged": render_to_string(f"{PARTS}/findings.html", flagged) if summary.flagged else "",
        "medications": render_to_string(f"{PARTS}/medications.html", {"part": listed}) if listed else "",
        "others": render_to_string(f"{PARTS}/others.html", {"uuid": screening.uuid, "others": others}),
    }


def _became(screening: Screening, summary: Summary, standing: Standing) -> dict[str, str]:
    """Which record it corrects, and what became of it."""
    earlier, mark = screening.supersedes_id, summary.mark
    stands = standing.stands if isinstance(standing, Superseded) else None
    return {
        "earlier": render_to_string(f"{PARTS}/earlier.html", {"uuid": earlier}) if earlier else "",
        "mark": render_to_string(f"{PARTS}/mark.html", {"mark": mark, "open": stands}) if mark else "",
        "instead": mark.instead if mark else "",
        "next_step": summary.next_step,
        "successor_uuid": str(screening.successor_uuid or ""),
    }
