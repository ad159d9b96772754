"""The screening form, built from the shipped rules without a database, and the forms of the list."""

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
from screening.models import Edition
from screening.screenings.form_ticket import TICKET_FIELD, FormTicket
from screening.screenings.forms.screening_form import ScreeningForm, drop_answers
from screening.screenings.forms.search import LATEST_DAY, SearchForm
from screening.screenings.forms.void import VoidForm
from tests.rules import shipped_rules
from tests.unit.builders import TODAY, definition, item, record, with_patient

RULES = shipped_rules()
LINK_IDS = [rule.link_id for rule in RULES.items]
Sent = str | list[str] | None

PLAIN: dict[str, Sent] = {
    "patient_name": "Sample Patient",
    "birth_date": "12 Apr 1961",
    "record_number": "DEMO-0001",
    **dict.fromkeys(LINK_IDS, "no"),
}
"""The shortest form that is complete: every question answered no."""


def sent(changes: dict[str, Sent] | None = None) -> QueryDict:
    """A form as a browser sends it: the plain one with some fields changed, repeated (a list) or left out (None)."""
    data = QueryDict(mutable=True)
    for name, value in (PLAIN | (changes or {})).items():
        if value is not None:
            data.setlist(name, value if isinstance(value, list) else [value])
    return data


def never_used(record_number: str) -> LastUse | None:
    """A record number that was never used."""
    return None


def form_of(
    changes: dict[str, Sent] | None = None, *, last_use: Callable[[str], LastUse | None] = never_used
) -> ScreeningForm:
    """A form that was sent, checked."""
    form = ScreeningForm(RULES, sent(changes), today=TODAY, last_use=last_use)
    form.full_clean()
    return form


def errors_of(changes: dict[str, Sent]) -> dict[str, list[str]]:
    """The sentences beside each field; those of the whole form under ``__all__``."""
    return {name: [str(each) for each in sentences] for name, sentences in form_of(changes).errors.items()}


def empty_form() -> ScreeningForm:
    """A form as it is opened."""
    return ScreeningForm(RULES, today=TODAY, last_use=never_used)


FIELD_NAMES = sorted(empty_form().fields)
every_field = pytest.mark.parametrize("name", FIELD_NAMES)


# As it is opened ----------------------------------------------------------------------------------------------


def test_the_fields_have_their_names_in_their_order() -> None:
    names = [
        *("confirm_takeover", "patient_name", "birth_date", "record_number", "confirm_patient"),
        *("dose_mg", "indication"),
    ]
    for rule in RULES.items:
        reasons = ["unknown-reason", *(["na-reason"] if rule.not_applicable_reasons else [])]
        parts = [*reasons, *(each.link_id for each in rule.follow_ups)]
        names += [rule.link_id, *(f"{rule.link_id}.{part}" for part in parts)]
    assert list(empty_form().fields) == names


@every_field
def test_nothing_is_preselected(name: str) -> None:
    html = str(empty_form()[name])
    assert (
        re.findall(r"\bchecked\b|<option value=\"[^\"]+\"[^>]* selected|<input type=\"text\"[^>]* value=", html) == []
    )


@every_field
def test_no_field_has_a_value_before_it_is_filled(name: str) -> None:
    assert not empty_form()[name].value()


@every_field
def test_no_browser_keeps_a_form_back_before_our_own_sentences_are_shown(name: str) -> None:
    assert " required" not in str(empty_form()[name])


@every_field
def test_html_ids_hold_no_dot(name: str) -> None:
    bound = empty_form()[name]
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
    assert empty_form()[name].auto_id == html_id


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
    assert [code for code, _ in empty_form().fields[link_id].choices] == codes  # type: ignore[attr-defined]


def test_a_question_is_numbered() -> None:
    question = empty_form().questions[2]
    assert (question.item.link_id, question.number, question.total) == ("pregnancy", 3, 4)


def test_a_question_is_rendered_with_its_own_fields() -> None:
    page = html.fromstring(f"<form>{render_crispy_form(empty_form())}</form>")
    names = {name for rule in page.xpath("//*[@data-rule='pregnancy']") for name in rule.xpath(".//@name")}
    assert names == {name for name in empty_form().fields if name.partition(".")[0] == "pregnancy"}


