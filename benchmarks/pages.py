"""CPU time of every page, with Django's test client, and of the clinical core."""

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

from benchmarks.people import client_for, opioid_form
from benchmarks.report import Figure
from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import evaluate
from screening.models import FollowUp, Rule, Screening
from tests.decisions import WORKLIST, decision_page, hidden_fields, reasons
from tests.drafts import address
from tests.edit_pages import changed, form_data_of, page_of, save
from tests.factories import NO, TRAMADOL, EditionFactory, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import AMENDMENT, NEW, address_of, ticket
from tests.past import drafted
from tests.rules import changed_rules, rules_with_two_more, shipped_recogniser, shipped_rules

SECTION, URLENCODED = "CPU time of each page, in one process", "application/x-www-form-urlencoded"
PAGE_MS, FOLLOW_UP_PAGE_MS, REPEATS, WARM_UP = 30, 60, 15, 3
STATEMENTS = {"record": 14, "result": 10, "result, the last of ten amendments": 12, "decide": 12}
TRANSACTION_STATEMENTS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")
LIST = "Metformin 500 mg bd\nPercocet 5/325, one at night\nAllergies: codeine\nLisinopril 10 mg"
FAULTY = {"birth_date": "nonsense", "opioid-use": "", "medications": LIST}
FURTHER = {"hypersensitivity": "no", "severe-renal-impairment": "no"}
LINES = Path(__file__).parents[1] / "tests" / "data" / "medication_lines.tsv"


class TimedPage(NamedTuple):
    """A request for a page; ``form`` returns the data for a POST request and is not timed."""

    name: str
    client: Client
    address: str
    form: Callable[[], dict[str, Any]] | None = None
    status: int = 200
    limit: int | None = PAGE_MS

    def measure(self) -> tuple[float, int]:
        """Return the CPU time of one request in ms and its number of SQL statements without BEGIN and COMMIT."""
        client, path, statements = self.client, self.address, list[str]()
        form = urlencode(self.form(), doseq=True) if self.form else None

        def count(execute: Callable[..., Any], sql: str, *how: Any) -> Any:
            statements.append(sql)
            return execute(sql, *how)

        with connection.execute_wrapper(count):
            began = time.process_time()
            response = client.get(path) if form is None else client.post(path, form, URLENCODED)
            content, ms = b"".join(response), (time.process_time() - began) * 1000
        assert response.status_code == self.status, (self.name, response.status_code, content.decode()[:2000])
        return ms, len([each for each in statements if not each.startswith(TRANSACTION_STATEMENTS)])


def main() -> list[Figure]:
    """Measure all pages in turn: medians, statements of pages with a limit, and the clinical core."""
    pages = [*of_screenings(), *of_rules()]
    gc.freeze()  # excludes the objects of the test factories from collections
    rounds = [[page.measure() for page in pages] for _ in range(WARM_UP + REPEATS)]
    found = dict(zip([page.name for page in pages], zip(*rounds, strict=True), strict=True))
    times = {name: median(ms for ms, _ in each[WARM_UP:]) for name, each in found.items()}
    statements = [Figure("Statements", name, found[name][-1][1], "", limit) for name, limit in STATEMENTS.items()]
    return [Figure(SECTION, page.name, times[page.name], "ms", page.limit) for page in pages] + statements + core()


def of_screenings() -> Iterator[TimedPage]:
    """Yield the pages of a clinician, with two pages of screenings and several of one patient."""
    EditionFactory()
    EditionFactory(definition=changed_rules(pregnancy={"why": "Another reason."}), change_note="Another reason")
    person, patient = UserFactory(), PatientFactory(name="Other Patient")
    client, number_in_use = client_for(person), {"record_number": patient.record_number}
    for number in range(30):
        ScreeningFactory(by=person, taking_opioid=number % 2 == 0, superseded=number % 5 == 0, voided=number == 7)
    ScreeningFactory(by=person, patient=patient, superseded=True)
    screening = ScreeningFactory(by=person, patient=patient, all_flagged=True, opioid_in_list=True)
    last = ScreeningFactory(by=person)
    for _ in range(10):
        last = ScreeningFactory(amends=last)

    def new(**changes: Any) -> dict[str, Any]:
        return {"form_ticket": ticket(client)} | opioid_form() | changes

    yield TimedPage("form", client, NEW)
    yield TimedPage("form with errors (422)", client, NEW, lambda: new(**FAULTY), 422)
    yield TimedPage("form, the number of another patient (422)", client, NEW, lambda: new(**number_in_use), 422)
    yield TimedPage("list checked without scripts", client, f"{NEW}medications/", lambda: new(**FAULTY))
    yield TimedPage("list checked by the script", client, "/screenings/medications/", lambda: {"medications": LIST})
    yield TimedPage("record", client, NEW, lambda: new(record_number=f"DEMO-P{time.time_ns()}"), 302)
    yield TimedPage("result", client, address_of(screening))
    yield TimedPage("result, the last of ten amendments", client, address_of(last))
    for page in ("print/", "summary.pdf", "summary.txt", "others/", "amend/", "void/"):
        yield TimedPage(f"result, {page.strip('/')}", client, address_of(screening, page))
    yield from of_decisions(screening)
    amend, void = address_of(screening, "amend/"), address_of(screening, "void/")
    yield TimedPage("amend with errors (422)", client, amend, lambda: new(**AMENDMENT | FAULTY), 422)
    yield TimedPage("void with errors (422)", client, void, lambda: {"void_reason": ""}, 422)
    yield TimedPage("list", client, "/screenings/")
    yield TimedPage("search", client, "/screenings/", lambda: {"q": "sample"})
    yield TimedPage("who looked at a record", client, address_of(screening, "looks/"))
    yield TimedPage("audit trail", client_for(UserFactory(role=Role.AUDITOR)), "/audit/")
    yield TimedPage("editions", client, "/editions/")
    for page in ("", "compare/1/", "history/", "review/"):
        yield TimedPage(f"edition {page}".strip(" /"), client, f"/editions/2/{page}")
    yield TimedPage("edition review with errors (422)", client, "/editions/2/review/", dict, 422)
    yield TimedPage("blank form as PDF", client, "/editions/current/blank-form/", limit=None)


