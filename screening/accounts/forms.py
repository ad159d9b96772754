"""The forms of signing in, of setting a password and of the accounts admin."""

from __future__ import annotations

from typing import Any

from allauth.account import forms as account_forms
from crispy_forms.layout import Layout
from django import forms
from django.contrib.auth.forms import UsernameField
from django.contrib.auth.validators import UnicodeUsernameValidator
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from screening.web.fields import PlainText
from screening.web.forms import AppForm, ContinuedForm, StrictForm
from screening.web.languages import Language, offered_languages

from .account_state import OWN_ACCOUNT, AccountState, refusals, roles_are_elsewhere
from .models import LONGEST_NAME, LONGEST_USER_NAME, User
from .permissions import Role, role_sentence

ONE_LINE = {"class": "vTextField"}
LABELS = {
    "oldpassword": _("Current password"),
    "password1": _("New password"),
    "password2": _("New password again"),
}


class AccountPageForm(AppForm):
    """A form of allauth, rendered like all forms of the app: labels are shown, so placeholders are not needed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = LABELS.get(name, field.label)


class SignInForm(AccountPageForm, account_forms.LoginForm):
    """The form of allauth that signs somebody in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].widget.attrs["autocomplete"] = "username webauthn"

    @property
    def layout(self) -> Layout:
        return Layout("login", "password")


class NewPasswordForm(AccountPageForm, account_forms.ResetPasswordKeyForm):
    """The form of allauth that sets a password from a link."""


class OwnPasswordForm(AccountPageForm, account_forms.ChangePasswordForm):
    """The form of allauth that changes one's own password."""


class ConfirmPasswordForm(AccountPageForm, account_forms.ReauthenticateForm):
    """The password that confirms who is at the keyboard."""


def language_choices() -> list[tuple[str, SafeString]]:
    """Return the offered languages, each under its own name, which is marked as being in that language."""
    return [(each.code, _language_label(each)) for each in offered_languages()]


def _language_label(language: Language) -> SafeString:
    name = format_html('<span lang="{}">{}</span>', language.code, language.name)
    return name if language.is_reviewed else format_html("{} ({})", name, gettext("not yet reviewed"))


class LanguageForm(StrictForm):
    """The language in which a person reads the pages: one of those that are offered."""

    language = forms.ChoiceField(
        label=_("Language"),
        choices=language_choices,
        widget=forms.RadioSelect,
        error_messages={
            "required": _("Choose a language."),
            "invalid_choice": _("Choose a language from this list."),
        },
    )


class NameForm(ContinuedForm, forms.ModelForm):
    """The name of an account, as records show it. ``by`` is the administrator; the admin sets it."""

    by: User
    first_name = PlainText(label=_("First name"), max_length=LONGEST_NAME, required=False)
    last_name = PlainText(label=_("Last name"), max_length=LONGEST_NAME, required=False)

    class Meta:
        model = User
        fields = ("first_name", "last_name")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"username", "first_name", "last_name"} & self.fields.keys():
            self.fields[name].widget.attrs.update(ONE_LINE)

    def clean(self) -> dict[str, Any]:
        """Require a name."""
        data = super().clean() or self.cleaned_data
        if not (data.get("first_name") or data.get("last_name") or self.errors):
            self.add_error("last_name", _("Enter a name. It is shown on records."))
        return data


def role_choices() -> list[tuple[str, str]]:
    """Return all roles, each with what it permits."""
    return [(role.value, role_sentence(role)) for role in Role]


class RolesField(forms.MultipleChoiceField):
    """Check boxes of all roles, each with what it permits. Its value is a set of roles."""

    default_error_messages = {
        "required": _("Choose at least one role. To end someone’s access, disable the account."),
        "invalid_choice": _("Choose roles from this list."),
        "invalid_list": _("Choose roles from this list."),
    }

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.CheckboxSelectMultiple(attrs={"class": "radiolist"})  # the admin's style of a list of choices
        super().__init__(choices=role_choices, widget=widget, **kwargs)

    def clean(self, value: Any) -> frozenset[Role]:
        """Return the chosen roles."""
        return frozenset(map(Role, super().clean(value)))


class AddAccountForm(NameForm):
    """A new account. Its password is set by its owner."""

    username = UsernameField(
        label=_("Username"),
        max_length=LONGEST_USER_NAME,
        validators=[UnicodeUsernameValidator()],
        help_text=_("Letters, digits and @ . + - _ only. It cannot be changed later."),
    )
    roles = RolesField()

    def clean_username(self) -> str:
        """Refuse a user name that differs from another one by capitals only."""
        username: str = self.cleaned_data["username"]
        if User.objects.filter(username__iexact=username).exists():
            raise ValidationError(gettext("There is already an account with this user name."))
        return username


class OwnAccountForm(NameForm):
    """An administrator's own account: the name only. ``seen`` is the version of the account that was shown."""

    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = AccountState.of(self.instance).version

    @property
    def wanted(self) -> AccountState:
        """The state that the form asks for."""
        data, current = self.cleaned_data, AccountState.of(self.instance)
        return current._replace(first_name=data["first_name"], last_name=data["last_name"])

    def clean(self) -> dict[str, Any]:
        """Add an error for each reason not to make this change."""
        data = super().clean()
        if self.instance.pk == self.by.pk and {"roles", "is_active"} & set(self.data):
            self.add_error(None, gettext(OWN_ACCOUNT))
        if not self.errors:
            for refusal in refusals(self.instance, self.wanted, by=self.by, seen=data["seen"]):
                self.add_error(None, ValidationError(refusal.sentence, code=refusal.code))
        return data


class AccountForm(OwnAccountForm):
    """The account of another person: name, roles and whether it is active."""

    roles = RolesField()

    class Meta:
        model = User
        fields = ("first_name", "last_name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["roles"] = sorted(AccountState.of(self.instance).roles)

    @property
    def wanted(self) -> AccountState:
        """The state that the form asks for."""
        return super().wanted._replace(roles=self.cleaned_data["roles"], is_active=self.cleaned_data["is_active"])


class ProviderAccountForm(OwnAccountForm):
    """An account whose roles the provider of single sign-on gives: name and whether it is active."""

    class Meta:
        model = User
        fields = ("first_name", "last_name", "is_active")

    @property
    def wanted(self) -> AccountState:
        """The state that the form asks for."""
        return super().wanted._replace(is_active=self.cleaned_data["is_active"])

    def clean(self) -> dict[str, Any]:
        """Refuse roles, which the form does not offer."""
        data = super().clean()
        if "roles" in self.data:
            self.add_error(None, roles_are_elsewhere())
        return data
