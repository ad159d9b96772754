"""Copies for the chart: plain text and PDF, with the same words as result and print."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.test import Client
from lxml import html

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.evaluation.follow_up_values import FollowUpValue
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.text.ascii_text import as_ascii
from screening.clinical.text.dates import format_datetime
from screening.models import AuditEvent, Edition, Screening, User
from tests.factories import NOT_KNOWN, PatientFactory, ScreeningFactory, UserFactory
from tests.pages import address_of, links, words
from tests.words import counted, counted_on, read, without_marks

pytestmark = pytest.mark.django_db

MOMENT = datetime.now(UTC).replace(second=20, microsecond=0)


@pytest.fixture(autouse=True)
def _at_the_moment() -> Iterator[None]:
    """Sign in at the moment at which the copies are made: a clock that was set back ends a session."""
    with time_machine.travel(MOMENT):
        yield


CHINESE = "李明"
LIVER: dict[str, FollowUpValue] = {
    "kind": "child-pugh-c",
    "inr": "3",
    "transaminases-uln": Decimal("3.5"),
    "tests-date": date(2026, 11, 2),
}
KINDS: dict[str, dict[str, Any]] = {
    "clear": {},
    "unresolved": {"liver_not_known": True},
    "flagged with details": {"taking_opioid": True},
    "flagged and unresolved": {
        "given": {"severe-liver-disease": Answer(AnswerCode.YES, details=LIVER), "pregnancy": NOT_KNOWN}
    },
    "all four flagged": {"all_flagged": True},
    "not applicable": {"given": {"pregnancy": Answer(AnswerCode.NOT_APPLICABLE, "after-menopause")}},
    "superseded": {"taking_opioid": True, "superseded": True},
    "voided": {"liver_not_known": True, "voided": True},
}
every_kind = pytest.mark.parametrize(
    "kind", [*KINDS, "an amendment", "superseded twice", "superseded by what was voided"]
)

ClientOf = Callable[[User], Client]


def record_of_kind(kind: str) -> Screening:
    """Record a screening of this kind."""
    if kind == "an amendment":
        return ScreeningFactory(amends=ScreeningFactory(taking_opioid=True))
    if kind in {"superseded twice", "superseded by what was voided"}:
        earlier = ScreeningFactory(taking_opioid=True)
        ScreeningFactory(amends=earlier, **{"superseded" if kind == "superseded twice" else "voided": True})
        return earlier
    return ScreeningFactory(**KINDS[kind])


def text_of(client: Client, screening: Screening) -> str:
    """Return the record as plain text."""
    return str(client.get(address_of(screening, "summary.txt")).content.decode())


def pdf_of(client: Client, screening: Screening, query: str = "") -> bytes:
    """Return the record as a PDF."""
    return bytes(client.get(address_of(screening, f"summary.pdf{query}")).content)


def paper_of(pdf: bytes) -> str:
    """Return the page size that pdfinfo reports."""
    output = subprocess.run(["pdfinfo", "-"], input=pdf, capture_output=True, check=True).stdout.decode()
    return next(line for line in output.splitlines() if line.startswith("Page size"))


# Plain text ---------------------------------------------------------------------------------------------------


@every_kind
def test_plain_text_is_utf_8_in_lines_of_at_most_80_characters(client: Client, edition: Edition, kind: str) -> None:
    response = client.get(address_of(record_of_kind(kind), "summary.txt"))
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"
    assert [line for line in response.content.decode().splitlines() if len(line) > 80] == []


@pytest.mark.parametrize("name", ["Invented " * 22, "Å" * 200, f"{'B' * 99} {'C' * 100}"])
def test_very_long_words_are_wrapped_too(client: Client, edition: Edition, name: str) -> None:
    patient = PatientFactory(name=name.strip(), record_number="9" * 64, indication="I" * 200)
    details = {"agent": "D" * 500}
    screening = ScreeningFactory(patient=patient, given={"opioid-use": Answer(AnswerCode.YES, details=details)})
    text = text_of(client, screening)
    assert [line for line in text.splitlines() if len(line) > 80] == []
    without_spaces = re.sub(r"\s", "", text)
    for value in (patient.name, patient.record_number, patient.indication, details["agent"]):
        assert value.replace(" ", "") in without_spaces


def test_a_printable_name_is_in_the_text_as_entered(client: Client, edition: Edition) -> None:
    for name in (CHINESE, "Ana 👩‍⚕️", "<b>& “O’Brien-Šmíd”"):
        assert f"Patient: {name}\n" in text_of(client, ScreeningFactory(patient=PatientFactory(name=name)))


@every_kind
def test_plain_text_in_ascii_has_the_same_words_in_lines_of_at_most_80_characters(
    client: Client, edition: Edition, kind: str
) -> None:
    screening = record_of_kind(kind)
    with time_machine.travel(MOMENT, tick=False):
        response = client.get(address_of(screening, "summary.txt?charset=ascii"))
        assert response.headers["Content-Type"] == "text/plain; charset=us-ascii"
        text = response.content.decode("ascii")
        assert [line for line in text.splitlines() if len(line) > 80] == []
        assert text.split() == as_ascii(text_of(client, screening)).split()


def test_a_name_outside_ascii_can_be_recovered_from_the_ascii_copy(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(patient=PatientFactory(name=f"José {CHINESE}"))
    text = client.get(address_of(screening, "summary.txt?charset=ascii")).content.decode("ascii")
    assert "Patient: Jose [U+674E U+660E]\n" in text
    assert "Jose is Jos[U+00E9]." in " ".join(text.split())
    assert "?" not in text.split("Record number")[0]


@pytest.mark.parametrize("charset", ["", "latin-1", "ASCII", "utf8", "us-ascii", "<b>", "ascii\x00"])
def test_another_charset_is_refused_with_links_to_the_supported_ones(
    client: Client, edition: Edition, charset: str
) -> None:
    screening = ScreeningFactory()
    response = client.get(address_of(screening, "summary.txt"), {"charset": charset})
    assert response.status_code == 422
    assert "The plain text is available in UTF-8 or in ASCII." in words(response)
    address = address_of(screening, "summary.txt")
    assert {address, f"{address}?charset=ascii"} <= set(links(response))
    assert not AuditEvent.objects.filter(action="screening.exported").exists()


def test_utf_8_can_be_requested_explicitly(client: Client, edition: Edition) -> None:
    response = client.get(address_of(ScreeningFactory(), "summary.txt?charset=utf-8"))
    assert response.headers["Content-Type"] == "text/plain; charset=utf-8"


def test_an_ascii_copy_is_logged_as_one(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory()
    client.get(address_of(screening, "summary.txt?charset=ascii"))
    event = AuditEvent.objects.get(action="screening.exported")
    assert (event.subject, event.details) == (
        str(screening.uuid),
        {"page": "screening_text", "format": "text", "charset": "ascii"},
    )


def test_the_result_links_to_both_texts(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory()
    address = address_of(screening, "summary.txt")
    assert {address, f"{address}?charset=ascii"} <= set(links(client.get(address_of(screening))))


def test_the_text_is_not_cached_and_its_type_is_not_guessed(client: Client, edition: Edition) -> None:
    headers = client.get(address_of(ScreeningFactory(), "summary.txt")).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "no-store" in headers["Cache-Control"]


# Both copies --------------------------------------------------------------------------------------------------

COPIES = ["summary.txt", "summary.pdf"]


@pytest.mark.parametrize("copy", COPIES)
def test_the_file_name_has_the_record_id_and_no_patient_data(client: Client, edition: Edition, copy: str) -> None:
    screening = ScreeningFactory()
    disposition = client.get(address_of(screening, copy)).headers["Content-Disposition"]
    assert disposition == f'inline; filename="ldn-screen-{screening.short_id}.{copy[-3:]}"'


@pytest.mark.parametrize(("copy", "format_name"), [("summary.txt", "text"), ("summary.pdf", "pdf")])
def test_each_copy_is_logged_with_its_format(client: Client, edition: Edition, copy: str, format_name: str) -> None:
    screening = ScreeningFactory()
    client.get(address_of(screening, copy))
    event = AuditEvent.objects.get(action="screening.exported")
    assert (event.subject, event.actor_role, event.details) == (
        str(screening.uuid),
        "clinician",
        {"page": f"screening_{format_name}", "format": format_name},
    )


@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_for_an_auditor_is_logged_in_that_role(client_of: ClientOf, edition: Edition, copy: str) -> None:
    screening = ScreeningFactory()
    client_of(UserFactory(role=Role.AUDITOR)).get(address_of(screening, copy))
    assert AuditEvent.objects.get(action="screening.exported").actor_role == "auditor"


@pytest.mark.pdftotext
@pytest.mark.parametrize("copy", COPIES)
def test_a_copy_names_the_person_who_printed_it(client_of: ClientOf, edition: Edition, copy: str) -> None:
    other = UserFactory(role=Role.PRESCRIBER, first_name="Ada", last_name="Example")
    with time_machine.travel(MOMENT):
        content = client_of(other).get(address_of(ScreeningFactory(), copy)).content
    text = content.decode() if copy == "summary.txt" else "".join(read(content))
    assert f"Printed {format_datetime(MOMENT)} by Ada Example, prescriber." in " ".join(text.split())


# PDF ----------------------------------------------------------------------------------------------------------


def test_the_response_is_a_pdf(client: Client, edition: Edition) -> None:
    response = client.get(address_of(ScreeningFactory(), "summary.pdf"))
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.content.startswith(b"%PDF-")


@pytest.mark.pdftotext
@pytest.mark.parametrize(
    ("setting", "query", "size"),
    [
        pytest.param("a4", "", "595.276 x 841.89 pts (A4)", id="A4 by default"),
        pytest.param("letter", "", "612 x 792 pts (letter)", id="Letter where the clinic uses it"),
        pytest.param("a4", "?paper=letter", "612 x 792 pts (letter)", id="Letter on request"),
        pytest.param("letter", "?paper=a4", "595.276 x 841.89 pts (A4)", id="A4 on request"),
    ],
)
def test_the_paper_is_the_one_requested_or_the_clinics_default(
    client: Client, edition: Edition, settings: Any, setting: str, query: str, size: str
) -> None:
    settings.LDN_PAPER = setting
    assert paper_of(pdf_of(client, ScreeningFactory(), query)).endswith(size)


@pytest.mark.parametrize("paper", ["a5", "A4", "", "us-letter", "../a4", "a4\0"])
def test_another_paper_is_refused_with_links_to_the_supported_ones(
    client: Client, edition: Edition, paper: str
) -> None:
    address = address_of(ScreeningFactory(), "summary.pdf")
    response = client.get(address, {"paper": paper})
    assert response.status_code == 422
    assert links(response) == [f"{address}?paper=a4", f"{address}?paper=letter"]
    assert not AuditEvent.objects.filter(action="screening.exported").exists()


def copies_after(client: Client, *seconds: int) -> set[bytes]:
    """Return the different PDFs of one record after these numbers of seconds."""
    screening, copies = ScreeningFactory(), set()
    for each in seconds:
        with time_machine.travel(MOMENT + timedelta(seconds=each), tick=False):
            copies.add(pdf_of(client, screening))
    return copies


def test_within_a_minute_the_same_person_gets_the_same_bytes(client: Client, edition: Edition) -> None:
    assert len(copies_after(client, 0, 39)) == 1


def test_in_the_next_minute_the_bytes_differ(client: Client, edition: Edition) -> None:
    assert len(copies_after(client, 0, 40)) == 2


def test_another_person_gets_other_bytes(client: Client, client_of: ClientOf, edition: Edition) -> None:
    screening, other = ScreeningFactory(), client_of(UserFactory(last_name="Person"))
    with time_machine.travel(MOMENT, tick=False):
        assert pdf_of(client, screening) != pdf_of(other, screening)


def test_a_superseded_record_gets_other_bytes(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory()
    with time_machine.travel(MOMENT, tick=False):
        before = pdf_of(client, screening)
        ScreeningFactory(amends=screening)
        assert pdf_of(client, screening) != before


def test_a_character_that_the_pdf_cannot_show_is_named_with_a_link_to_the_print_page(
    client: Client, edition: Edition
) -> None:
    screening = ScreeningFactory(patient=PatientFactory(name=f"Sample {CHINESE}"))
    response = client.get(address_of(screening, "summary.pdf"))
    assert response.status_code == 422
    assert CHINESE[0] in words(response)
    assert links(response) == [address_of(screening, "print/"), address_of(screening, "summary.txt")]
    assert not AuditEvent.objects.filter(action="screening.exported").exists()


def test_the_title_does_not_contain_that_character(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(patient=PatientFactory(name=f"Sample {CHINESE}"))
    assert CHINESE[0] not in words(client.get(address_of(screening, "summary.pdf")), "//title")


# The same words -----------------------------------------------------------------------------------------------

HIDDEN_ON_PAPER = "//thead//dl[1]/div[1]/dt | //*[contains(@class,'findings')]/h2 | //p[@class='mark']"
"""What print.css hides on paper: the label of the name, the headings of findings (both are clear from their place),
and the watermark, which is not part of the text."""


def main_of(page: Any, without: str = "") -> str:
    """Return the text of the page's main element, with a space between elements."""
    main = html.fromstring(page.content.decode()).xpath("//main")[0]
    for each in main.xpath(without) if without else ():
        each.getparent().remove(each)
    return " ".join(main.itertext())


