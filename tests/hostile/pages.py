"""Which pages are attacked more often than others, and which show what was stored."""

from __future__ import annotations

from screening.accounts.permissions import Role

MORE_OFTEN = {
    "screening_new": 9,
    "screening_amend": 5,
    "screening_transcribe": 4,
    "screening_decision": 6,
    "screening_void": 2,
    "screening_list": 3,
    "new_medications": 2,
    "medication_check": 2,
    "edition_review": 2,
    "local_name_add": 4,
    "rule_edit": 6,
    "rule_add": 4,
    "follow_up_add": 4,
    "follow_up_edit": 3,
    "draft_texts": 3,
    "case_add": 3,
    "case_edit": 2,
    "draft_propose": 3,
    "draft_send_back": 2,
    "draft_publish": 3,
    "draft_import": 3,
    "draft_republish": 2,
    "draft_preview_form": 2,
    "audit_events": 3,
    "safety": 2,
    "admin:screening_user_add": 4,
    "admin:screening_user_change": 4,
    "account_login": 2,
}
SHOWN_TO = {
    Role.PRESCRIBER: (
        "/screenings/",
        "/screenings/{uuid}/",
        "/screenings/{uuid}/print/",
        "/screenings/{uuid}/summary.txt",
        "/screenings/{uuid}/summary.txt?charset=ascii",
        "/screenings/{uuid}/summary.pdf",
        "/screenings/{uuid}/others/",
        "/screenings/{uuid}/looks/",
        "/worklist/",
        "/screenings/new/",
        "/editions/",
        "/editions/local-names/",
        "/draft/impact/",
        "/draft/impact/newly-flagged.csv",
    ),
    Role.EDITOR: (
        "/draft/",
        "/draft/history/",
        "/draft/compare/",
        "/draft/cases/",
        "/draft/texts/",
        "/draft/rules/pregnancy/",
        "/draft/preview/form/",
        "/draft/preview/result/",
        "/draft/preview/print/",
    ),
    Role.AUDITOR: ("/audit/", "/audit/events.csv", "/safety/", "/safety/rules.csv"),
    Role.ADMINISTRATOR: (
        "/admin/screening/user/",
        "/admin/screening/user/{account}/change/",
        "/admin/screening/user/{account}/history/",
    ),
}
"""The pages and files that show what was stored."""
SLOW = {"screening_pdf", "blank_form", "edition_file"}
ENDS_A_SESSION = {"account_logout", "admin:logout", "admin:password_change"}
NOT_STORED = {"account_login", "screening_list", "new_medications", "amend_medications", "transcribe_medications"} | {
    "medication_check",
    "draft_preview_form",
    "draft_start",
    "rule_move",
    "follow_up_move",
    "draft_take_back",
}
"""Addresses that redirect without storing a text."""
