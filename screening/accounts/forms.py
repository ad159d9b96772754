"""The sign-in form."""

from __future__ import annotations

from allauth.account import forms as account_forms
from crispy_forms.layout import Layout

from screening.web.forms import AppForm


class SignInForm(AppForm, account_forms.LoginForm):
    """The sign-in form of allauth, rendered like all forms of the app."""

    @property
    def layout(self) -> Layout:
        return Layout("login", "password")
