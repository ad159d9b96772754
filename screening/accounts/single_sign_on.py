"""Single sign-on by OpenID Connect: what allauth leaves open, and how a sign-in becomes an account with roles.

An account belongs to the issuer and its ``sub``. No user name and no e-mail address leads to an account, because the
person might choose them with the provider.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import jwt
from allauth.account.authentication import get_authentication_records
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialLogin, SocialToken
from allauth.socialaccount.providers.base.constants import AuthError, AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.db import IntegrityError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, get_random_string
from django.utils.translation import gettext
from requests import RequestException, Response, Session

from screening.web import errors

from . import actions
from .claims import names_of, roles_of_groups, username_of
from .models import User
from .permissions import AccountBackend
from .roles import Role

logger = logging.getLogger(__name__)
Claims = dict[str, Any]

LONGEST_UID: int = SocialAccount._meta.get_field("uid").max_length
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri")
READ_CLAIMS = ("sub", "nonce", "preferred_username", "name", "given_name", "family_name")
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""How an ID token may be signed: with a key pair, so that only the provider can sign."""
CLOCK_TOLERANCE = timedelta(seconds=30)
NONCE_LENGTH = 32


class SignInRefused(OAuth2Error):
    """The provider's answer is not accepted; the text is for the log and quotes nothing of it."""


def provider_checked_second_factor(request: HttpRequest) -> bool:
    """Return True if this session was signed in through a provider that checks a second factor itself."""
    if not settings.SINGLE_SIGN_ON.checks_second_factor:
        return False
    return any(each["method"] == "socialaccount" for each in get_authentication_records(request, request.user))


class VerifyingOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """Reads the claims from a verified ID token only.

    allauth trusts an ID token that it fetched itself without its signature, and prefers the claims of the user info
    endpoint, which are not signed.
    """

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's metadata.

        Raises:
            RequestException: the provider does not answer.
            SignInRefused: the metadata cannot be used.
        """
        if not hasattr(self, "metadata"):
            with get_adapter().get_requests_session() as session:
                self.metadata = checked_metadata(session.get(self.get_provider().server_url))
        return self.metadata

    def parse_token(self, data: dict[str, Any]) -> SocialToken:
        """Return the access token without its expiry and its refresh token: nothing of it is stored or used again."""
        return SocialToken(token=data["access_token"])

    def complete_login(self, request: HttpRequest, app: Any, token: SocialToken, **kwargs: Any) -> SocialLogin:
        """Return the sign-in of an ID token whose signature, issuer, audience and times are valid.

        Raises:
            RequestException: the provider does not answer.
            SignInRefused: the ID token is missing or not valid.
        """
        token_text = kwargs["response"].get("id_token")
        with get_adapter().get_requests_session() as session:
            keys = session.get(self.openid_config["jwks_uri"])
        keys.raise_for_status()
        claims = verified_claims(token_text, keys.json(), client_id=app.client_id)
        uid, roles_claim = uid_of(claims), settings.SINGLE_SIGN_ON.roles_claim
        read = {name: claims[name] for name in (*READ_CLAIMS, roles_claim) if name in claims}
        login: SocialLogin = self.get_provider().sociallogin_from_response(request, read)
        login.account.uid = uid
        login.account.extra_data = {name: read[name] for name in ("nonce", roles_claim) if name in read}
        return login


def verified_claims(id_token: object, keys: Any, *, client_id: str) -> Claims:
    """Return the claims of an ID token that is signed with one of the issuer's keys, for this client, and valid now.

    Raises:
        SignInRefused: it is not, or it cannot be read.
    """
    try:
        key = signing_key(id_token, keys)
        issuer = settings.SINGLE_SIGN_ON.issuer
        claims: Claims = jwt.decode(
            id_token,  # type: ignore[arg-type]
            key,
            algorithms=ALGORITHMS,
            audience=client_id,
            issuer=issuer,
            leeway=CLOCK_TOLERANCE,
            options={"require": ["iss", "aud", "sub", "exp", "iat"]},
        )
    except (jwt.PyJWTError, AttributeError, TypeError, ValueError) as fault:  # keys and token may be of any form
        raise SignInRefused("the ID token is missing or not valid") from fault
    if claims.get("azp", client_id) != client_id:
        raise SignInRefused("the ID token was issued to another client")
    return claims


def signing_key(id_token: Any, keys: Any) -> jwt.PyJWK:
    """Return the key that a token names. A token may name none if the issuer has one key only.

    Raises:
        SignInRefused: there is no such key.
    """
    key_id = jwt.get_unverified_header(id_token).get("kid")
    known = [key for key in jwt.PyJWKSet.from_dict(keys).keys if key.public_key_use in {None, "sig"}]
    fitting = [key for key in known if key.key_id == key_id] if key_id else known
    if len(fitting) != 1:
        raise SignInRefused("the ID token names none of the provider’s keys")
    return fitting[0]


def uid_of(claims: Claims) -> str:
    """Return the issuer and its subject: a subject alone is unique with one issuer only.

    Raises:
        SignInRefused: the subject is empty or too long.
    """
    uid = f"{settings.SINGLE_SIGN_ON.issuer} {claims['sub']}"
    if not claims["sub"] or len(uid) > LONGEST_UID:
        raise SignInRefused("the subject is empty or too long")
    return uid


class VerifyingProvider(OpenIDConnectProvider):
    """Sends a nonce with each sign-in, and takes nothing else from the request than where to go afterwards."""

    oauth2_adapter_class = VerifyingOAuth2Adapter

    def redirect(
        self, request: HttpRequest, process: str, next_url: str | None = None, data: Any = None, **kwargs: Any
    ) -> HttpResponse:
        """Redirect to the provider's sign-in page."""
        nonce = {"nonce": get_random_string(NONCE_LENGTH)}
        return super().redirect(request, AuthProcess.LOGIN, next_url, nonce, auth_params=dict(nonce))


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Makes accounts, sets their roles, and refuses, each with an audit event."""

    def get_requests_session(self) -> Session:
        """Return a session with a time limit, in which an error of the provider is an exception."""
        session: Session = super().get_requests_session()
        session.hooks["response"].append(raise_server_error)
        return session

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Fill in user name and name of a new account."""
        claims, user = sociallogin.account.extra_data, sociallogin.user
        user.username = actions.free_username(username_of(claims))
        user.first_name, user.last_name = names_of(claims)
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Refuse an answer to another sign-in, or a disabled account; set the roles of a known one."""
        sent, received = sociallogin.state["data"]["nonce"], sociallogin.account.extra_data.get("nonce")
        if not constant_time_compare(sent, str(received)):
            raise SignInRefused("the nonce is another one")
        if not sociallogin.is_existing:
            return
        account = sociallogin.user
        if not AccountBackend().user_can_authenticate(account):
            actions.record_refused_sign_in(account.username, reason="the account is disabled")
            raise ImmediateHttpResponse(render(request, "screening/accounts/account_disabled.html", status=403))
        if settings.SINGLE_SIGN_ON.roles:
            actions.set_provider_roles(account, roles_of(sociallogin), session_key=request.session.session_key)

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> User:
        """Store the account of somebody who signs in for the first time."""
        try:
            actions.create_provider_account(request, sociallogin, roles=roles_of(sociallogin))
        except IntegrityError:  # two first sign-ins at once
            raise ImmediateHttpResponse(redirect("account_login")) from None
        return sociallogin.user

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, error: Any = None, exception: Any = None, extra_context: Any = None
    ) -> None:
        """Record a sign-in that did not succeed; respond to it unless allauth's page is right."""
        state = (extra_context or {}).get("state") or {}
        if isinstance(exception, RequestException):
            raise ImmediateHttpResponse(unavailable(request, exception))
        if error == AuthError.CANCELLED:
            sentence = gettext("You cancelled signing in with {provider}.")
            messages.warning(request, sentence.format(provider=settings.SINGLE_SIGN_ON.name))
            wanted = state.get("next")
            raise ImmediateHttpResponse(redirect_to_login(wanted) if wanted else redirect("account_login"))
        why = exception if isinstance(exception, SignInRefused) else "not begun here, or not completed there"
        logger.warning("Single sign-on was refused: %s (%s)", why, kind_of(exception))
        if exception or state:  # without them anybody could fill the audit trail
            actions.record_refused_sign_in("", reason="single sign-on")


