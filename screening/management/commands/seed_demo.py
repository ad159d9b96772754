"""Bring the database of a demonstration up to date, which ``./run`` does at every start: it adds what is missing."""

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
    """A sentence when the database holds accounts or screenings that no demo made, else None."""
    if User.objects.filter(is_demo=False).exists():
        return "This database holds accounts that no demonstration made; a demonstration will not touch it."
    if Screening.objects.exclude(screened_by__is_demo=True).exists():
        return "This database holds screenings that no demonstration made; a demonstration will not touch it."
    return None


class Command(BaseCommand):
    help = "Make the tables, the first edition and the six accounts of a demonstration."
    requires_system_checks = ()

    def handle(self, **options: object) -> None:
        """Refuse a database that is not a demonstration's, then add what it lacks."""
        if not settings.DEMO:
            raise CommandError("This is no demonstration. Start one with ./run.")
        try:
            if User._meta.db_table in connection.introspection.table_names() and (sentence := foreign_rows()):
                raise CommandError(sentence)
            call_command("migrate", interactive=False, verbosity=0)
            self.publish_rules(Edition.objects.current())
            make_accounts()
        except DatabaseError as fault:
            reason = str(fault).strip().partition("\n")[0]
            raise CommandError(f"The database cannot be used: {reason}") from fault

    def publish_rules(self, current: Edition | None) -> None:
        """Publish the shipped rules, unless the edition in force reads medication lists as they do."""
        if current is not None and current.definition.lexicon:
            return
        file = settings.BASE_DIR / "fixtures" / "ldn_rules.json"
        note = "Recognises opioids in medication lists" if current else "First edition"
        try:
            call_command("load_rules", file, publish=True, note=note, stdout=StringIO())
        except CommandError as refusal:  # a draft that somebody left open is not discarded for it
            if current is None:
                raise
            self.stdout.write(f"{current} reads no medication lists, and this is not mended: {refusal}")


@transaction.atomic
def make_accounts() -> None:
    """Make the accounts that are missing, and give the demonstration's password to all when it is a new one."""
    accounts = {user.username: user for user in User.objects.all()}
    clinician = accounts.get("clinician")
    if clinician and not clinician.check_password(settings.DEMO_PASSWORD):  # all have always been given the same
        for user in accounts.values():
            actions.set_password(user, settings.DEMO_PASSWORD)
    for username, role in ACCOUNTS:
        if username not in accounts:
            actions.make_account(
                username=username,
                password=settings.DEMO_PASSWORD,
                role=role,
                first_name="Sample",
                last_name=username.capitalize(),
                is_demo=True,
            )
