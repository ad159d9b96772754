"""The forms of second factors: those of allauth, rendered like all forms of the app."""

from __future__ import annotations

from typing import Any

from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as code_forms
from allauth.mfa.models import Authenticator
from allauth.mfa.totp import forms as totp_forms
from allauth.mfa.webauthn import forms as passkey_forms
from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator
from django.utils.translation import gettext_lazy as _

from . import actions
from .forms import AccountPageForm
from .models import User
from .recovery_codes import to_compare

LONGEST_CODE = 100
LONGEST_NAME = 100


class CodeMixin(AccountPageForm):
    """A field for the code of an authenticator app, or for a recovery code."""

    user: User

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code")
        code.help_text = _("Six digits from your authenticator app, or one of your recovery codes.")
        code.widget.attrs.update(autocapitalize="none", spellcheck="false")
        code.validators.append(MaxLengthValidator(LONGEST_CODE))

    def clean_code(self) -> str:
        """Return the code if it is valid. A recovery code is compared by its stored text."""
        self.cleaned_data["code"] = to_compare(self.cleaned_data["code"], self.user)
        return str(super().clean_code())  # type: ignore[misc]


class CodeForm(CodeMixin, code_forms.AuthenticateForm):
    """The code that signs somebody in after the password."""


class ConfirmCodeForm(CodeMixin, code_forms.ReauthenticateForm):
    """The code that confirms who is at the keyboard."""


class ActivateTotpForm(AccountPageForm, totp_forms.ActivateTOTPForm):
    """The first code of an authenticator app."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        code = self.fields["code"]
        code.label = _("Code from the app")
        code.help_text = _("Six digits. The app shows a new code every 30 seconds.")
        code.widget.attrs.update(inputmode="numeric")
        code.validators.append(MaxLengthValidator(LONGEST_CODE))

    @property
    def secret_in_groups(self) -> str:
        """The secret in groups of four, for typing it."""
        return " ".join(self.secret[start : start + 4] for start in range(0, len(self.secret), 4))


class DeactivateTotpForm(AccountPageForm, totp_forms.DeactivateTOTPForm):
    """The question whether to remove the authenticator app; it has no fields."""


class AnswerField(forms.JSONField):
    """What a device answered, filled in by a script."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        """Read the answer; refuse one that is nested too deeply."""
        try:
            return super().to_python(value)
        except RecursionError:
            raise ValidationError(self.error_messages["invalid"], code="invalid") from None

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Return nothing to show again: an answer is valid once."""
        return initial


class AddPasskeyForm(AccountPageForm, passkey_forms.AddWebAuthnForm):
    """A new passkey."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = AnswerField()
        self.fields["name"] = forms.CharField(
            label=_("Name"), required=False, max_length=LONGEST_NAME, help_text=_("To tell your passkeys apart.")
        )
        alone = self.fields["passwordless"]
        alone.label = _("Sign in with this passkey alone")
        alone.help_text = _(
            "You then need no user name and password. The device always asks for its PIN or a fingerprint."
        )
        alone.initial = True

    plainly_optional = ("name", "passwordless")

    def clean(self) -> dict[str, Any]:
        """Check what the device answered."""
        try:
            return super().clean() or {}
        except (ValidationError, ValueError, KeyError, TypeError, AttributeError):
            raise get_adapter().validation_error("incorrect_passkey") from None


class PasskeyForm(AccountPageForm, passkey_forms.AuthenticateWebAuthnForm):
    """The passkey that signs somebody in after the password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"] = AnswerField()

    def clean_credential(self) -> Authenticator:
        """Return the passkey if the answer of the device is valid."""
        try:
            return super().clean_credential()
        except ValidationError as error:
            actions.record_refused_passkey(self.user)
            if error.code != "incorrect_code":
                raise
        except (ValueError, KeyError, TypeError, AttributeError):
            actions.record_refused_passkey(self.user)
        raise get_adapter().validation_error("incorrect_passkey")


class ConfirmPasskeyForm(PasskeyForm, passkey_forms.ReauthenticateWebAuthnForm):
    """The passkey that confirms who is at the keyboard."""


class SignInWithPasskeyForm(PasskeyForm, passkey_forms.LoginWebAuthnForm):
    """The passkey that signs somebody in without a password."""
