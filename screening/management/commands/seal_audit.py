"""Seal the audit trail."""

from __future__ import annotations

import sys

from django.core.management.base import BaseCommand
from django.utils import timezone
from tqdm import tqdm

from screening.audit.actions import SealedMeanwhile, seal_events
from screening.clinical.text.phrases import counted


class Command(BaseCommand):
    """``seal_audit``: seal all audit events older than a minute. Interrupted, it continues when run again."""

    help = "Seals all audit events that are older than a minute, so that verify_audit finds any change to them."

    def handle(self, **options: object) -> None:
        """Seal, with a progress bar in a terminal."""
        sealed = 0
        try:
            with tqdm(unit=" events", file=sys.stderr, disable=None) as bar:
                for events in seal_events(timezone.now()):
                    sealed += events
                    bar.update(events)
        except SealedMeanwhile:
            self.stdout.write("Another process is sealing the audit trail, so this one stopped.")
        self.stdout.write(f"{counted(sealed, 'event', 'events')} sealed.")
