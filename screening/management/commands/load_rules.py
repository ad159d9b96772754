"""Load a rules table from a file."""

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
    """``load_rules FILE [--publish]``: the file becomes the open rule set, and with ``--publish`` an edition.

    An edition is published with the names of opioids that the release brings along.
    """

    help = "Load a rules table from a JSON file; with --publish as the next edition."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """The file, whether to publish, and whether another open draft gives way."""
        parser.add_argument("file", type=Path)
        parser.add_argument("--publish", action="store_true", help="publish it, or propose it to an approver")
        parser.add_argument("--note", default="Loaded from a file", help="what changed, for the edition's list")
        parser.add_argument("--replace", action="store_true", help="discard another draft that is open")

    def handle(self, *, file: Path, publish: bool, note: str, replace: bool, **options: object) -> None:
        """Load; nothing is stored when anything is wrong with the file or the note."""
        note, lexicon = _checked(note), _names()
        definition = dataclasses.replace(_read(file), lexicon=content_hash(lexicons.to_json(lexicon)))
        current = Edition.objects.current()
        if current is not None and current.sha256 == content_hash(to_json(definition)):
            self.stdout.write(f"{current} already holds these rules.")
            return
        try:
            with transaction.atomic():  # a draft that cannot be published is not left open, nor another one closed
                rule_set = actions.load_rules(definition, by=None, at=timezone.now(), replace=replace)
                said = self._next(rule_set, lexicon, current, note) if publish else "Loaded as the open draft."
        except actions.AnotherDraftIsOpen:
            raise CommandError("Another draft is open. Publish it first, or discard it with --replace.") from None
        except DefinitionError as error:
            raise CommandError(_listed(file, error.faults)) from None
        self.stdout.write(said)

    def _next(self, rule_set: RuleSet, lexicon: Lexicon, current: Edition | None, note: str) -> str:
        if current is None or settings.DEMO:
            edition = actions.publish(rule_set, by=None, at=timezone.now(), change_note=note, lexicon=lexicon)
            return f"Published as edition {edition.number}."
        actions.propose(rule_set, by=None, at=timezone.now(), change_note=note)
        return f"{current} is in force, so this is proposed only: a second person has to publish it."


def _checked(note: str) -> str:
    """The note as the page on which a draft is proposed would take it."""
    form = ChangeNoteForm(QueryDict(urlencode({"change_note": note})))
    if not form.is_valid():
        raise CommandError(f"The note: {' '.join(map(str, form.errors['change_note']))}")
    checked: str = form.cleaned_data["change_note"]
    return checked


def _read(file: Path) -> Definition:
    """The rules of a file, which publishing them would not refuse."""
    try:
        definition = from_json(file.read_bytes())
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except DefinitionError as error:
        raise CommandError(_listed(file, error.faults)) from None
    if faults := publishing_faults(definition):
        raise CommandError(_listed(file, faults))
    return definition


def _names() -> Lexicon:
    file = Path(settings.OPIOID_LEXICON)
    try:
        lexicon = shipped_lexicon()
    except OSError as error:
        raise CommandError(f"{file} cannot be read: {error.strerror}.") from None
    except DefinitionError as error:
        raise CommandError(_listed(file, error.faults)) from None
    if faults := lexicons.check(lexicon):
        raise CommandError(_listed(file, faults))
    return lexicon


def _listed(file: Path, faults: tuple[Fault, ...]) -> str:
    lines = "\n".join(f"  {fault}" for fault in faults)
    return f"{file} is not loaded; {len(faults)} to mend:\n{lines}"
