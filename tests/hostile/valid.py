"""Values with which each form is accepted, beside those that its page already holds."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile

from screening.clinical.text.json_errors import content_hash
from screening.models import Case, FollowUp, Screening
from tests.accounts import NEW_ACCOUNT
from tests.factories import PASSWORD
from tests.integration.drafts.test_rule_form import NEW_RULE
from tests.pages import CLEAR_FORM

from .payloads import KINDS
from .world import Fields, PageForm, World

PATIENT = {
    name: value
    for name, value in CLEAR_FORM.items()
    if "-" not in name and name not in {"pregnancy", "breastfeeding"}
}
Values = Callable[[World, PageForm, str], dict[str, Any]]


def _patient(world: World, form: PageForm, address: str) -> dict[str, Any]:
    number = f"DEMO-{world.rng.randrange(10**6):06}"
    answers = {name: "no" for name, values in form.choices.items() if {"yes", "no"} <= set(values)}
    for name in answers:
        if world.rng.random() < 0.25:
            answers[name] = world.rng.choice(["yes", "unknown"])
    medications = {"medications": "Percocet 5/325\nMetformin"} if world.rng.random() < 0.3 else {}
    return PATIENT | {"record_number": number} | answers | medications


def _amendment(world: World, form: PageForm, address: str) -> dict[str, Any]:
    return _patient(world, form, address) | {"amendment_reason": "The dose was remembered wrongly"}


def _paper(world: World, form: PageForm, address: str) -> dict[str, Any]:
    at = datetime.now().astimezone() - timedelta(hours=2)
    paper = {"paper_completed_at": at.strftime("%Y-%m-%d %H:%M"), "paper_completed_by": "Sample Nurse"}
    return _patient(world, form, address) | paper


def _void(world: World, form: PageForm, address: str) -> dict[str, Any]:
    record = Screening.objects.get(uuid=address.split("/")[2])
    return {"void_reason": "The wrong patient was chosen", "confirmation": record.short_id}


def _decision(world: World, form: PageForm, address: str) -> dict[str, Any]:
    reasons = {
        name: world.rng.choice([each for each in values if each])
        for name, values in form.choices.items()
        if name.endswith(".reason")
    }
    texts = {name: "Talked it over with the patient" for name in form.texts if name.endswith(".reason-text")}
    again = {name: "unchanged" for name in form.choices if name.endswith(".reconfirmed")}
    return reasons | texts | again | {"decision": world.rng.choice(["do-not-prescribe", "refer", "more-information"])}


def _rule(world: World, form: PageForm, address: str) -> dict[str, Any]:
    new = {name.replace("__", "-"): value for name, value in NEW_RULE.items()}
    return new | {"link_id": f"rule-{world.rng.randrange(10**6)}"}


def _follow_up(world: World, form: PageForm, address: str) -> dict[str, Any]:
    return {"label": "Which week?", "name": "Week", "link_id": f"week-{world.rng.randrange(10**6)}", "kind": "text"}


def _case(world: World, form: PageForm, address: str) -> dict[str, Any]:
    return {
        "words": f"Pregnant and taking tramadol, {world.rng.randrange(10**6)}.",
        "answer-pregnancy": "yes",
        "answer-opioid-use": "yes",
        "otherwise": "no",
        "outcome": "contraindication_flagged",
        "flagged": ["opioid-use", "pregnancy"],
    }


def _review(world: World, form: PageForm, address: str) -> dict[str, Any]:
    rules = form.choices.get("rules") or ["pregnancy"]
    next_review = f"1 Nov {datetime.now().astimezone().year + 1}"
    return {
        "rules": [world.rng.choice(rules)],
        "next_review": next_review,
        "confirmation": "on",
        "note": "Compared with the label",
    }


def _local_name(world: World, form: PageForm, address: str) -> dict[str, Any]:
    letters = "".join(world.rng.choices("bcdfghklmnprtvz", k=9))
    return {"name": letters, "ingredient": "oxycodone", "note": "Label of the bottle"}


def _account(world: World, form: PageForm, address: str) -> dict[str, Any]:
    return NEW_ACCOUNT | {"username": f"person-{world.rng.randrange(10**6)}"}


def _remove_case(world: World, form: PageForm, address: str) -> dict[str, Any]:
    case = Case.objects.filter(rule_set__is_open=True).first()
    return {"row": case.pk, "seen": case.revision} if case else {}


def _remove_follow_up(world: World, form: PageForm, address: str) -> dict[str, Any]:
    found = FollowUp.objects.filter(rule__rule_set__is_open=True, rule__link_id="pregnancy", link_id="status").first()
    return {"row": found.rule_id, "seen": found.rule.revision, "detail": found.pk} if found else {}


VALID: dict[str, Values] = {
    "account_login": lambda world, form, address: {"login": "the-clinician", "password": PASSWORD},
    "screening_list": lambda world, form, address: {"q": "Sample"},
    "screening_new": _patient,
    "new_medications": _patient,
    "screening_amend": _amendment,
    "amend_medications": _amendment,
    "screening_transcribe": _paper,
    "transcribe_medications": _paper,
    "medication_check": lambda world, form, address: {"medications": "Percocet 5/325"},
    "screening_void": _void,
    "screening_decision": _decision,
    "edition_review": _review,
    "local_name_add": _local_name,
    "purge_new": lambda world, form, address: {"before": "1 Jan 2016", "reason": "Kept for ten years"},
    "purge_confirm": lambda world, form, address: {"confirmation": "1 Jan 2016"},
    "draft_start": lambda world, form, address: {"edition": "1"},
    "draft_republish": lambda world, form, address: {"change_note": "Published again"},
    "draft_propose": lambda world, form, address: {"change_note": "Another basis"},
    "draft_send_back": lambda world, form, address: {"comment": "Say more about the sources"},
    "rule_add": _rule,
    "rule_move": lambda world, form, address: {"direction": world.rng.choice(["up", "down"])},
    "follow_up_move": lambda world, form, address: {"direction": world.rng.choice(["up", "down"])},
    "follow_up_add": _follow_up,
    "follow_up_remove": _remove_follow_up,
    "case_add": _case,
    "case_remove": _remove_case,
    "draft_preview_form": _patient,
    "admin:screening_user_add": _account,
    "admin:password_change": lambda world, form, address: {
        "old_password": PASSWORD,
        "new_password1": "x",
        "new_password2": "y",
    },
}


def valid_fields(world: World, name: str, form: PageForm, address: str) -> Fields:
    """Return the fields with which a form is accepted, or nearly: those on its page and those of VALID."""
    more = VALID[name](world, form, address) if name in VALID else {}
    return form.fields | {
        key: list(value) if isinstance(value, list) else [str(value)] for key, value in more.items()
    }


def hostile_file(world: World, mark: str) -> SimpleUploadedFile:
    """Return an exported edition in which one value is hostile; its hash often fits."""
    rng = world.rng
    plain = json.loads(world.exported)
    value = rng.choice(KINDS)(rng, mark)
    place, key = rng.choice(list(_places(plain["rules"])))
    place[key] = (
        rng.choice([value, [value], {value: value}, None, 10**30, -1, True, value * 50])
        if rng.random() < 0.4
        else value
    )
    if rng.random() < 0.9:
        rules = json.dumps(plain["rules"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        plain["sha256"] = content_hash(rules)
    content = json.dumps(plain)
    if rng.random() < 0.2:
        content = rng.choice(
            [
                "[" * 5000 + "]" * 5000,
                '{"a":' * 3000 + "1" + "}" * 3000,
                content[: len(content) // 2],
                "\ufeff" + content,
                '{"rules": 1, "rules": 2}',
                "1e999",
                "NaN",
                '"\\ud800"',
                content + "x",
            ]
        )
    name = rng.choice(
        [
            "edition.json",
            f"../../{mark}.json",
            f"{mark}\r\nX: y",
            f"<{mark}>.json",
            "a\u202enosj.exe",
            "x" * 300,
            "..a",
            "con",
        ]
    )
    return SimpleUploadedFile(
        name, content.encode("utf-8", "surrogatepass"), rng.choice(["application/json", "text/html", "x"])
    )


def _places(plain: Any) -> Any:
    entries = plain.items() if isinstance(plain, dict) else enumerate(plain)
    for key, value in entries:
        yield plain, key
        if isinstance(value, dict | list):
            yield from _places(value)