def test_a_question_that_always_applies_asks_for_no_reason_why_not() -> None:
    assert "opioid-use.na-reason" not in empty_form().fields


@pytest.mark.parametrize(
    ("changes", "is_open"),
    [
        pytest.param({"opioid-use": "no", "opioid-use.agent": "Tramadol"}, True, id="details under a no"),
        pytest.param({"opioid-use": None, "opioid-use.agent": "Tramadol"}, True, id="details without an answer"),
        pytest.param({"opioid-use": "yes", "opioid-use.agent": "Tramadol"}, False, id="details under a yes"),
        pytest.param({"opioid-use": "no", "opioid-use.agent": " "}, False, id="no details"),
    ],
)
def test_details_that_contradict_the_answer_stay_in_sight(changes: dict[str, Sent], is_open: bool) -> None:
    assert form_of(changes).questions[0].keep_open is is_open


# What is required ---------------------------------------------------------------------------------------------


def test_the_shortest_complete_form_is_taken() -> None:
    assert errors_of({}) == {}


@pytest.mark.parametrize(
    ("name", "sentence"),
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
def test_what_is_required_is_asked_for_beside_its_field(name: str, value: str | None, sentence: str) -> None:
    assert errors_of({name: value}) == {name: [sentence]}


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
        pytest.param("birth_date", "12/04/1961", id="a date that reads two ways"),
        pytest.param("dose_mg", "0.09", id="a dose too small"),
        pytest.param("dose_mg", "100.1", id="a dose too large"),
        pytest.param("dose_mg", "4,5", id="a dose with a comma"),
        pytest.param("patient_name", "x" * 201, id="a name too long"),
        pytest.param("record_number", "x" * 65, id="a record number too long"),
        pytest.param("indication", "x" * 201, id="an indication too long"),
        pytest.param("patient_name", "A\u202eda", id="a direction mark in a name"),
    ],
)
def test_what_cannot_be_is_refused_beside_its_field(name: str, value: str) -> None:
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
def test_the_limits_themselves_are_taken(name: str, value: str) -> None:
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
def test_a_detail_that_cannot_be_is_refused_beside_its_field(name: str, value: Sent) -> None:
    assert list(errors_of({"opioid-use": "yes", f"opioid-use.{name}": value})) == [f"opioid-use.{name}"]


@pytest.mark.parametrize("value", ["-1", "1001", "NaN", "1e999"])
def test_a_number_among_the_details_has_its_limits(value: str) -> None:
    name = "severe-liver-disease.transaminases-uln"
    assert list(errors_of({"severe-liver-disease": "yes", name: value})) == [name]


# Unlikely values ----------------------------------------------------------------------------------------------

TIMES_LIMIT = "severe-liver-disease.transaminases-uln"


def shown_notes(changes: dict[str, Sent]) -> dict[str, str]:
    """The notes that a form shows beside its fields once it was sent."""
    return {name: note.words for name, note in form_of(changes).notes.items() if note.is_shown}


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
def test_an_unlikely_value_gets_a_note_and_is_not_refused(changes: dict[str, Sent], notes: dict[str, str]) -> None:
    assert errors_of(changes) == {}
    assert shown_notes(changes) == notes


def test_a_value_that_is_refused_gets_no_note() -> None:
    assert shown_notes({"severe-liver-disease": "yes", TIMES_LIMIT: "1001", "birth_date": "31 Dec 1899"}) == {}


def test_a_note_that_is_shown_describes_its_field() -> None:
    field = form_of({"severe-liver-disease": "yes", TIMES_LIMIT: "240"})[TIMES_LIMIT]
    note = "id_severe-liver-disease__transaminases-uln_note"
    assert (field.aria_describedby or "").split()[-1] == note
    assert f"{note}" in str(field)


def test_on_an_empty_form_no_note_is_shown() -> None:
    form = ScreeningForm(RULES, today=TODAY, last_use=never_used)
    assert [name for name, note in form.notes.items() if note.is_shown] == []
    assert "_note" not in str(form[TIMES_LIMIT])