def of_decisions(flagged: Screening) -> Iterator[TimedPage]:
    """Yield the pages of a prescriber, with a full page of screenings that wait."""
    prescriber = client_for(UserFactory(role=Role.PRESCRIBER))
    page, decided = decision_page(flagged), ScreeningFactory(all_flagged=True, opioid_in_list=True)
    yield TimedPage("decision on four flags", prescriber, page)
    yield TimedPage("decision with errors (422)", prescriber, page, lambda: {"decision": "prescribe"}, 422)
    again = decision_page(decided)

    def decision() -> dict[str, Any]:
        return hidden_fields(prescriber.get(again)) | reasons(decided) | {"decision": "refer"}

    yield TimedPage("decide", prescriber, again, decision, 302)
    yield TimedPage("result with decisions", prescriber, address_of(decided))
    yield TimedPage("worklist", prescriber, WORKLIST)


def of_rules() -> Iterator[TimedPage]:
    """Yield the pages of an editor, for a draft with two more rules, some changes and their history."""
    editor, draft = client_for(UserFactory(role=Role.EDITOR)), drafted(rules_with_two_more(why="Another reason."))
    rule = page_of(Rule.objects.get(rule_set=draft, link_id="severe-liver-disease"))  # has eight details
    for number in range(3):
        assert save(editor, rule, question=f"Is the liver severely impaired ({number})?").status_code == 302
    wrong, answers = changed(form_data_of(editor.get(rule)), question=""), opioid_form() | FURTHER
    kind = FollowUp.objects.get(rule__rule_set=draft, rule__link_id="opioid-use", link_id="kind")
    kind.choices += [kind.choices[0] | {"code": f"c{number}"} for number in range(30 - len(kind.choices))]
    kind.save()
    yield TimedPage("local names", editor, "/editions/local-names/")
    yield TimedPage("draft", editor, address())
    yield TimedPage("draft, rule with eight details", editor, rule)
    yield TimedPage("draft, rule with errors (422)", editor, rule, lambda: wrong, 422)
    yield TimedPage("draft, detail with 30 choices", editor, page_of(kind), limit=FOLLOW_UP_PAGE_MS)
    yield TimedPage("draft, case", editor, address("cases/1/"))
    previews = [f"preview/{page}" for page in ("form", "result", "print")]
    for page in ("texts", "library", "cases", "compare", "history", "impact", *previews):
        yield TimedPage(f"draft, {page}", editor, address(f"{page}/"))
    yield TimedPage("draft, preview/form answered", editor, address("preview/form/"), lambda: answers)


def core() -> list[Figure]:
    """Measure the evaluation of four rules, and the reading of medication lists."""
    answers = {item.link_id: NO for item in shipped_rules().items} | {"opioid-use": TRAMADOL}
    read, on, lines = shipped_recogniser().read, date(2026, 11, 26), sample_lines()
    evaluation = least_ms(lambda: evaluate(shipped_rules(), answers, on))
    short, long = "\n".join(lines[::76][:30]), "\n".join((lines * 5)[:10_000])
    return [
        Figure("Clinical core", "evaluation of four rules, an opioid with all details", evaluation, "ms", 0.01),
        Figure("Clinical core", "medicines in 30 lines", least_ms(lambda: read(short, on)), "ms", 2),
        Figure("Clinical core", "medicines in 10,000 lines", least_ms(lambda: read(long, on)), "ms", 1_000),
    ]


def least_ms(work: Callable[[], object]) -> float:
    """Return the lowest CPU time of one call in ms; any excess is other work."""
    timer = timeit.Timer(work, timer=time.process_time)
    return 1000 * min(taken / number for number, taken in (timer.autorange() for _ in range(5)))


def sample_lines() -> list[str]:
    """Return lines of medication lists as clinicians type them."""
    with LINES.open(encoding="utf-8", newline="") as rows:
        return [row["text"] for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE)]
