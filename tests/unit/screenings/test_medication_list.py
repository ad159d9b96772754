"""The medication list on the screening form: its field, how it is checked, and what the form shows."""

from __future__ import annotations

from dataclasses import replace

import pytest
from crispy_forms.utils import render_crispy_form
from django.http import QueryDict
from lxml import html

from screening.clinical.medications.lexicon import Ingredient, Lexicon, LexiconSource, OpioidGroup, Product
from screening.clinical.medications.reader import NO_LIST, MedicationList, Recogniser
from screening.screenings.forms.medication_list import (
    LINES_SHOWN,
    NAMES_SHOWN,
    WHOLE_LINE,
    CheckedList,
    ListForm,
    ReadList,
)
from screening.screenings.forms.screening_form import ScreeningForm
from tests.rules import shipped_cues, shipped_rules
from tests.unit.builders import TODAY, record
from tests.unit.screenings.forms import FormValue, form_data, never_used

RULES = replace(shipped_rules(), lexicon="0" * 64)
OPIOIDS = RULES.by_link_id["opioid-use"]


def _substance(name: str, group: OpioidGroup = OpioidGroup.AGONIST, interval: str = "short-acting") -> Ingredient:
    return Ingredient(name=name, group=group, interval=interval, sources=("test",))


SUBSTANCES = (
    _substance("oxycodone"),
    _substance("tramadol"),
    _substance("methadone", interval="methadone"),
    _substance("buprenorphine", OpioidGroup.PARTIAL_OR_MIXED, "buprenorphine"),
    _substance("loperamide", OpioidGroup.GUT_ACTING, "gut-acting"),
    _substance("naltrexone", OpioidGroup.ANTAGONIST, ""),
    _substance("naloxone", OpioidGroup.ANTAGONIST, ""),
)
MANY = tuple(_substance(f"substance{'abcdefghijklmno'[number] * 4}") for number in range(15))
RECOGNISER = Recogniser(
    Lexicon(
        format="ldn-screen-opioids/1",
        title="Names for tests",
        sources=(LexiconSource(code="test", title="Invented", licence="None"),),
        ingredients=(*SUBSTANCES, *MANY),
        products=(Product(name="Percocet", ingredients=("oxycodone",), sources=("test",)),),
        shorthand=(),
        forms=(),
        look_alikes=(),
    ),
    shipped_cues(),
)


def read(text: str) -> MedicationList:
    """Read a list with the names above."""
    return RECOGNISER.read(text, TODAY)


def checked(text: str) -> CheckedList:
    """Return the checked list."""
    return CheckedList.of(read(text), RULES)


def form_with(
    changes: dict[str, FormValue] | None = None, *, reads: ReadList | None = read, amends_list: str | None = None
) -> ScreeningForm:
    """Return a submitted form; with ``amends_list`` a blank amendment of a record with that list."""
    if amends_list is not None:
        earlier = replace(record(RULES, {}), listed=read(amends_list))
        return ScreeningForm(RULES, today=TODAY, last_use=never_used, read_list=reads, amends=earlier)
    return ScreeningForm(RULES, form_data(changes), today=TODAY, last_use=never_used, read_list=reads)


def question_on(form: ScreeningForm, link_id: str = "opioid-use") -> html.HtmlElement:
    """Return the part of the rendered form that is about a rule."""
    (part,) = html.fromstring(f"<form>{render_crispy_form(form)}</form>").xpath(f"//*[@data-rule='{link_id}']")
    return part


def text_of(element: html.HtmlElement) -> str:
    """Return the text with normalised spaces."""
    return " ".join(element.text_content().split())


# The field ----------------------------------------------------------------------------------------------------


def test_the_list_comes_after_the_patient_and_before_the_questions() -> None:
    names = list(form_with().fields)
    assert names[names.index("medications") - 1] == "indication"
    assert names[names.index("medications") + 1] == RULES.items[0].link_id


def test_the_list_is_optional() -> None:
    form = form_with()
    assert form.is_valid()
    assert form.listed is NO_LIST
    assert form.checked is None


