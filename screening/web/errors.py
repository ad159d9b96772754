"""Error pages: what went wrong, what to do next, and the id of the request. None of them shows patient data."""

from __future__ import annotations

import logging
import sys

from django.conf import settings
from django.contrib.sessions.exceptions import SessionInterrupted
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext, gettext_noop

from .languages import page_language
from .request_id import current_request_id
from .transactions import CommitUnknown, is_disk_full

RETRY_AFTER_SECONDS = 30
WITHOUT_A_PAGE = "Something went wrong on our side. Give your administrator this reference: {}\n"
MEGABYTE = 1024 * 1024

_LISTED = ("screening:screening_list", gettext_noop("Open the list of screenings"))
_RECORD = ("screening:screening_result", gettext_noop("Open the record"))
_LOCAL_NAMES = ("screening:local_name_list", gettext_noop("Open the local names"))
_ACCOUNTS = ("admin:screening_user_changelist", gettext_noop("Open the list of accounts"))
_DRAFT = ("screening:draft_detail", gettext_noop("Open the draft"))
_START = ("screening:home", gettext_noop("Open the start page"))
STATUS_PAGES = {
    "screening_new": _LISTED,
    "screening_transcribe": _LISTED,
    "screening_amend": _LISTED,
    "screening_void": _RECORD,
    "screening_decision": _RECORD,
    "edition_review": ("screening:edition_detail", gettext_noop("Open the edition")),
    "local_name_add": _LOCAL_NAMES,
    "local_name_retire": _LOCAL_NAMES,
    "screening_user_add": _ACCOUNTS,
    "screening_user_change": _ACCOUNTS,
    "screening_user_link": _ACCOUNTS,
    "screening_user_end_sessions": _ACCOUNTS,
    "screening_user_remove_second_factors": _ACCOUNTS,
}
"""The page that shows whether the data were recorded, and its link, by the name of the URL they were sent to."""
SAME_ARGUMENTS = {"screening_void", "screening_decision", "edition_review"}
"""The URL names whose status page takes the same arguments: it shows the same record or edition."""

_logger = logging.getLogger(__name__)


def _page(status: int, template: str = "", **context: object) -> HttpResponse:
    """Render an error page without the request, because context processors need a session and the database."""
    context |= {"demo": settings.DEMO, "request_id": current_request_id(), **page_language()}
    return HttpResponse(render_to_string(template or f"{status}.html", context), status=status)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """400: the request is malformed. 503: a database error prevented the session from being saved."""
    if isinstance(exception, SessionInterrupted) and _is_caused_by_the_database(exception):
        return commit_unknown(request)
    return _page(400)


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """403: none of the user's roles permits it. The page is the same for every id."""
    return _page(403)


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """404: there is no such page or record."""
    return _page(404)


def method_not_allowed(request: HttpRequest) -> HttpResponse:
    """405: the page cannot be opened, or sent to, in this way."""
    return _page(405)


def too_large(request: HttpRequest) -> HttpResponse:
    """413: the request body is larger than any form."""
    return _page(413, megabytes=settings.DATA_UPLOAD_MAX_MEMORY_SIZE // MEGABYTE)


def unsupported_type(request: HttpRequest) -> HttpResponse:
    """415: the request body is not form data in UTF-8."""
    return _page(415)


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """429: too many sign-in attempts. allauth looks for it as ``handler429``."""
    return _page(429)


def server_error(request: HttpRequest) -> HttpResponse:
    """500 for an unexpected exception; 503 with Retry-After while the database is unavailable."""
    fault = sys.exc_info()[1]
    if isinstance(fault, CommitUnknown):
        return commit_unknown(request)
    if isinstance(fault, OperationalError | InterfaceError):
        return unavailable(request)
    try:
        return _page(500)
    except Exception:  # for example, the static files were not collected: then no page can be rendered
        _logger.exception("The error page could not be rendered.")
        return HttpResponse(WITHOUT_A_PAGE.format(current_request_id()), status=500, content_type="text/plain")


def unavailable(request: HttpRequest) -> HttpResponse:
    """503: the database does not respond, or its disk is full."""
    return with_retry_after(_page(503, is_disk_full=is_disk_full(sys.exc_info()[1])))


def commit_unknown(request: HttpRequest) -> HttpResponse:
    """503: COMMIT failed. The page links to where the user can check whether the data were stored."""
    match = request.resolver_match
    sent_to = (match.url_name if match else "") or ""
    url_name, words = _DRAFT if match and match.route.startswith("draft/") else STATUS_PAGES.get(sent_to, _START)
    address = reverse(url_name, kwargs=match.kwargs if match and sent_to in SAME_ARGUMENTS else None)
    context = {"sent_to": sent_to, "address": address, "link_words": gettext(words)}
    return with_retry_after(_page(503, "503_not_known.html", **context))


def with_retry_after(response: HttpResponse) -> HttpResponse:
    """Add to a 503 when the client should try again."""
    response["Retry-After"] = str(RETRY_AFTER_SECONDS)
    return response


def _is_caused_by_the_database(fault: BaseException | None) -> bool:
    while fault and not isinstance(fault, OperationalError | InterfaceError):
        fault = fault.__context__
    return fault is not None


def forbidden_form(request: HttpRequest) -> HttpResponse:
    """403: the CSRF token of the form is missing or invalid."""
    return _page(403, "403_csrf.html")
