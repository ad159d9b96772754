"""Signing in."""

from __future__ import annotations

from allauth.account import forms as account_forms
from crispy_forms.layout import Layout

from screening.web.forms import AppForm


class SignInForm(AppForm, account_forms.LoginForm):
    """User name and password, rendered as every form of the app."""

    @property
    def layout(self) -> Layout:
        """One below the other."""
        return Layout("login", "password")
