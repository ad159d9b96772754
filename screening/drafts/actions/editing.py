"""Start, load, edit and discard a draft."""

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
from screening.drafts.models import Case, Change, FollowUp, Rule, RuleSet
from screening.editions.models import Edition
from screening.web.transactions import committed

from .rows import (
    AnotherDraftIsOpen,
    Author,
    LinkIdTaken,
    RowData,
    StaleRevision,
    close,
    definition_data,
    editable,
    insert_rule,
    insert_rules,
    locked,
    next_position,
    record_change,
    record_content_change,
    record_draft_event,
)

# Start and discard --------------------------------------------------------------------------------------------


@committed()
def load_rules(
    definition: Definition, *, by: User | None, at: datetime, role: Role | None = None, replace: bool = False
) -> RuleSet:
    """Open a draft with the content of a definition, or return the open draft if its content is the same.

    A draft has no medicine names of its own: they are added when it is published.

    Raises:
        AnotherDraftIsOpen: a draft with other content is open; with ``replace`` it is discarded instead.
    """
    author = Author(by, at, role)
    draft = RuleSet.objects.select_for_update().filter(is_open=True).first()
    if draft is not None and _has_content(draft, dataclasses.replace(definition, lexicon="")):
        return draft
    if draft is not None:
        if not replace:
            raise AnotherDraftIsOpen
        _discard(draft, author)
    rule_set = insert_rules(definition_data(definition), at)
    record_change(rule_set, Change.LOADED, author)
    record_event(Action.RULES_LOADED, by=by, role=role, subject=f"rule set {rule_set.pk}")
    return rule_set


@committed()
def start_draft(edition: Edition, *, by: User, at: datetime, role: Role | None, again: bool = False) -> RuleSet:
    """Start a draft from an edition and the review confirmations added to it since.

    With ``again`` the edition is to be published again unchanged.

    Raises:
        AnotherDraftIsOpen: a draft is already open.
    """
    if RuleSet.objects.select_for_update().filter(is_open=True).exists():
        raise AnotherDraftIsOpen
    data = definition_data(edition.definition)
    rule_set = insert_rules(data if again else _with_review_confirmations(data, edition), at)
    rule_set.started_from, rule_set.is_again = edition, again
    rule_set.save(update_fields=["started_from", "is_again"])
    author = Author(by, at, role)
    record_change(rule_set, Change.STARTED, author, subject=f"Edition {edition.number}")
    record_draft_event(Action.RULES_CHANGED, rule_set, author, what=Change.STARTED.value)
    return rule_set


@committed()
def discard_draft(rule_set: RuleSet, *, by: User, at: datetime, role: Role | None) -> None:
    """Close a draft for good. Its rows and its change history remain.

    Raises:
        NotOpen: it was already published or discarded.
    """
    author = Author(by, at, role)
    _discard(locked(rule_set), author)


# Edit ---------------------------------------------------------------------------------------------------------


@committed()
def change_texts(
    rule_set: RuleSet, texts: RowData, *, revision: int, by: User, at: datetime, role: Role | None
) -> None:
    """Change the general texts of a draft; record nothing if they are the same.

    ``revision`` is that of the draft when its texts were read.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
        StaleRevision: someone else changed the texts after they were read.
    """
    draft, author = editable(rule_set), Author(by, at, role)
    if draft.revision != revision:
        raise StaleRevision
    before = draft.texts()
    for name, value in texts.items():
        setattr(draft, name, value)
    if draft.texts() == before:
        return
    draft.revision += 1
    draft.save()
    record_content_change(
        draft, Change.TEXTS_CHANGED, author, before=before, after=draft.texts(), revision=draft.revision
    )


