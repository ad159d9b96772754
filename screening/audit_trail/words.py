"""What actions, pages and details of audit events are called: English here, translated where they are shown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import gettext, gettext_noop, ngettext

from screening.audit.actions import COMMAND_LINE, NOT_SIGNED_IN, Action
from screening.clinical.evaluation.decision import Fault
from screening.clinical.report.record import short_id_of
from screening.clinical.text.phrases import in_sentence

from .events import Event

ACTION_GROUPS: Mapping[str, Mapping[Action, str]] = {
    gettext_noop("Sign-in and accounts"): {
        Action.SIGNED_IN: gettext_noop("Signed in"),
        Action.SIGNED_OUT: gettext_noop("Signed out"),
        Action.SIGN_IN_REFUSED: gettext_noop("Sign-in failed"),
        Action.ACCESS_REFUSED: gettext_noop("Access refused"),
        Action.ACCOUNT_MADE: gettext_noop("Account created"),
        Action.ACCOUNT_CHANGED: gettext_noop("Account changed"),
        Action.ACCOUNT_MADE_AT_SIGN_IN: gettext_noop("Account created at the first single sign-on"),
        Action.ACCOUNT_ROLES_SET_BY_PROVIDER: gettext_noop("Roles set by single sign-on"),
        Action.ACCOUNT_LINK_MADE: gettext_noop("Password link created"),
        Action.ACCOUNT_PASSWORD_SET: gettext_noop("Password set"),
        Action.ACCOUNT_LANGUAGE_SET: gettext_noop("Language set"),
        Action.ACCOUNT_SESSIONS_ENDED: gettext_noop("Sessions ended"),
        Action.SECOND_FACTOR_ADDED: gettext_noop("Second factor added"),
        Action.SECOND_FACTOR_REMOVED: gettext_noop("Second factor removed"),
        Action.SECOND_FACTORS_RESET: gettext_noop("All second factors removed by an administrator"),
        Action.RECOVERY_CODES_MADE: gettext_noop("Recovery codes made"),
        Action.RECOVERY_CODE_USED: gettext_noop("Recovery code used"),
        Action.SESSION_ENDED: gettext_noop("Session ended"),
        Action.FORM_STORED: gettext_noop("Form stored after the session had ended"),
        Action.FORM_RELEASED: gettext_noop("Stored form opened"),
        Action.FORM_DISCARDED: gettext_noop("Stored form discarded"),
    },
    gettext_noop("Screenings"): {
        Action.SCREENING_RECORDED: gettext_noop("Screening recorded"),
        Action.SCREENING_SUPERSEDED: gettext_noop("Screening superseded by an amendment"),
        Action.SCREENING_VOIDED: gettext_noop("Screening marked as entered in error"),
        Action.SCREENING_READ: gettext_noop("Screening opened"),
        Action.SCREENING_PRINTED: gettext_noop("Summary printed"),
        Action.SCREENING_EXPORTED: gettext_noop("Summary downloaded"),
        Action.SCREENINGS_LISTED: gettext_noop("Screenings listed"),
        Action.SCREENINGS_SEARCHED: gettext_noop("Screenings searched by name or record number"),
        Action.LOOKS_LISTED: gettext_noop("Looks at a record listed"),
        Action.PURGE_REQUESTED: gettext_noop("Purge of old screenings requested"),
        Action.PURGE_CONFIRMED: gettext_noop("Purge of old screenings confirmed"),
        Action.PURGE_WITHDRAWN: gettext_noop("Purge of old screenings withdrawn"),
        Action.SCREENINGS_PURGED: gettext_noop("Old screenings purged"),
    },
    gettext_noop("Decisions"): {
        Action.DECISION_RECORDED: gettext_noop("Decision recorded"),
        Action.DECISION_REFUSED: gettext_noop("Decision refused"),
        Action.WORKLIST_LISTED: gettext_noop("Worklist opened"),
    },
    gettext_noop("Rules"): {
        Action.RULES_LOADED: gettext_noop("Rules imported"),
        Action.RULES_CHANGED: gettext_noop("Draft changed"),
        Action.RULES_PROPOSED: gettext_noop("Draft proposed"),
        Action.RULES_TAKEN_BACK: gettext_noop("Draft taken back"),
        Action.RULES_SENT_BACK: gettext_noop("Draft sent back"),
        Action.RULES_DISCARDED: gettext_noop("Draft discarded"),
        Action.EDITION_PUBLISHED: gettext_noop("Edition published"),
        Action.EDITION_REVIEWED: gettext_noop("Review of rules confirmed"),
        Action.EDITION_EXPORTED: gettext_noop("Edition exported"),
        Action.IMPACT_LISTED: gettext_noop("Call-back list downloaded"),
        Action.LOCAL_NAME_ADDED: gettext_noop("Local name of a medicine added"),
        Action.LOCAL_NAME_RETIRED: gettext_noop("Local name of a medicine retired"),
    },
    gettext_noop("Audit trail and safety"): {
        Action.AUDIT_LISTED: gettext_noop("Audit trail opened"),
        Action.AUDIT_EXPORTED: gettext_noop("Audit trail downloaded"),
        Action.SAFETY_READ: gettext_noop("Safety figures opened"),
        Action.SAFETY_EXPORTED: gettext_noop("Safety figures downloaded"),
    },
    gettext_noop("Operating the installation"): {
        Action.BACKUP_STARTED: gettext_noop("Backup started"),
    },
}
"""The label of every action, by the groups of the filter."""
ACTION_LABELS = {action: label for group in ACTION_GROUPS.values() for action, label in group.items()}

PAGES: Mapping[str, str] = {
    "screening_result": gettext_noop("Result"),
    "screening_decision": gettext_noop("Decision page"),
    "screening_print": gettext_noop("Print"),
    "screening_pdf": gettext_noop("PDF"),
    "screening_text": gettext_noop("Plain text"),
    "screening_others": gettext_noop("Other screenings of the record number"),
    "screening_looks": gettext_noop("Who looked at this record"),
    "screening_amend": gettext_noop("Amendment form"),
    "amend_medications": gettext_noop("Amendment form"),
    "screening_void": gettext_noop("Entered-in-error form"),
    "screening_new": gettext_noop("New screening"),
    "new_medications": gettext_noop("New screening"),
    "screening_transcribe": gettext_noop("Paper form"),
    "transcribe_medications": gettext_noop("Paper form"),
    "screening_list": gettext_noop("List of screenings"),
    "worklist": gettext_noop("Worklist"),
    "edition_file": gettext_noop("Edition file"),
    "draft_call_back": gettext_noop("Call-back list"),
    "audit_events": gettext_noop("Audit trail"),
    "audit_events_csv": gettext_noop("Audit trail as CSV"),
    "safety": gettext_noop("Safety figures"),
    "safety_rules_csv": gettext_noop("Safety figures as CSV"),
}
"""What a page is called in an event, by the name of its URL: every page whose opening is recorded."""
_ASKING = {"screening_new", "new_medications", "screening_transcribe", "transcribe_medications"}
"""Forms without a record. They show another one in the question for whom a record number was last used."""
_PAGES_OF_ACTIONS = {
    Action.SCREENING_READ: gettext_noop("Screening"),
    Action.SCREENING_PRINTED: PAGES["screening_print"],
    Action.SCREENING_EXPORTED: gettext_noop("PDF or plain text"),
    Action.SCREENINGS_LISTED: PAGES["screening_others"],
    Action.LOOKS_LISTED: PAGES["screening_looks"],
}
"""What is shown for events of earlier releases, which do not name their page."""
_REFUSED_FOR = {
    "role": gettext_noop("no role that decides"),
    "not-current": gettext_noop("the record was superseded or voided"),
    "decided-meanwhile": gettext_noop("somebody else decided meanwhile"),
}
_FAULTS = {
    Fault.DECISION_MISSING: gettext_noop("decision missing"),
    Fault.REASON_UNLISTED: gettext_noop("reason unlisted"),
    Fault.REASON_UNEXPECTED: gettext_noop("reason unexpected"),
    Fault.FOLLOWED_BUT_PRESCRIBED: gettext_noop("followed but prescribed"),
    Fault.TEXT_MISSING: gettext_noop("text missing"),
    Fault.NOT_ASKED_AGAIN: gettext_noop("not asked again"),
    Fault.OVERRIDE_NOT_CONFIRMED: gettext_noop("override not confirmed"),
    Fault.DATE_MISSING: gettext_noop("date missing"),
    Fault.DATE_NOT_AFTER_TODAY: gettext_noop("date not after today"),
    Fault.DATE_UNEXPECTED: gettext_noop("date unexpected"),
    Fault.PRODUCT_UNEXPECTED: gettext_noop("product unexpected"),
}
_SIGN_IN_REFUSED_FOR = {
    reason: reason
    for reason in (
        gettext_noop("too many attempts"),
        gettext_noop("account cannot sign in"),
        gettext_noop("passkey did not work"),
        gettext_noop("single sign-on"),
        gettext_noop("the account is disabled"),
        gettext_noop("wrong code"),
        gettext_noop("longest time reached"),
        gettext_noop("not used"),
        gettext_noop("clock set back"),
    )
}
"""Why a sign-in was refused or a session ended."""
_STATES = {"active": gettext_noop("active"), "disabled": gettext_noop("disabled")}
WITHOUT_ACCOUNT = {COMMAND_LINE: gettext_noop("command line"), NOT_SIGNED_IN: gettext_noop("not signed in")}
"""What is stored and shown instead of a user name."""
_SAID_BY_LABEL = {
    Action.ACCOUNT_MADE: {"role_given"},
    Action.ACCOUNT_MADE_AT_SIGN_IN: {"role_given"},
    Action.ACCOUNT_ROLES_SET_BY_PROVIDER: {"roles_before", "roles_after"},
    Action.ACCOUNT_CHANGED: {f"{name}_{when}" for name in ("roles", "state", "name") for when in ("before", "after")},
    Action.SCREENING_EXPORTED: {"format"},
    Action.SIGN_IN_REFUSED: {"reason"},
    Action.SESSION_ENDED: {"reason"},
}
REFUSALS = frozenset({Action.SIGN_IN_REFUSED, Action.ACCESS_REFUSED, Action.DECISION_REFUSED})
_NO_DETAILS: Mapping[str, Any] = MappingProxyType({})


class EventRow(NamedTuple):
    """An event as the table shows it; ``record`` is the id of a screening, ``subject`` any other subject."""

    event: Event
    person: str
    role: str
    page: str
    label: str
    is_refusal: bool
    details: str
    record: UUID | None
    subject: str
    address: str
    seal: str


def row_of(event: Event) -> EventRow:
    """Return an event in words."""
    record = _uuid_or_none(event.subject)
    return EventRow(
        event=event,
        person=_translated(event.actor_name, WITHOUT_ACCOUNT),
        role=gettext(event.actor_role) if event.actor_role else "",
        page=page_of(event),
        label=label_of(event),
        is_refusal=event.action in REFUSALS,
        details="; ".join(f"{name.replace('_', ' ')}: {_short(value)}" for name, value in _shown_details(event)),
        record=record,
        subject="" if record else event.subject,
        address=event.address or gettext("command line" if event.actor_name == COMMAND_LINE else "not known"),
        seal=f"{event.seal[:4]}-{event.seal[4:8]}" if event.seal else "",
    )


def label_of(event: Event) -> str:
    """Return what happened, with the page for access, and the reason for refusals and changed accounts."""
    label, details, why = ACTION_LABELS.get(_action_of(event)), _details_of(event), ""
    page = PAGES.get(str(details.get("page", "")))
    match event.action:
        case Action.SCREENING_READ | Action.SCREENINGS_LISTED if page:
            return gettext("{page} opened").format(page=page_of(event))
        case Action.SCREENING_EXPORTED if page:
            return gettext("{page} downloaded").format(page=gettext(page))
        case Action.ACCESS_REFUSED if page:
            why = in_sentence(gettext(page))
        case Action.SIGN_IN_REFUSED | Action.SESSION_ENDED:
            why = _translated(str(details.get("reason", "")), _SIGN_IN_REFUSED_FOR)
        case Action.DECISION_REFUSED:
            why = _decision_refused_for(str(details.get("why", "")))
        case Action.ACCOUNT_MADE:
            why = _roles(str(details.get("role_given", "")))
        case Action.ACCOUNT_MADE_AT_SIGN_IN:
            why = _roles(str(details.get("role_given", ""))) or gettext("no role")
        case Action.ACCOUNT_CHANGED | Action.ACCOUNT_ROLES_SET_BY_PROVIDER:
            why = ", ".join(_account_changes(details))
    words = gettext(label) if label else event.action
    return f"{words}: {why}" if why else words


def page_of(event: Event) -> str:
    """Return the page on which somebody looked at a record."""
    name = str(_details_of(event).get("page", ""))
    if event.action == Action.SCREENING_READ and name in _ASKING:
        return gettext("{page}, question about the record number").format(page=gettext(PAGES[name]))
    page = PAGES.get(name) or _PAGES_OF_ACTIONS.get(_action_of(event))
    return gettext(page) if page else event.action


def _action_of(event: Event) -> Any:
    """Return the action; the text itself if a later release recorded it."""
    return Action(event.action) if event.action in set(Action) else event.action


def _details_of(event: Event) -> Mapping[str, Any]:
    return event.details if isinstance(event.details, dict) else _NO_DETAILS


def _shown_details(event: Event) -> Iterator[tuple[str, Any]]:
    """Yield the details that the label does not say; empty ones are left out."""
    said = _SAID_BY_LABEL.get(_action_of(event), set[str]())
    for name, value in _details_of(event).items():
        if value != "" and name not in said and not (name == "page" and value in PAGES):
            yield name, value


def _short(value: Any) -> str:
    uuid = _uuid_or_none(str(value))
    return short_id_of(uuid) if uuid else str(value)


def _uuid_or_none(text: str) -> UUID | None:
    if len(text) != 36:
        return None
    try:
        return UUID(text)
    except ValueError:
        return None


def _decision_refused_for(codes: str) -> str:
    """Return the reason in words; ``codes`` is one reason, or the faults of the form with the rules they are of."""
    if codes in _REFUSED_FOR:
        return gettext(_REFUSED_FOR[codes])
    faults = Counter(each.split()[-1] for each in codes.split(", ") if each.strip())
    reasons = faults.pop("reason-missing", 0)
    missing = ngettext("{count} reason missing", "{count} reasons missing", reasons).format(count=reasons)
    return ", ".join([*([missing] if reasons else []), *map(_fault_in_words, faults)])


def _fault_in_words(fault: str) -> str:
    """Return a fault in words; it is the name of a field if the form did not check the decision as a whole."""
    return gettext(_FAULTS[Fault(fault)]) if fault in _FAULTS else fault.replace("-", " ").replace("_", " ")


def _account_changes(details: Mapping[str, Any]) -> Iterator[str]:
    for name in ("roles", "state", "name"):
        before, after = (str(details.get(f"{name}_{when}", "")) for when in ("before", "after"))
        if before == after:
            continue
        if name == "roles":
            none = gettext("none")
            roles = gettext("roles {before} → {after}")
            yield roles.format(before=_roles(before) or none, after=_roles(after) or none)
        elif name == "state":
            yield _translated(after, _STATES) or gettext("none")
        else:
            yield gettext("name")


def _roles(names: str) -> str:
    return ", ".join(gettext(each) for each in names.split(", ") if each)


def _translated(stored: str, words: Mapping[str, str]) -> str:
    """Translate a stored text if it is one of those that this release stores."""
    return gettext(words[stored]) if stored in words else stored
