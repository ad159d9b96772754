"""What the app decides for allauth: how passwords and secrets are stored, and whom it refuses to sign in."""

from __future__ import annotations

from base64 import urlsafe_b64encode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from . import actions
from .models import User
from .permissions import AccountBackend

TOO_MANY_TRIES = "too_many_login_attempts"


class AccountAdapter(DefaultAccountAdapter):
    """Stores a password, and refuses too many sign-ins, together with an audit event."""

    error_messages = DefaultAccountAdapter.error_messages | {
        TOO_MANY_TRIES: _("Too many wrong tries. Wait five minutes, then try again."),
        "rate_limited": _("Too many wrong tries. Wait five minutes, then try again."),
        "incorrect_password": _("This password is not correct."),
        "enter_current_password": _("This is not your current password."),
    }

    def pre_authenticate(self, request: HttpRequest, **credentials: str) -> None:
        """Refuse to check a password after too many wrong ones.

        Raises:
            ValidationError: too many sign-ins were refused.
        """
        try:
            super().pre_authenticate(request, **credentials)
        except ValidationError:
            actions.record_refused_sign_in(credentials.get("username", ""), reason="too many attempts")
            raise

    def login(self, request: HttpRequest, user: User) -> None:
        """Sign in an account that may sign in.

        A passkey is checked without a password, and an account may be disabled before the second factor is entered.

        Raises:
            ImmediateHttpResponse: the account may not sign in.
        """
        if not AccountBackend().user_can_authenticate(user):
            raise ImmediateHttpResponse(self.respond_user_inactive(request, user))
        super().login(request, user)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """Return to the sign-in page with the sentence of a wrong password."""
        actions.record_refused_sign_in(user.username, reason="account cannot sign in")
        messages.error(request, str(self.error_messages["username_password_mismatch"]))
        return redirect("account_login")

    def is_safe_url(self, url: str) -> bool:
        """Return True for an address of this host. allauth itself allows all of ``ALLOWED_HOSTS``."""
        host, is_https = self.request.get_host(), self.request.is_secure()
        return url_has_allowed_host_and_scheme(url, allowed_hosts={host}, require_https=is_https)

    def set_password(self, user: User, password: str) -> None:
        """Set the password that the user typed, on the page of a one-time link or in their account."""
        actions.set_own_password(user, password)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return to the account after a new password."""
        return reverse("mfa_index")


class SecondFactorAdapter(DefaultMFAAdapter):
    """Encrypts secrets with a key derived from ``SECRET_KEY``, and names the app in authenticators."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "incorrect_code": _(
            "This code is not valid. An app shows a new one every 30 seconds, and each works once. "
            "If no code works, check that the time of your phone is set automatically."
        ),
        "incorrect_passkey": _("The passkey did not work. Try again, or choose another way."),
        "unreadable": _("The key of this server was changed. Ask your administrator to remove your second factors."),
    }

    def encrypt(self, text: str) -> str:
        """Return the text, encrypted."""
        return _cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Return a text that ``encrypt`` made.

        Raises:
            ValidationError: ``SECRET_KEY`` was changed, and the earlier one is not in ``SECRET_KEY_FALLBACKS``.
        """
        try:
            return _cipher().decrypt(encrypted_text.encode()).decode()
        except InvalidToken:
            raise self.validation_error("unreadable") from None

    def build_totp_svg(self, url: str) -> str:
        """Return the QR code as an ``svg`` element, without the head of an XML file."""
        svg = super().build_totp_svg(url)
        return svg[svg.index("<svg") :]

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Return the host that a passkey belongs to, with the name of the app."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:
        """Return the name that is proposed for a new passkey."""
        number = Authenticator.objects.filter(user=user, type=type).count() + 1
        return gettext("Passkey {number}").format(number=number)


def _cipher() -> MultiFernet:
    """Return what encrypts with the key of today, and decrypts with earlier ones too."""
    secrets = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(urlsafe_b64encode(_derived(each))) for each in secrets])


def _derived(secret: str) -> bytes:
    return HKDF(SHA256(), length=32, salt=None, info=b"secrets of second factors").derive(secret.encode())
