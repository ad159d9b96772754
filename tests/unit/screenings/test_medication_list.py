"""The medication list on the screening form: what is asked, what is read, and what it says in words."""

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
from tests.unit.screenings.test_screening_form import Sent, never_used, sent

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
    """Read a list by the names above."""
    return RECOGNISER.read(text, TODAY)


def checked(text: str) -> CheckedList:
    """What a list says."""
    return CheckedList.of(read(text), RULES)


def form_with(
    changes: dict[str, Sent] | None = None, *, reads: ReadList | None = read, amends_list: str | None = None
) -> ScreeningForm:
    """A form as it was sent; as it is opened to amend a record with a list when that is given instead."""
    if amends_list is not None:
        earlier = replace(record(RULES, {}), listed=read(amends_list))
        return ScreeningForm(RULES, today=TODAY, last_use=never_used, read_list=reads, amends=earlier)
    return ScreeningForm(RULES, sent(changes), today=TODAY, last_use=never_used, read_list=reads)


def question_on(form: ScreeningForm, link_id: str = "opioid-use") -> html.HtmlElement:
    """The part of a drawn form that is about a rule."""
    (part,) = html.fromstring(f"<form>{render_crispy_form(form)}</form>").xpath(f"//*[@data-rule='{link_id}']")
    return part


def text_of(element: html.HtmlElement) -> str:
    """Its words, with each run of space made one."""
    return " ".join(element.text_content().split())


# The field ----------------------------------------------------------------------------------------------------


def test_the_list_is_asked_for_after_the_patient_and_before_the_questions() -> None:
    names = list(form_with().fields)
    assert names[names.index("medications") - 1] == "indication"
    assert names[names.index("medications") + 1] == RULES.items[0].link_id


def test_it_may_be_left_out() -> None:
    form = form_with()
    assert form.is_valid()
    assert form.listed is NO_LIST
    assert form.checked is None


def test_without_names_to_read_it_by_no_list_is_asked_for_and_one_that_is_sent_is_foreign() -> None:
    form = form_with({"medications": "aspirin"}, reads=None)
    assert "medications" not in form.fields
    assert form.errors == {"__all__": ["This form has no field “medications”. Send only what it asks for."]}
    assert "data-list" not in render_crispy_form(form)


def test_a_list_is_handed_on_as_it_was_read() -> None:
    form = form_with({"medications": "aspirin\r\nPercocet 5 mg\r\n"})
    assert form.is_valid()
    assert form.listed == read("aspirin\nPercocet 5 mg")


def test_it_is_read_once_however_often_it_is_shown() -> None:
    asked: list[str] = []
    form = form_with({"medications": "Percocet"}, reads=lambda text: asked.append(text) or read(text))  # type: ignore[func-returns-value]
    for _ in range(2):
        render_crispy_form(form)
        _ = form.listed, form.checked
    assert asked == ["Percocet"]


@pytest.mark.parametrize("typed", ["", "  \n", "x" * 20_001, "a\0b"], ids=["none", "blank", "too long", "no text"])
def test_what_is_no_list_is_not_read(typed: str) -> None:
    def fail(text: str) -> MedicationList:
        raise AssertionError(text)

    assert form_with({"medications": typed}, reads=fail).listed is NO_LIST


def test_a_list_that_was_sent_twice_is_refused_beside_it_and_not_read() -> None:
    form = form_with({"medications": ["Percocet", "aspirin"]})
    assert form.errors == {"medications": ["This was sent twice. Give one answer."]}
    assert form.listed is NO_LIST


def test_a_form_with_other_faults_still_says_what_the_list_names() -> None:
    form = form_with({"medications": "Percocet", "birth_date": "nonsense"})
    assert not form.is_valid()
    assert form.checked == checked("Percocet")


def test_to_amend_the_earlier_list_is_filled_in_and_read_anew() -> None:
    form = form_with(amends_list="Percocet\naspirin")
    assert form["medications"].value() == "Percocet\naspirin"
    assert form.checked == checked("Percocet\naspirin")


def test_to_amend_a_record_without_a_list_none_is_filled_in() -> None:
    form = form_with(amends_list="")
    assert not form["medications"].value()
    assert form.checked is None


def test_the_blank_form_asks_for_it_where_the_rules_have_names() -> None:
    assert 'name="medications"' in render_crispy_form(form_with())
    assert 'name="medications"' not in render_crispy_form(form_with(reads=None))


