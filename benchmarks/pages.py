"""Processor time in this process: of every page, by Django's test client, and of the clinical core alone."""

import csv
import gc
import time
import timeit
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db import connection
from django.test import Client

from benchmarks.people import opioid_form, signed_in
from benchmarks.report import Figure
from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import evaluate
from screening.models import Case, Rule
from tests.drafts import address
from tests.edit_pages import changed, form_data_of, page_of, save
from tests.factories import NO, TRAMADOL, EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, NEW, address_of, ticket
from tests.past import drafted
from tests.rules import changed_rules, rules_with_two_more, shipped_recogniser, shipped_rules

SECTION, URLENCODED = "Processor time of each page, in one process", "application/x-www-form-urlencoded"
PAGE_MS, RULE_PAGE_MS, REPEATS, WARM_UP = 30, 60, 15, 3
STATEMENTS = {"record": 14, "result": 10, "result, the last of ten amendments": 12}
OF_TRANSACTIONS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
LIST = "Metformin 500 mg bd\nPercocet 5/325, one at night\nAllergies: codeine\nLisinopril 10 mg"
FAULTY = {"birth_date": "nonsense", "opioid-use": "", "medications": LIST}
FURTHER = {"hypersensitivity": "no", "severe-renal-impairment": "no"}
LINES = Path(__file__).parents[1] / "tests" / "data" / "medication_lines.tsv"


class Page(NamedTuple):
    """A page as somebody asks for it; ``form`` makes what is sent by POST, untimed."""

    name: str
    client: Client
    address: str
    form: Callable[[], dict[str, Any]] | None = None
    status: int = 200
    limit: int | None = PAGE_MS

    def measure(self) -> tuple[float, int]:
        """The processor time of one request in ms, and how many statements it sent, without BEGIN and COMMIT."""
        client, path, statements = self.client, self.address, list[str]()
        form = urlencode(self.form(), doseq=True) if self.form else None

        def note(execute: Callable[..., Any], sql: str, *how: Any) -> Any:
            statements.append(sql)
            return execute(sql, *how)

        with connection.execute_wrapper(note):
            began = time.process_time()
            response = client.get(path) if form is None else client.post(path, form, URLENCODED)
            content, ms = b"".join(response), (time.process_time() - began) * 1000
        assert response.status_code == self.status, (self.name, response.status_code, content.decode()[:2000])
        return ms, len([each for each in statements if not each.startswith(OF_TRANSACTIONS)])


def main() -> list[Figure]:
    """The medians of each page, all taking turns; the statements of those that have a limit; the clinical core."""
    pages = [*of_screenings(), *of_rules()]
    gc.freeze()  # the objects of the test factories are no garbage of a page
    rounds = [[page.measure() for page in pages] for _ in range(WARM_UP + REPEATS)]
    found = dict(zip([page.name for page in pages], zip(*rounds, strict=True), strict=True))
    times = {name: median(ms for ms, _ in each[WARM_UP:]) for name, each in found.items()}
    statements = [Figure("Statements", name, found[name][-1][1], "", limit) for name, limit in STATEMENTS.items()]
    return [Figure(SECTION, page.name, times[page.name], "ms", page.limit) for page in pages] + statements + core()


