"""What a new password must not be. Passwords that were set earlier still work."""

from __future__ import annotations

from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext

from .models import User

LONGEST_CHECKED = 1000


class MaximumLengthValidator:
    """Refuses a password with more than ``max_length`` characters."""

    def __init__(self, max_length: int) -> None:
        self.max_length = max_length

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a longer password."""
        if len(password) > self.max_length:
            sentence = gettext("This password is too long. It must contain at most {number} characters.")
            raise ValidationError(sentence.format(number=self.max_length), code="password_too_long")

    def get_help_text(self) -> str:
        """Return the rule in a sentence."""
        sentence = gettext("Your password can have up to {number} characters, of any kind, also spaces.")
        return sentence.format(number=self.max_length)


class LongCommonPasswordValidator(CommonPasswordValidator):
    """Also refuses two common passwords in a row, and a short text that is repeated.

    Only few of Django's 20,000 common passwords are long enough to be allowed at all.
    """

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise ValidationError for a password made of common ones."""
        super().validate(password, user)
        text = password.lower().strip()
        if len(text) <= LONGEST_CHECKED and (self._is_two(text) or _repeats_itself(text)):
            raise ValidationError(self.get_error_message(), code="password_too_common")

    def _is_two(self, text: str) -> bool:
        return any(text[:end] in self.passwords and text[end:] in self.passwords for end in range(1, len(text)))


def _repeats_itself(text: str) -> bool:
    """Return True for three or more of the same in a row, such as ``abcabcabca``."""
    return any(text[period:] == text[:-period] for period in range(1, len(text) // 3 + 1))
