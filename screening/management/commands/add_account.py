"""Create an account."""

from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from screening.accounts import actions
from screening.accounts.models import User
from screening.accounts.permissions import Role


class Command(BaseCommand):
    """``add_account USERNAME --role ROLE [ROLE …] --name NAME``; prompts for the password."""

    help = "Create an account with one or more roles. Prompts for the password."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user name, the roles and the name shown on records."""
        parser.add_argument("username")
        parser.add_argument("--role", required=True, nargs="+", choices=[role.value for role in Role])
        parser.add_argument("--name", required=True, help="the name shown on records")

    def handle(self, *, username: str, role: list[str], name: str, **options: object) -> None:
        """Create the account, or raise CommandError with the reason."""
        if not settings.SINGLE_SIGN_ON.local_accounts:
            raise CommandError(actions.NO_LOCAL_ACCOUNTS)
        if User.objects.filter(username=username).exists():
            raise CommandError(f"The account “{username}” already exists.")
        first_name, _, last_name = name.partition(" ")
        password = getpass(f"Password for {username}: ")
        try:
            User(username=username).full_clean(exclude=["password"])
            validate_password(password, User(username=username, first_name=first_name, last_name=last_name))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        first, *others = (Role(each) for each in role)
        actions.create_account(
            username=username,
            password=password,
            role=first,
            other_roles=others,
            first_name=first_name,
            last_name=last_name,
        )
        self.stdout.write(f"Created the account {username}: {', '.join(role)}.")
