"""Forms that were sent after the session had ended: kept for the person who opened them, deleted once sent."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import SessionBase
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext, gettext_noop

from screening.accounts.models import User
from screening.web.form_owner import CONTINUE, OWNER_FIELD, sent_owner
from screening.web.middleware import GetResponse
from screening.web.resubmission import CSRF_FIELD, resubmission_page

from .actions import NotStored, SentForm, delete_sent_form, store_form

HAS_UNSENT_FORMS = "has_unsent_forms"
"""The mark in the session of a person who has forms that were not sent; pages show a notice."""
NOT_CONTENT = {CSRF_FIELD, OWNER_FIELD, CONTINUE}
OPENED_TOO_LONG_AGO = gettext_noop("It was opened too long ago to be stored.")
FORM_NAMES = {
    "screening_new": gettext_noop("New screening"),
    "new_medications": gettext_noop("New screening"),
    "screening_transcribe": gettext_noop("Paper form"),
    "transcribe_medications": gettext_noop("Paper form"),
    "screening_amend": gettext_noop("Amendment of a screening"),
    "amend_medications": gettext_noop("Amendment of a screening"),
    "screening_void": gettext_noop("Screening entered in error"),
    "screening_decision": gettext_noop("Decision"),
    "edition_review": gettext_noop("Review of rules"),
    "local_name_add": gettext_noop("Local name of a medicine"),
    "screening_user_add": gettext_noop("New account"),
    "screening_user_change": gettext_noop("Account"),
    "account_language": gettext_noop("Language"),
}
"""What a form is called, by the name of the URL that it is sent to. The others are those of the draft."""
OTHER_FORM = gettext_noop("Draft of the rules")


def form_name(path: str) -> str:
    """Return what the form is called that is sent to a path, in English, as audit events name it."""
    try:
        return FORM_NAMES.get(resolve(urlsplit(path).path).url_name or "", OTHER_FORM)
    except Resolver404:  # an address of an earlier release
        return OTHER_FORM


def note(session: SessionBase, user: User) -> None:
    """Mark the session of a person who has forms that were not sent, or remove the mark."""
    if user.unsent_forms.unexpired(timezone.now()).exists():
        session[HAS_UNSENT_FORMS] = True
    else:
        session.pop(HAS_UNSENT_FORMS, None)


def keep(request: HttpRequest) -> HttpResponse:
    """Respond 403 to a form that was sent without a session: store it, or show its values to be sent again."""
    owner = sent_owner(request)
    if owner is None:
        return resubmission_page(request, gettext(OPENED_TOO_LONG_AGO))
    path = request.get_full_path()
    fields = [(name, values) for name, values in request.POST.lists() if name not in NOT_CONTENT]
    sent = SentForm(path, form_name(path), fields, bool(request.FILES), owner.unsent_form)
    try:
        stored = store_form(owner.user_id, sent)
    except NotStored as refusal:
        return resubmission_page(request, str(refusal))
    context = {"stored": stored, "sign_in_url": f"{reverse('account_login')}?next={reverse('unsent_form_list')}"}
    return render(request, "screening/accounts/form_stored.html", context, status=HTTPStatus.FORBIDDEN)


def forget_sent(request: HttpRequest) -> None:
    """Delete the stored form that was continued and has now been sent."""
    owner = sent_owner(request)
    if owner and owner.unsent_form and isinstance(request.user, User) and owner.user_id == request.user.pk:
        delete_sent_form(owner.unsent_form, by=request.user)
        note(request.session, request.user)


class UnsentForms:
    """Middleware that keeps what was sent after the session had ended, and deletes it once it is sent.

    A form without the field of its owner holds nothing that was typed: the person is led back to its page.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Handle the request. A view that did what a form asked for redirects."""
        response = self.get_response(request)
        if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
            forget_sent(request)
        return response

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: list[Any], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Respond to a form of somebody who is not signed in; its CSRF token was checked before."""
        needs_session = getattr(view, "login_required", True)
        if request.method != "POST" or not needs_session or request.user.is_authenticated:
            return None
        return keep(request) if OWNER_FIELD in request.POST else redirect_to_login(_page_of_form(request))


def _page_of_form(request: HttpRequest) -> str:
    """Return the path of the page that a form was on, as its browser names it; else that of the start page."""
    page = urlsplit(request.headers.get("Referer", ""))
    if page.netloc != request.get_host() or not page.path:
        return resolve_url(settings.LOGIN_REDIRECT_URL)
    return f"{page.path}?{page.query}" if page.query else page.path
