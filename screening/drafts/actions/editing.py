"""The rules table as it is edited: a draft is started, loaded, changed, discarded."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import F

from screening.accounts.models import User
from screening.accounts.permissions import Role
from screening.audit.actions import Action, record_event
from screening.clinical.rules.definition import Definition, Trigger
from screening.clinical.text.dates import format_date
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts.models import Case, Change, Rule, RuleSet
from screening.editions.models import Edition
from screening.web.transactions import committed

from .rows import (
    AnotherDraftIsOpen,
    Author,
    ChangedMeanwhile,
    LinkIdTaken,
    Plain,
    close,
    editable,
    insert_rule,
    insert_rules,
    locked,
    next_position,
    note_change,
    plain_of,
    record_change,
    record_draft_event,
)

# A draft begins and ends --------------------------------------------------------------------------------------


@committed()
def load_rules(
    definition: Definition, *, by: User | None, at: datetime, role: Role | None = None, replace: bool = False
) -> RuleSet:
    """Write a definition into the rows of the open rule set; one that is open already with the same content stays.

    A rule set has no names of medicines of its own: those come with its publication.

    Raises:
        AnotherDraftIsOpen: a rule set with other content is open, and ``replace`` was not asked for.
    """
    author = Author(by, at, role)
    is_open = RuleSet.objects.select_for_update().filter(is_open=True).first()
    if is_open is not None and _holds(is_open, dataclasses.replace(definition, lexicon="")):
        return is_open
    if is_open is not None:
        if not replace:
            raise AnotherDraftIsOpen
        _discard(is_open, author)
    rule_set = insert_rules(plain_of(definition), at)
    record_change(rule_set, Change.LOADED, author)
    record_event(Action.RULES_LOADED, by=by, role=role, subject=f"rule set {rule_set.pk}")
    return rule_set


@committed()
def start_draft(edition: Edition, *, by: User, at: datetime, role: Role | None, again: bool = False) -> RuleSet:
    """Open a draft that begins as an edition, with the reviews that were signed since.

    ``again`` is to publish the edition once more just as it was.

    Raises:
        AnotherDraftIsOpen: there is one.
    """
    if RuleSet.objects.select_for_update().filter(is_open=True).exists():
        raise AnotherDraftIsOpen
    plain = plain_of(edition.definition)
    rule_set = insert_rules(plain if again else _with_reviews(plain, edition), at)
    rule_set.started_from, rule_set.is_again = edition, again
    rule_set.save(update_fields=["started_from", "is_again"])
    author = Author(by, at, role)
    record_change(rule_set, Change.STARTED, author, subject=str(edition))
    record_draft_event(Action.RULES_CHANGED, rule_set, author, what=Change.STARTED.value)
    return rule_set


@committed()
def discard_draft(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None) -> None:
    """Close a draft for good; its rows and its history stay.

    Raises:
        NotOpen: it was published or discarded before.
    """
    author = Author(by, at, role)
    _discard(locked(rule_set), author)


# What it says -------------------------------------------------------------------------------------------------


@committed()
def change_texts(
    rule_set: RuleSet, texts: Plain, *, revision: int, by: User, at: datetime, role: Role | None
) -> None:
    """Change the rule set's own texts; ``revision`` is the one that was read. What is the same stays unnoted.

    Raises:
        NotOpen, NotToBeEdited: it cannot be changed any more.
        ChangedMeanwhile: somebody else changed them since.
    """
    draft, author = editable(rule_set), Author(by, at, role)
    if draft.revision != revision:
        raise ChangedMeanwhile
    before = draft.texts()
    for name, value in texts.items():
        setattr(draft, name, value)
    if draft.texts() == before:
        return
    draft.revision += 1
    draft.save()
    note_change(draft, Change.TEXTS_CHANGED, author, before=before, after=draft.texts(), revision=draft.revision)


@committed()
def add_rule(
    rule_set: RuleSet, item: Plain, cases: Iterable[Plain] = (), *, by: User, at: datetime, role: Role | None
) -> Rule:
    """Add a rule with its cases, after those that are there.

    Raises:
        NotOpen, NotToBeEdited: the draft cannot be changed any more.
        LinkIdTaken: the draft has a rule of this link id.
    """
    draft, author = editable(rule_set), Author(by, at, role)
    if draft.rules.filter(link_id=item["link_id"]).exists():
        raise LinkIdTaken
    rule = Rule.objects.get(pk=insert_rule(draft, next_position(draft.rules.all()), item).pk)
    note_change(draft, Change.RULE_ADDED, author, row=rule, after=rule.plain())
    for case in cases:
        added = Case.objects.create(rule_set=draft, position=next_position(draft.cases.all()), **case)
        note_change(draft, Change.CASE_ADDED, author, row=added, after=added.plain())
    return rule


@committed()
def move_rule(rule: Rule, *, up: bool, by: User, at: datetime, role: Role | None) -> None:
    """Let a rule change places with its neighbour; at the end of the list it stays.

    Raises:
        NotOpen, NotToBeEdited: the draft cannot be changed any more.
    """
    draft = editable(rule.rule_set)
    order = sorted(draft.rules.all(), key=lambda each: (each.trigger == Trigger.FOUND_IN_LIST, each.position))
    place = next(place for place, each in enumerate(order) if each.pk == rule.pk)
    other = place - 1 if up else place + 1
    if not 0 <= other < len(order):
        return
    order[place], order[other] = order[other], order[place]
    for position, each in enumerate(order):
        Rule.objects.filter(pk=each.pk).update(position=position)
    record_change = f"to place {other + 1} of {len(order)}"
    note_change(draft, Change.RULE_MOVED, Author(by, at, role), row=rule, note=record_change)


@committed()
def retire_rule(rule: Rule, *, by: User, at: datetime, role: Role | None) -> None:
    """Take a rule out of the draft: the cases that are about nothing else go with it, the others leave it out.

    Raises:
        NotOpen, NotToBeEdited: the draft cannot be changed any more.
    """
    draft, author = editable(rule.rule_set), Author(by, at, role)
    for case in draft.cases.all():
        if {*case.answers, *case.flagged} == {rule.link_id}:
            remove_case(case, by=by, at=at, role=role)
        else:
            _call(case, rule.link_id, "", author)
    note_change(draft, Change.RULE_RETIRED, author, row=rule, before=rule.plain())
    rule.delete()


@committed()
def remove_case(case: Case, *, by: User, at: datetime, role: Role | None) -> None:
    """Take a case out of the draft.

    Raises:
        NotOpen, NotToBeEdited: the draft cannot be changed any more.
    """
    draft = editable(case.rule_set)
    note_change(draft, Change.CASE_REMOVED, Author(by, at, role), row=case, before=case.plain())
    case.delete()


@committed()
def record_rule_saved(rule: Rule, before: Plain | None, *, by: User, at: datetime, role: Role | None) -> None:
    """Note that the rows of a rule and its follow-ups were saved; ``before`` is what they were, None for a new one.

    Nothing is noted when nothing changed. Other words than those that were checked are not checked any more. Cases
    go with the rule when its link id changes.
    """
    author, after = Author(by, at, role), rule.plain()
    if before == after:
        return
    if before and before["checked_by"] and _words(before) != _words(after):
        Rule.objects.filter(pk=rule.pk).update(checked_by="")
        after = {**after, "checked_by": ""}
    Rule.objects.filter(pk=rule.pk).update(revision=F("revision") + 1)
    rule.refresh_from_db()
    what = Change.RULE_CHANGED if before else Change.RULE_ADDED
    note_change(rule.rule_set, what, author, row=rule, before=before, after=after, revision=rule.revision)
    if before and before["link_id"] != rule.link_id:
        for case in rule.rule_set.cases.all():
            _call(case, before["link_id"], rule.link_id, author)


@committed()
def record_case_saved(case: Case, before: Plain | None, *, by: User, at: datetime, role: Role | None) -> None:
    """Note that the row of a case was saved; ``before`` is what it was, None for a new one."""
    after = case.plain()
    if before == after:
        return
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1)
    case.refresh_from_db()
    what, author = Change.CASE_CHANGED if before else Change.CASE_ADDED, Author(by, at, role)
    note_change(case.rule_set, what, author, row=case, before=before, after=after, revision=case.revision)


def _holds(rule_set: RuleSet, definition: Definition) -> bool:
    try:
        return rule_set.definition() == definition
    except DefinitionError:
        return False


def _discard(draft: RuleSet, author: Author) -> None:
    close(draft)
    record_change(draft, Change.DISCARDED, author)
    record_draft_event(Action.RULES_DISCARDED, draft, author)


def _with_reviews(plain: dict[str, Any], edition: Edition) -> dict[str, Any]:
    """The rules with what was signed under them after the edition was published."""
    signed = edition.review_confirmations()
    for item in [*plain["items"], *plain.get("listed", [])]:
        if review := signed.get(item["link_id"]):
            item["checked_by"] = f"{review.by}, {format_date(review.on)}"
            item["next_review"] = review.next_review.isoformat()
    return plain


def _call(case: Case, link_id: str, now: str, author: Author) -> None:
    """Let a case know a rule by another link id, or leave it out where that is empty."""
    if link_id not in {*case.answers, *case.flagged}:
        return

    def called(each: str) -> str:
        return now if each == link_id else each

    before = case.plain()
    case.answers = {called(each): answer for each, answer in case.answers.items() if called(each)}
    case.flagged = [called(each) for each in case.flagged if called(each)]
    case.revision += 1
    case.save()
    told: dict[str, Any] = {"before": before, "after": case.plain(), "revision": case.revision}
    note_change(case.rule_set, Change.CASE_CHANGED, author, row=case, **told)


def _words(plain: Plain) -> dict[str, Any]:
    """A rule without what a review says of it."""
    return {name: value for name, value in plain.items() if name not in {"checked_by", "next_review"}}