def parts(page: Any, xpath: str) -> list[str]:
    """Return the text of each matching element."""
    found = html.fromstring(page.content.decode()).xpath(xpath)
    return [" ".join(" ".join(each.itertext()).split()) for each in found]


@every_kind
def test_print_and_plain_text_have_the_same_words(client: Client, edition: Edition, kind: str) -> None:
    screening = record_of_kind(kind)
    with time_machine.travel(MOMENT, tick=False):
        printed = main_of(client.get(address_of(screening, "print/")), without="//p[@class='mark']")
        assert counted(printed) == counted(text_of(client, screening))


@pytest.mark.pdftotext
@every_kind
def test_print_and_pdf_have_the_same_words(client: Client, edition: Edition, kind: str) -> None:
    screening = record_of_kind(kind)
    with time_machine.travel(MOMENT, tick=False):
        printed = main_of(client.get(address_of(screening, "print/")), without=HIDDEN_ON_PAPER)
        (page,) = read(pdf_of(client, screening))
    assert without_marks(counted(printed)) == counted_on([page])


@pytest.mark.pdftotext
@pytest.mark.parametrize(("kind", "mark"), [("superseded", "SUPERSEDED"), ("voided", "VOID"), ("clear", "")])
def test_the_pdf_of_a_record_that_is_not_current_says_so_in_its_head_and_text(
    client: Client, edition: Edition, kind: str, mark: str
) -> None:
    (page,) = read(pdf_of(client, record_of_kind(kind)))
    found = re.findall("SUPERSEDED|VOID", page)
    assert len(found) >= 3 if mark else found == []
    assert set(found) <= {mark}


