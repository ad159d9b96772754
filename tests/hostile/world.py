"""The people, records and drafts under attack, and the forms that pages offer."""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random
from typing import Any, NamedTuple
from urllib.parse import urljoin, urlsplit

from django.core.cache import cache
from django.test import Client
from django.utils import timezone
from lxml import html

from screening.accounts.permissions import Role
from screening.drafts import actions
from screening.medications import actions as medication_actions
from screening.models import Edition, LocalName, PurgeRequest, RuleSet, Screening
from screening.operations.actions import withdraw_purge
from tests.accounts import ACCOUNTS
from tests.drafts import acting
from tests.factories import CURRENT_OPIOID, EditionFactory, ScreeningFactory, UserFactory
from tests.integration.accounts.test_admin_access import PAGES
from tests.integration.accounts.test_permissions import EXPECTATIONS
from tests.purges import purge_requested
from tests.rules import rules_with_two_more

Fields = dict[str, list[str]]
NEEDS_NO_DRAFT = {"draft_start", "draft_republish", "draft_import"}
NEEDS_PROPOSAL = {"draft_publish", "draft_send_back", "draft_take_back"}
TEXT_TYPES = {"text", "search", "url", "email", "tel", "number", "date"}


class Target(NamedTuple):
    """An address under attack and the roles that may use it; what is in braces varies."""

    name: str
    address: str
    roles: tuple[Role, ...]
    is_posted_to: bool


@dataclass
class PageForm:
    """What a form on a page sends, and how its fields can be filled in."""

    fields: Fields
    texts: list[str] = field(default_factory=list)
    choices: dict[str, list[str]] = field(default_factory=dict)

    @property
    def shown_texts(self) -> frozenset[str]:
        """The names of its text fields, without those of rows that scripts add."""
        return frozenset(name for name in self.texts if "__prefix__" not in name)


def targets() -> list[Target]:
    """Return every address for which the tests of permissions have an expectation, and those of the admin site."""
    own = [
        Target(name, each.address, tuple(each.roles), each.statuses.get("POST") != 405)
        for name, each in EXPECTATIONS.items()
    ]
    admin = [
        Target(f"admin:{name}", page.replace(f"{ACCOUNTS}1/", f"{ACCOUNTS}{{account}}/"), (Role.ADMINISTRATOR,), True)
        for name, page in PAGES.items()
    ]
    return [*own, *admin]


