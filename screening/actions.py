"""The verbs: everything that is written, except audit events, is written here, each in one transaction."""

from __future__ import annotations

import dataclasses
import json
from datetime import datetime
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Max

from . import audit
from .audit import Action
from .clinical import definition as rules
from .clinical import lexicon as lexicons
from .clinical.cases import failing_cases
from .clinical.checks import check
from .clinical.definition import AnswerCode, Definition, DefinitionError
from .clinical.details import to_plain
from .clinical.evaluation import Answer as ClinicalAnswer
from .clinical.evaluation import Evaluation, Finding, evaluate
from .clinical.lexicon import Lexicon
from .clinical.listed_medicines import to_plain as medicines_to_plain
from .clinical.record import Patient
from .clinical.searching import folded, record_key
from .clinical.summary import headline, outcome_state, tally
from .models import (
    Answer,
    Case,
    Edition,
    FollowUp,
    ListOfMedicines,
    LocalName,
    Rule,
    RuleSet,
    Screening,
    StoredLexicon,
    User,
    Void,
)
from .models.prepared import insert
from .permissions import Role
from .submission import Submission

# Accounts -----------------------------------------------------------------------------------------------------


@transaction.atomic
def make_roles() -> None:
    """Make the group of every role that has none yet."""
    for role in Role:
        Group.objects.get_or_create(name=role.value)


@transaction.atomic
def make_account(
    *, username: str, password: str, role: Role, first_name: str, last_name: str, is_demo: bool = False
) -> User:
    """Make an account with one role.

    Raises:
        django.db.IntegrityError: the user name is taken.
    """
    user = User(username=username, first_name=first_name, last_name=last_name, is_demo=is_demo)
    user.set_password(password)
    user.save()
    user.groups.add(Group.objects.get(name=role.value))
    audit.put_on_record(Action.ACCOUNT_MADE, by=None, subject=username, role_given=role.value)
    return user


@transaction.atomic
def set_password(user: User, password: str) -> None:
    """Give an account a new password."""
    user.set_password(password)
    user.save(update_fields=["password"])


# Rules --------------------------------------------------------------------------------------------------------


class AnotherDraftIsOpen(Exception):
    """A rule set with other content is being edited; only one may be open."""


class NotOpen(Exception):
    """The rule set was published before."""


@transaction.atomic
def load_rules(definition: Definition, *, by: User | None, at: datetime, replace: bool = False) -> RuleSet:
    """Write a definition into the rows of the open rule set; one that is open already with the same content stays.

    A rule set has no names of medicines of its own: those come with its publication.

    Raises:
        AnotherDraftIsOpen: a rule set with other content is open, and ``replace`` was not asked for.
    """
    definition = dataclasses.replace(definition, lexicon="")
    is_open = RuleSet.objects.select_for_update().filter(is_open=True).first()
    if is_open is not None and _holds(is_open, definition):
        return is_open
    if is_open is not None:
        if not replace:
            raise AnotherDraftIsOpen
        is_open.delete()
    rule_set = _insert_rules(definition, at)
    audit.put_on_record(Action.RULES_LOADED, by=by, subject=f"rule set {rule_set.pk}")
    return rule_set


@transaction.atomic
def propose(rule_set: RuleSet, *, by: User | None, at: datetime, change_note: str) -> RuleSet:
    """Hand a draft to the approver.

    Raises:
        NotOpen: it was published.
    """
    draft = _locked(rule_set)
    draft.proposed_at, draft.change_note = at, change_note
    draft.save(update_fields=["proposed_at", "change_note"])
    audit.put_on_record(Action.RULES_PROPOSED, by=by, subject=f"rule set {draft.pk}")
    return draft