# What does not belong -----------------------------------------------------------------------------------------


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
        "\x00",
    ],
)
def test_a_field_that_the_form_does_not_have_is_refused_by_name(name: str) -> None:
    assert errors_of({name: "yes"}) == {"__all__": [f"This form has no field “{name}”. Send only its own fields."]}


def test_a_long_name_of_a_foreign_field_is_cut_short() -> None:
    (sentence,) = errors_of({"x" * 5000: "yes"})["__all__"]
    assert sentence == f"This form has no field “{'x' * 60}”. Send only its own fields."


def test_a_file_is_a_field_that_the_form_does_not_have() -> None:
    files: MultiValueDict[str, UploadedFile] = MultiValueDict({"scan": [SimpleUploadedFile("scan.pdf", b"%PDF")]})
    form = ScreeningForm(RULES, sent(), files, today=TODAY, last_use=never_used)
    assert form.errors == {"__all__": ["This form has no field “scan”. Send only its own fields."]}


@pytest.mark.parametrize("name", [TICKET_FIELD, "csrfmiddlewaretoken"])
def test_what_the_page_itself_carries_is_no_foreign_field(name: str) -> None:
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
def test_a_field_sent_twice_is_refused_beside_it(name: str, values: list[str]) -> None:
    assert "This was sent twice. Give one answer." in errors_of({name: values})[name]


def test_several_kinds_of_opioid_may_be_chosen() -> None:
    form = form_of({"opioid-use": "yes", "opioid-use.kind": ["methadone", "gut-acting"]})
    assert form.answers["opioid-use"].details["kind"] == ("methadone", "gut-acting")


# Answers and their details ------------------------------------------------------------------------------------

FILLED = [
    pytest.param("opioid-use.agent", "Tramadol", "opioid", id="a text"),
    pytest.param("opioid-use.last-dose", "22 Nov 2026", "last dose", id="a date"),
    pytest.param("opioid-use.kind", ["methadone"], "kind", id="several choices"),
    pytest.param("opioid-use.urine-screen", "none", "urine screen", id="one choice"),
]


@pytest.mark.parametrize(("name", "value", "told"), FILLED)
@pytest.mark.parametrize(("answer", "said"), [("no", "no"), ("unknown", "not known")])
def test_details_under_another_answer_than_yes_are_refused_beside_them(
    answer: str, said: str, name: str, value: Sent, told: str
) -> None:
    assert errors_of({"opioid-use": answer, name: value}) == {
        name: [f"You answered {said}, but gave details ({told}). Clear them, or change the answer to yes."]
    }


def test_details_under_not_applicable_are_refused_beside_them() -> None:
    changes: dict[str, Sent] = {
        "pregnancy": "not_applicable",
        "pregnancy.na-reason": "other",
        "pregnancy.status": "trying",
    }
    (sentence,) = errors_of(changes)["pregnancy.status"]
    assert sentence.startswith("You answered not applicable, but gave details (status).")


def test_every_detail_that_contradicts_the_answer_is_told() -> None:
    changes: dict[str, Sent] = {"opioid-use.agent": "Tramadol", "opioid-use.last-dose": "22 Nov 2026"}
    assert set(errors_of(changes)) == {"opioid-use.agent", "opioid-use.last-dose"}


@pytest.mark.parametrize("value", ["", "   "])
def test_an_empty_detail_contradicts_nothing(value: str) -> None:
    assert errors_of({"opioid-use.agent": value}) == {}


def test_an_abbreviation_among_the_details_keeps_its_capitals() -> None:
    (sentence,) = errors_of({"severe-liver-disease.inr": "3"})["severe-liver-disease.inr"]
    assert "gave details (INR)" in sentence


@pytest.mark.parametrize("link_id", ["pregnancy", "breastfeeding"])
def test_not_applicable_needs_a_reason(link_id: str) -> None:
    assert errors_of({link_id: "not_applicable"}) == {f"{link_id}.na-reason": ["Choose why this does not apply."]}


def test_a_reason_that_does_not_exist_is_told_once() -> None:
    changes: dict[str, Sent] = {"pregnancy": "not_applicable", "pregnancy.na-reason": "nonsense"}
    assert errors_of(changes) == {"pregnancy.na-reason": ["Choose after menopause, no uterus or another reason."]}