# Checked alone ------------------------------------------------------------------------------------------------


def test_checking_the_list_tells_nothing_of_other_fields() -> None:
    form = form_with({"medications": "Percocet", "birth_date": "nonsense", "patient_name": "", "pregnancy": None})
    assert form.check_list()
    assert form.errors == {}
    assert form.checked == checked("Percocet")
    assert form["birth_date"].value() == "nonsense"


def test_checking_a_list_that_is_refused_tells_that_alone() -> None:
    form = form_with({"medications": "a\0b", "birth_date": "nonsense"})
    assert not form.check_list()
    assert list(form.errors) == ["medications"]


def test_a_list_alone_may_be_sent_with_nothing_else() -> None:
    assert ListForm(QueryDict("medications=aspirin&csrfmiddlewaretoken=x")).is_valid()
    assert list(ListForm(QueryDict("medications=aspirin&patient_name=x")).errors) == ["__all__"]


# In words -----------------------------------------------------------------------------------------------------


def test_each_line_is_told_as_it_was_typed_with_what_was_recognised_marked() -> None:
    (shown,) = checked("aspirin\n  Percocet 5/325, with tramadol at night").raised
    (line,) = shown.lines
    assert line.number == 2
    assert "".join(piece.text for piece in line.pieces) == "  Percocet 5/325, with tramadol at night"
    assert [piece.text for piece in line.pieces if piece.marked] == ["Percocet", "tramadol"]
    assert [name for name, _ in line.words] == [
        "Oxycodone (Percocet), agonist, short-acting",
        "Tramadol, agonist, short-acting",
    ]
    assert all(why for _, why in line.words)


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        ("buprenorphine 2 mg", "Buprenorphine, partial or mixed agonist, buprenorphine by mouth or patch"),
        ("loperamide 2 mg", "Loperamide, gut-acting (such as loperamide)"),
        ("methadone 40 mg", "Methadone, agonist"),
    ],
)
def test_the_kind_is_told_in_the_words_of_the_rule(typed: str, kind: str) -> None:
    assert checked(typed).raised[0].lines[0].words[0][0] == kind


@pytest.mark.parametrize(
    ("typed", "sentence"),
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
def test_all_of_it_is_told_in_a_sentence(typed: str, sentence: str) -> None:
    assert checked(typed).sentence == sentence


def test_what_is_only_mentioned_stands_apart() -> None:
    said = checked("tramadol 50 mg\nAllergies: oxycodone")
    assert [line.number for line in said.raised[0].lines] == [1]
    assert [line.number for line in said.mentioned.lines] == [2]
    assert said.nothing == ""


def test_of_a_line_without_end_the_part_around_each_name_is_shown() -> None:
    typed = "aspirin, " * 300 + "Percocet 5 mg, " + "aspirin, " * 300 + "tramadol 50 mg, " + "aspirin, " * 300
    lines = checked(typed).raised[0].lines
    assert [[piece.text for piece in line.pieces if piece.marked] for line in lines] == [["Percocet"], ["tramadol"]]
    shown = ["".join(piece.text for piece in line.pieces) for line in lines]
    assert all(each.startswith("… ") and each.endswith(" …") and len(each) < 200 for each in shown)


def test_a_list_of_nothing_but_opioids_is_shown_in_part_and_counted_in_full() -> None:
    said = checked("\n".join(["oxycodone 5 mg"] * (LINES_SHOWN + 40)))
    assert (len(said.raised[0].lines), said.raised[0].more) == (LINES_SHOWN, 40)
    assert said.sentence == f"{LINES_SHOWN + 40} lines contain an opioid."


# To the question ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("Percocet", "oxycodone (Percocet, line 1)"),
        ("aspirin\ntramadol", "tramadol (line 2)"),
        ("Percocet\ntramadol\noxycodone", "oxycodone (Percocet, line 1), tramadol (line 2) and oxycodone (line 3)"),
        ("tramadol\naspirin\ntramadol", "tramadol (2 lines)"),
        ("aspirin", ""),
    ],
)
def test_the_question_is_told_each_name_once(typed: str, names: str) -> None:
    told = checked(typed).to(OPIOIDS)
    assert told is not None
    assert told.raised_by == names


