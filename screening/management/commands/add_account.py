"""Make an account."""

from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from screening.accounts import actions
from screening.accounts.models import User
from screening.accounts.permissions import Role


class Command(BaseCommand):
    """``add_account USERNAME --role ROLE [ROLE …] --name NAME``; the password is asked for."""

    help = "Make an account with one or several roles. The password is asked for."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """User name, roles and the name that stands on records."""
        parser.add_argument("username")
        parser.add_argument("--role", required=True, nargs="+", choices=[role.value for role in Role])
        parser.add_argument("--name", required=True, help="the name that stands on records")

    def handle(self, *, username: str, role: list[str], name: str, **options: object) -> None:
        """Make it, or say in a sentence why not."""
        if User.objects.filter(username=username).exists():
            raise CommandError(f"There is an account “{username}” already.")
        first_name, _, last_name = name.partition(" ")
        password = getpass(f"Password for {username}: ")
        try:
            User(username=username).full_clean(exclude=["password"])
            validate_password(password, User(username=username, first_name=first_name, last_name=last_name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        first, *also = (Role(each) for each in role)
        actions.make_account(
            username=username, password=password, role=first, also=also, first_name=first_name, last_name=last_name
        )
        self.stdout.write(f"Made the account {username}: {', '.join(role)}.")