def test_unknown_needs_no_reason() -> None:
    assert form_of({"opioid-use": "unknown"}).answers["opioid-use"] == Answer(AnswerCode.UNKNOWN)


@pytest.mark.parametrize("reason", ["asked-unknown", "asked-declined", "not-asked"])
def test_an_unknown_answer_keeps_its_reason(reason: str) -> None:
    form = form_of({"opioid-use": "unknown", "opioid-use.unknown-reason": reason})
    assert form.answers["opioid-use"] == Answer(AnswerCode.UNKNOWN, reason)


def test_not_applicable_keeps_its_reason() -> None:
    form = form_of({"pregnancy": "not_applicable", "pregnancy.na-reason": "no-uterus"})
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
    changes: dict[str, Sent] = {"pregnancy": answer, "pregnancy.na-reason": reason}
    changes |= {f"pregnancy.{name}": values[name] for name in ignored}
    assert form_of(changes).answers["pregnancy"] == Answer(AnswerCode(answer), reason)


def test_details_are_read_as_what_they_are() -> None:
    form = form_of(
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


def test_a_detail_of_nought_is_kept() -> None:
    form = form_of({"severe-liver-disease": "yes", "severe-liver-disease.transaminases-uln": "0"})
    assert form.answers["severe-liver-disease"].details == {"transaminases-uln": Decimal(0)}


def test_details_left_empty_are_not_kept() -> None:
    form = form_of({"opioid-use": "yes", "opioid-use.agent": "", "opioid-use.last-dose": " ", "opioid-use.kind": []})
    assert form.answers["opioid-use"] == Answer(AnswerCode.YES)


def test_a_form_filled_in_full_answers_every_rule_and_nothing_else() -> None:
    assert form_of().answers == {link_id: Answer(AnswerCode.NO) for link_id in LINK_IDS}


# The patient --------------------------------------------------------------------------------------------------


def test_the_patient_is_read_as_what_it_is() -> None:
    form = form_of({"dose_mg": "4.50", "indication": " Chronic  pain ", "patient_name": " Sample  Patient"})
    assert form.patient == with_patient(dose_mg=Decimal("4.5"), indication="Chronic pain")


def test_a_dose_left_out_is_not_given() -> None:
    assert form_of({"dose_mg": ""}).patient.dose_mg is None


def another(**changes: object) -> Callable[[str], LastUse | None]:
    """A record number that was last used for a patient who differs in something."""
    return lambda record_number: LastUse(RECORD, with_patient(**changes))


RECORD = UUID("0a1b2c3d-0000-4000-8000-000000000000")
DIFFERENT = [
    pytest.param({"name": "Another Person"}, id="another name"),
    pytest.param({"birth_date": BirthDate(1961, 4, 13)}, id="another birth date"),
]


@pytest.mark.parametrize("changes", DIFFERENT)
def test_a_record_number_last_used_for_somebody_else_is_asked_about(changes: dict[str, object]) -> None:
    assert list(form_of(last_use=another(**changes)).errors) == ["confirm_patient"]


def test_who_the_record_number_was_last_used_for_is_told() -> None:
    (sentence,) = form_of(last_use=another(name="Another Person")).errors["confirm_patient"]
    assert sentence == (
        "Record number DEMO-0001 was last used for Another Person, born 12 April 1961. "
        "Check number, name and birth date."
    )


def test_the_record_that_the_question_names_is_known() -> None:
    last = form_of(last_use=another(name="Another Person")).asked_about
    assert last is not None
    assert last.record == RECORD


def test_a_form_that_asks_nothing_names_no_record() -> None:
    assert form_of(last_use=another()).asked_about is None


def confirmation(form: ScreeningForm, name: str = "confirm_patient") -> str:
    """What a tick in a box of a form sends."""
    (box,) = html.fromstring(str(form[name])).xpath("//input")
    return str(box.get("value"))


def confirmed_of(changes: dict[str, object]) -> dict[str, Sent]:
    """A tick in the box that a form shows for a number that was last used for somebody else."""
    return {"confirm_patient": confirmation(form_of(last_use=another(**changes)))}


@pytest.mark.parametrize("changes", DIFFERENT)
def test_the_patient_may_be_confirmed(changes: dict[str, object]) -> None:
    assert form_of(confirmed_of(changes), last_use=another(**changes)).is_valid()


@pytest.mark.parametrize("bare", ["on", "true", "1", "yes", "DEMO-0001", "\N{SNOWMAN}", "\0"])
def test_a_bare_value_confirms_nothing(bare: str) -> None:
    form = form_of({"confirm_patient": bare}, last_use=another(name="Another Person"))
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
def test_a_confirmation_holds_for_nothing_else_than_was_asked_about(other: dict[str, Sent]) -> None:
    confirmed = confirmed_of({"name": "Another Person"})
    form = form_of(confirmed | other, last_use=another(name="Another Person"))
    assert list(form.errors) == ["confirm_patient"]
    assert "checked" not in str(form["confirm_patient"])


def test_a_confirmation_falls_when_the_number_was_used_for_a_third_person_meanwhile() -> None:
    confirmed = confirmed_of({"name": "Another Person"})
    assert list(form_of(confirmed, last_use=another(name="Third Person")).errors) == ["confirm_patient"]


def test_a_confirmation_that_still_holds_comes_back_ticked() -> None:
    confirmed = confirmed_of({"name": "Another Person"})
    form = form_of(confirmed | {"pregnancy": None}, last_use=another(name="Another Person"))
    assert list(form.errors) == ["pregnancy"]
    assert "checked" in str(form["confirm_patient"])


def test_the_box_says_whom_it_confirms() -> None:
    form = form_of(last_use=another(name="Another Person"))
    assert form["confirm_patient"].label == "Record number DEMO-0001 belongs to Sample Patient, born 12 April 1961"


@pytest.mark.parametrize("typed", ["1961", "Apr 1961"])
def test_a_birth_date_of_which_the_known_parts_agree_is_not_asked_about(typed: str) -> None:
    assert form_of({"birth_date": typed}, last_use=another()).is_valid()


@pytest.mark.parametrize("typed", ["1962", "May 1961", "13 Apr 1961"])
def test_a_birth_date_of_which_a_known_part_differs_is_asked_about(typed: str) -> None:
    form = form_of({"birth_date": typed}, last_use=another(birth_date=BirthDate(1961, 4, 12)))
    assert list(form.errors) == ["confirm_patient"]


@pytest.mark.parametrize(
    "name",
    ["Sample Patient", "SAMPLE PATIENT", "sample  patient", "Sámple Patiënt", "Sa\u0301mple Patient"],
    ids=["the same", "capitals", "spaces", "accents", "accents apart"],
)
def test_a_name_that_differs_only_in_writing_is_not_asked_about(name: str) -> None:
    assert form_of(last_use=another(name=name)).is_valid()


def test_an_apostrophe_and_a_letter_with_a_stroke_may_be_typed_plainly() -> None:
    name = "O\u2019Dálaigh Łukasz-Øster"
    assert form_of({"patient_name": "O'Dalaigh Lukasz Oster"}, last_use=another(name=name)).is_valid()


@pytest.mark.parametrize("name", ["Patient Sample", "SamplePatient", "Sample Patients"])
def test_a_name_with_other_words_or_in_another_order_is_asked_about(name: str) -> None:
    assert list(form_of(last_use=another(name=name)).errors) == ["confirm_patient"]


def test_names_without_a_letter_are_compared_too() -> None:
    assert list(form_of({"patient_name": "??"}, last_use=another(name="!!")).errors) == ["confirm_patient"]


@pytest.mark.parametrize("missing", ["patient_name", "birth_date", "record_number"])
def test_an_incomplete_patient_is_not_compared(missing: str) -> None:
    form = form_of({missing: ""}, last_use=another(name="Another Person", birth_date=BirthDate(1990, 1, 1)))
    assert list(form.errors) == [missing]


def test_the_patient_is_looked_up_by_the_record_number_as_it_was_read() -> None:
    asked: list[str] = []
    form_of({"record_number": " DEMO  0001 "}, last_use=asked.append)  # append returns None: never used
    assert asked == ["DEMO 0001"]


# Amending -----------------------------------------------------------------------------------------------------

TRAMADOL = Answer(AnswerCode.YES, details={"agent": "Tramadol", "last-dose": date(2026, 11, 19)})
EARLIER = record(
    RULES,
    {link_id: Answer(AnswerCode.NO) for link_id in LINK_IDS}
    | {"opioid-use": TRAMADOL, "pregnancy": Answer(AnswerCode.UNKNOWN, "asked-declined")},
    patient=with_patient(indication="Chronic pain"),
)
BECAUSE: dict[str, Sent] = {"amendment_reason": "She had misheard."}


def amendment(
    changes: dict[str, Sent] | None = None,
    *,
    earlier: Record = EARLIER,
    last_use: Callable[[str], LastUse | None] = never_used,
) -> ScreeningForm:
    """A form that was sent to amend a record, checked."""
    data = sent(BECAUSE | (changes or {}))
    form = ScreeningForm(RULES, data, today=TODAY, last_use=last_use, amends=earlier)
    form.full_clean()
    return form


def opened_to_amend(earlier: Record = EARLIER) -> ScreeningForm:
    """A form as it is opened to amend a record."""
    return ScreeningForm(RULES, today=TODAY, last_use=never_used, amends=earlier)


def test_to_amend_the_reason_is_asked_first_and_the_rest_as_ever() -> None:
    first, *rest = empty_form().fields
    assert list(opened_to_amend().fields) == [first, "amendment_reason", *rest]


def test_to_amend_the_patient_is_filled_in_as_it_is_typed() -> None:
    form = opened_to_amend()
    names = ["patient_name", "birth_date", "record_number", "dose_mg", "indication"]
    assert [form[name].value() for name in names] == [
        "Sample Patient", "12 Apr 1961", "DEMO-0001", "4.5", "Chronic pain"
    ]  # fmt: skip


def test_what_was_filled_in_to_amend_is_taken_as_it_stands() -> None:
    form = opened_to_amend()
    names = ["patient_name", "birth_date", "record_number", "dose_mg", "indication"]
    assert amendment({name: str(form[name].value()) for name in names}).patient == EARLIER.patient


def test_a_dose_that_was_not_given_is_not_filled_in() -> None:
    earlier = record(RULES, {}, patient=with_patient(dose_mg=None))
    assert opened_to_amend(earlier)["dose_mg"].value() == ""


@pytest.mark.parametrize("name", [name for name in FIELD_NAMES if name.partition(".")[0] in LINK_IDS])
def test_to_amend_no_answer_and_no_detail_is_preselected(name: str) -> None:
    form = opened_to_amend()
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
def test_the_earlier_answer_stands_with_its_question(number: int, earlier: str) -> None:
    assert opened_to_amend().questions[number - 1].earlier == earlier


def test_a_question_that_the_earlier_record_did_not_have_was_not_asked() -> None:
    earlier = record(definition(item("another-rule")), {})
    assert [opened_to_amend(earlier).questions[number - 1].earlier for number in (1, 4)] == [
        "Not asked.",
        "Not asked.",
    ]


def test_a_new_screening_has_no_earlier_answers() -> None:
    assert [empty_form().questions[number - 1].earlier for number in (1, 2, 3, 4)] == ["", "", "", ""]


@pytest.mark.parametrize("value", [None, "", "  "], ids=["left out", "empty", "blank"])
def test_to_amend_a_reason_is_required(value: str | None) -> None:
    sentence = "Say in a sentence why the record is amended."
    assert amendment({"amendment_reason": value}).errors == {"amendment_reason": [sentence]}


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("x" * 501, id="too long"),
        pytest.param("A\u202eda", id="with a direction mark"),
        pytest.param(["A reason", "Another"], id="sent twice"),
    ],
)
def test_a_reason_that_cannot_be_kept_is_refused_beside_it(value: Sent) -> None:
    assert list(amendment({"amendment_reason": value}).errors) == ["amendment_reason"]