def test_without_a_reader_the_form_has_no_list_and_refuses_one_as_an_unknown_field() -> None:
    form = form_with({"medications": "aspirin"}, reads=None)
    assert "medications" not in form.fields
    assert form.errors == {"__all__": ["This form has no field “medications”. Send only its own fields."]}
    assert "data-list" not in render_crispy_form(form)


def test_the_form_returns_the_list_as_the_reader_read_it() -> None:
    form = form_with({"medications": "aspirin\r\nPercocet 5 mg\r\n"})
    assert form.is_valid()
    assert form.listed == read("aspirin\nPercocet 5 mg")


def test_the_list_is_read_once_even_when_it_is_rendered_twice() -> None:
    texts: list[str] = []
    form = form_with({"medications": "Percocet"}, reads=lambda text: texts.append(text) or read(text))  # type: ignore[func-returns-value]
    for _ in range(2):
        render_crispy_form(form)
        _ = form.listed, form.checked
    assert texts == ["Percocet"]


@pytest.mark.parametrize("entered", ["", "  \n", "x" * 20_001, "a\0b"], ids=["none", "blank", "too long", "no text"])
def test_a_blank_or_invalid_list_is_not_read(entered: str) -> None:
    def fail_to_read(text: str) -> MedicationList:
        raise AssertionError(text)

    assert form_with({"medications": entered}, reads=fail_to_read).listed is NO_LIST


def test_a_list_sent_twice_gets_an_error_and_is_not_read() -> None:
    form = form_with({"medications": ["Percocet", "aspirin"]})
    assert form.errors == {"medications": ["This was sent twice. Give one answer."]}
    assert form.listed is NO_LIST


def test_a_form_with_other_errors_still_shows_what_the_list_names() -> None:
    form = form_with({"medications": "Percocet", "birth_date": "nonsense"})
    assert not form.is_valid()
    assert form.checked == checked("Percocet")


def test_an_amendment_fills_in_the_earlier_list_and_reads_it_again() -> None:
    form = form_with(amends_list="Percocet\naspirin")
    assert form["medications"].value() == "Percocet\naspirin"
    assert form.checked == checked("Percocet\naspirin")


def test_an_amendment_of_a_record_without_a_list_fills_in_no_list() -> None:
    form = form_with(amends_list="")
    assert not form["medications"].value()
    assert form.checked is None


def test_the_blank_form_has_the_list_where_there_is_a_reader() -> None:
    assert 'name="medications"' in render_crispy_form(form_with())
    assert 'name="medications"' not in render_crispy_form(form_with(reads=None))


# Checking the list only ---------------------------------------------------------------------------------------


def test_checking_the_list_shows_no_errors_of_other_fields() -> None:
    form = form_with({"medications": "Percocet", "birth_date": "nonsense", "patient_name": "", "pregnancy": None})
    assert form.check_list()
    assert form.errors == {}
    assert form.checked == checked("Percocet")
    assert form["birth_date"].value() == "nonsense"


def test_checking_an_invalid_list_shows_only_its_own_error() -> None:
    form = form_with({"medications": "a\0b", "birth_date": "nonsense"})
    assert not form.check_list()
    assert list(form.errors) == ["medications"]


def test_the_form_for_a_list_alone_refuses_other_fields() -> None:
    assert ListForm(QueryDict("medications=aspirin&csrfmiddlewaretoken=x")).is_valid()
    assert list(ListForm(QueryDict("medications=aspirin&patient_name=x")).errors) == ["__all__"]


# What the form shows ------------------------------------------------------------------------------------------


def test_each_line_is_shown_as_entered_with_the_recognised_names_marked() -> None:
    (section,) = checked("aspirin\n  Percocet 5/325, with tramadol at night").raised
    (line,) = section.lines
    assert line.number == 2
    assert "".join(part.text for part in line.parts) == "  Percocet 5/325, with tramadol at night"
    assert [part.text for part in line.parts if part.marked] == ["Percocet", "tramadol"]
    assert [name for name, _ in line.medicines] == [
        "Oxycodone (Percocet), agonist, short-acting",
        "Tramadol, agonist, short-acting",
    ]
    assert all(why for _, why in line.medicines)