@committed()
def add_rule(
    rule_set: RuleSet, item: RowData, cases: Iterable[RowData] = (), *, by: User, at: datetime, role: Role | None
) -> Rule:
    """Add a rule and its cases at the end of the draft.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
        LinkIdTaken: the draft already has a rule with this link id.
    """
    draft, author = editable(rule_set), Author(by, at, role)
    if draft.rules.filter(link_id=item["link_id"]).exists():
        raise LinkIdTaken
    rule = Rule.objects.get(pk=insert_rule(draft, next_position(draft.rules.all()), item).pk)
    record_content_change(draft, Change.RULE_ADDED, author, row=rule, after=rule.plain())
    for case in cases:
        added = Case.objects.create(rule_set=draft, position=next_position(draft.cases.all()), **case)
        record_content_change(draft, Change.CASE_ADDED, author, row=added, after=added.plain())
    return rule


@committed()
def move_rule(rule: Rule, *, up: bool, by: User, at: datetime, role: Role | None) -> None:
    """Swap a rule with the one before or after it. Nothing happens at either end of the list.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    draft = editable(rule.rule_set)
    order = sorted(draft.rules.all(), key=lambda each: (each.trigger == Trigger.FOUND_IN_LIST, each.position))
    before = [each.pk for each in order]
    after = _swapped([*before], rule.pk, up=up)
    if after == before:
        return
    for position, pk in enumerate(after):
        Rule.objects.filter(pk=pk).update(position=position)
    note = f"to position {after.index(rule.pk) + 1} of {len(after)}"
    record_content_change(draft, Change.RULE_MOVED, Author(by, at, role), row=rule, note=note)


@committed()
def retire_rule(rule: Rule, *, by: User, at: datetime, role: Role | None) -> None:
    """Remove a rule from the draft, with the cases that concern only this rule; remove it from the other cases.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    draft, author = editable(rule.rule_set), Author(by, at, role)
    for case in draft.cases.all():
        if {*case.answers, *case.flagged} == {rule.link_id}:
            remove_case(case, by=by, at=at, role=role)
        else:
            _replace_link_id(case, rule.link_id, "", author)
    record_content_change(draft, Change.RULE_RETIRED, author, row=rule, before=rule.plain())
    rule.delete()


@committed()
def remove_case(case: Case, *, by: User, at: datetime, role: Role | None) -> None:
    """Remove a case from the draft.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    draft = editable(case.rule_set)
    record_content_change(draft, Change.CASE_REMOVED, Author(by, at, role), row=case, before=case.plain())
    case.delete()


@committed()
def save_rule(rule: Rule, *, by: User, at: datetime, role: Role | None) -> None:
    """Save the fields of a rule that a form changed; add a new rule at the end of the draft.

    Nothing is recorded if nothing changed. A rule whose words changed no longer counts as checked. If its link id
    changed, the cases that name the rule are updated.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    draft, author = editable(rule.rule_set), Author(by, at, role)
    before = draft.rules.get(pk=rule.pk).plain() if rule.pk else None
    if before is None:
        rule.position = next_position(draft.rules.all())
    rule.save()
    _record_rule_change(rule, before, author)
    if before and before["link_id"] != rule.link_id:
        for case in draft.cases.all():
            _replace_link_id(case, str(before["link_id"]), rule.link_id, author)


@committed()
def save_follow_up(follow_up: FollowUp, *, by: User, at: datetime, role: Role | None) -> None:
    """Save a follow-up that a form changed; add a new one at the end of its rule.

    It is recorded as a change of the rule.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    rule, author = follow_up.rule, Author(by, at, role)
    editable(rule.rule_set)
    before = rule.plain()
    if not follow_up.pk:
        follow_up.position = next_position(rule.follow_ups.all())
    follow_up.save()
    _record_rule_change(rule, before, author)


@committed()
def remove_follow_up(follow_up: FollowUp, *, by: User, at: datetime, role: Role | None) -> None:
    """Remove a follow-up from its rule.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    rule, author = follow_up.rule, Author(by, at, role)
    editable(rule.rule_set)
    before = rule.plain()
    follow_up.delete()
    _record_rule_change(rule, before, author)