def test_of_many_names_the_question_is_told_the_first_and_how_many_more() -> None:
    told = checked("\n".join(each.name for each in MANY)).to(OPIOIDS)
    assert told is not None
    assert told.raised_by.count("line") == NAMES_SHOWN
    assert told.raised_by.endswith(f" and {len(MANY) - NAMES_SHOWN} more")


def test_the_question_says_what_was_found_and_still_asks() -> None:
    question = question_on(form_with({"medications": "aspirin\nPercocet", "opioid-use": None}))
    assert "Found in the list: oxycodone (Percocet, line 2)." in text_of(question)
    assert question.xpath(".//input[@checked]") == []


def test_the_question_says_that_no_conflicts_with_the_list() -> None:
    question = question_on(form_with({"medications": "Percocet"}))
    (conflict,) = question.xpath(".//*[contains(@class,'more-no')]")
    assert text_of(conflict).startswith("“No” conflicts with the list The list has oxycodone (Percocet, line 1).")
    assert "flagged" in text_of(conflict)


@pytest.mark.parametrize("typed", ["", "aspirin", "allergic to oxycodone", "naltrexone 50 mg"])
def test_without_an_opioid_in_use_the_question_tells_no_conflict(typed: str) -> None:
    question = question_on(form_with({"medications": typed}))
    assert question.xpath(".//*[contains(@class,'more-no') or contains(@class,'listed-now')]") == []


def test_what_is_only_mentioned_is_told_to_the_question_as_such() -> None:
    question = question_on(form_with({"medications": "allergic to oxycodone"}))
    assert "Mentioned in the list, not counted as current: oxycodone (line 1)." in text_of(question)


@pytest.mark.parametrize("link_id", [item.link_id for item in RULES.items if item.listed is None])
def test_no_other_question_is_told_anything(link_id: str) -> None:
    assert question_on(form_with({"medications": "Percocet"}), link_id).xpath(".//*[@data-listed]") == []


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "<b>Percocet</b>", "{{ 7*7 }}", "</textarea><i>"])
def test_whatever_is_typed_stands_on_the_page_as_text(markup: str) -> None:
    drawn = render_crispy_form(form_with({"medications": f"{markup} tramadol"}))
    page = html.fromstring(f"<form>{drawn}</form>")
    assert markup in page.xpath("//textarea")[0].text
    assert markup in page.xpath("string(//*[@data-listed='found']//bdi)")
    assert "<script>" not in drawn


# Lines in another script --------------------------------------------------------------------------------------

UNREAD = "Metformin\nЭналаприл 5 мг\ntramadol 50 mg\n阿司匹林"
INCOMPLETE = "The list is not read completely: 2 lines are not in Latin letters. Ask what they name."


def test_lines_that_are_not_read_are_shown_as_they_were_typed() -> None:
    said = checked(UNREAD)
    assert said.not_read.heading == "Not read (not in Latin letters)"
    assert [(line.number, "".join(piece.text for piece in line.pieces)) for line in said.not_read.lines] == [
        (2, "Эналаприл 5 мг"),
        (4, "阿司匹林"),
    ]
    assert not any(piece.marked for line in said.not_read.lines for piece in line.pieces)


def test_beside_an_opioid_the_sentence_says_both() -> None:
    said = checked(UNREAD)
    assert (said.nothing, said.incomplete) == ("", INCOMPLETE)
    assert said.sentence == f"1 line contains an opioid. {INCOMPLETE}"
    assert [each.heading for each in said.raised] == ["1 line contains an opioid."]


@pytest.mark.parametrize("typed", ["Эналаприл\n阿司匹林", "Эналаприл\n阿司匹林\nMetformin"])
def test_while_a_line_is_not_read_the_form_never_says_that_nothing_was_recognised(typed: str) -> None:
    said = checked(typed)
    assert (said.nothing, said.sentence) == ("", INCOMPLETE)


def test_a_list_that_is_read_has_no_such_lines() -> None:
    said = checked("Metformin 50 µg")
    assert (said.not_read.lines, said.incomplete) == ((), "")


def test_of_many_lines_that_are_not_read_some_are_shown_and_the_rest_counted() -> None:
    said = checked("Эналаприл\n" * (LINES_SHOWN + 3)).not_read
    assert (len(said.lines), said.more) == (LINES_SHOWN, 3)


def test_a_very_long_line_that_is_not_read_is_cut() -> None:
    (line,) = checked("я" * 500).not_read.lines
    assert line.pieces[0].text == "я" * WHOLE_LINE + " …"