@pytest.mark.pdftotext
@pytest.mark.parametrize(
    ("kind", "instead"),
    [
        ("superseded", "Instead: Use record {}, which replaces this one."),
        ("superseded twice", "Instead: Use record {}, which replaces this one."),
        ("superseded by what was voided", "Instead: Screen again. The record that replaced this one was entered in"),
        ("voided", "Instead: Check the list of screenings for others with this record number, and screen again"),
    ],
)
def test_every_copy_of_a_record_that_is_not_current_says_what_to_use_instead(
    client: Client, edition: Edition, kind: str, instead: str
) -> None:
    screening = record_of_kind(kind)
    current = Screening.objects.newest_first()[0].short_id
    copies = [words(client.get(address_of(screening, page))) for page in ("", "print/", "summary.txt")]
    copies.append(" ".join(" ".join(read(pdf_of(client, screening))).split()))
    assert [instead.format(current) in each for each in copies] == [True] * 4
    assert ["Next:" in each for each in copies] == [False] * 4


@every_kind
def test_result_and_print_have_the_same_words_in_the_same_order(client: Client, edition: Edition, kind: str) -> None:
    screening = record_of_kind(kind)
    result, printed = (client.get(address_of(screening, page)) for page in ("", "print/"))
    shared = "//*[@data-words]"
    assert parts(result, shared) == parts(printed, shared)
    assert len(parts(result, shared)) >= 4


@every_kind
def test_result_and_print_name_the_same_patient_screener_time_rules_and_record(
    client: Client, edition: Edition, kind: str
) -> None:
    screening = record_of_kind(kind)
    result, printed = (client.get(address_of(screening, page)) for page in ("", "print/"))
    lines = parts(result, "//*[@aria-label='Patient']//dl/div | //*[@aria-labelledby='recorded']//dl/div")
    assert lines == parts(printed, "//thead//dl/div")
    assert len(lines) >= 9
