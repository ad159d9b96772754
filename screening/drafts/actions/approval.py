"""Approve a draft: propose it, take it back, send it back, publish it as an edition."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db.models import Max

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.evaluation.cases import CaseResult, faults_of
from screening.clinical.medications import lexicon as lexicons
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.rules import definition as rules
from screening.clinical.rules.definition import Definition
from screening.clinical.text.json_errors import DefinitionError, Fault, content_hash
from screening.drafts.models import Change, RuleSet
from screening.editions.models import Edition
from screening.medications.actions import store_lexicon
from screening.medications.models import StoredLexicon
from screening.web.font_coverage import font_faults
from screening.web.transactions import committed

from .editing import start_draft
from .rows import Author, NotEditable, NotProposed, close, locked, record_change, record_draft_event


class OwnDraft(Exception):
    """This person edited the draft, so a second person must publish it."""


class DraftChanged(Exception):
    """The draft changed after the approver opened its page."""


# Propose and send back ----------------------------------------------------------------------------------------


@committed()
def propose(
    rule_set: RuleSet, *, by: User | None, at: datetime, change_note: str, role: Role | None = None
) -> RuleSet:
    """Submit a draft for approval. Only the command line may propose one that is already proposed.

    Raises:
        NotOpen: it was published or discarded.
        NotEditable: it is already proposed.
        DefinitionError: it has faults, or a case does not give the result it expects. Lists every fault.
    """
    draft, author = locked(rule_set), Author(by, at, role)
    if draft.proposed_at is not None and by is not None:
        raise NotEditable
    definition = draft.definition()
    if faults := publishing_faults(definition):
        raise DefinitionError(faults)
    draft.proposed_at, draft.proposed_by_name, draft.change_note = at, author.name, change_note
    draft.save(update_fields=["proposed_at", "proposed_by_name", "change_note"])
    record_change(draft, Change.PROPOSED, author, note=change_note)
    record_draft_event(Action.RULES_PROPOSED, draft, author)
    return draft


@committed()
def propose_republication(
    edition: Edition, *, by: User, at: datetime, role: Role | None, change_note: str
) -> RuleSet:
    """Submit an earlier edition for approval, to be published again unchanged.

    Raises:
        AnotherDraftIsOpen: a draft is open.
        DefinitionError: it does not meet the checks of this release. Lists every fault.
    """
    draft = start_draft(edition, by=by, at=at, role=role, again=True)
    return propose(draft, by=by, at=at, role=role, change_note=change_note)


@committed()
def take_back(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None) -> None:
    """Withdraw a proposal, so that the draft can be edited again.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: it is not proposed.
    """
    _withdraw_proposal(rule_set, Change.TAKEN_BACK, Action.RULES_TAKEN_BACK, Author(by, at, role))


@committed()
def send_back(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None, comment: str) -> None:
    """Return a proposed draft to its editors, with a comment on what to change.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: it was already taken back or sent back.
    """
    _withdraw_proposal(rule_set, Change.SENT_BACK, Action.RULES_SENT_BACK, Author(by, at, role), comment)


def _withdraw_proposal(rule_set: RuleSet, what: Change, action: Action, author: Author, comment: str = "") -> None:
    draft = locked(rule_set)
    if draft.proposed_at is None:
        raise NotProposed
    draft.proposed_at, draft.proposed_by_name = None, ""
    draft.save(update_fields=["proposed_at", "proposed_by_name"])
    record_change(draft, what, author, note=comment)
    record_draft_event(action, draft, author)


@committed()
def publish(
    rule_set: RuleSet,
    *,
    by: User | None,
    at: datetime,
    change_note: str,
    lexicon: Lexicon | None = None,
    role: Role | None = None,
    seen: str | None = None,
) -> Edition:
    """Publish a draft as the next edition.

    ``lexicon`` holds the medicine names used to read medication lists, if any; an edition that is published again
    uses its own. ``seen`` is the ``draft_hash`` of the draft shown to the approver. The command line (``by=None``)
    needs neither a proposal nor a second person.

    Raises:
        NotOpen: it was published or discarded.
        NotProposed: it is not proposed.
        OwnDraft: the publisher edited it, and the installation requires a second person.
        DraftChanged: it is not the draft that was shown.
        DefinitionError: the rules or the names have faults, or a case does not give the result it expects.
    """
    draft, author = locked(rule_set), Author(by, at, role)
    own_draft = by is not None and _is_own_draft(by, draft)
    definition = draft.definition()
    if seen is not None and seen != draft_hash(definition):
        raise DraftChanged
    name_faults = lexicons.check(lexicon) if lexicon else ()
    if faults := publishing_faults(definition) + name_faults:
        raise DefinitionError(faults)
    names = draft.started_from.lexicon if draft.is_again and draft.started_from else store_lexicon(lexicon)
    edition = _insert_edition(draft, definition, names, author, change_note, without_second_reviewer=own_draft)
    close(draft)
    record_change(draft, Change.PUBLISHED, author, subject=f"Edition {edition.number}")
    record_event(Action.EDITION_PUBLISHED, by=by, role=role, subject=f"edition {edition.number}")
    return edition


def _is_own_draft(by: User, draft: RuleSet) -> bool:
    """Return whether the publisher edited the draft, where the installation lets one person do both.

    Raises:
        NotProposed: it is not proposed.
        OwnDraft: they edited it, and a second person must publish it.
    """
    if draft.proposed_at is None:
        raise NotProposed
    own_draft = by.pk in draft.contributors()
    if own_draft and not settings.ONE_PERSON_PUBLISHES:
        raise OwnDraft
    return own_draft


def draft_hash(definition: Definition) -> str:
    """Return the hash that identifies the content of a draft, as shown on the approver's page."""
    return content_hash(rules.to_json(definition))


def _insert_edition(
    draft: RuleSet,
    definition: Definition,
    names: StoredLexicon | None,
    author: Author,
    change_note: str,
    *,
    without_second_reviewer: bool,
) -> Edition:
    content = rules.to_json(dataclasses.replace(definition, lexicon=names.sha256 if names else ""))
    last = Edition.objects.aggregate(last=Max("number"))["last"] or 0
    return Edition.objects.create(
        number=last + 1,
        content=content,
        sha256=content_hash(content),
        lexicon=names,
        rule_set=draft,
        written_by=", ".join(dict.fromkeys(draft.contributors().values())),
        published_at=author.at,
        published_by=author.by,
        published_by_name=author.name,
        change_note=change_note,
        without_second_reviewer=without_second_reviewer,
    )


# Faults -------------------------------------------------------------------------------------------------------


def publishing_faults(definition: Definition, case_results: Sequence[CaseResult] | None = None) -> tuple[Fault, ...]:
    """Return everything that prevents publishing: faults, unexpected case results, characters the PDF cannot show.

    ``case_results`` are the results of its cases, if they were run already.
    """
    return faults_of(definition, case_results) + font_faults(definition)