def test_a_reason_of_500_characters_is_taken() -> None:
    assert amendment({"amendment_reason": "x" * 500}).amendment_reason == "x" * 500


def test_a_new_screening_has_no_reason() -> None:
    assert form_of().amendment_reason == ""


@pytest.mark.parametrize("number", ["DEMO-0002", "DEMO 0001", "0001", "DEMO-0001-"])
def test_an_amendment_stays_in_its_chart(number: str) -> None:
    (sentence,) = amendment({"record_number": number}).errors["record_number"]
    assert sentence == (
        "An amendment stays in the chart of record number DEMO-0001. If that is the wrong chart, mark the record as "
        "entered in error and screen again."
    )


@pytest.mark.parametrize("number", ["demo-0001", " DEMO-0001  "])
def test_the_record_number_of_an_amendment_may_be_written_otherwise(number: str) -> None:
    assert amendment({"record_number": number}).is_valid()


def test_a_record_number_left_out_of_an_amendment_is_asked_for_and_nothing_else() -> None:
    assert amendment({"record_number": ""}).errors == {"record_number": ["Enter the record number."]}


def test_another_name_on_an_amendment_is_asked_about_and_may_be_confirmed() -> None:
    changes: dict[str, Sent] = {"patient_name": "Sample Patience"}
    assert list(amendment(changes, last_use=another()).errors) == ["confirm_patient"]
    confirmed: dict[str, Sent] = {"confirm_patient": confirmation(amendment(changes, last_use=another()))}
    assert amendment(changes | confirmed, last_use=another()).is_valid()


