"""Prepare the database of a demonstration. ``./run`` runs this at every start; it adds only what is missing."""

from __future__ import annotations

from io import StringIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, connection, transaction

from screening.accounts import actions
from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.editions.models import Edition
from screening.screenings.models import Screening

ACCOUNTS = (
    ("clinician", Role.CLINICIAN),
    ("prescriber", Role.PRESCRIBER),
    ("editor", Role.EDITOR),
    ("approver", Role.APPROVER),
    ("auditor", Role.AUDITOR),
    ("admin", Role.ADMINISTRATOR),
)


def foreign_rows() -> str | None:
    """Return an error message if the database has accounts or screenings of a real installation, else None."""
    if User.objects.filter(is_demo=False).exists():
        return "This database has accounts that no demonstration created. A demonstration does not change it."
    if Screening.objects.exclude(screened_by__is_demo=True).exists():
        return "This database has screenings that no demonstration created. A demonstration does not change it."
    return None


class Command(BaseCommand):
    help = "Create the tables, the first edition and the six accounts of a demonstration."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        """Add what is missing; refuse a database that is not a demonstration's."""
        if not settings.DEMO:
            raise CommandError("This is not a demonstration. Start one with ./run.")
        try:
            if User._meta.db_table in connection.introspection.table_names() and (message := foreign_rows()):
                raise CommandError(message)
            call_command("migrate", interactive=False, verbosity=0)
            self.publish_rules(Edition.objects.current())
            create_demo_accounts()
        except DatabaseError as fault:
            reason = str(fault).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be used: {reason}") from fault

    def publish_rules(self, current: Edition | None) -> None:
        """Publish the shipped rules, unless the current edition already reads medication lists."""
        if current is not None and current.definition.lexicon:
            return
        file = settings.BASE_DIR / "fixtures" / "ldn_rules.json"
        note = "Recognises opioids in medication lists" if current else "First edition"
        try:
            call_command("load_rules", file, publish=True, note=note, stdout=StringIO())
        except CommandError as refusal:  # the open draft of a user is not discarded
            if current is None:
                raise
            self.stdout.write(
                f"{current} does not read medication lists, and the shipped rules were not published: {refusal}"
            )


@transaction.atomic
def create_demo_accounts() -> None:
    """Create missing accounts. If the demonstration has a new password, set it for all accounts."""
    accounts = {user.username: user for user in User.objects.all()}
    clinician = accounts.get("clinician")
    if clinician and not clinician.check_password(settings.DEMO_PASSWORD):  # all accounts have the same password
        for user in accounts.values():
            actions.set_password(user, settings.DEMO_PASSWORD)
    for username, role in ACCOUNTS:
        if username not in accounts:
            actions.create_account(
                username=username,
                password=settings.DEMO_PASSWORD,
                role=role,
                first_name="Sample",
                last_name=username.capitalize(),
                is_demo=True,
            )
