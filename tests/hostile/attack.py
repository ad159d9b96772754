"""A run of hostile posts and queries by one seed, and what it found."""

from __future__ import annotations

import time
from collections.abc import Iterator
from random import Random
from typing import Any, NamedTuple
from urllib.parse import quote, urlencode

from django.db import transaction
from django.test import Client
from django.test.client import BOUNDARY, MULTIPART_CONTENT, encode_multipart

from screening.accounts.permissions import Role
from screening.models import Screening, User

from .checks import faults_of_file, faults_of_not_stored, faults_of_refusal, faults_of_response, faults_of_stored
from .pages import ENDS_A_SESSION, MORE_OFTEN, NOT_STORED, SHOWN_TO, SLOW
from .payloads import KINDS, MARKS, MASS_ASSIGNMENT, STORABLE, Payload
from .tally import Tally
from .valid import hostile_file, valid_fields
from .world import Fields, PageForm, Target, World, forms_on, targets

TOUR_EVERY = 50
URLENCODED = "application/x-www-form-urlencoded"
QUERIES = (
    "outcome",
    "decision",
    "from",
    "to",
    "after",
    "id",
    "show",
    "person",
    "action",
    "record",
    "edition",
    "paper",
    "charset",
    "next",
    "rule",
    "answer",
    "q",
    "page",
    "e",
    "o",
    "p",
    "all",
    "_popup",
    "_to_field",
    "_changelist_filters",
)


class Sent(NamedTuple):
    """A request that was sent: how it is named in a report, its response, its duration and its hostile texts.

    ``fields`` names those that were typed into text fields.
    """

    label: str
    response: Any
    seconds: float
    typed: dict[str, str]
    fields: frozenset[str] = frozenset()


