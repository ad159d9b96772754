"""The verbs: everything that is written, except audit events, is written here, each in one transaction."""

from .accounts import make_account, make_roles, set_password
from .draft_rows import AnotherDraftIsOpen, LinkIdTaken, NotOpen, NotProposed, NotToBeEdited
from .drafts import (
    add_rule,
    change_texts,
    discard_draft,
    load_rules,
    move_rule,
    remove_case,
    retire_rule,
    settle_case,
    settle_rule,
    start_draft,
)
from .editions import (
    ChangedSince,
    OwnDraft,
    UnknownRule,
    draft_hash,
    propose,
    publish,
    send_back,
    sign_review,
    take_back,
)
from .local_names import add_local_name, retire_local_name
from .screenings import NoLongerStands, RecordedWithOtherContent, record_screening, void_screening

__all__ = [
    "AnotherDraftIsOpen",
    "ChangedSince",
    "LinkIdTaken",
    "NoLongerStands",
    "NotOpen",
    "NotProposed",
    "NotToBeEdited",
    "OwnDraft",
    "RecordedWithOtherContent",
    "UnknownRule",
    "add_local_name",
    "add_rule",
    "change_texts",
    "discard_draft",
    "draft_hash",
    "load_rules",
    "make_account",
    "make_roles",
    "move_rule",
    "propose",
    "publish",
    "record_screening",
    "remove_case",
    "retire_local_name",
    "retire_rule",
    "send_back",
    "set_password",
    "settle_case",
    "settle_rule",
    "sign_review",
    "start_draft",
    "take_back",
    "void_screening",
]
