"""Single sign-on is set up whole or not at all, and over HTTPS."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from ldn_screen.single_sign_on import SingleSignOn, single_sign_on, socialaccount_providers
from screening.accounts.roles import Role
from tests.paths import PROJECT

WHOLE = {
    "LDN_OIDC_ISSUER": "https://login.example.org/realms/ward/",
    "LDN_OIDC_CLIENT_ID": "ldn-screen",
    "LDN_OIDC_CLIENT_SECRET": "a client secret for tests",
    "LDN_OIDC_NAME": "Sample Hospital",
}
ADDRESS = "is not an address such as https://login.example.org."


def app_of(environment: dict[str, str]) -> dict[str, Any]:
    (app,) = socialaccount_providers(single_sign_on(environment), environment)["openid_connect"]["APPS"]
    found: dict[str, Any] = app
    return found


def test_without_variables_it_is_off_and_local_accounts_are_on() -> None:
    assert single_sign_on({}) == SingleSignOn()
    assert SingleSignOn().local_accounts
    assert socialaccount_providers(SingleSignOn(), {})["openid_connect"]["APPS"] == []


def test_the_four_variables_are_enough() -> None:
    sign_on = single_sign_on(WHOLE)
    assert (sign_on.name, sign_on.roles_claim, dict(sign_on.roles)) == ("Sample Hospital", "groups", {})
    assert (sign_on.local_accounts, sign_on.checks_second_factor) == (True, False)
    assert sign_on.sign_in_origins == ("https://login.example.org",)


def test_allauth_gets_the_issuer_without_its_last_slash_and_a_code_challenge() -> None:
    settings = app_of(WHOLE | {"LDN_OIDC_SCOPES": "groups, roles"})["settings"]
    assert settings == {
        "server_url": "https://login.example.org/realms/ward",
        "scope": ["openid", "profile", "groups", "roles"],
        "oauth_pkce_enabled": True,
    }


def test_the_secret_is_known_to_allauth_only() -> None:
    assert app_of(WHOLE)["secret"] == "a client secret for tests"
    assert "a client secret" not in repr(single_sign_on(WHOLE))


def test_groups_map_to_roles_and_may_have_an_equal_sign() -> None:
    mapped = "ldn-nurses=clinician, ldn-all=auditor,ldn-all = prescriber,cn=ldn=editor,"
    assert single_sign_on(WHOLE | {"LDN_OIDC_ROLES": mapped}).roles == {
        "ldn-nurses": {Role.CLINICIAN},
        "ldn-all": {Role.AUDITOR, Role.PRESCRIBER},
        "cn=ldn": {Role.EDITOR},
    }


def test_further_origins_of_the_sign_in_are_permitted() -> None:
    variables = WHOLE | {"LDN_OIDC_SIGN_IN_ORIGINS": "https://sso.example.net:8443/x"}
    assert single_sign_on(variables).sign_in_origins[1:] == ("https://sso.example.net:8443",)


@pytest.mark.parametrize("issuer", ["http://localhost:9400", "http://127.0.0.1:9400/", "http://[::1]:9400"])
def test_a_provider_on_this_machine_needs_no_https_in_a_demonstration(issuer: str) -> None:
    assert single_sign_on(WHOLE | {"LDN_OIDC_ISSUER": issuer}, allow_http=True).issuer == issuer
    with pytest.raises(ImproperlyConfigured, match="LDN_OIDC_ISSUER does not begin with https://"):
        single_sign_on(WHOLE | {"LDN_OIDC_ISSUER": issuer})


@pytest.mark.parametrize("name", WHOLE)
@pytest.mark.parametrize("value", ["", "  "])
def test_a_configuration_in_part_is_refused(name: str, value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=f"set up in part: {name} is not set"):
        single_sign_on(WHOLE | {name: value})


def test_a_variable_alone_names_all_that_are_missing() -> None:
    with pytest.raises(ImproperlyConfigured, match="LDN_OIDC_ISSUER, LDN_OIDC_CLIENT_ID, LDN_OIDC_CLIENT_SECRET, "):
        single_sign_on({"LDN_OIDC_SECOND_FACTOR": "1"})


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LDN_OIDC_ISSUER": "http://login.example.org"}, "LDN_OIDC_ISSUER does not begin with https://."),
        ({"LDN_OIDC_ISSUER": "http://localhost.example.org"}, "LDN_OIDC_ISSUER does not begin with https://."),
        ({"LDN_OIDC_ISSUER": "ftp://login.example.org"}, "LDN_OIDC_ISSUER does not begin with https://."),
        ({"LDN_OIDC_ISSUER": "login.example.org"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://login.example.org:port"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://[login"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://a@login.example.org"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://login.example.org?a=b"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_ISSUER": "https://login.example.org;script-src"}, f"LDN_OIDC_ISSUER {ADDRESS}"),
        ({"LDN_OIDC_SIGN_IN_ORIGINS": "*"}, f"LDN_OIDC_SIGN_IN_ORIGINS {ADDRESS}"),
        ({"LDN_OIDC_SIGN_IN_ORIGINS": "https://a.org https://b.org"}, f"LDN_OIDC_SIGN_IN_ORIGINS {ADDRESS}"),
        ({"LDN_OIDC_SIGN_IN_ORIGINS": "http://a.org"}, "LDN_OIDC_SIGN_IN_ORIGINS does not begin with https://."),
        ({"LDN_OIDC_ROLES": "ldn-nurses=nurse"}, "LDN_OIDC_ROLES: “ldn-nurses=nurse” is not group=role."),
        ({"LDN_OIDC_ROLES": "ldn-nurses"}, "LDN_OIDC_ROLES: “ldn-nurses” is not group=role."),
        ({"LDN_OIDC_ROLES": "=clinician"}, "LDN_OIDC_ROLES: “=clinician” is not group=role."),
        ({"LDN_OIDC_ROLES": "a=Clinician"}, "LDN_OIDC_ROLES: “a=Clinician” is not group=role."),
        ({"LDN_OIDC_SECOND_FACTOR": "perhaps"}, "LDN_OIDC_SECOND_FACTOR is neither 1 nor 0."),
        ({"LDN_LOCAL_ACCOUNTS": "none"}, "LDN_LOCAL_ACCOUNTS is neither 1 nor 0."),
        ({"LDN_OIDC_NAME": "n" * 41}, "LDN_OIDC_NAME has more than 40 characters."),
        (
            {"LDN_LOCAL_ACCOUNTS": "0", "LDN_OIDC_ROLES": "ldn-nurses=clinician"},
            "LDN_LOCAL_ACCOUNTS turns local accounts off, and no group of LDN_OIDC_ROLES is administrator",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_sentence(changes: dict[str, str], sentence: str) -> None:
    with pytest.raises(ImproperlyConfigured) as refusal:
        single_sign_on(WHOLE | changes)
    assert str(refusal.value).startswith(sentence)


def test_local_accounts_are_turned_off_only_with_a_provider() -> None:
    with pytest.raises(ImproperlyConfigured, match="LDN_OIDC_ISSUER is not set"):
        single_sign_on({"LDN_LOCAL_ACCOUNTS": "0"})
    for roles in ("", "ldn-admins=administrator"):
        assert not single_sign_on(WHOLE | {"LDN_LOCAL_ACCOUNTS": "0", "LDN_OIDC_ROLES": roles}).local_accounts


def test_a_form_may_lead_to_the_provider_and_nowhere_else() -> None:
    code = "from ldn_screen import settings; print(settings.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    variables = {"SECRET_KEY": "k" * 60, "ALLOWED_HOSTS": "ldn.example.org", "DATABASE_URL": "sqlite://:memory:"}
    shown = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, env=variables | WHOLE, capture_output=True, text=True, check=True
    )
    assert shown.stdout.strip() == "[\"'self'\", 'https://login.example.org']"