class Attack:
    """Sends hostile requests, all of them chosen by one seed."""

    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)
        self.world = World(self.rng)
        self.tally = Tally(seed)
        self.targets = targets()
        self.weights = [MORE_OFTEN.get(each.name, 0.3 if each.name in SLOW else 1) for each in self.targets]
        self.screened_by: dict[str, User] = {}

    def run(self, requests: int) -> Tally:
        """Send this many more requests."""
        began, sent = time.perf_counter(), self.tally.requests
        for number in range(sent, sent + requests):
            with transaction.atomic():
                self._send_one(f"mk0{self.tally.seed:x}z{number:x}z")
                transaction.set_rollback(bool(self.tally.faults) and self.tally.faults[-1].startswith(f"{number}:"))
            if number % TOUR_EVERY == TOUR_EVERY - 1:
                self._look_around(number)
        self.tally.seconds += time.perf_counter() - began
        return self.tally

    def _look_around(self, number: int) -> None:
        """Open the pages and files on which the stored texts are shown."""
        self.world.prepare_draft("draft_detail")
        record = Screening.objects.order_by("-pk").first()
        for role, addresses in SHOWN_TO.items():
            client = self.world.sign_in(role)
            for address in addresses:
                shown = address.format(uuid=record and record.uuid, account=self.world.account.pk)
                response = client.get(shown)
                self.tally.looks += 1
                faults = [*faults_of_response(response, 0, MARKS), *faults_of_file(response)]
                if response.status_code not in {200, 302, 422}:  # 302 from a draft that cannot be edited
                    faults.append(f"status {response.status_code}")
                self.tally.faults += [f"{number}, looking at {shown}: {fault}" for fault in faults]

    def _send_one(self, mark: str) -> None:
        (target,) = self.rng.choices(self.targets, self.weights)
        role = self._role(target)
        client = self.world.clients[role] if role else Client(raise_request_exception=False)
        address = self.world.address(target)
        ways = [self._post_form, self._query, self._odd_request, self._odd_address]
        (way,) = self.rng.choices(ways, [70, 18, 7, 5])
        if way == self._post_form and not target.is_posted_to:
            way = self._query
        sent = way(client, target, address, mark)
        self._check(sent, mark, target)
        if role and (target.name in ENDS_A_SESSION or sent.response.status_code in {302, 403, 429}):
            self._let_in_again(role, target, sent)

    def _role(self, target: Target) -> Role | None:
        chance = self.rng.random()
        if chance < 0.04:
            return None
        if chance < 0.12 or not target.roles:
            return self.rng.choice(list(Role))
        return self.rng.choice(sorted(target.roles))

    def _let_in_again(self, role: Role, target: Target, sent: Sent) -> None:
        is_out = sent.response.headers.get("Location", "").startswith("/accounts/login/")
        if is_out or target.name in ENDS_A_SESSION or sent.response.status_code == 429:
            self.world.reset_access(role)

    # Ways of attacking ----------------------------------------------------------------------------------------

    def _post_form(self, client: Client, target: Target, address: str, mark: str) -> Sent:
        forms = forms_on(client.get(address), address)
        form = self.rng.choice(forms) if forms else PageForm({})
        fields = valid_fields(self.world, target.name, form, address)
        typed = self._make_hostile(fields, form, mark)
        label = f"POST {target.name} with {sorted(typed)}"
        if target.name == "draft_import" or self.rng.random() < 0.02:
            name = "edition_file" if target.name == "draft_import" else self.rng.choice(["file", mark])
            data = {**fields, name: hostile_file(self.world, mark)}
            typed = {}
            return self._timed(label, lambda: client.post(address, data), typed)
        if self.rng.random() < 0.5:
            body = encode_multipart(BOUNDARY, _encodable(fields))
            sent = self._timed(label, lambda: client.generic("POST", address, body, MULTIPART_CONTENT), typed)
            return sent._replace(fields=form.shown_texts)
        urlencoded = urlencode(_encodable(fields), doseq=True)
        if self.rng.random() < 0.03:
            urlencoded += self.rng.choice(
                ["&x=%ED%A0%80", "&%00=1", "&a=%FF", "&=", "&&&", "&x=%", "&" + "y=1&" * 1100]
            )
            typed = {}
        sent = self._timed(label, lambda: client.generic("POST", address, urlencoded, URLENCODED), typed)
        return sent._replace(fields=form.shown_texts)

    def _make_hostile(self, fields: Fields, form: PageForm, mark: str) -> dict[str, str]:
        """Change one to three fields, and now and then add some; return the texts that were typed in."""
        typed: dict[str, str] = {}
        texts = [name for name in form.texts if name in fields] or [
            name for name in fields if name not in form.choices
        ]
        names = texts if texts and self.rng.random() < 0.85 else list(fields)
        for name in self.rng.sample(names, min(len(names), self.rng.randint(1, 3))):
            value = self._payload()(self.rng, f"{mark}{len(typed)}")
            fields[name] = [value]
            typed[name] = value
        if self.rng.random() < 0.12:
            for name in self.rng.sample(MASS_ASSIGNMENT, 2):
                fields.setdefault(name, [self.rng.choice(["1", "on", "true", mark, "the-admin", "prescriber"])])
        if self.rng.random() < 0.04:
            fields[self._payload()(self.rng, mark)[:300]] = ["1"]
        if fields and self.rng.random() < 0.06:
            name = self.rng.choice(list(fields))
            fields[name] = fields[name] * 2
        if fields and self.rng.random() < 0.04:
            left_out = self.rng.choice(list(fields))
            del fields[left_out]
            typed.pop(left_out, None)
        return typed

    def _payload(self) -> Payload:
        return self.rng.choice(STORABLE if self.rng.random() < 0.6 else KINDS)

    def _query(self, client: Client, target: Target, address: str, mark: str) -> Sent:
        names = self.rng.sample(QUERIES, self.rng.randint(1, 3))
        query = [(name, self._payload()(self.rng, mark)) for name in names]
        text = urlencode([(name, value[:3000].encode("utf-8", "surrogatepass")) for name, value in query])
        text += self.rng.choice([""] * 9 + ["&%00", "&a=%ED%A0%80", "&after=%FF", "&x=" * 500])
        label = f"GET {target.name}?{text[:200]}"
        return self._timed(label, lambda: client.get(f"{address}?{text}"), {})

    def _odd_request(self, client: Client, target: Target, address: str, mark: str) -> Sent:
        method = self.rng.choice(
            ["POST", "POST", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD", "TRACE", f"X{mark}", "get"]
        )
        kind = self.rng.choice(
            [
                "application/json",
                "text/plain",
                "text/html",
                "multipart/form-data",
                "multipart/form-data; boundary=",
                f"multipart/form-data; boundary={mark}",
                URLENCODED,
                f"{URLENCODED}; charset=utf-16",
                f"{URLENCODED}; charset={mark}",
                "application/xml",
                "",
                "x",
                f"{URLENCODED}; charset=utf-8; charset=hex",
                "multipart/form-data; boundary=" + "b" * 300,
            ]
        )
        body = self._odd_body(mark)
        headers = self.rng.choice(
            [
                {},
                {"x-forwarded-host": f"{mark}.example"},
                {"host": f"{mark}.example"},
                {"x-forwarded-for": f"<{mark}>"},
                {"accept-language": f"<{mark}>"},
                {"referer": f"//{mark}"},
                {"x-http-method-override": "DELETE"},
                {"cookie": f"ldn_session={mark}; ldn_csrf=<{mark}>"},
                {"range": "bytes=0-1"},
                {"x-request-id": mark},
            ]
        )
        label = f"{method} {target.name} as {kind!r}"
        return self._timed(label, lambda: client.generic(method, address, body, kind, headers=headers), {})

    def _odd_body(self, mark: str) -> bytes:
        return self.rng.choice(
            [
                b"",
                b"{}",
                b"[" * 9999,
                f"--{mark}\r\n\r\n".encode(),
                b"\xff\xfe\x00",
                f"a={mark}".encode(),
                b"&" * 5000,
                f'--{mark}\r\nContent-Disposition: form-data; name="{mark}"; filename="../x"\r\n\r\nx'.encode(),
                b"<!DOCTYPE x [<!ENTITY y SYSTEM 'file:///etc/passwd'>]><x>&y;</x>",
                b"%" * 999,
                b"a=" + b"b" * 9_000_000,
            ]
        )

    def _odd_address(self, client: Client, target: Target, address: str, mark: str) -> Sent:
        parts = address.strip("/").split("/")
        place = self.rng.randrange(len(parts))
        value = self._payload()(self.rng, mark)[:2000]
        parts[place] = quote(value.encode("utf-8", "surrogatepass"), safe="/" if self.rng.random() < 0.3 else "")
        changed = (
            "/"
            + "/".join(parts)
            + self.rng.choice(["/", "", "//", "/%00", "/%FF", "/..;/", "/%0d%0aX-Injected:%20y"])
        )
        return self._timed(f"GET {changed[:200]}", lambda: client.get(changed), {})

    def _timed(self, label: str, send: Any, typed: dict[str, str]) -> Sent:
        began = time.perf_counter()
        response = send()
        return Sent(label, response, time.perf_counter() - began, typed)

    # What must hold -------------------------------------------------------------------------------------------

    def _check(self, sent: Sent, mark: str, target: Target) -> None:
        tally, response = self.tally, sent.response
        number = tally.requests
        tally.requests += 1
        tally.statuses[response.status_code] += 1
        tally.slowest = max(tally.slowest, (sent.seconds, sent.label[:80]))
        is_post = response.wsgi_request.method == "POST"
        tally.posts += is_post
        faults = list(faults_of_response(response, sent.seconds, mark))
        if response.status_code < 500 and is_post:
            faults += self._faults_of_post(sent, mark, target)
        tally.faults += [f"{number}: {sent.label}: {fault}" for fault in faults]

    def _faults_of_post(self, sent: Sent, mark: str, target: Target) -> Iterator[str]:
        response = sent.response
        location = response.headers.get("Location", "")
        if response.status_code == 422:
            yield from faults_of_refusal(response, {n: t for n, t in sent.typed.items() if n in sent.fields})
        is_accepted = response.status_code == 302 and not location.startswith("/accounts/login/")
        if is_accepted:
            self.tally.stored += 1
        if is_accepted and sent.typed:
            yield from faults_of_stored(mark, sent.typed.values())
        if is_accepted and sent.fields and target.name not in NOT_STORED:
            yield from faults_of_not_stored(mark, [t for n, t in sent.typed.items() if n in sent.fields])
        yield from self._faults_of_access(response)

    def _faults_of_access(self, response: Any) -> Iterator[str]:
        """Yield rights that somebody gained, and records in another's name."""
        if User.objects.filter(is_superuser=True).exists() or User.objects.filter(is_staff=True).exists():
            yield "somebody became superuser or staff"
        if response.status_code != 302 or not response.headers["Location"].startswith("/screenings/"):
            return
        latest = Screening.objects.order_by("-pk").select_related("screened_by").first()
        if latest and str(latest.uuid) in response.headers["Location"] and str(latest.uuid) not in self.screened_by:
            self.screened_by[str(latest.uuid)] = latest.screened_by
            sender = response.wsgi_request.user
            if response.wsgi_request.path.startswith("/screenings/new/") and latest.screened_by != sender:
                yield f"screened by {latest.screened_by}, sent by {sender}"


def _encodable(fields: Fields) -> Fields:
    """Return fields without lone surrogates, which no client can encode."""
    return {
        name.encode("utf-8", "replace").decode(): [value.encode("utf-8", "replace").decode() for value in values]
        for name, values in fields.items()
    }