@pytest.mark.parametrize(
    ("entered", "kind"),
    [
        ("buprenorphine 2 mg", "Buprenorphine, partial or mixed agonist, buprenorphine by mouth or patch"),
        ("loperamide 2 mg", "Loperamide, gut-acting (such as loperamide)"),
        ("methadone 40 mg", "Methadone, agonist"),
    ],
)
def test_the_kind_is_shown_in_the_words_of_the_rule(entered: str, kind: str) -> None:
    assert checked(entered).raised[0].lines[0].medicines[0][0] == kind


@pytest.mark.parametrize(
    ("entered", "sentence"),
    [
        ("oxycodone", "1 line contains an opioid."),
        ("oxycodone\nPercocet, tramadol", "2 lines contain an opioid."),
        ("aspirin", "No opioid recognised in this list; that does not show there is none."),
        ("naloxone", "No opioid recognised in this list; that does not show there is none."),
        ("allergic to oxycodone", "No current opioid recognised in this list; that does not show there is none."),
        (
            "oxycodone\nnaltrexone 50 mg",
            "1 line contains an opioid. Caution. Another naltrexone product is in the list: duplication.",
        ),
        (
            "naltrexone 50 mg",
            "No opioid recognised in this list; that does not show there is none. "
            "Caution. Another naltrexone product is in the list: duplication.",
        ),
    ],
)
def test_the_summary_is_one_sentence_for_each_finding(entered: str, sentence: str) -> None:
    assert checked(entered).summary == sentence


def test_mentioned_medicines_have_their_own_section() -> None:
    list_shown = checked("tramadol 50 mg\nAllergies: oxycodone")
    assert [line.number for line in list_shown.raised[0].lines] == [1]
    assert [line.number for line in list_shown.mentioned.lines] == [2]
    assert list_shown.no_opioid == ""


def test_a_very_long_line_shows_only_the_text_around_each_name() -> None:
    entered = "aspirin, " * 300 + "Percocet 5 mg, " + "aspirin, " * 300 + "tramadol 50 mg, " + "aspirin, " * 300
    lines = checked(entered).raised[0].lines
    assert [[part.text for part in line.parts if part.marked] for line in lines] == [["Percocet"], ["tramadol"]]
    shown = ["".join(part.text for part in line.parts) for line in lines]
    assert all(each.startswith("… ") and each.endswith(" …") and len(each) < 200 for each in shown)


def test_many_lines_with_opioids_are_shown_in_part_and_counted_in_full() -> None:
    list_shown = checked("\n".join(["oxycodone 5 mg"] * (LINES_SHOWN + 40)))
    assert (len(list_shown.raised[0].lines), list_shown.raised[0].more) == (LINES_SHOWN, 40)
    assert list_shown.summary == f"{LINES_SHOWN + 40} lines contain an opioid."


# What the question shows----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entered", "names"),
    [
        ("Percocet", "oxycodone (Percocet, line 1)"),
        ("aspirin\ntramadol", "tramadol (line 2)"),
        ("Percocet\ntramadol\noxycodone", "oxycodone (Percocet, line 1), tramadol (line 2) and oxycodone (line 3)"),
        ("tramadol\naspirin\ntramadol", "tramadol (2 lines)"),
        ("aspirin", ""),
    ],
)
def test_the_match_of_a_rule_has_each_name_once(entered: str, names: str) -> None:
    match = checked(entered).match_for(OPIOIDS)
    assert match is not None
    assert match.raised_by == names


def test_the_match_of_a_rule_has_the_first_names_and_the_number_of_others() -> None:
    match = checked("\n".join(each.name for each in MANY)).match_for(OPIOIDS)
    assert match is not None
    assert match.raised_by.count("line") == NAMES_SHOWN
    assert match.raised_by.endswith(f" and {len(MANY) - NAMES_SHOWN} more")


def test_the_question_shows_what_was_found_and_preselects_nothing() -> None:
    question = question_on(form_with({"medications": "aspirin\nPercocet", "opioid-use": None}))
    assert "Found in the list: oxycodone (Percocet, line 2)." in text_of(question)
    assert question.xpath(".//input[@checked]") == []


