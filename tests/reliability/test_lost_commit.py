"""The connection to the database is lost while it commits: people learn how to see whether the record is kept."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.pages import NEW

from .commit_cutter import CommitCutter, Cut
from .conftest import Site
from .ledger import Ledger
from .people import Person, decision, patient, signed_in
from .web_server import GRANIAN, running

pytestmark = pytest.mark.postgresql

NOT_KNOWN = "It is not known whether this was recorded"
STORED = pytest.mark.parametrize(
    ("cut", "is_stored"), [(Cut.BEFORE, False), (Cut.AFTER, True)], ids=["not stored", "stored"]
)


@pytest.fixture(scope="module")
def cutter(site: Site) -> Iterator[CommitCutter]:
    """The proxy before the database."""
    with CommitCutter(site.database.port) as cutter:
        yield cutter


@pytest.fixture(scope="module")
def prescriber(site: Site, cutter: CommitCutter) -> Iterator[Person]:
    """A prescriber at a web server that reaches the database through the proxy."""
    url = site.database.url.replace(str(site.database.port), str(cutter.port))
    with running(url, site.folder, "web-through-proxy", GRANIAN) as web:
        yield signed_in(web.url, "prescriber")


def records_of(site: Site, name: str) -> list[object]:
    """Return the stored screenings of a patient."""
    return [uuid for uuid, (_, _, of, _) in Ledger(site.database).screenings.items() if of == name]


@STORED
def test_a_screening_is_shown_in_the_list_if_it_is_stored_and_sent_again_is_stored_once(
    site: Site, cutter: CommitCutter, prescriber: Person, rounds: int, cut: Cut, is_stored: bool
) -> None:
    for number in range(rounds):
        fields = patient(f"lost-{cut.value}-{number}")
        form = prescriber.new_form() | fields
        cutter.arm(fields["patient_name"], cut)
        answer = prescriber.post(NEW, form)
        assert (answer.status, answer.retry_after) == (503, "30")
        assert NOT_KNOWN in answer.words
        assert fields["patient_name"] not in answer.text
        (link,) = answer.page.xpath("//main//*[@class='actions']/a/@href")
        assert (fields["patient_name"] in prescriber.get(link).words) is is_stored
        again = prescriber.post(NEW, form)
        assert again.status == 302
        assert len(records_of(site, fields["patient_name"])) == 1
    assert list(Ledger(site.database).half_records()) == []


@STORED
def test_a_decision_is_shown_on_the_record_if_it_is_stored_and_sent_again_is_stored_once(
    site: Site, cutter: CommitCutter, prescriber: Person, rounds: int, cut: Cut, is_stored: bool
) -> None:
    for number in range(rounds):
        fields = patient(f"undecided-{cut.value}-{number}", takes_opioid=True)
        record = prescriber.post(NEW, prescriber.new_form() | fields).location
        path, words = f"{record}decision/", f"Reason {cut.value} {number} in words"
        form = prescriber.decision_form(path) | decision() | {"opioid-use.reason-text": words}
        cutter.arm(words, cut)
        answer = prescriber.post(path, form)
        assert (answer.status, answer.retry_after) == (503, "30")
        assert NOT_KNOWN in answer.words
        (link,) = answer.page.xpath("//main//*[@class='actions']/a/@href")
        assert link == record
        assert (words in prescriber.get(link).words) is is_stored
        again = prescriber.post(path, form)
        assert (again.status, again.location) == (302, record)
        assert prescriber.get(record).words.count(words) == 1
    assert list(Ledger(site.database).half_records()) == []