# Entered in error ---------------------------------------------------------------------------------------------


def void_form(reason: str = "Wrong patient", confirmation: str = "5d3a-91c7") -> VoidForm:
    """A form that was sent to mark record 5d3a-91c7 as entered in error."""
    data = QueryDict(mutable=True)
    data.update({"void_reason": reason, "confirmation": confirmation})
    return VoidForm("5d3a-91c7", data)


def test_a_reason_and_the_number_of_the_record_mark_it() -> None:
    form = void_form(" Wrong  patient ")
    assert form.is_valid()
    assert form.cleaned_data["void_reason"] == "Wrong patient"


def test_the_form_says_which_number_to_type_and_holds_nothing() -> None:
    form = VoidForm("5d3a-91c7")
    assert form["confirmation"].label == "Type 5d3a-91c7 to confirm"
    assert [form[name].value() for name in form.fields] == [None, None]


@pytest.mark.parametrize("typed", ["5D3A-91C7", "5d3a91c7", " 5d3a-91c7 ", "5d3a 91c7"])
def test_the_number_may_be_typed_in_any_way(typed: str) -> None:
    assert void_form(confirmation=typed).is_valid()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        pytest.param("", "Type 5d3a-91c7, the number of this record.", id="nothing"),
        pytest.param("5d3a-91c8", "This is not the number of this record. Type 5d3a-91c7.", id="another number"),
        pytest.param("5d3a", "This is not the number of this record. Type 5d3a-91c7.", id="half of it"),
        pytest.param("void", "This is not the number of this record. Type 5d3a-91c7.", id="a word"),
    ],
)
def test_without_its_number_a_record_is_not_marked(typed: str, sentence: str) -> None:
    assert void_form(confirmation=typed).errors == {"confirmation": [sentence]}


