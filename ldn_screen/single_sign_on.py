"""Single sign-on by OpenID Connect, as environment variables describe it (docs/operating.md)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from urllib.parse import SplitResult, urlsplit

from django.core.exceptions import ImproperlyConfigured

from screening.accounts.roles import Role

PREFIX = "LDN_OIDC_"
REQUIRED = ("LDN_OIDC_ISSUER", "LDN_OIDC_CLIENT_ID", "LDN_OIDC_CLIENT_SECRET", "LDN_OIDC_NAME")
LONGEST_NAME = 40
PROVIDER_ID = "sso"
"""Part of the callback address, which is registered with the provider."""
TIMEOUT_SECONDS = 5
LOCAL_HOSTS = frozenset({"localhost", "127.0.0.1", "::1"})
ON, OFF = frozenset({"1", "true", "yes", "on"}), frozenset({"0", "false", "no", "off"})


class SingleSignOn(NamedTuple):
    """How people sign in through a provider, without its secret. Without an ``issuer`` single sign-on is off."""

    issuer: str = ""
    name: str = ""
    roles_claim: str = "groups"
    roles: Mapping[str, frozenset[Role]] = MappingProxyType({})
    """The roles of each group that the claim may name; empty if administrators give the roles."""
    checks_second_factor: bool = False
    sign_in_origins: tuple[str, ...] = ()
    """Where the sign-in form may lead to."""
    local_accounts: bool = True


def single_sign_on(environment: Mapping[str, str], *, allow_http: bool = False) -> SingleSignOn:
    """Return what the environment says; ``allow_http`` permits a provider on this machine without TLS.

    Raises:
        ImproperlyConfigured: a variable is missing or cannot be used; the text is a sentence for the administrator.
    """
    local_accounts = _flag(environment, "LDN_LOCAL_ACCOUNTS", default=True)
    if not any(name.startswith(PREFIX) and environment[name].strip() for name in environment):
        if not local_accounts:
            raise ImproperlyConfigured("LDN_LOCAL_ACCOUNTS turns local accounts off, but LDN_OIDC_ISSUER is not set.")
        return SingleSignOn()
    if missing := [name for name in REQUIRED if not _text(environment, name)]:
        raise ImproperlyConfigured(f"Single sign-on is set up in part: {', '.join(missing)} is not set.")
    name = _text(environment, "LDN_OIDC_NAME")
    if len(name) > LONGEST_NAME:
        raise ImproperlyConfigured(f"LDN_OIDC_NAME has more than {LONGEST_NAME} characters.")
    roles = _roles(environment)
    if roles and not local_accounts and Role.ADMINISTRATOR not in frozenset[Role]().union(*roles.values()):
        raise ImproperlyConfigured(
            "LDN_LOCAL_ACCOUNTS turns local accounts off, and no group of LDN_OIDC_ROLES is administrator, "
            "so nobody could be one."
        )
    issuer = _text(environment, "LDN_OIDC_ISSUER")
    further = _words(environment, "LDN_OIDC_SIGN_IN_ORIGINS")
    return SingleSignOn(
        issuer=issuer,
        name=name,
        roles_claim=_text(environment, "LDN_OIDC_ROLES_CLAIM") or "groups",
        roles=roles,
        checks_second_factor=_flag(environment, "LDN_OIDC_SECOND_FACTOR", default=False),
        sign_in_origins=(
            _origin("LDN_OIDC_ISSUER", issuer, allow_http=allow_http),
            *(_origin("LDN_OIDC_SIGN_IN_ORIGINS", each, allow_http=allow_http) for each in further),
        ),
        local_accounts=local_accounts,
    )


def socialaccount_providers(sign_on: SingleSignOn, environment: Mapping[str, str]) -> dict[str, dict[str, Any]]:
    """Return allauth's setting ``SOCIALACCOUNT_PROVIDERS``; without an issuer the provider has no app."""
    app = {
        "provider_id": PROVIDER_ID,
        "name": sign_on.name,
        "client_id": _text(environment, "LDN_OIDC_CLIENT_ID"),
        "secret": _text(environment, "LDN_OIDC_CLIENT_SECRET"),
        "settings": {
            "server_url": sign_on.issuer.rstrip("/"),
            "scope": ["openid", "profile", *_words(environment, "LDN_OIDC_SCOPES")],
            "oauth_pkce_enabled": True,
        },
    }
    return {
        "openid_connect": {
            "provider_class": "screening.accounts.single_sign_on.VerifyingProvider",
            "APPS": [app] if sign_on.issuer else [],
        }
    }


def _text(environment: Mapping[str, str], name: str) -> str:
    return environment.get(name, "").strip()


def _words(environment: Mapping[str, str], name: str) -> list[str]:
    return [part.strip() for part in _text(environment, name).split(",") if part.strip()]


def _flag(environment: Mapping[str, str], name: str, *, default: bool) -> bool:
    value = _text(environment, name).lower()
    if value in ON | OFF:
        return value in ON
    if value:
        raise ImproperlyConfigured(f"{name} is neither 1 nor 0.")
    return default


def _roles(environment: Mapping[str, str]) -> dict[str, frozenset[Role]]:
    """Return the roles of each group. A group may have an equal sign in its name, as in LDAP."""
    found: dict[str, frozenset[Role]] = {}
    for pair in _words(environment, "LDN_OIDC_ROLES"):
        group, _, role = (part.strip() for part in pair.rpartition("="))
        if not group or role not in set(Role):
            raise ImproperlyConfigured(
                f"LDN_OIDC_ROLES: “{pair}” is not group=role. The roles are {', '.join(Role)}."
            )
        found[group] = found.get(group, frozenset()) | {Role(role)}
    return found


def _origin(name: str, address: str, *, allow_http: bool) -> str:
    """Return scheme, host and port of an address, if it may be used for signing in."""
    try:
        parts = urlsplit(address)
        _ = parts.port  # raises ValueError if it is not a number
    except ValueError:
        parts = SplitResult("", "", "", "", "")
    is_local = allow_http and parts.scheme == "http" and parts.hostname in LOCAL_HOSTS
    is_whole = parts.hostname and not (parts.query or parts.fragment or "@" in parts.netloc)
    if not is_whole or not address.isprintable() or " " in address or ";" in address:
        raise ImproperlyConfigured(f"{name} is not an address such as https://login.example.org.")
    if parts.scheme != "https" and not is_local:
        raise ImproperlyConfigured(f"{name} does not begin with https://.")
    return f"{parts.scheme}://{parts.netloc}"
