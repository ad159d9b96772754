"""Load a rules table from a JSON file."""

from __future__ import annotations

import dataclasses
from argparse import ArgumentParser
from pathlib import Path
from urllib.parse import urlencode

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone

from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.rules.definition import Definition, from_json, to_json
from screening.clinical.text.json_errors import DefinitionError, Fault, content_hash
from screening.drafts import actions
from screening.drafts.actions import publishing_faults
from screening.drafts.forms.draft import ChangeNoteForm
from screening.drafts.models import RuleSet
from screening.editions.models import Edition
from screening.medications.shipped_data import shipped_lexicon


class Command(BaseCommand):
    """``load_rules FILE [--publish]``: load the file as the open draft; with ``--publish``, publish or propose it.

    An edition is published with the medicine names of this release.
    """

    help = "Load a rules table from a JSON file as the draft; with --publish, as the next edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the file and the options."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", action="store_true", help="publish it, or propose it if an edition exists")
        parser.add_argument("--note", default="Loaded from a file", help="what changed and why")
        parser.add_argument("--replace", action="store_true", help="discard the open draft")

    def handle(self, *, file: Path, publish: bool, note: str, replace: bool, **options: object) -> None:
        """Load the file; store nothing if the file or the note has faults."""
        note, lexicon = _cleaned_note(note), _lexicon()
        definition = dataclasses.replace(_read(file), lexicon=content_hash(lexicons.to_json(lexicon)))
        current = Edition.objects.current()
        if current is not None and current.sha256 == content_hash(to_json(definition)):
            self.stdout.write(f"{current} already holds these rules.")
            return
        try:
            with transaction.atomic():  # if publishing fails, no draft is left open or discarded
                rule_set = actions.load_rules(definition, by=None, at=timezone.now(), replace=replace)
                message = self._publish(rule_set, lexicon, current, note) if publish else "Loaded as the open draft."
        except actions.AnotherDraftIsOpen:
            raise CommandError("Another draft is open. Publish it first, or discard it with --replace.") from None
        except DefinitionError as error:
            raise CommandError(_fault_list(file, error.faults)) from None
        self.stdout.write(message)

    def _publish(self, rule_set: RuleSet, lexicon: Lexicon, current: Edition | None, note: str) -> str:
        if current is None or settings.DEMO:
            edition = actions.publish(rule_set, by=None, at=timezone.now(), change_note=note, lexicon=lexicon)
            return f"Published as edition {edition.number}."
        actions.propose(rule_set, by=None, at=timezone.now(), change_note=note)
        return f"{current} is in use, so this was proposed only. A second person must publish it."


def _cleaned_note(note: str) -> str:
    """Return the note, validated by the form that proposes a draft."""
    form = ChangeNoteForm(QueryDict(urlencode({"change_note": note})))
    if not form.is_valid():
        raise CommandError(f"The note: {' '.join(map(str, form.errors['change_note']))}")
    cleaned: str = form.cleaned_data["change_note"]
    return cleaned


def _read(file: Path) -> Definition:
    """Return the rules of a file, checked as for publishing."""
    try:
        definition = from_json(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except DefinitionError as error:
        raise CommandError(_fault_list(file, error.faults)) from None
    if faults := publishing_faults(definition):
        raise CommandError(_fault_list(file, faults))
    return definition


def _lexicon() -> Lexicon:
    file = Path(settings.OPIOID_LEXICON)
    try:
        lexicon = shipped_lexicon()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except DefinitionError as error:
        raise CommandError(_fault_list(file, error.faults)) from None
    if faults := lexicons.check(lexicon):
        raise CommandError(_fault_list(file, faults))
    return lexicon


def _fault_list(file: Path, faults: tuple[Fault, ...]) -> str:
    lines = "\n".join(f"  {fault}" for fault in faults)
    return f"{file} is not loaded; {len(faults)} to fix:\n{lines}"