@transaction.atomic
def publish(
    rule_set: RuleSet, *, by: User | None, at: datetime, change_note: str, lexicon: Lexicon | None = None
) -> Edition:
    """Freeze a rule set as the next edition, with the names by which it reads medication lists, if any.

    Raises:
        NotOpen: it was published.
        DefinitionError: rules or names have faults, or a case fails; all of it is listed.
    """
    draft = _locked(rule_set)
    definition = draft.definition()
    name_faults = lexicons.check(lexicon) if lexicon else ()
    if faults := check(definition) + failing_cases(definition) + name_faults:
        raise DefinitionError(faults)
    names = _stored(lexicon) if lexicon else None
    content = rules.to_json(dataclasses.replace(definition, lexicon=names.sha256 if names else ""))
    last = Edition.objects.aggregate(last=Max("number"))["last"] or 0
    edition = Edition.objects.create(
        number=last + 1,
        content=content,
        sha256=rules.content_hash(content),
        lexicon=names,
        published_at=at,
        published_by=by,
        published_by_name=by.display_name if by else audit.COMMAND_LINE,
        change_note=change_note,
    )
    draft.is_open = False
    draft.save(update_fields=["is_open"])
    audit.put_on_record(Action.EDITION_PUBLISHED, by=by, subject=f"edition {edition.number}")
    return edition


def _stored(lexicon: Lexicon) -> StoredLexicon:
    content = lexicons.to_json(lexicon)
    return StoredLexicon.objects.get_or_create(sha256=rules.content_hash(content), defaults={"content": content})[0]


def _locked(rule_set: RuleSet) -> RuleSet:
    locked = RuleSet.objects.select_for_update().get(pk=rule_set.pk)
    if not locked.is_open:
        raise NotOpen
    return locked


def _holds(rule_set: RuleSet, definition: Definition) -> bool:
    try:
        return rule_set.definition() == definition
    except DefinitionError:
        return False


def _insert_rules(definition: Definition, at: datetime) -> RuleSet:
    plain = json.loads(rules.to_json(definition))
    rule_set = RuleSet.objects.create(opened_at=at, **{name: plain[name] for name in RuleSet.FIELDS})
    for position, item in enumerate([*plain["items"], *plain.get("listed", [])]):
        follow_ups = item.pop("follow_ups")
        rule = Rule.objects.create(rule_set=rule_set, position=position, **item)
        FollowUp.objects.bulk_create(
            FollowUp(rule=rule, position=place, **follow_up) for place, follow_up in enumerate(follow_ups)
        )
    Case.objects.bulk_create(
        Case(rule_set=rule_set, position=position, **case) for position, case in enumerate(plain["cases"])
    )
    return rule_set


# Screenings ---------------------------------------------------------------------------------------------------


_NO_ANSWER = ClinicalAnswer(AnswerCode.UNKNOWN)


class RecordedWithOtherContent(Exception):
    """This form was recorded before with other content; ``screening`` is that record."""

    def __init__(self, screening: Screening) -> None:
        super().__init__(str(screening.uuid))
        self.screening = screening


class NoLongerStands(Exception):
    """The record was superseded or voided before; ``screening`` is that record."""

    def __init__(self, screening: Screening) -> None:
        super().__init__(str(screening.uuid))
        self.screening = screening


def record_screening(*, edition: Edition, submission: Submission, by: User, role: Role, at: datetime) -> Screening:
    """Evaluate the answers and keep all of it; the same form with the same content lands on the same record.

    Raises:
        RecordedWithOtherContent: this form was recorded before with other content; nothing is stored.
        NoLongerStands: the record to amend was superseded or voided meanwhile; nothing is stored.
    """
    try:
        with transaction.atomic():
            if submission.amends:
                _hold_standing(submission.amends)
            return _insert_screening(edition, submission, by, role, at)
    except (IntegrityError, NoLongerStands):
        recorded = Screening.objects.filter(submission=submission.key).first()
        if recorded is None:
            raise
    if recorded.content_hash != submission.content_hash:
        raise RecordedWithOtherContent(recorded)
    return recorded


