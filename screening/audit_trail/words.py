"""What actions, pages and details of audit events are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from screening.audit.actions import COMMAND_LINE, Action
from screening.clinical.report.record import short_id_of
from screening.clinical.text.phrases import counted, in_sentence

from .events import Event

ACTION_GROUPS: Mapping[str, Mapping[Action, str]] = {
    "Sign-in and accounts": {
        Action.SIGNED_IN: "Signed in",
        Action.SIGNED_OUT: "Signed out",
        Action.SIGN_IN_REFUSED: "Sign-in failed",
        Action.ACCESS_REFUSED: "Access refused",
        Action.ACCOUNT_MADE: "Account created",
        Action.ACCOUNT_CHANGED: "Account changed",
        Action.ACCOUNT_MADE_AT_SIGN_IN: "Account created at the first single sign-on",
        Action.ACCOUNT_ROLES_SET_BY_PROVIDER: "Roles set by single sign-on",
        Action.ACCOUNT_LINK_MADE: "Password link created",
        Action.ACCOUNT_PASSWORD_SET: "Password set",
        Action.ACCOUNT_SESSIONS_ENDED: "Sessions ended",
        Action.SECOND_FACTOR_ADDED: "Second factor added",
        Action.SECOND_FACTOR_REMOVED: "Second factor removed",
        Action.SECOND_FACTORS_RESET: "All second factors removed by an administrator",
        Action.RECOVERY_CODES_MADE: "Recovery codes made",
        Action.RECOVERY_CODE_USED: "Recovery code used",
        Action.SESSION_ENDED: "Session ended",
        Action.FORM_STORED: "Form stored after the session had ended",
        Action.FORM_RELEASED: "Stored form opened",
        Action.FORM_DISCARDED: "Stored form discarded",
    },
    "Screenings": {
        Action.SCREENING_RECORDED: "Screening recorded",
        Action.SCREENING_SUPERSEDED: "Screening superseded by an amendment",
        Action.SCREENING_VOIDED: "Screening marked as entered in error",
        Action.SCREENING_READ: "Screening opened",
        Action.SCREENING_PRINTED: "Summary printed",
        Action.SCREENING_EXPORTED: "Summary downloaded",
        Action.SCREENINGS_LISTED: "Screenings listed",
        Action.SCREENINGS_SEARCHED: "Screenings searched by name or record number",
        Action.LOOKS_LISTED: "Looks at a record listed",
    },
    "Decisions": {
        Action.DECISION_RECORDED: "Decision recorded",
        Action.DECISION_REFUSED: "Decision refused",
        Action.WORKLIST_LISTED: "Worklist opened",
    },
    "Rules": {
        Action.RULES_LOADED: "Rules imported",
        Action.RULES_CHANGED: "Draft changed",
        Action.RULES_PROPOSED: "Draft proposed",
        Action.RULES_TAKEN_BACK: "Draft taken back",
        Action.RULES_SENT_BACK: "Draft sent back",
        Action.RULES_DISCARDED: "Draft discarded",
        Action.EDITION_PUBLISHED: "Edition published",
        Action.EDITION_REVIEWED: "Review of rules confirmed",
        Action.EDITION_EXPORTED: "Edition exported",
        Action.IMPACT_LISTED: "Call-back list downloaded",
        Action.LOCAL_NAME_ADDED: "Local name of a medicine added",
        Action.LOCAL_NAME_RETIRED: "Local name of a medicine retired",
    },
    "Audit trail and safety": {
        Action.AUDIT_LISTED: "Audit trail opened",
        Action.AUDIT_EXPORTED: "Audit trail downloaded",
        Action.SAFETY_READ: "Safety figures opened",
        Action.SAFETY_EXPORTED: "Safety figures downloaded",
    },
}
"""The label of every action, by the groups of the filter."""
ACTION_LABELS = {action: label for group in ACTION_GROUPS.values() for action, label in group.items()}

PAGES: Mapping[str, str] = {
    "screening_result": "Result",
    "screening_decision": "Decision page",
    "screening_print": "Print",
    "screening_pdf": "PDF",
    "screening_text": "Plain text",
    "screening_others": "Other screenings of the record number",
    "screening_looks": "Who looked at this record",
    "screening_amend": "Amendment form",
    "amend_medications": "Amendment form",
    "screening_void": "Entered-in-error form",
    "screening_new": "New screening",
    "new_medications": "New screening",
    "screening_transcribe": "Paper form",
    "transcribe_medications": "Paper form",
    "screening_list": "List of screenings",
    "worklist": "Worklist",
    "edition_file": "Edition file",
    "draft_call_back": "Call-back list",
    "audit_events": "Audit trail",
    "audit_events_csv": "Audit trail as CSV",
    "safety": "Safety figures",
    "safety_rules_csv": "Safety figures as CSV",
}
"""What a page is called in an event, by the name of its URL: every page whose opening is recorded."""
_ASKING = {"screening_new", "new_medications", "screening_transcribe", "transcribe_medications"}
"""Forms without a record. They show another one in the question for whom a record number was last used."""
_PAGES_OF_ACTIONS = {
    Action.SCREENING_READ: "Screening",
    Action.SCREENING_PRINTED: PAGES["screening_print"],
    Action.SCREENING_EXPORTED: "PDF or plain text",
    Action.SCREENINGS_LISTED: PAGES["screening_others"],
    Action.LOOKS_LISTED: PAGES["screening_looks"],
}
"""What is shown for events of earlier releases, which do not name their page."""
_REFUSED_FOR = {
    "role": "no role that decides",
    "not-current": "the record was superseded or voided",
    "decided-meanwhile": "somebody else decided meanwhile",
}
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
        label=label_of(event),
        is_refusal=event.action in REFUSALS,
        details="; ".join(f"{name.replace('_', ' ')}: {_short(value)}" for name, value in _shown_details(event)),
        record=record,
        subject="" if record else event.subject,
        address=event.address or (COMMAND_LINE if event.actor_name == COMMAND_LINE else "not known"),
        seal=f"{event.seal[:4]}-{event.seal[4:8]}" if event.seal else "",
    )


def label_of(event: Event) -> str:
    """Return what happened, with the page for access, and the reason for refusals and changed accounts."""
    label, details = ACTION_LABELS.get(_action_of(event), event.action), _details_of(event)
    page, why = PAGES.get(str(details.get("page", ""))), ""
    match event.action:
        case Action.SCREENING_READ | Action.SCREENINGS_LISTED if page:
            return f"{page_of(event)} opened"
        case Action.SCREENING_EXPORTED if page:
            return f"{page} downloaded"
        case Action.ACCESS_REFUSED if page:
            why = in_sentence(page)
        case Action.SIGN_IN_REFUSED | Action.SESSION_ENDED:
            why = str(details.get("reason", ""))
        case Action.DECISION_REFUSED:
            why = _decision_refused_for(str(details.get("why", "")))
        case Action.ACCOUNT_MADE:
            why = str(details.get("role_given", ""))
        case Action.ACCOUNT_MADE_AT_SIGN_IN:
            why = str(details.get("role_given", "")) or "no role"
        case Action.ACCOUNT_CHANGED | Action.ACCOUNT_ROLES_SET_BY_PROVIDER:
            why = ", ".join(_account_changes(details))
    return f"{label}: {why}" if why else label


def page_of(event: Event) -> str:
    """Return the page on which somebody looked at a record."""
    name = str(_details_of(event).get("page", ""))
    if event.action == Action.SCREENING_READ and name in _ASKING:
        return f"{PAGES[name]}, question about the record number"
    return PAGES.get(name) or _PAGES_OF_ACTIONS.get(_action_of(event), event.action)


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
        return _REFUSED_FOR[codes]
    faults = Counter(each.split()[-1] for each in codes.split(", ") if each.strip())
    reasons = faults.pop("reason-missing", 0)
    words = [counted(reasons, "reason missing", "reasons missing")] if reasons else []
    return ", ".join([*words, *(fault.replace("-", " ").replace("_", " ") for fault in faults)])


def _account_changes(details: Mapping[str, Any]) -> Iterator[str]:
    for name, words in (("roles", "roles {before} → {after}"), ("state", "{after}"), ("name", "name")):
        before, after = (str(details.get(f"{name}_{when}", "")) for when in ("before", "after"))
        if before != after:
            yield words.format(before=before or "none", after=after or "none")
