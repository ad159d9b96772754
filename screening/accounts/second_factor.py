"""Who needs a second factor, and what is closed to them until they have set one up."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from .models import User
from .permissions import NEEDS_SECOND_FACTOR, roles_of
from .single_sign_on import provider_checked_second_factor

OPEN_PAGES = frozenset(
    {
        "screening:livez",
        "screening:readyz",
        "screening:metrics",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "mfa_reauthenticate",
        "mfa_reauthenticate_webauthn",
        "account_logout",
    }
)
"""What stays open while a second factor is missing: health checks, metrics, and what leads to one or away."""


def has_second_factor(user: User) -> bool:
    """Return True if an account has an authenticator app or a passkey."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return bool(get_adapter().is_mfa_enabled(user, kinds))


def second_factor_missing(request: HttpRequest) -> bool:
    """Return True if a role of the user needs a second factor, and neither they nor their provider has one.

    One query for users with such a role, none for others.
    """
    user = request.user
    if not settings.SECOND_FACTOR_REQUIRED or not isinstance(user, User):
        return False
    if NEEDS_SECOND_FACTOR.isdisjoint(roles_of(user)) or provider_checked_second_factor(request):
        return False
    return not has_second_factor(user)


class RequireSecondFactor:
    """Middleware that leads a user to their account page, whatever they ask for, while a second factor is missing."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        """Redirect instead of calling the view."""
        is_open = request.resolver_match is not None and request.resolver_match.view_name in OPEN_PAGES
        return None if is_open or not second_factor_missing(request) else redirect("mfa_index")