def _insert_screening(edition: Edition, submission: Submission, by: User, role: Role, at: datetime) -> Screening:
    on = at.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
    evaluation = evaluate(edition.definition, submission.answers, on, submission.medications)
    screening = Screening(
        **_patient_columns(submission.patient),
        **_result_columns(edition.definition, evaluation),
        submission=submission.key,
        content_hash=submission.content_hash,
        edition=edition,
        screened_at=at,
        time_zone=settings.TIME_ZONE,
        screened_by=by,
        screened_by_name=by.display_name,
        role=role.value,
        supersedes=submission.amends,
        amendment_reason=submission.amendment_reason,
    )
    insert(screening)
    answers = [
        _answer_row(screening, position, finding, submission.answers.get(finding.link_id, _NO_ANSWER))
        for position, finding in enumerate(evaluation.findings)
    ]
    insert(*answers)
    if submission.medications:
        insert(_list_row(screening, submission))
    audit.put_on_record(Action.SCREENING_RECORDED, by=by, role=role, subject=str(screening.uuid))
    if earlier := submission.amends:
        later = str(screening.uuid)
        audit.put_on_record(Action.SCREENING_SUPERSEDED, by=by, role=role, subject=str(earlier.uuid), later=later)
    return screening


@transaction.atomic
def void_screening(screening: Screening, *, by: User, role: Role, at: datetime, reason: str) -> Void:
    """Mark a record as entered in error.

    Raises:
        NoLongerStands: it was superseded or voided before.
    """
    _hold_standing(screening)
    void = Void.objects.create(
        screening=screening, reason=reason, at=at, by=by, by_name=by.display_name, role=role.value
    )
    audit.put_on_record(Action.SCREENING_VOIDED, by=by, role=role, subject=str(screening.uuid))
    return void


def _hold_standing(screening: Screening) -> None:
    """Keep others from superseding or voiding a record until this transaction ends."""
    Screening.objects.select_for_update().get(pk=screening.pk)
    if Screening.objects.with_standing().get(pk=screening.pk).standing:
        raise NoLongerStands(screening)


def _patient_columns(patient: Patient) -> dict[str, object]:
    return {
        "patient_name": patient.name,
        "patient_name_key": folded(patient.name),
        "birth_date": patient.birth_date,
        "record_number": patient.record_number,
        "record_number_key": record_key(patient.record_number),
        "dose_mg": patient.dose_mg,
        "indication": patient.indication,
    }


def _result_columns(definition: Definition, evaluation: Evaluation) -> dict[str, object]:
    return {
        "outcome": evaluation.outcome.value,
        "state": outcome_state(evaluation),
        "headline": headline(definition, evaluation),
        "tally": ", ".join(each.words for each in tally(evaluation)),
        "unrecognised": list(evaluation.unrecognised),
    }


def _answer_row(screening: Screening, position: int, finding: Finding, answer: ClinicalAnswer) -> Answer:
    return Answer(
        screening=screening,
        position=position,
        link_id=finding.link_id,
        code=finding.answer.value,
        reason=answer.reason,
        details=to_plain(answer.details),
        status=finding.status.value,
        severity=finding.severity.value,
        next_step=finding.next_step,
        notes=[{"label": note.label, "words": note.words} for note in finding.notes],
    )


def _list_row(screening: Screening, submission: Submission) -> ListOfMedicines:
    return ListOfMedicines(
        screening=screening,
        text=submission.medications.text,
        found=medicines_to_plain(submission.medications.found),
        lexicon=screening.edition.definition.lexicon,
        local_names=[{"name": each.name, "ingredients": list(each.ingredients)} for each in submission.local_names],
    )


# Local names --------------------------------------------------------------------------------------------------


@transaction.atomic
def add_local_name(*, name: str, ingredient: str, note: str, by: User, role: Role, at: datetime) -> LocalName:
    """Read lists by one more name from now on.

    Raises:
        django.db.IntegrityError: it is in use already.
    """
    added = LocalName.objects.create(
        name=name,
        key=folded(name),
        ingredient=ingredient,
        note=note,
        added_at=at,
        added_by=by,
        added_by_name=by.display_name,
    )
    audit.put_on_record(Action.LOCAL_NAME_ADDED, by=by, role=role, subject=f"local name {added.pk}")
    return added


@transaction.atomic
def retire_local_name(local_name: LocalName, *, by: User, role: Role, at: datetime) -> None:
    """Read no further list by a name; one that is retired stays as it is."""
    in_use = LocalName.objects.filter(pk=local_name.pk, retired_at=None)
    if in_use.update(retired_at=at, retired_by=by, retired_by_name=by.display_name):
        audit.put_on_record(Action.LOCAL_NAME_RETIRED, by=by, role=role, subject=f"local name {local_name.pk}")