@committed()
def move_follow_up(follow_up: FollowUp, *, up: bool, by: User, at: datetime, role: Role | None) -> None:
    """Swap a follow-up with the one before or after it. Nothing happens at either end of the list.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    rule, author = follow_up.rule, Author(by, at, role)
    editable(rule.rule_set)
    before = rule.plain()
    for position, pk in enumerate(_swapped([each.pk for each in rule.follow_ups.all()], follow_up.pk, up=up)):
        FollowUp.objects.filter(pk=pk).update(position=position)
    _record_rule_change(rule, before, author)


@committed()
def save_case(case: Case, *, by: User, at: datetime, role: Role | None) -> None:
    """Save a case that a form changed; add a new one at the end of the draft. Nothing is recorded if nothing changed.

    Raises:
        NotOpen, NotEditable: the draft can no longer be edited.
    """
    draft, author = editable(case.rule_set), Author(by, at, role)
    before = draft.cases.get(pk=case.pk).plain() if case.pk else None
    if before is None:
        case.position = next_position(draft.cases.all())
    case.save()
    after = case.plain()
    if before == after:
        return
    Case.objects.filter(pk=case.pk).update(revision=F("revision") + 1)
    case.refresh_from_db()
    what = Change.CASE_CHANGED if before else Change.CASE_ADDED
    record_content_change(draft, what, author, row=case, before=before, after=after, revision=case.revision)


def _record_rule_change(rule: Rule, before: RowData | None, author: Author) -> None:
    """Record that a rule or its follow-ups were saved. ``before`` is the former content, None for a new rule."""
    after = rule.plain()
    if before == after:
        return
    if before and before["checked_by"] and _without_review(before) != _without_review(after):
        Rule.objects.filter(pk=rule.pk).update(checked_by="")
        after = {**after, "checked_by": ""}
    Rule.objects.filter(pk=rule.pk).update(revision=F("revision") + 1)
    rule.refresh_from_db()
    what = Change.RULE_CHANGED if before else Change.RULE_ADDED
    record_content_change(rule.rule_set, what, author, row=rule, before=before, after=after, revision=rule.revision)


def _swapped(keys: list[int], key: int, *, up: bool) -> list[int]:
    """Return the keys with one of them swapped with the one before or after it."""
    place = keys.index(key)
    other = place - 1 if up else place + 1
    if 0 <= other < len(keys):
        keys[place], keys[other] = keys[other], keys[place]
    return keys


def _has_content(rule_set: RuleSet, definition: Definition) -> bool:
    try:
        return rule_set.definition() == definition
    except DefinitionError:
        return False


def _discard(draft: RuleSet, author: Author) -> None:
    close(draft)
    record_change(draft, Change.DISCARDED, author)
    record_draft_event(Action.RULES_DISCARDED, draft, author)


def _with_review_confirmations(data: dict[str, Any], edition: Edition) -> dict[str, Any]:
    confirmations = edition.review_confirmations()
    for item in [*data["items"], *data.get("listed", [])]:
        if review := confirmations.get(item["link_id"]):
            item["checked_by"] = f"{review.by}, on {format_date(review.on)}"  # no digit beside a name in Hebrew
            item["next_review"] = review.next_review.isoformat()
    return data


def _replace_link_id(case: Case, link_id: str, new: str, author: Author) -> None:
    """Replace a link id in a case; remove it if ``new`` is empty."""
    if link_id not in {*case.answers, *case.flagged}:
        return

    def replaced(each: str) -> str:
        return new if each == link_id else each

    before = case.plain()
    case.answers = {replaced(each): answer for each, answer in case.answers.items() if replaced(each)}
    case.flagged = [replaced(each) for each in case.flagged if replaced(each)]
    case.revision += 1
    case.save()
    fields: dict[str, Any] = {"before": before, "after": case.plain(), "revision": case.revision}
    record_content_change(case.rule_set, Change.CASE_CHANGED, author, row=case, **fields)


def _without_review(rule: RowData) -> dict[str, Any]:
    return {name: value for name, value in rule.items() if name not in {"checked_by", "next_review"}}
