"""The content of result, print and lists, and the headers of every response."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from lxml import html

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.rules.definition import AnswerCode
from screening.models import AuditEvent, Edition, Screening
from tests.factories import NOT_KNOWN, PatientFactory, ScreeningFactory
from tests.pages import CLEAR_FORM, NEW, links, listed, words

pytestmark = pytest.mark.django_db

VERDICTS = re.compile(r"\b(safe|cleared|eligible|approved|pass(ed)?|fail(ed)?|reject(ed)?)\b", re.IGNORECASE)
KINDS: dict[str, dict[str, Any]] = {
    "clear": {},
    "opioid": {"taking_opioid": True},
    "open": {"liver_not_known": True},
    "all": {"all_flagged": True},
    "not applicable": {"given": {"pregnancy": Answer(AnswerCode.NOT_APPLICABLE, "after-menopause")}},
}


@pytest.fixture(params=KINDS)
def screening(request: pytest.FixtureRequest, edition: Edition) -> Screening:
    return ScreeningFactory(**KINDS[request.param])


def parts(page: Any, xpath: str) -> list[str]:
    found = html.fromstring(page.content.decode()).xpath(xpath)
    return [" ".join(each.text_content().split()) for each in found]


def test_page_and_print_have_the_same_text_in_the_same_order(client: Client, screening: Screening) -> None:
    result = client.get(f"/screenings/{screening.uuid}/")
    printed = client.get(f"/screenings/{screening.uuid}/print/")
    shared = "//*[@data-words]"
    assert parts(result, shared) == parts(printed, shared)
    assert len(parts(result, shared)) >= 4


def test_page_and_print_contain_the_whole_summary(client: Client, screening: Screening) -> None:
    from screening.clinical.report.summary import summarise

    record = screening.record()
    summary = summarise(record, record.screened_at.date())
    entries = (*summary.flagged, *summary.unresolved, *summary.answered)
    texts = [summary.headline, summary.next_step, summary.basis, summary.reminder, *summary.remarks]
    texts += [*summary.not_covered, *summary.counselling, *(each.words for each in summary.tally)]
    texts += [each.words for each in (*summary.patient, *summary.provenance)]
    for entry in entries:
        texts += [entry.heading, entry.title, *entry.footer]
        texts += [each.words for each in (*entry.lines, *entry.sources)]
    for page in ("", "print/"):
        text = words(client.get(f"/screenings/{screening.uuid}/{page}"), "//body")
        assert [each for each in texts if each not in text] == []


@pytest.mark.parametrize("page", ["", "print/"])
def test_the_data_attributes_match_the_record(client: Client, screening: Screening, page: str) -> None:
    main = html.fromstring(client.get(f"/screenings/{screening.uuid}/{page}").content).xpath("//main")[0]
    assert main.get("data-outcome") == screening.outcome
    assert main.get("data-screening") == str(screening.uuid)
    assert main.get("data-edition") == "1"
    rules = {
        each.get("data-rule"): (each.get("data-answer"), each.get("data-finding"))
        for each in main.xpath(".//*[@data-rule]")
    }
    assert rules == {row.link_id: (row.code, row.status) for row in screening.answers.all()}


def test_no_heading_contains_a_verdict(client: Client, screening: Screening) -> None:
    for page in ("", "print/"):
        for heading in parts(client.get(f"/screenings/{screening.uuid}/{page}"), "//h1|//h2|//h3|//li"):
            assert not VERDICTS.search(heading), heading


def test_form_result_and_print_show_the_reminder(client: Client, screening: Screening) -> None:
    for address in (NEW, f"/screenings/{screening.uuid}/", f"/screenings/{screening.uuid}/print/"):
        assert "A prescriber must decide" in words(client.get(address))


def test_form_result_and_print_show_that_rules_are_not_reviewed(client: Client, screening: Screening) -> None:
    for address in (NEW, f"/screenings/{screening.uuid}/", f"/screenings/{screening.uuid}/print/"):
        assert "Rule text not yet reviewed by a clinician of this organisation" in words(client.get(address))


def test_titles_and_links_contain_no_patient_data(client: Client, screening: Screening) -> None:
    for address in ("/screenings/", f"/screenings/{screening.uuid}/", f"/screenings/{screening.uuid}/print/"):
        page = client.get(address)
        assert "Sample" not in parts(page, "//title")[0]
        assert not any("DEMO" in link or "Sample" in link for link in links(page, "/html"))


def test_flags_come_first_then_unresolved_rules_then_other_answers(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(given={"breastfeeding": Answer(AnswerCode.YES), "severe-liver-disease": NOT_KNOWN})
    main = html.fromstring(client.get(f"/screenings/{screening.uuid}/").content)
    order = [each.get("data-rule") for each in main.xpath("//main//*[@data-rule]")]
    assert order == ["breastfeeding", "severe-liver-disease", "opioid-use", "pregnancy"]


def test_the_repeating_head_of_the_print_shows_patient_screener_and_record(
    client: Client, screening: Screening
) -> None:
    head = words(client.get(f"/screenings/{screening.uuid}/print/"), "//thead")
    for part in (
        screening.patient_name,
        "12 April 1961",
        screening.record_number,
        "UTC",
        f"{screening.screened_by_name}, clinician",
        "Edition 1",
        screening.record().short_id,
        "A prescriber must decide",
    ):
        assert part in head


def test_the_print_ends_with_the_printing_user_and_the_full_record_id(client: Client, screening: Screening) -> None:
    text = words(client.get(f"/screenings/{screening.uuid}/print/"))
    assert re.search(r"Printed \d{1,2} \w+ \d{4}, \d\d:\d\d UTC by Sample Clinician, clinician", text)
    assert text.rstrip(".").endswith(str(screening.uuid))


def test_the_print_has_lines_for_the_prescribers_decision(client: Client, screening: Screening) -> None:
    text = words(client.get(f"/screenings/{screening.uuid}/print/"))
    for line in ("Prescribe", "Do not prescribe", "Defer until", "Reasons", "Name and role", "Signature", "Date"):
        assert line in text


def test_a_dose_outside_the_low_dose_range_has_a_note(client: Client, edition: Edition) -> None:
    screening = ScreeningFactory(patient=PatientFactory(dose_mg=50))
    note = edition.definition.dose_note
    assert note in words(client.get(f"/screenings/{screening.uuid}/"))
    assert note not in words(client.get(f"/screenings/{ScreeningFactory().uuid}/"))


def test_other_screenings_of_the_record_number_are_listed(client: Client, edition: Edition) -> None:
    first = ScreeningFactory(taking_opioid=True, patient=PatientFactory(record_number="DEMO-0001"))
    second = ScreeningFactory(patient=PatientFactory(record_number="demo-0001"))
    ScreeningFactory(patient=PatientFactory(record_number="DEMO-0002"))
    assert f"/screenings/{first.uuid}/" in links(client.get(f"/screenings/{second.uuid}/"))
    assert Screening.objects.count() == 3


@pytest.mark.parametrize(("page", "action"), [("", "screening.read"), ("print/", "screening.printed")])
def test_each_access_to_a_record_is_recorded(client: Client, screening: Screening, page: str, action: str) -> None:
    client.get(f"/screenings/{screening.uuid}/{page}")
    event = AuditEvent.objects.get(action=action)
    assert (event.subject, event.actor_role) == (str(screening.uuid), "clinician")


# Lists --------------------------------------------------------------------------------------------------------


def test_the_list_is_newest_first_and_continues_after_the_last_row(client: Client, edition: Edition) -> None:
    made = [str(ScreeningFactory().uuid) for _ in range(30)]
    first = client.get("/screenings/")
    older = html.fromstring(first.content).xpath("//a[contains(@href,'after=')]/@href")[0]
    assert listed(first) + listed(client.get(f"/screenings/{older}")) == made[::-1]


def test_the_list_can_be_filtered_by_outcome_date_and_short_id(client: Client, edition: Edition) -> None:
    clear, flagged = ScreeningFactory(), ScreeningFactory(taking_opioid=True)
    today = clear.screened_at_local.date().isoformat()
    short = clear.record().short_id
    assert listed(client.get("/screenings/?outcome=contraindication_flagged")) == [str(flagged.uuid)]
    assert listed(client.get(f"/screenings/?id={short}")) == [str(clear.uuid)]
    assert len(listed(client.get(f"/screenings/?from={today}&to={today}"))) == 2
    assert listed(client.get("/screenings/?to=1+Jan+2020")) == []


@pytest.mark.parametrize("query", ["sample", "ŚAMPLÉ pat", "demo-0001", "DEMO-0001"])
def test_a_search_finds_a_name_or_a_record_number(client: Client, edition: Edition, query: str) -> None:
    found = ScreeningFactory(patient=PatientFactory(record_number="DEMO-0001"))
    ScreeningFactory(patient=PatientFactory(name="Other Person", record_number="DEMO-00012"))
    assert listed(client.post("/screenings/", {"q": query})) == [str(found.uuid)]


def test_further_search_results_are_requested_by_post_so_that_no_name_is_in_a_url(
    client: Client, edition: Edition
) -> None:
    made = [str(ScreeningFactory().uuid) for _ in range(26)]
    first = client.post("/screenings/", {"q": "sample"})
    page = html.fromstring(first.content)
    form = page.xpath("//form[.//input[@name='after']]")[0]
    again = {each.get("name"): each.get("value") for each in form.xpath(".//input[@type='hidden']")}
    assert form.get("method").lower() == "post"
    assert listed(client.post("/screenings/", again)) == made[:1]


def test_a_search_is_recorded_without_the_search_text(client: Client, edition: Edition) -> None:
    client.post("/screenings/", {"q": "Sample Patient"})
    event = AuditEvent.objects.get(action="screenings.searched")
    assert "Sample" not in f"{event.details}{event.subject}"


# Every response -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/screenings/", NEW, "/editions/", "/nowhere/", "/livez"])
def test_every_page_has_security_headers_and_is_not_cached(client: Client, edition: Edition, address: str) -> None:
    headers = client.get(address).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert not re.search(r"unsafe|data:|\*|https?:", policy)
    assert "no-store" in headers["Cache-Control"]
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"


def test_no_page_has_an_inline_script_or_style(client: Client, screening: Screening) -> None:
    for address in (NEW, "/screenings/", f"/screenings/{screening.uuid}/", f"/screenings/{screening.uuid}/print/"):
        page = html.fromstring(client.get(address).content.decode())
        assert page.xpath("//style | //script[not(@src)] | //@style | //@onclick") == []


@pytest.mark.parametrize("address", ["/screenings/", NEW, "/editions/", "/readyz", "/accounts/login/"])
def test_while_the_database_is_unavailable_every_page_responds_503(
    client: Client, edition: Edition, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unavailable(*args: object, **kwargs: object) -> None:
        raise OperationalError

    client.raise_request_exception = False
    monkeypatch.setattr("django.db.backends.utils.CursorWrapper.execute", unavailable)
    response = client.get(address)
    if address != "/accounts/login/":
        assert (response.status_code, response.headers["Retry-After"]) == (503, "30")
    assert response.status_code in {200, 503}


def test_an_unexpected_exception_shows_no_patient_data(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*args: object, **kwargs: object) -> None:
        raise ZeroDivisionError("Sample Patient")

    client.raise_request_exception = False
    monkeypatch.setattr("screening.screenings.actions.record_screening", broken)
    response = client.post(NEW, CLEAR_FORM)
    assert response.status_code == 500
    assert "Sample Patient" not in response.content.decode()


def test_logs_contain_no_exception_messages(
    client: Client, edition: Edition, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    from ldn_screen.logs import WithoutValues

    def broken(*args: object, **kwargs: object) -> None:
        raise ValueError(f"Key (patient_name)=({CLEAR_FORM['patient_name']})")

    client.raise_request_exception = False
    monkeypatch.setattr("screening.screenings.actions.record_screening", broken)
    client.post(NEW, CLEAR_FORM)
    lines = [WithoutValues("{message}", style="{").format(record) for record in caplog.records]
    assert any("builtins.ValueError" in line for line in lines)
    assert not any("Sample" in line for line in lines)


@pytest.mark.parametrize(
    "page", ["/screenings/", "/screenings/new/", "print", "result", "/accounts/login/", "/missing/"]
)
def test_every_page_asks_not_to_be_translated(client: Client, edition: Edition, page: str) -> None:
    record = f"/screenings/{ScreeningFactory().uuid}/"
    if page == "/accounts/login/":
        client.logout()
    response = client.get({"print": f"{record}print/", "result": record}.get(page, page))
    assert html.fromstring(response.content).xpath("/html/@translate") == ["no"]