def of_screenings() -> Iterator[Page]:
    """The pages of a clinician, with two pages of screenings in the list and several in the chart of one patient."""
    EditionFactory()
    EditionFactory(definition=changed_rules(pregnancy={"why": "Another reason."}), change_note="Another reason")
    person, patient = UserFactory(), PatientFactory(name="Other Patient")
    client, number_in_use = signed_in(person), {"record_number": patient.record_number}
    for number in range(30):
        ScreeningFactory(by=person, taking_opioid=number % 2 == 0, superseded=number % 5 == 0, voided=number == 7)
    ScreeningFactory(by=person, patient=patient, superseded=True)
    screening = ScreeningFactory(by=person, patient=patient, all_flagged=True, opioid_in_list=True)
    last = ScreeningFactory(by=person)
    for _ in range(10):
        last = ScreeningFactory(amends=last)

    def new(**changes: Any) -> dict[str, Any]:
        return {"form_ticket": ticket(client)} | opioid_form() | changes

    yield Page("form", client, NEW)
    yield Page("form with errors (422)", client, NEW, lambda: new(**FAULTY), 422)
    yield Page("form, the number of another patient (422)", client, NEW, lambda: new(**number_in_use), 422)
    yield Page("list checked without scripts", client, f"{NEW}medications/", lambda: new(**FAULTY))
    yield Page("list checked by the script", client, "/screenings/medications/", lambda: {"medications": LIST})
    yield Page("record", client, NEW, lambda: new(record_number=f"DEMO-P{time.time_ns()}"), 302)
    yield Page("result", client, address_of(screening))
    yield Page("result, the last of ten amendments", client, address_of(last))
    for page in ("print/", "summary.pdf", "summary.txt", "others/", "amend/", "void/"):
        yield Page(f"result, {page.strip('/')}", client, address_of(screening, page))
    amend, void = address_of(screening, "amend/"), address_of(screening, "void/")
    yield Page("amend with errors (422)", client, amend, lambda: new(**AMENDMENT | FAULTY), 422)
    yield Page("void with errors (422)", client, void, lambda: {"void_reason": ""}, 422)
    yield Page("list", client, "/screenings/")
    yield Page("search", client, "/screenings/", lambda: {"q": "sample"})
    yield Page("editions", client, "/editions/")
    for page in ("", "compare/1/", "history/", "review/"):
        yield Page(f"edition {page}".strip(" /"), client, f"/editions/2/{page}")
    yield Page("edition review with errors (422)", client, "/editions/2/review/", dict, 422)
    yield Page("blank form as PDF", client, "/editions/current/blank-form/", limit=None)


def of_rules() -> Iterator[Page]:
    """The pages of an editor, with a draft of two rules more, some changes and their history."""
    editor, draft = signed_in(UserFactory(role=Role.EDITOR)), drafted(rules_with_two_more(why="Another reason."))
    rule = page_of(Rule.objects.get(rule_set=draft, link_id="opioid-use"))
    for number in range(3):
        assert save(editor, rule, question=f"Does the patient take an opioid ({number})?").status_code == 302
    wrong, answers = changed(form_data_of(editor.get(rule)), question=""), opioid_form() | FURTHER
    yield Page("local names", editor, "/editions/local-names/")
    yield Page("draft", editor, address(draft))
    yield Page("draft, rule", editor, rule, limit=RULE_PAGE_MS)
    yield Page("draft, rule with errors (422)", editor, rule, lambda: wrong, 422, RULE_PAGE_MS)
    yield Page("draft, case", editor, page_of(Case.objects.filter(rule_set=draft).order_by("pk")[0]))
    previews = [f"preview/{page}" for page in ("form", "result", "print")]
    for page in ("texts", "further", "cases", "difference", "history", "impact", *previews):
        yield Page(f"draft, {page}", editor, address(draft, f"{page}/"))
    yield Page("draft, preview/form answered", editor, address(draft, "preview/form/"), lambda: answers)


def core() -> list[Figure]:
    """Evaluating four rules, and finding medicines in lists."""
    answers = {item.link_id: NO for item in shipped_rules().items} | {"opioid-use": TRAMADOL}
    read, on, lines = shipped_recogniser().read, date(2026, 11, 26), typed_lines()
    evaluation = least_ms(lambda: evaluate(shipped_rules(), answers, on))
    short, long = "\n".join(lines[::76][:30]), "\n".join((lines * 5)[:10_000])
    return [
        Figure("Clinical core", "evaluation of four rules, an opioid with all details", evaluation, "ms", 0.01),
        Figure("Clinical core", "medicines in 30 lines", least_ms(lambda: read(short, on)), "ms", 2),
        Figure("Clinical core", "medicines in 10,000 lines", least_ms(lambda: read(long, on)), "ms", 1_000),
    ]


def least_ms(work: Callable[[], object]) -> float:
    """The processor time of one call; more than the least is other work."""
    timer = timeit.Timer(work, timer=time.process_time)
    return 1000 * min(taken / number for number, taken in (timer.autorange() for _ in range(5)))


def typed_lines() -> list[str]:
    """Lines of medication lists as clinicians type them."""
    with LINES.open(encoding="utf-8", newline="") as rows:
        return [row["text"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]