def roles_of(sociallogin: SocialLogin) -> frozenset[Role]:
    """Return the roles to which the claim of a sign-in maps."""
    sign_on = settings.SINGLE_SIGN_ON
    return roles_of_groups(sociallogin.account.extra_data.get(sign_on.roles_claim), sign_on.roles)


def checked_metadata(response: Response) -> dict[str, Any]:
    """Return the metadata of a provider, if they are of the issuer and its addresses are as safe as the issuer's.

    Raises:
        RequestException: the provider did not send any.
        SignInRefused: they cannot be used.
    """
    response.raise_for_status()
    metadata, issuer = response.json(), settings.SINGLE_SIGN_ON.issuer
    if not isinstance(metadata, dict) or metadata.get("issuer") != issuer:
        raise SignInRefused("the metadata are of another issuer than LDN_OIDC_ISSUER")
    scheme = f"{issuer.partition(':')[0]}:"
    if not all(str(metadata.get(name)).startswith(("https:", scheme)) for name in ENDPOINTS):
        raise SignInRefused("the metadata lack an address, or it does not begin with https://")
    return metadata


def raise_server_error(response: Response, *args: Any, **kwargs: Any) -> None:
    """Raise an exception for a status of 500 and above."""
    if response.status_code >= 500:
        response.raise_for_status()


def unavailable(request: HttpRequest, exception: RequestException) -> HttpResponse:
    """503: the provider does not answer."""
    logger.warning("The provider of single sign-on does not answer: %s", kind_of(exception))
    response = render(request, "screening/accounts/provider_unavailable.html", status=503)
    response.headers["Retry-After"] = str(errors.RETRY_AFTER_SECONDS)
    return response


def kind_of(fault: BaseException | None) -> str:
    """Return the type of the first cause. The text of an exception may quote a token."""
    while fault is not None and fault.__cause__ is not None:
        fault = fault.__cause__
    return type(fault).__name__