def test_the_question_says_that_no_conflicts_with_the_list() -> None:
    question = question_on(form_with({"medications": "Percocet"}))
    (conflict,) = question.xpath(".//*[contains(@class,'more-no')]")
    assert text_of(conflict).startswith("“No” conflicts with the list The list has oxycodone (Percocet, line 1).")
    assert "flagged" in text_of(conflict)


@pytest.mark.parametrize("entered", ["", "aspirin", "allergic to oxycodone", "naltrexone 50 mg"])
def test_without_a_current_opioid_the_question_shows_no_conflict(entered: str) -> None:
    question = question_on(form_with({"medications": entered}))
    assert question.xpath(".//*[contains(@class,'more-no') or contains(@class,'listed-now')]") == []


def test_the_question_shows_mentioned_medicines_as_not_current() -> None:
    question = question_on(form_with({"medications": "allergic to oxycodone"}))
    assert "Mentioned in the list, not counted as current: oxycodone (line 1)." in text_of(question)


@pytest.mark.parametrize("link_id", [item.link_id for item in RULES.items if item.listed is None])
def test_no_other_question_shows_anything_of_the_list(link_id: str) -> None:
    assert question_on(form_with({"medications": "Percocet"}), link_id).xpath(".//*[@data-listed]") == []


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "<b>Percocet</b>", "{{ 7*7 }}", "</textarea><i>"])
def test_markup_in_the_list_is_escaped_on_the_page(markup: str) -> None:
    rendered = render_crispy_form(form_with({"medications": f"{markup} tramadol"}))
    page = html.fromstring(f"<form>{rendered}</form>")
    assert markup in page.xpath("//textarea")[0].text
    assert markup in page.xpath("string(//*[@data-listed='found']//bdi)")
    assert "<script>" not in rendered


# Lines in another script --------------------------------------------------------------------------------------

UNREAD = "Metformin\nЭналаприл 5 мг\ntramadol 50 mg\n阿司匹林"
INCOMPLETE = "The list is not read completely: 2 lines are not in Latin letters. Ask what they name."


def test_lines_that_are_not_read_are_shown_as_entered() -> None:
    list_shown = checked(UNREAD)
    assert list_shown.not_read.heading == "Not read (not in Latin letters)"
    assert [(line.number, "".join(part.text for part in line.parts)) for line in list_shown.not_read.lines] == [
        (2, "Эналаприл 5 мг"),
        (4, "阿司匹林"),
    ]
    assert not any(part.marked for line in list_shown.not_read.lines for part in line.parts)


def test_the_summary_names_an_opioid_and_the_lines_not_read() -> None:
    list_shown = checked(UNREAD)
    assert (list_shown.no_opioid, list_shown.incomplete) == ("", INCOMPLETE)
    assert list_shown.summary == f"1 line contains an opioid. {INCOMPLETE}"
    assert [each.heading for each in list_shown.raised] == ["1 line contains an opioid."]


@pytest.mark.parametrize("entered", ["Эналаприл\n阿司匹林", "Эналаприл\n阿司匹林\nMetformin"])
def test_with_a_line_not_read_the_form_never_says_that_no_opioid_was_recognised(entered: str) -> None:
    list_shown = checked(entered)
    assert (list_shown.no_opioid, list_shown.summary) == ("", INCOMPLETE)


def test_a_list_that_is_read_completely_has_no_lines_not_read() -> None:
    list_shown = checked("Metformin 50 µg")
    assert (list_shown.not_read.lines, list_shown.incomplete) == ((), "")


def test_many_lines_not_read_are_shown_in_part_and_counted() -> None:
    list_shown = checked("Эналаприл\n" * (LINES_SHOWN + 3)).not_read
    assert (len(list_shown.lines), list_shown.more) == (LINES_SHOWN, 3)


def test_a_very_long_line_not_read_is_cut() -> None:
    (line,) = checked("я" * 500).not_read.lines
    assert line.parts[0].text == "я" * WHOLE_LINE + " …"
