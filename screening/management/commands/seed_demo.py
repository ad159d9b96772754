"""Make the accounts of a demonstration."""

from __future__ import annotations

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from screening import actions, demo
from screening.models import User


class Command(BaseCommand):
    """``seed_demo``: one account a role, with the demonstration's password. Does nothing twice."""

    help = "Make the six accounts of a demonstration."

    def handle(self, **options: object) -> None:
        """Make the accounts that are missing and give all of them the demonstration's password."""
        if not settings.DEMO:
            raise CommandError("This is no demonstration. Start one with ./run.")
        if sentence := demo.foreign_rows():
            raise CommandError(sentence)
        accounts = {user.username: user for user in User.objects.all()}
        for username, role in demo.ACCOUNTS:
            if user := accounts.get(username):
                if not user.check_password(settings.DEMO_PASSWORD):
                    actions.set_password(user, settings.DEMO_PASSWORD)
            else:
                actions.make_account(
                    username=username,
                    password=settings.DEMO_PASSWORD,
                    role=role,
                    first_name="Sample",
                    last_name=username.capitalize(),
                    is_demo=True,
                )
