"""The screening form built from the shipped rules, the void form and the search form, without a database."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

import pytest
from crispy_forms.utils import render_crispy_form
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict
from lxml import html

from screening.clinical.evaluation.evaluate import Answer
from screening.clinical.report.record import LastUse, Record
from screening.clinical.rules.definition import AnswerCode
from screening.clinical.text.birth_dates import BirthDate
from screening.clinical.text.printable import visible
from screening.models import Edition
from screening.screenings.form_ticket import TICKET_FIELD, FormTicket
from screening.screenings.forms.screening_form import ScreeningForm, drop_answers
from screening.screenings.forms.search import LATEST_DAY, SearchForm
from screening.screenings.forms.void import VoidForm
from tests.unit.builders import TODAY, definition, item, record, with_patient
from tests.unit.screenings.forms import (
    COMPLETE_FORM,
    LINK_IDS,
    RULES,
    FormValue,
    blank_form,
    form_data,
    never_used,
    submitted_form,
)


def errors_of(changes: dict[str, FormValue]) -> dict[str, list[str]]:
    """Return the messages by field name; those of the whole form under ``__all__``."""
    return {name: [str(each) for each in messages] for name, messages in submitted_form(changes).errors.items()}


FIELD_NAMES = sorted(blank_form().fields)
every_field = pytest.mark.parametrize("name", FIELD_NAMES)


# The blank form -----------------------------------------------------------------------------------------------


def test_the_fields_have_their_names_in_their_order() -> None:
    names = [
        *("confirm_takeover", "patient_name", "birth_date", "record_number", "confirm_patient"),
        *("dose_mg", "indication"),
    ]
    for rule in RULES.items:
        reasons = ["unknown-reason", *(["na-reason"] if rule.not_applicable_reasons else [])]
        parts = [*reasons, *(each.link_id for each in rule.follow_ups)]
        names += [rule.link_id, *(f"{rule.link_id}.{part}" for part in parts)]
    assert list(blank_form().fields) == names


@every_field
def test_nothing_is_preselected(name: str) -> None:
    html = str(blank_form()[name])
    assert (
        re.findall(r"\bchecked\b|<option value=\"[^\"]+\"[^>]* selected|<input type=\"text\"[^>]* value=", html) == []
    )


@every_field
def test_a_blank_form_has_no_values(name: str) -> None:
    assert not blank_form()[name].value()


@every_field
def test_no_field_is_marked_required_in_html_so_that_the_server_shows_its_messages(name: str) -> None:
    assert " required" not in str(blank_form()[name])


@every_field
def test_html_ids_contain_no_dot(name: str) -> None:
    bound = blank_form()[name]
    ids = re.findall(r'\b(?:id|for|aria-describedby)="([^"]*)"', f"{bound} {bound.label_tag()}")
    assert ids
    assert [each for each in ids if "." in each] == []


@pytest.mark.parametrize(
    ("name", "html_id"),
    [
        ("patient_name", "id_patient_name"),
        ("opioid-use", "id_opioid-use"),
        ("opioid-use.last-dose", "id_opioid-use__last-dose"),
        ("pregnancy.na-reason", "id_pregnancy__na-reason"),
    ],
)
def test_an_html_id_is_the_name_with_two_underscores_for_a_dot(name: str, html_id: str) -> None:
    assert blank_form()[name].auto_id == html_id


@pytest.mark.parametrize(
    ("link_id", "codes"),
    [
        ("opioid-use", ["yes", "no", "unknown"]),
        ("severe-liver-disease", ["yes", "no", "unknown"]),
        ("pregnancy", ["yes", "no", "unknown", "not_applicable"]),
        ("breastfeeding", ["yes", "no", "unknown", "not_applicable"]),
    ],
)
def test_a_question_offers_the_answers_that_its_rule_allows(link_id: str, codes: list[str]) -> None:
    assert [code for code, _ in blank_form().fields[link_id].choices] == codes  # type: ignore[attr-defined]


def test_a_question_is_numbered() -> None:
    question = blank_form().questions[2]
    assert (question.item.link_id, question.number, question.total) == ("pregnancy", 3, 4)


def test_a_question_is_rendered_with_its_own_fields() -> None:
    page = html.fromstring(f"<form>{render_crispy_form(blank_form())}</form>")
    names = {name for rule in page.xpath("//*[@data-rule='pregnancy']") for name in rule.xpath(".//@name")}
    assert names == {name for name in blank_form().fields if name.partition(".")[0] == "pregnancy"}


def test_a_question_that_always_applies_has_no_field_for_a_reason() -> None:
    assert "opioid-use.na-reason" not in blank_form().fields


@pytest.mark.parametrize(
    ("changes", "is_visible"),
    [
        pytest.param({"opioid-use": "no", "opioid-use.agent": "Tramadol"}, True, id="details under a no"),
        pytest.param({"opioid-use": None, "opioid-use.agent": "Tramadol"}, True, id="details without an answer"),
        pytest.param({"opioid-use": "yes", "opioid-use.agent": "Tramadol"}, False, id="details under a yes"),
        pytest.param({"opioid-use": "no", "opioid-use.agent": " "}, False, id="no details"),
    ],
)
def test_details_that_contradict_the_answer_stay_visible(changes: dict[str, FormValue], is_visible: bool) -> None:
    assert submitted_form(changes).questions[0].has_stray_details is is_visible


# Validation ---------------------------------------------------------------------------------------------------


def test_the_shortest_complete_form_is_valid() -> None:
    assert errors_of({}) == {}


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("patient_name", "Enter the patient’s name."),
        ("birth_date", "Enter the birth date: 27 Mar 1985, or if a part is not known: Mar 1985 or 1985."),
        ("record_number", "Enter the record number."),
        ("opioid-use", "Choose yes, no or not known."),
        ("severe-liver-disease", "Choose yes, no or not known."),
        ("pregnancy", "Choose yes, no, not known or not applicable."),
        ("breastfeeding", "Choose yes, no, not known or not applicable."),
    ],
)
@pytest.mark.parametrize("value", [None, "", "  "], ids=["left out", "empty", "blank"])
def test_a_missing_required_value_gets_a_message_beside_its_field(name: str, value: str | None, message: str) -> None:
    assert errors_of({name: value}) == {name: [message]}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("opioid-use", "maybe", id="an answer that does not exist"),
        pytest.param("opioid-use", "Yes", id="an answer in capitals"),
        pytest.param("opioid-use", "not_applicable", id="not applicable where it is not allowed"),
        pytest.param("opioid-use.unknown-reason", "forgot", id="a reason that does not exist"),
        pytest.param("pregnancy.na-reason", "not-lactating", id="a reason of another rule"),
        pytest.param("birth_date", "31 Dec 1899", id="born before 1900"),
        pytest.param("birth_date", "24 Nov 2026", id="born tomorrow"),
        pytest.param("birth_date", "12/04/1961", id="an ambiguous date"),
        pytest.param("dose_mg", "0.09", id="a dose too small"),
        pytest.param("dose_mg", "100.1", id="a dose too large"),
        pytest.param("dose_mg", "4,5", id="a dose with a comma"),
        pytest.param("dose_mg", "1.2345", id="a dose with more decimals than are stored"),
        pytest.param("patient_name", "x" * 201, id="a name too long"),
        pytest.param("record_number", "x" * 65, id="a record number too long"),
        pytest.param("indication", "x" * 201, id="an indication too long"),
        pytest.param("patient_name", "A\u202eda", id="a direction mark in a name"),
    ],
)
def test_an_invalid_value_gets_an_error_beside_its_field(name: str, value: str) -> None:
    assert list(errors_of({name: value})) == [name]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birth_date", "1 Jan 1900"),
        ("birth_date", "23 Nov 2026"),
        ("dose_mg", "0.1"),
        ("dose_mg", "100"),
        ("dose_mg", "50"),
        ("patient_name", "x" * 200),
        ("record_number", "x" * 64),
    ],
)
def test_values_at_the_limits_are_valid(name: str, value: str) -> None:
    assert errors_of({name: value}) == {}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("last-dose", "24 Nov 2026", id="a dose in the future"),
        pytest.param("last-dose", "31 Dec 1899", id="a dose before 1900"),
        pytest.param("kind", "heroic", id="a kind that does not exist"),
        pytest.param("kind", ["methadone", "heroic"], id="one kind of two that does not exist"),
        pytest.param("urine-screen", "perhaps", id="a result that does not exist"),
        pytest.param("agent", "x" * 501, id="a text too long"),
        pytest.param("agent", "A\x00", id="a NUL in a text"),
    ],
)
def test_an_invalid_detail_gets_an_error_beside_its_field(name: str, value: FormValue) -> None:
    assert list(errors_of({"opioid-use": "yes", f"opioid-use.{name}": value})) == [f"opioid-use.{name}"]


@pytest.mark.parametrize("value", ["-1", "1001", "NaN", "1e999"])
def test_a_number_in_the_details_has_limits(value: str) -> None:
    name = "severe-liver-disease.transaminases-uln"
    assert list(errors_of({"severe-liver-disease": "yes", name: value})) == [name]


# Unlikely values ----------------------------------------------------------------------------------------------

TIMES_LIMIT = "severe-liver-disease.transaminases-uln"


def shown_notes(changes: dict[str, FormValue]) -> dict[str, str]:
    """Return the visible notes of a submitted form by field name."""
    return {name: note.words for name, note in submitted_form(changes).notes.items() if note.is_shown}


@pytest.mark.parametrize(
    ("changes", "notes"),
    [
        pytest.param({}, {}, id="a plain form"),
        pytest.param(
            {"birth_date": "22 Nov 1916"},
            {"birth_date": "The birth date is more than 110 years ago. Check it."},
            id="a birth date long ago",
        ),
        pytest.param({"birth_date": "23 Nov 1916"}, {}, id="a birth date 110 years ago"),
        pytest.param(
            {"severe-liver-disease": "yes", TIMES_LIMIT: "240"},
            {TIMES_LIMIT: "Is this in U/L? Enter it as times the upper limit."},
            id="tests in U/L",
        ),
        pytest.param({"severe-liver-disease": "yes", TIMES_LIMIT: "50"}, {}, id="50 times the limit"),
        pytest.param(
            {"opioid-use": "yes", "opioid-use.last-dose": "12 Apr 1961"},
            {"opioid-use.last-dose": "This is the day of birth, or before it. Check both dates."},
            id="a last dose on the day of birth",
        ),
        pytest.param({"opioid-use": "yes", "opioid-use.last-dose": "13 Apr 1961"}, {}, id="a last dose a day later"),
    ],
)
def test_an_unlikely_value_gets_a_note_and_is_valid(changes: dict[str, FormValue], notes: dict[str, str]) -> None:
    assert errors_of(changes) == {}
    assert shown_notes(changes) == notes


def test_an_invalid_value_gets_no_note() -> None:
    assert shown_notes({"severe-liver-disease": "yes", TIMES_LIMIT: "1001", "birth_date": "31 Dec 1899"}) == {}


def test_a_visible_note_is_part_of_the_description_of_its_field() -> None:
    field = submitted_form({"severe-liver-disease": "yes", TIMES_LIMIT: "240"})[TIMES_LIMIT]
    note = "id_severe-liver-disease__transaminases-uln_note"
    assert (field.aria_describedby or "").split()[-1] == note
    assert f"{note}" in str(field)


def test_a_blank_form_shows_no_note() -> None:
    form = ScreeningForm(RULES, today=TODAY, last_use=never_used)
    assert [name for name, note in form.notes.items() if note.is_shown] == []
    assert "_note" not in str(form[TIMES_LIMIT])


# Unknown fields -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "colour",
        "opioid_use",
        "opioid-use.colour",
        "opioid-use.na-reason",
        "Pregnancy",
        "patient_name ",
        "zinc",
    ],
)
def test_an_unknown_field_is_refused_by_name(name: str) -> None:
    message = f"This form has no field “{visible(name[:60])}”. Send only its own fields."
    assert errors_of({name: "yes"}) == {"__all__": [message]}


def test_invisible_characters_in_the_name_of_an_unknown_field_are_shown_as_codes() -> None:
    assert errors_of({"a\x00": "yes"}) == {"__all__": ["This form has no field “aU+0000”. Send only its own fields."]}


def test_a_long_name_of_an_unknown_field_is_cut() -> None:
    (message,) = errors_of({"x" * 5000: "yes"})["__all__"]
    assert message == f"This form has no field “{'x' * 60}”. Send only its own fields."


def test_a_file_is_refused_as_an_unknown_field() -> None:
    files: MultiValueDict[str, UploadedFile] = MultiValueDict({"scan": [SimpleUploadedFile("scan.pdf", b"%PDF")]})
    form = ScreeningForm(RULES, form_data(), files, today=TODAY, last_use=never_used)
    assert form.errors == {"__all__": ["This form has no field “scan”. Send only its own fields."]}


@pytest.mark.parametrize("name", [TICKET_FIELD, "csrfmiddlewaretoken"])
def test_hidden_fields_of_the_page_are_not_unknown_fields(name: str) -> None:
    assert errors_of({name: "x"}) == {}


@pytest.mark.parametrize(
    ("name", "values"),
    [
        pytest.param("opioid-use", ["no", "yes"], id="an answer"),
        pytest.param("opioid-use", ["no", "no"], id="the same answer"),
        pytest.param("patient_name", ["Ada", "Eve"], id="a name"),
        pytest.param("birth_date", ["12 Apr 1961", ""], id="a date and nothing"),
        pytest.param("pregnancy.na-reason", ["other", "no-uterus"], id="a reason"),
        pytest.param("dose_mg", ["3", "4.5"], id="a dose"),
        pytest.param("confirm_patient", ["on", "on"], id="the confirmation"),
    ],
)
def test_a_field_sent_twice_gets_an_error_beside_it(name: str, values: list[str]) -> None:
    assert "This was sent twice. Give one answer." in errors_of({name: values})[name]


def test_several_kinds_of_opioid_may_be_chosen() -> None:
    form = submitted_form({"opioid-use": "yes", "opioid-use.kind": ["methadone", "gut-acting"]})
    assert form.answers["opioid-use"].details["kind"] == ("methadone", "gut-acting")


# Answers and their details ------------------------------------------------------------------------------------

FILLED = [
    pytest.param("opioid-use.agent", "Tramadol", "opioid", id="a text"),
    pytest.param("opioid-use.last-dose", "22 Nov 2026", "last dose", id="a date"),
    pytest.param("opioid-use.kind", ["methadone"], "kind", id="several choices"),
    pytest.param("opioid-use.urine-screen", "none", "urine screen", id="one choice"),
]


@pytest.mark.parametrize(("name", "value", "detail"), FILLED)
@pytest.mark.parametrize(("answer", "label"), [("no", "no"), ("unknown", "not known")])
def test_details_of_an_answer_other_than_yes_get_an_error(
    answer: str, label: str, name: str, value: FormValue, detail: str
) -> None:
    assert errors_of({"opioid-use": answer, name: value}) == {
        name: [f"You answered {label}, but gave details ({detail}). Clear them, or change the answer to yes."]
    }


def test_details_of_not_applicable_get_an_error() -> None:
    changes: dict[str, FormValue] = {
        "pregnancy": "not_applicable",
        "pregnancy.na-reason": "other",
        "pregnancy.status": "trying",
    }
    (message,) = errors_of(changes)["pregnancy.status"]
    assert message.startswith("You answered not applicable, but gave details (status).")


def test_every_detail_that_contradicts_the_answer_gets_an_error() -> None:
    changes: dict[str, FormValue] = {"opioid-use.agent": "Tramadol", "opioid-use.last-dose": "22 Nov 2026"}
    assert set(errors_of(changes)) == {"opioid-use.agent", "opioid-use.last-dose"}


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_detail_contradicts_nothing(value: str) -> None:
    assert errors_of({"opioid-use.agent": value}) == {}


def test_an_abbreviation_in_the_details_keeps_its_capitals() -> None:
    (message,) = errors_of({"severe-liver-disease.inr": "3"})["severe-liver-disease.inr"]
    assert "gave details (INR)" in message


@pytest.mark.parametrize("link_id", ["pregnancy", "breastfeeding"])
def test_not_applicable_needs_a_reason(link_id: str) -> None:
    assert errors_of({link_id: "not_applicable"}) == {f"{link_id}.na-reason": ["Choose why this does not apply."]}


def test_an_unknown_reason_gets_one_error() -> None:
    changes: dict[str, FormValue] = {"pregnancy": "not_applicable", "pregnancy.na-reason": "nonsense"}
    assert errors_of(changes) == {"pregnancy.na-reason": ["Choose after menopause, no uterus or another reason."]}


def test_unknown_needs_no_reason() -> None:
    assert submitted_form({"opioid-use": "unknown"}).answers["opioid-use"] == Answer(AnswerCode.UNKNOWN)


@pytest.mark.parametrize("reason", ["asked-unknown", "asked-declined", "not-asked"])
def test_an_unknown_answer_has_its_reason(reason: str) -> None:
    form = submitted_form({"opioid-use": "unknown", "opioid-use.unknown-reason": reason})
    assert form.answers["opioid-use"] == Answer(AnswerCode.UNKNOWN, reason)


def test_not_applicable_has_its_reason() -> None:
    form = submitted_form({"pregnancy": "not_applicable", "pregnancy.na-reason": "no-uterus"})
    assert form.answers["pregnancy"] == Answer(AnswerCode.NOT_APPLICABLE, "no-uterus")


@pytest.mark.parametrize(
    ("answer", "ignored", "reason"),
    [
        pytest.param("yes", ["unknown-reason", "na-reason"], "", id="yes"),
        pytest.param("no", ["unknown-reason", "na-reason"], "", id="no"),
        pytest.param("unknown", ["na-reason"], "", id="unknown"),
        pytest.param("not_applicable", ["unknown-reason"], "other", id="not applicable"),
    ],
)
def test_a_reason_of_an_answer_that_was_not_chosen_is_ignored(answer: str, ignored: list[str], reason: str) -> None:
    values = {"unknown-reason": "asked-declined", "na-reason": "other"}
    changes: dict[str, FormValue] = {"pregnancy": answer, "pregnancy.na-reason": reason}
    changes |= {f"pregnancy.{name}": values[name] for name in ignored}
    assert submitted_form(changes).answers["pregnancy"] == Answer(AnswerCode(answer), reason)


def test_details_are_converted_to_their_types() -> None:
    form = submitted_form(
        {
            "severe-liver-disease": "yes",
            "severe-liver-disease.kind": "liver-failure",
            "severe-liver-disease.transaminases-uln": "3.5",
            "severe-liver-disease.tests-date": "2026-11-02",
            "breastfeeding": "yes",
            "breastfeeding.infant-age": " 5  months ",
        }
    )
    assert form.answers["severe-liver-disease"].details | form.answers["breastfeeding"].details == {  # type: ignore[operator]
        "kind": "liver-failure",
        "transaminases-uln": Decimal("3.5"),
        "tests-date": date(2026, 11, 2),
        "infant-age": "5 months",
    }


def test_a_detail_of_zero_counts_as_given() -> None:
    form = submitted_form({"severe-liver-disease": "yes", "severe-liver-disease.transaminases-uln": "0"})
    assert form.answers["severe-liver-disease"].details == {"transaminases-uln": Decimal(0)}


def test_empty_details_are_ignored() -> None:
    form = submitted_form(
        {"opioid-use": "yes", "opioid-use.agent": "", "opioid-use.last-dose": " ", "opioid-use.kind": []}
    )
    assert form.answers["opioid-use"] == Answer(AnswerCode.YES)


def test_a_complete_form_answers_every_rule_and_nothing_else() -> None:
    assert submitted_form().answers == {link_id: Answer(AnswerCode.NO) for link_id in LINK_IDS}


# The patient --------------------------------------------------------------------------------------------------


def test_the_patient_has_the_cleaned_values() -> None:
    form = submitted_form({"dose_mg": "4.50", "indication": " Chronic  pain ", "patient_name": " Sample  Patient"})
    assert form.patient == with_patient(dose_mg=Decimal("4.5"), indication="Chronic pain")


def test_a_missing_dose_is_none() -> None:
    assert submitted_form({"dose_mg": ""}).patient.dose_mg is None


def used_for(**changes: object) -> Callable[[str], LastUse | None]:
    """Return a lookup that finds the sample patient with something changed as the last use."""
    return lambda record_number: LastUse(RECORD, with_patient(**changes))


RECORD = UUID("0a1b2c3d-0000-4000-8000-000000000000")
DIFFERENT = [
    pytest.param({"name": "Another Person"}, id="another name"),
    pytest.param({"birth_date": BirthDate(1961, 4, 13)}, id="another birth date"),
]


@pytest.mark.parametrize("changes", DIFFERENT)
def test_a_record_number_last_used_for_somebody_else_must_be_confirmed(changes: dict[str, object]) -> None:
    assert list(submitted_form(last_use=used_for(**changes)).errors) == ["confirm_patient"]


def test_the_error_names_the_patient_for_whom_the_number_was_last_used() -> None:
    (message,) = submitted_form(last_use=used_for(name="Another Person")).errors["confirm_patient"]
    assert message == (
        "Record number DEMO-0001 was last used for Another Person, born 12 April 1961. "
        "Check number, name and birth date."
    )


def test_the_form_has_the_record_of_the_last_use() -> None:
    last = submitted_form(last_use=used_for(name="Another Person")).last_use_to_confirm
    assert last is not None
    assert last.record == RECORD


def test_a_form_without_a_question_has_no_last_use_to_confirm() -> None:
    assert submitted_form(last_use=used_for()).last_use_to_confirm is None


def confirmation(form: ScreeningForm, name: str = "confirm_patient") -> str:
    """Return the value that ticking the box submits."""
    (box,) = html.fromstring(str(form[name])).xpath("//input")
    return str(box.get("value"))


def confirmed(changes: dict[str, object]) -> dict[str, FormValue]:
    """Return the ticked box for a number that was last used for somebody else."""
    return {"confirm_patient": confirmation(submitted_form(last_use=used_for(**changes)))}


@pytest.mark.parametrize("changes", DIFFERENT)
def test_the_patient_may_be_confirmed(changes: dict[str, object]) -> None:
    assert submitted_form(confirmed(changes), last_use=used_for(**changes)).is_valid()


@pytest.mark.parametrize("bare", ["on", "true", "1", "yes", "DEMO-0001", "\N{SNOWMAN}", "\0"])
def test_a_bare_value_confirms_nothing(bare: str) -> None:
    form = submitted_form({"confirm_patient": bare}, last_use=used_for(name="Another Person"))
    assert list(form.errors) == ["confirm_patient"]


@pytest.mark.parametrize(
    "other",
    [
        pytest.param({"record_number": "DEMO-0002"}, id="another number"),
        pytest.param({"patient_name": "Sample Patients"}, id="another name"),
        pytest.param({"birth_date": "13 Apr 1961"}, id="another birth date"),
        pytest.param({"birth_date": "Apr 1961"}, id="less of the birth date"),
    ],
)
def test_a_confirmation_is_valid_only_for_the_number_name_and_birth_date_confirmed(
    other: dict[str, FormValue],
) -> None:
    confirmation_data = confirmed({"name": "Another Person"})
    form = submitted_form(confirmation_data | other, last_use=used_for(name="Another Person"))
    assert list(form.errors) == ["confirm_patient"]
    assert "checked" not in str(form["confirm_patient"])


def test_a_confirmation_is_no_longer_valid_once_the_number_is_used_for_somebody_else() -> None:
    confirmation_data = confirmed({"name": "Another Person"})
    assert list(submitted_form(confirmation_data, last_use=used_for(name="Third Person")).errors) == [
        "confirm_patient"
    ]


def test_a_valid_confirmation_stays_ticked() -> None:
    confirmation_data = confirmed({"name": "Another Person"})
    form = submitted_form(confirmation_data | {"pregnancy": None}, last_use=used_for(name="Another Person"))
    assert list(form.errors) == ["pregnancy"]
    assert "checked" in str(form["confirm_patient"])


def test_the_label_of_the_box_names_the_patient() -> None:
    form = submitted_form(last_use=used_for(name="Another Person"))
    assert form["confirm_patient"].label == "Record number DEMO-0001 belongs to Sample Patient, born 12 April 1961"


@pytest.mark.parametrize("entered", ["1961", "Apr 1961"])
def test_a_birth_date_whose_known_parts_agree_needs_no_confirmation(entered: str) -> None:
    assert submitted_form({"birth_date": entered}, last_use=used_for()).is_valid()


@pytest.mark.parametrize("entered", ["1962", "May 1961", "13 Apr 1961"])
def test_a_birth_date_with_a_different_known_part_must_be_confirmed(entered: str) -> None:
    form = submitted_form({"birth_date": entered}, last_use=used_for(birth_date=BirthDate(1961, 4, 12)))
    assert list(form.errors) == ["confirm_patient"]


@pytest.mark.parametrize(
    "name",
    ["Sample Patient", "SAMPLE PATIENT", "sample  patient", "Sámple Patiënt", "Sa\u0301mple Patient"],
    ids=["the same", "capitals", "spaces", "accents", "accents apart"],
)
def test_a_name_that_differs_only_in_case_spaces_or_accents_needs_no_confirmation(name: str) -> None:
    assert submitted_form(last_use=used_for(name=name)).is_valid()


def test_plain_apostrophes_and_letters_match_special_ones() -> None:
    name = "O\u2019Dálaigh Łukasz-Øster"
    assert submitted_form({"patient_name": "O'Dalaigh Lukasz Oster"}, last_use=used_for(name=name)).is_valid()


@pytest.mark.parametrize("name", ["Patient Sample", "SamplePatient", "Sample Patients"])
def test_a_name_with_other_words_or_in_another_order_must_be_confirmed(name: str) -> None:
    assert list(submitted_form(last_use=used_for(name=name)).errors) == ["confirm_patient"]


def test_names_without_a_letter_are_compared_too() -> None:
    assert list(submitted_form({"patient_name": "??"}, last_use=used_for(name="!!")).errors) == ["confirm_patient"]


@pytest.mark.parametrize("missing", ["patient_name", "birth_date", "record_number"])
def test_an_incomplete_patient_is_not_compared(missing: str) -> None:
    form = submitted_form({missing: ""}, last_use=used_for(name="Another Person", birth_date=BirthDate(1990, 1, 1)))
    assert list(form.errors) == [missing]


def test_the_last_use_is_looked_up_by_the_cleaned_record_number() -> None:
    looked_up: list[str] = []
    submitted_form({"record_number": " DEMO  0001 "}, last_use=looked_up.append)  # append returns None: never used
    assert looked_up == ["DEMO 0001"]


# Amending -----------------------------------------------------------------------------------------------------

TRAMADOL = Answer(AnswerCode.YES, details={"agent": "Tramadol", "last-dose": date(2026, 11, 19)})
EARLIER = record(
    RULES,
    {link_id: Answer(AnswerCode.NO) for link_id in LINK_IDS}
    | {"opioid-use": TRAMADOL, "pregnancy": Answer(AnswerCode.UNKNOWN, "asked-declined")},
    patient=with_patient(indication="Chronic pain"),
)
REASON: dict[str, FormValue] = {"amendment_reason": "She had misheard."}


def amendment(
    changes: dict[str, FormValue] | None = None,
    *,
    earlier: Record = EARLIER,
    last_use: Callable[[str], LastUse | None] = never_used,
) -> ScreeningForm:
    """Return a submitted amendment, already validated."""
    data = form_data(REASON | (changes or {}))
    form = ScreeningForm(RULES, data, today=TODAY, last_use=last_use, amends=earlier)
    form.full_clean()
    return form


def blank_amendment(earlier: Record = EARLIER) -> ScreeningForm:
    """Return the form to amend a record, not submitted."""
    return ScreeningForm(RULES, today=TODAY, last_use=never_used, amends=earlier)


def test_an_amendment_asks_for_the_reason_first_and_then_for_the_usual_fields() -> None:
    first, *rest = blank_form().fields
    assert list(blank_amendment().fields) == [first, "amendment_reason", *rest]


def test_an_amendment_fills_in_the_patient() -> None:
    form = blank_amendment()
    names = ["patient_name", "birth_date", "record_number", "dose_mg", "indication"]
    assert [form[name].value() for name in names] == [
        "Sample Patient", "12 Apr 1961", "DEMO-0001", "4.5", "Chronic pain"
    ]  # fmt: skip


def test_the_filled_in_patient_can_be_submitted_unchanged() -> None:
    form = blank_amendment()
    names = ["patient_name", "birth_date", "record_number", "dose_mg", "indication"]
    assert amendment({name: str(form[name].value()) for name in names}).patient == EARLIER.patient


def test_a_dose_that_was_not_given_is_not_filled_in() -> None:
    earlier = record(RULES, {}, patient=with_patient(dose_mg=None))
    assert blank_amendment(earlier)["dose_mg"].value() == ""


@pytest.mark.parametrize("name", [name for name in FIELD_NAMES if name.partition(".")[0] in LINK_IDS])
def test_an_amendment_preselects_no_answer_and_no_detail(name: str) -> None:
    form = blank_amendment()
    assert not form[name].value()
    assert " checked" not in str(form[name])


@pytest.mark.parametrize(
    ("number", "earlier"),
    [
        pytest.param(
            1, "Yes. Opioid: Tramadol. Last dose: 19 November 2026. Not given: kind, urine screen.", id="yes"
        ),
        pytest.param(2, "No.", id="no"),
        pytest.param(3, "Not known. Declined to say.", id="not known"),
    ],
)
def test_a_question_shows_its_earlier_answer(number: int, earlier: str) -> None:
    assert blank_amendment().questions[number - 1].earlier == earlier


def test_a_question_missing_from_the_earlier_record_shows_not_asked() -> None:
    earlier = record(definition(item("another-rule")), {})
    assert [blank_amendment(earlier).questions[number - 1].earlier for number in (1, 4)] == [
        "Not asked.",
        "Not asked.",
    ]


def test_a_new_screening_has_no_earlier_answers() -> None:
    assert [blank_form().questions[number - 1].earlier for number in (1, 2, 3, 4)] == ["", "", "", ""]


@pytest.mark.parametrize("value", [None, "", "  "], ids=["left out", "empty", "blank"])
def test_an_amendment_requires_a_reason(value: str | None) -> None:
    message = "Say in a sentence why the record is amended."
    assert amendment({"amendment_reason": value}).errors == {"amendment_reason": [message]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 501, id="too long"),
        pytest.param("A\u202eda", id="with a direction mark"),
        pytest.param(["A reason", "Another"], id="sent twice"),
    ],
)
def test_an_invalid_reason_gets_an_error(value: FormValue) -> None:
    assert list(amendment({"amendment_reason": value}).errors) == ["amendment_reason"]


def test_a_reason_of_500_characters_is_valid() -> None:
    assert amendment({"amendment_reason": "x" * 500}).amendment_reason == "x" * 500


def test_a_new_screening_has_no_reason() -> None:
    assert submitted_form().amendment_reason == ""


@pytest.mark.parametrize("number", ["DEMO-0002", "DEMO 0001", "0001", "DEMO-0001-"])
def test_an_amendment_cannot_change_the_record_number(number: str) -> None:
    (message,) = amendment({"record_number": number}).errors["record_number"]
    assert message == (
        "An amendment stays in the chart of record number DEMO-0001. If that is the wrong chart, mark the record as "
        "entered in error and screen again."
    )


@pytest.mark.parametrize("number", ["demo-0001", " DEMO-0001  "])
def test_the_record_number_of_an_amendment_may_differ_in_case_and_spaces(number: str) -> None:
    assert amendment({"record_number": number}).is_valid()


def test_an_amendment_without_a_record_number_gets_only_that_error() -> None:
    assert amendment({"record_number": ""}).errors == {"record_number": ["Enter the record number."]}


def test_another_name_on_an_amendment_must_be_confirmed() -> None:
    changes: dict[str, FormValue] = {"patient_name": "Sample Patience"}
    assert list(amendment(changes, last_use=used_for()).errors) == ["confirm_patient"]
    confirmed: dict[str, FormValue] = {"confirm_patient": confirmation(amendment(changes, last_use=used_for()))}
    assert amendment(changes | confirmed, last_use=used_for()).is_valid()


# Entered in error ---------------------------------------------------------------------------------------------


def void_form(reason: str = "Wrong patient", confirmation: str = "5d3a-91c7") -> VoidForm:
    """Return the submitted form that marks record 5d3a-91c7 as entered in error."""
    data = QueryDict(mutable=True)
    data.update({"void_reason": reason, "confirmation": confirmation})
    return VoidForm("5d3a-91c7", data)


def test_a_reason_and_the_number_of_the_record_are_valid() -> None:
    form = void_form(" Wrong  patient ")
    assert form.is_valid()
    assert form.cleaned_data["void_reason"] == "Wrong patient"


def test_the_void_form_is_blank_and_names_the_number_to_type() -> None:
    form = VoidForm("5d3a-91c7")
    assert form["confirmation"].label == "Type 5d3a-91c7 to confirm"
    assert [form[name].value() for name in form.fields] == [None, None]


@pytest.mark.parametrize("entered", ["5D3A-91C7", "5d3a91c7", " 5d3a-91c7 ", "5d3a 91c7"])
def test_the_number_may_have_any_case_and_spacing(entered: str) -> None:
    assert void_form(confirmation=entered).is_valid()


@pytest.mark.parametrize(
    ("entered", "message"),
    [
        pytest.param("", "Type 5d3a-91c7, the number of this record.", id="nothing"),
        pytest.param("5d3a-91c8", "This is not the number of this record. Type 5d3a-91c7.", id="another number"),
        pytest.param("5d3a", "This is not the number of this record. Type 5d3a-91c7.", id="half of it"),
        pytest.param("void", "This is not the number of this record. Type 5d3a-91c7.", id="a word"),
    ],
)
def test_a_missing_or_wrong_number_gets_an_error(entered: str, message: str) -> None:
    assert void_form(confirmation=entered).errors == {"confirmation": [message]}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "A\u202eda"], ids=["none", "blank", "too long", "direction"])
def test_an_invalid_reason_for_voiding_gets_an_error(reason: str) -> None:
    assert list(void_form(reason).errors) == ["void_reason"]


# Dropping answers ---------------------------------------------------------------------------------------------


def test_dropping_a_rule_removes_its_answer_and_details_and_nothing_else() -> None:
    data = form_data({"pregnancy": "yes", "pregnancy.status": "trying", "pregnancy.unknown-reason": ""})
    remaining = drop_answers((RULES.by_link_id["pregnancy"],), data)
    assert set(remaining) == COMPLETE_FORM.keys() - {"pregnancy"}


def test_the_remaining_fields_keep_all_their_values() -> None:
    data = form_data({"opioid-use.kind": ["methadone", "gut-acting"]})
    remaining = drop_answers((RULES.by_link_id["pregnancy"],), data)
    assert remaining.getlist("opioid-use.kind") == ["methadone", "gut-acting"]


def test_dropping_answers_does_not_change_the_submitted_data() -> None:
    data = form_data()
    drop_answers(RULES.items, data)
    assert data == form_data()


def test_a_rule_with_a_similar_link_id_is_not_dropped() -> None:
    remaining = drop_answers((RULES.by_link_id["pregnancy"],), form_data({"pregnancy-test": "yes"}))
    assert remaining["pregnancy-test"] == "yes"


# The ticket ---------------------------------------------------------------------------------------------------

TICKET = FormTicket(3, UUID("5d3a91c7-0000-4000-8000-000000000001"), 7)


def test_a_signed_ticket_is_read_back() -> None:
    assert FormTicket.read(TICKET.signed()) == TICKET


def test_a_ticket_is_issued_for_the_edition_and_the_user() -> None:
    issued = FormTicket.issue(Edition(number=3), 7)
    assert (issued.edition_number, issued.begun_by) == (3, 7)


def test_a_ticket_of_an_earlier_release_has_no_user() -> None:
    earlier = signing.dumps([3, TICKET.key.hex], salt=TICKET_FIELD)
    assert FormTicket.read(earlier) == FormTicket(3, TICKET.key, None)


def test_each_ticket_has_a_key_of_its_own() -> None:
    assert FormTicket.issue(Edition(number=3), 7).key != FormTicket.issue(Edition(number=3), 7).key


def test_a_ticket_with_one_character_changed_is_not_read() -> None:
    text = TICKET.signed()
    altered = [text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :] for at in range(len(text))]
    assert [each for each in altered if FormTicket.read(each) is not None] == []


@pytest.mark.parametrize(
    "text",
    ["", "x", ":", "a:b:c", "\x00", "é", "\ud800", "x" * 100_000, signing.dumps([3, TICKET.key.hex], salt="another")],
    ids=[
        "nothing",
        "a letter",
        "a colon",
        "three parts",
        "NUL",
        "accent",
        "half",
        "huge",
        "signed for something else",
    ],
)
def test_an_invalid_ticket_is_not_read(text: str) -> None:
    assert FormTicket.read(text) is None


# The search form ----------------------------------------------------------------------------------------------


def search_form(**data: str) -> SearchForm:
    """Return a submitted search form."""
    query = QueryDict(mutable=True)
    query.update(data)
    return SearchForm(query)


@pytest.mark.parametrize("entered", ["5d3a-91c7", "5D3A91C7", " 5d3a-91c7 "])
def test_a_record_id_may_have_any_case_and_no_hyphen(entered: str) -> None:
    form = search_form(id=entered)
    assert form.is_valid()
    assert form.filters == {"id": "5d3a91c7"}


@pytest.mark.parametrize("entered", ["5d3a", "5d3a-91c", "5d3a-91c7-0000", "5d3a 91c7", "ghij-klmn", "٣٣٣٣-٣٣٣٣"])
def test_an_invalid_record_id_gets_an_error(entered: str) -> None:
    assert search_form(id=entered).errors == {"id": ["Enter the eight characters as printed: 5d3a-91c7."]}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"outcome": "fine"}, "outcome"),
        ({"from": "yesterday"}, "from"),
        ({"to": "31 Feb 2026"}, "to"),
        ({"to": "31 Dec 9999"}, "to"),
    ],
)
def test_an_invalid_filter_gets_an_error(data: dict[str, str], name: str) -> None:
    assert list(search_form(**data).errors) == [name]


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY + timedelta(days=10_000), LATEST_DAY])
def test_a_date_filter_may_be_in_the_future(name: str, day: date) -> None:
    form = search_form(**{name: day.isoformat()})
    assert form.is_valid()
    assert form.filters == {name: day}


def test_query_and_filters_are_optional() -> None:
    form = search_form(q=" ", outcome="")
    assert form.is_valid()
    assert (form.query, form.filters) == ("", {})


@pytest.mark.parametrize("query", ["-", "’", "…", ",.", "%", "_", "\\", "´", "–—", "\u0301"])
def test_a_search_without_a_letter_or_a_digit_is_refused(query: str) -> None:
    assert search_form(q=query).errors == {"q": ["Enter at least one letter or digit of the name or record number."]}


def test_the_submitted_filters_are_unchanged_text_without_the_query() -> None:
    form = search_form(q="Sample", id="5D3A91C7", to=" 27 Mar 2026 ")
    assert form.is_valid()
    assert form.submitted_filters == {"id": "5D3A91C7", "to": "27 Mar 2026"}


# Record numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "place", "name"),
    [
        ("DEM\u041e-1", "Character 4, “\u041e”", "CYRILLIC CAPITAL LETTER O"),
        ("\u0391-B1", "Character 1, “\u0391”", "GREEK CAPITAL LETTER ALPHA"),
        ("\u0410\u0392-1", "Character 2, “\u0392”", "GREEK CAPITAL LETTER BETA"),
    ],
)
def test_a_letter_of_another_script_in_a_record_number_is_refused_and_named(
    number: str, place: str, name: str
) -> None:
    (message,) = submitted_form({"record_number": number}).errors["record_number"]
    assert str(message).startswith(f"{place}, is {name}, but the number also has ")


def test_a_record_number_that_is_too_long_to_compare_is_refused() -> None:
    assert list(submitted_form({"record_number": "\ufdfa" * 64}).errors) == ["record_number"]


def test_an_earlier_record_with_mixed_letters_in_its_number_can_be_amended() -> None:
    number = "DEM\u041e-1"
    earlier = replace(EARLIER, patient=with_patient(record_number=number))
    assert amendment({"record_number": number}, earlier=earlier).is_valid()