@pytest.mark.parametrize("reason", ["", "  ", "x" * 501, "A\u202eda"], ids=["none", "blank", "too long", "direction"])
def test_without_a_reason_that_can_be_kept_a_record_is_not_marked(reason: str) -> None:
    assert list(void_form(reason).errors) == ["void_reason"]


# Answers taken out --------------------------------------------------------------------------------------------


def test_answers_to_a_rule_are_taken_out_with_their_details_and_nothing_else() -> None:
    data = sent({"pregnancy": "yes", "pregnancy.status": "trying", "pregnancy.unknown-reason": ""})
    kept = drop_answers((RULES.by_link_id["pregnancy"],), data)
    assert set(kept) == PLAIN.keys() - {"pregnancy"}


def test_what_is_kept_is_kept_with_all_its_values() -> None:
    data = sent({"opioid-use.kind": ["methadone", "gut-acting"]})
    kept = drop_answers((RULES.by_link_id["pregnancy"],), data)
    assert kept.getlist("opioid-use.kind") == ["methadone", "gut-acting"]


def test_what_was_sent_stays_as_it_was() -> None:
    data = sent()
    drop_answers(RULES.items, data)
    assert data == sent()


def test_a_rule_whose_link_id_begins_alike_is_kept() -> None:
    kept = drop_answers((RULES.by_link_id["pregnancy"],), sent({"pregnancy-test": "yes"}))
    assert kept["pregnancy-test"] == "yes"


