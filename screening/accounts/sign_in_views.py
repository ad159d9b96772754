"""Signing in through the provider of single sign-on, at allauth's addresses and with its names."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import views
from allauth.decorators import rate_limit
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView, OAuth2LoginView, OAuth2View
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_GET, require_POST
from requests import RequestException

from .single_sign_on import VerifyingOAuth2Adapter

View = Callable[..., HttpResponseBase]


def needs_local_accounts(view: View) -> View:
    """Respond 404 if accounts with a password are turned off."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not settings.SINGLE_SIGN_ON.local_accounts:
            raise Http404
        return view(request, *args, **kwargs)

    return wrapped


@login_not_required
def account_login(request: HttpRequest) -> HttpResponseBase:
    """Show the sign-in page, or sign in with a password."""
    view = needs_local_accounts(views.login) if request.method == "POST" else views.login
    return view(request)


@login_not_required
@require_POST
@rate_limit(action="single_sign_on")
def openid_connect_login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Redirect to the provider's sign-in page; ``next`` is where to go afterwards."""
    return _respond(OAuth2LoginView, request, provider_id)


@login_not_required
@require_GET
def openid_connect_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Sign in the person whom the provider sends back."""
    return _respond(OAuth2CallbackView, request, provider_id)


def _respond(view: type[OAuth2View], request: HttpRequest, provider_id: str) -> HttpResponse:
    """Call a view of allauth, which does not expect that the provider's metadata cannot be read."""
    adapter = VerifyingOAuth2Adapter(request, provider_id)
    try:
        return view.adapter_view(adapter)(request)
    except SocialApp.DoesNotExist:
        raise Http404 from None
    except (OAuth2Error, RequestException) as fault:
        return render_authentication_error(request, adapter.get_provider(), exception=fault)