class World:
    """One person of each role, a few records, and what the addresses need to be reached."""

    def __init__(self, rng: Random) -> None:
        self.rng = rng
        EditionFactory()
        EditionFactory(definition=rules_with_two_more(), change_note="Asks more")
        self.people = {role: UserFactory(role=role, username=f"the-{role.value}") for role in Role}
        self.exported = self.sign_in(Role.EDITOR).get("/editions/1/edition.json").content
        self.account = UserFactory(username="another")
        self.clients = {role: self.sign_in(role) for role in Role}
        self.records = [
            ScreeningFactory(by=self.people[Role.CLINICIAN]),
            ScreeningFactory(by=self.people[Role.CLINICIAN], taking_opioid=True, listed=CURRENT_OPIOID),
            ScreeningFactory(by=self.people[Role.PRESCRIBER], all_flagged=True),
        ]

    def sign_in(self, role: Role) -> Client:
        """Return a new client on which the person with a role is signed in."""
        client = Client(raise_request_exception=False)
        client.force_login(self.people[role])
        return client

    def reset_access(self, role: Role) -> None:
        """Let the person with a role in again, after an attack that ended the session or disabled the account."""
        self.clients[role] = self.sign_in(role)
        cache.clear()  # the throttling of attempts

    def record(self) -> Screening:
        """Return a record; most are current, so that they can be corrected and decided on."""
        rows = Screening.objects.order_by("-pk")
        if self.rng.random() < 0.9:
            rows = rows.filter(void=None, superseded_by=None)
        recent = list(rows[:8])
        if len(recent) < 2:
            recent.append(ScreeningFactory(by=self.people[Role.CLINICIAN], taking_opioid=True))
        return self.rng.choice(recent)

    def local_name(self) -> LocalName:
        """Return a local name that is in use."""
        name: dict[str, Any] = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "The label"}
        found = LocalName.objects.filter(name="Zorbelan").order_by("-pk").first()
        return found or medication_actions.add_local_name(**name, **acting(self.people[Role.EDITOR]))

    def purge(self) -> PurgeRequest:
        """Return a purge, open and requested by somebody else most of the time."""
        found = PurgeRequest.objects.order_by("-pk").first()
        if found is None or found.by == self.people[Role.ADMINISTRATOR] or self.rng.random() < 0.5:
            for each in PurgeRequest.objects.open(timezone.now()):
                withdraw_purge(each, **acting(self.account))
            return purge_requested(by=self.account)
        return found

    def address(self, target: Target) -> str:
        """Return the address of a target, with what it needs."""
        if target.address.startswith("/draft/"):
            self.prepare_draft(target.name)
        address = target.address
        if "{uuid}" in address:
            return address.format(uuid=self.record().uuid)
        if "{name}" in address:
            return address.format(name=self.local_name().pk)
        if "{purge}" in address:
            return address.format(purge=self.purge().pk)
        return address.format(account=self.account.pk) if "{account}" in address else address

    def prepare_draft(self, name: str) -> None:
        """Start, propose or discard a draft, as a page of the draft needs it."""
        by = acting(self.people[Role.EDITOR])
        draft = RuleSet.objects.draft()
        if name in NEEDS_NO_DRAFT:
            if draft and self.rng.random() < 0.8:
                actions.discard_draft(draft, **by)
            return
        if draft and not draft.rules.filter(link_id="pregnancy", follow_ups__link_id="status").exists():
            actions.discard_draft(draft, **by)
            draft = None
        if draft is None:
            edition = next(each for each in Edition.objects.order_by("-pk") if _has_the_usual_rules(each))
            draft = actions.start_draft(edition, **by)
        if name in NEEDS_PROPOSAL and draft.proposed_at is None:
            self.propose(draft)
        elif name not in NEEDS_PROPOSAL and draft.proposed_at is not None:
            actions.take_back(draft, **by)

    def propose(self, draft: RuleSet) -> None:
        """Propose a draft with a changed text; one that has faults is left as it is."""
        by = acting(self.people[Role.EDITOR])
        try:
            actions.change_texts(draft, {"basis": f"Basis {self.rng.random()}."}, revision=draft.revision, **by)
            draft.refresh_from_db()
            actions.propose(draft, change_note="Another basis", **by)
        except Exception:
            draft.refresh_from_db()


def _has_the_usual_rules(edition: Edition) -> bool:
    return any(
        item.link_id == "pregnancy" and any(each.link_id == "status" for each in item.follow_ups)
        for item in edition.definition.items
    )


def forms_on(page: Any, address: str) -> list[PageForm]:
    """Return the forms of a page that are sent to an address."""
    if not page.headers["Content-Type"].startswith("text/html") or not page.content:
        return []
    found = []
    for form in html.fromstring(page.content.decode()).xpath("//form"):
        if form.get("id") == "sign-out" or form.method != "POST":
            continue
        sent_to = {form.get("action") or address, *form.xpath(".//@formaction")}
        if address in {urlsplit(urljoin(address, each)).path for each in sent_to}:
            found.append(_read(form))
    return found


def _read(form: Any) -> PageForm:
    found = PageForm({})
    for name, value in form.form_values():
        if name != "csrfmiddlewaretoken":
            found.fields.setdefault(name, []).append(value.removeprefix("\n"))
    for each in form.xpath(".//input | .//textarea"):
        kind = each.get("type", "text") if each.tag == "input" else "text"
        if kind in TEXT_TYPES and each.get("name"):
            found.texts.append(each.get("name"))
        elif kind in {"radio", "checkbox"} and each.get("name"):
            found.choices.setdefault(each.get("name"), []).append(each.get("value", "on"))
    for each in form.xpath(".//select"):
        found.choices[each.get("name")] = each.value_options
    for each in form.xpath(".//button[@name]"):
        found.choices.setdefault(each.get("name"), []).append(each.get("value", ""))
    return found