# The ticket ---------------------------------------------------------------------------------------------------

TICKET = FormTicket(3, UUID("5d3a91c7-0000-4000-8000-000000000001"), 7)


def test_a_signed_ticket_is_read_back() -> None:
    assert FormTicket.read(TICKET.signed()) == TICKET


def test_a_ticket_is_issued_for_the_edition_and_who_opens_the_form() -> None:
    issued = FormTicket.issue(Edition(number=3), 7)
    assert (issued.edition_number, issued.begun_by) == (3, 7)


def test_a_ticket_of_an_earlier_release_names_nobody_who_began_the_form() -> None:
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
def test_what_is_no_ticket_is_not_read(text: str) -> None:
    assert FormTicket.read(text) is None


# Lists --------------------------------------------------------------------------------------------------------


def filtered(**data: str) -> SearchForm:
    """The form above the list, checked."""
    query = QueryDict(mutable=True)
    query.update(data)
    return SearchForm(query)


@pytest.mark.parametrize("typed", ["5d3a-91c7", "5D3A91C7", " 5d3a-91c7 "])
def test_a_record_is_found_by_its_id_however_it_is_typed(typed: str) -> None:
    form = filtered(id=typed)
    assert form.is_valid()
    assert form.filters == {"id": "5d3a91c7"}


@pytest.mark.parametrize("typed", ["5d3a", "5d3a-91c", "5d3a-91c7-0000", "5d3a 91c7", "ghij-klmn", "٣٣٣٣-٣٣٣٣"])
def test_what_is_no_id_is_refused(typed: str) -> None:
    assert filtered(id=typed).errors == {"id": ["Enter the eight characters as printed: 5d3a-91c7."]}


@pytest.mark.parametrize(
    ("data", "name"),
    [
        ({"outcome": "fine"}, "outcome"),
        ({"from": "yesterday"}, "from"),
        ({"to": "31 Feb 2026"}, "to"),
        ({"to": "31 Dec 9999"}, "to"),
    ],
)
def test_a_filter_that_cannot_be_is_refused(data: dict[str, str], name: str) -> None:
    assert list(filtered(**data).errors) == [name]


@pytest.mark.parametrize("name", ["from", "to"])
@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), TODAY + timedelta(days=10_000), LATEST_DAY])
def test_a_date_filter_may_lie_in_the_future(name: str, day: date) -> None:
    form = filtered(**{name: day.isoformat()})
    assert form.is_valid()
    assert form.filters == {name: day}


def test_a_list_may_be_shown_without_a_filter() -> None:
    form = filtered(q=" ", outcome="")
    assert form.is_valid()
    assert (form.query, form.filters) == ("", {})


@pytest.mark.parametrize("query", ["-", "’", "…", ",.", "%", "_", "\\", "´", "–—", "\u0301"])
def test_a_search_without_a_letter_or_a_digit_is_refused(query: str) -> None:
    assert filtered(q=query).errors == {"q": ["Enter at least one letter or digit of the name or record number."]}


def test_filters_are_repeated_as_they_were_typed_and_the_query_is_not() -> None:
    form = filtered(q="Sample", id="5D3A91C7", to=" 27 Mar 2026 ")
    assert form.is_valid()
    assert form.filters_as_typed == {"id": "5D3A91C7", "to": "27 Mar 2026"}


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
    (sentence,) = form_of({"record_number": number}).errors["record_number"]
    assert str(sentence).startswith(f"{place}, is {name}, but the number also has ")


def test_a_record_number_that_is_too_long_to_compare_is_refused() -> None:
    assert list(form_of({"record_number": "\ufdfa" * 64}).errors) == ["record_number"]


def test_an_earlier_record_with_mixed_letters_in_its_number_can_be_amended() -> None:
    number = "DEM\u041e-1"
    earlier = replace(EARLIER, patient=with_patient(record_number=number))
    assert amendment({"record_number": number}, earlier=earlier).is_valid()
