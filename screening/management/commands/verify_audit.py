"""Verify the audit trail against its seals."""

from __future__ import annotations

import re
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from screening.audit.models import AuditEvent, Seal
from screening.audit.seals import START, Tampered, Verified, verify
from screening.clinical.text.phrases import counted


class Command(BaseCommand):
    """``verify_audit [--anchor ANCHOR]``: exit 1 and name the first event or seal that differs."""

    help = "Compares the audit trail with its seals, names the first difference, and prints the anchor to keep."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the anchor of an earlier run."""
        parser.add_argument(
            "--anchor", default=START, help="the anchor that an earlier run printed: also finds a removed end"
        )

    def handle(self, *, anchor: str, **options: object) -> None:
        """Verify, with a progress bar in a terminal, then print the anchor."""
        anchor = anchor.strip().lower()
        if not re.fullmatch("[0-9a-f]{64}", anchor):
            raise CommandError("The anchor is not one: it has 64 characters, 0 to 9 and a to f.")
        last = Seal.objects.order_by("-number").values_list("last_event", flat=True).first() or 0
        to_compare = AuditEvent.objects.filter(pk__lte=last).count()
        verified = Verified(events=0, anchor=START)
        try:
            with tqdm(total=to_compare, unit=" events", file=sys.stderr, disable=None) as bar:
                for verified in verify(anchor):
                    bar.update(verified.events - bar.n)
        except Tampered as difference:
            raise CommandError(str(difference)) from None
        self.stdout.write(f"{counted(verified.events, 'event', 'events')} as sealed.")
        if unsealed := AuditEvent.objects.count() - verified.events:
            self.stdout.write(f"{counted(unsealed, 'event is', 'events are')} not sealed yet.")
        self.stdout.write(f"anchor: {verified.anchor}")
