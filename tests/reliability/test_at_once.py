"""Forms sent at the same moment to several worker processes: one of them wins, and nothing is lost."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from tests.pages import NEW

from .conftest import Site
from .ledger import Ledger
from .people import Answer, Fields, Person, at_once, decision, patient, signed_in

AMENDMENT = {"amendment_reason": "The opioid was stopped a month ago."}
TIMES = 8


@pytest.fixture
def prescribers(site: Site) -> list[Person]:
    """Two prescribers in two browsers."""
    return [signed_in(site.url, "prescriber") for _ in range(2)]


def same_browser(person: Person) -> Person:
    """Return the same session in a connection of its own, as another tab has."""
    tab = Person(person.url, person.role)
    tab.browser.cookies.update(person.browser.cookies)
    return tab


def recorded(person: Person, number: str, *, takes_opioid: bool = True) -> str:
    """Record a screening and return the path of its page."""
    answer = person.post(NEW, person.new_form() | patient(number, takes_opioid=takes_opioid))
    assert answer.status == 302, answer
    return answer.location


def statuses(answers: list[Answer]) -> Counter[int]:
    """Count the answers of each status."""
    return Counter(each.status for each in answers)


def test_one_form_sent_eight_times_at_once_is_stored_once(site: Site, prescribers: list[Person], rounds: int) -> None:
    for number in range(rounds):
        fields = patient(f"double-{number}")
        form = prescribers[0].new_form() | fields
        tabs = [same_browser(prescribers[0]) for _ in range(TIMES)]
        answers = at_once([partial(tab.post, NEW, form) for tab in tabs])
        assert statuses(answers) == {302: TIMES}
        assert len({each.location for each in answers}) == 1
        numbers = [number for _, number, *_ in Ledger(site.database).screenings.values()]
        assert numbers.count(fields["record_number"]) == 1
    assert list(Ledger(site.database).half_records()) == []


def test_of_two_prescribers_who_decide_at_once_one_decides_and_the_other_gets_409(
    site: Site, prescribers: list[Person], rounds: int
) -> None:
    for number in range(rounds):
        path = recorded(prescribers[0], f"decide-{number}") + "decision/"
        forms = [each.decision_form(path) for each in prescribers]
        codes = ("refer", "do-not-prescribe")
        tasks = [
            partial(person.post, path, form | decision(code))
            for person, form, code in zip(prescribers, forms, codes, strict=True)
        ]
        assert statuses(at_once(tasks)) == {302: 1, 409: 1}
    assert list(Ledger(site.database).half_records()) == []


def test_a_decision_made_while_the_record_is_amended_is_refused_or_listed_as_superseded(
    site: Site, prescribers: list[Person], rounds: int
) -> None:
    for number in range(rounds):
        record = recorded(prescribers[0], f"amend-{number}")
        amend, decide = f"{record}amend/", f"{record}decision/"
        amendment = prescribers[0].new_form(amend) | patient(f"amend-{number}") | AMENDMENT
        decided = prescribers[1].decision_form(decide) | decision()
        answers = at_once(
            [partial(prescribers[0].post, amend, amendment), partial(prescribers[1].post, decide, decided)]
        )
        assert answers[0].status == 302
        assert answers[1].status in {302, 409}
        new = answers[0].location.split("/")[2]
        listed = prescribers[0].get("/worklist/?show=superseded").page.xpath("//tr/@data-screening")
        assert (new in listed) is (answers[1].status == 302)
    assert list(Ledger(site.database).half_records()) == []


def test_two_tabs_of_one_session_keep_each_patient_in_their_own_record(
    site: Site, prescribers: list[Person], rounds: int
) -> None:
    for number in range(rounds):
        tabs = [same_browser(prescribers[0]) for _ in range(2)]
        opened = [tab.new_form() for tab in tabs]
        patients = [patient(f"tab-{tab}-{number}", takes_opioid=tab == 1) for tab in range(2)]
        answers = at_once(
            [partial(tab.post, NEW, form | fields) for tab, form, fields in zip(tabs, opened, patients, strict=True)]
        )
        assert statuses(answers) == {302: 2}
        pages = [prescribers[1].get(each.location) for each in answers]
        assert [each.outcome for each in pages] == ["none_identified", "contraindication_flagged"]
        for page, mine, other in zip(pages, patients, reversed(patients), strict=True):
            assert mine["patient_name"] in page.words
            assert other["patient_name"] not in page.words


def proposed_draft(site: Site, number: int) -> None:
    """Let an editor start a draft, change a text and propose it."""
    editor = signed_in(site.url, "editor")
    start = editor.get("/draft/")
    assert editor.post("/draft/start/", shown_fields(start, "/draft/start/")).status == 302
    texts = editor.get("/draft/texts/")
    assert editor.post("/draft/texts/", shown_fields(texts) | {"basis": f"Another basis {number}."}).status == 302
    propose = editor.get("/draft/propose/")
    assert editor.post("/draft/propose/", shown_fields(propose) | {"change_note": "Another basis"}).status == 302


def shown_fields(answer: Answer, action: str = "") -> Fields:
    """Return the values of the form on a page, as a browser would send them; ``action`` is where it is sent."""
    form = next(each for each in answer.page.xpath("//main//form") if (each.action or "") == action)
    found: Fields = {}
    for name, value in form.form_values():
        found.setdefault(name, []).append(value)
    return found


def test_of_two_approvers_who_publish_at_once_one_publishes_and_the_other_gets_409(site: Site, rounds: int) -> None:
    for number in range(rounds):
        before = site.database.rows("SELECT count(*) FROM screening_edition")
        proposed_draft(site, number)
        approvers = [signed_in(site.url, "approver") for _ in range(2)]
        forms = [shown_fields(each.get("/draft/publish/")) for each in approvers]
        answers = at_once(
            [partial(each.post, "/draft/publish/", form) for each, form in zip(approvers, forms, strict=True)]
        )
        assert statuses(answers) == {302: 1, 409: 1}
        assert site.database.rows("SELECT count(*) FROM screening_edition") == [(before[0][0] + 1,)]
