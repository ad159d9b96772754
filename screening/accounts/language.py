"""Middleware that shows each page in the language of the account."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from screening.web.languages import is_offered, is_unreviewed
from screening.web.middleware import GetResponse

from .models import User


def use_account_language(get_response: GetResponse) -> GetResponse:
    """Activate the language chosen by the signed-in user; before signing in, the browser's if it is reviewed."""

    def middleware(request: HttpRequest) -> HttpResponse:
        with translation.override(_language_of(request)):
            return get_response(request)

    return middleware


def _language_of(request: HttpRequest) -> str:
    if isinstance(request.user, User):
        chosen = request.user.language
        return chosen if chosen and is_offered(chosen) else settings.LANGUAGE_CODE
    asked = translation.get_language_from_request(request)
    return settings.LANGUAGE_CODE if is_unreviewed(asked) else asked
