"""The chart summary as a PDF: the text of the print on as few pages, accessible, and no letter lost."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from hashlib import sha256
from itertools import chain
from random import Random
from typing import Any
from uuid import UUID

import page
import pikepdf
import pytest
import typst
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]

from screening.clinical.report.chart_copy import ChartCopy, Printing, chart_copy
from screening.clinical.report.findings import FindingText
from screening.clinical.report.medication_list import MatchGroup
from screening.clinical.report.record import Amended, RecordStatus, Superseded, Voided
from screening.clinical.report.summary import summarise
from screening.clinical.rules.definition import Definition
from screening.web import font_coverage, pdf
from screening.web.font_coverage import UnsupportedCharacter
from screening.web.pdf import Paper
from tests.paths import PROJECT
from tests.printing import all_yes, bare, spaced
from tests.rules import shipped_rules
from tests.unit.builders import (
    CLINIC_ZONE,
    NO,
    NOT_KNOWN,
    TODAY,
    Answers,
    all_answered,
    definition,
    item,
    medication_list,
    medicine,
    mentioned,
    naltrexone,
    record,
    to_fill_in,
    with_patient,
    yes,
)

SHIPPED = shipped_rules()
READING_LISTS = replace(SHIPPED, lexicon="a" * 64)
PRINTED_AT = datetime(2026, 11, 23, 14, 40, tzinfo=CLINIC_ZONE)
SCREENED_AT = datetime(2026, 11, 23, 14, 32, 7, 4, tzinfo=CLINIC_ZONE)
SUCCESSOR = UUID("7c1e40b2-0000-4000-8000-000000000001")
SUPERSEDED = Superseded(by=SUCCESSOR, at=PRINTED_AT, reason="The patient named an opioid", current=SUCCESSOR)
VOIDED = Voided(by="Ada Example", role="clinician", at=PRINTED_AT, reason="Wrong patient")
FAMILIES = {
    "Liberation Sans": "LiberationSans",
    "Noto Sans": "NotoSans",
    "Noto Sans Arabic": "NotoSansArabic",
}

on_both_papers = pytest.mark.parametrize("paper", Paper)
needs_pdftotext = pytest.mark.pdftotext


# Sheets -------------------------------------------------------------------------------------------------------


def everything_flagged(rules: Definition = SHIPPED) -> Answers:
    """Every question answered yes, with every detail."""
    return all_yes(rules)


def sheet_of(
    answers: Answers | None = None, *, rules: Definition = SHIPPED, status: RecordStatus = None, **changes: Any
) -> ChartCopy:
    """The copy of a record in which every question is answered no, but for what is named."""
    given = record(rules, all_answered(rules, NO) | dict(answers or {}), **changes)
    printing = Printing(by="Ada Example", role="clinician", at=PRINTED_AT)
    return chart_copy(given, summarise(given, TODAY, status), printing, "Demonstration, not for real patients.")


def named(name: str) -> ChartCopy:
    """The copy of a record of a patient with this name."""
    return sheet_of(patient=with_patient(name=name))


def saying(texts: Iterable[str]) -> ChartCopy:
    """A copy with these texts under what the screen does not cover."""
    plain = sheet_of()
    return replace(plain, summary=replace(plain.summary, not_covered=tuple(texts)))


def wordy(count: int) -> Definition:
    """A rule set of so many rules with many words."""
    why = " ".join(["many words about why"] * 30)
    return definition(*(item(f"rule-{number}", why=f"{why} {number}") for number in range(1, count + 1)), cases=())


NAMED = medication_list(
    medicine("oxycodone", 2, product="Percocet", term="Percocet", start=3, end=11),
    mentioned(line=4, start=11, end=18),
    naltrexone(3),
    text="Current:\n1. Percocet 5/325 at night\nnaltrexone 50 mg daily\nAllergies: codeine\n\nMetformin 500 mg",
)
LONG_LIST = medication_list(
    medicine(line=150, start=0, end=7),
    text="\n".join([f"Metformin number {number}, one daily" for number in range(1, 150)] + ["codeine 30 mg"]),
)
ONE_ENDLESS_LINE = medication_list(
    medicine(start=3000, end=3007), text=f"{'aspirin, ' * 333}xxxcodeine{', aspirin' * 1500}"
)


SHEETS = {
    "nothing flagged": sheet_of(),
    "an open point": sheet_of({"pregnancy": NOT_KNOWN}),
    "two findings": sheet_of({"pregnancy": NOT_KNOWN, "opioid-use": everything_flagged()["opioid-use"]}),
    "four flags": sheet_of(everything_flagged()),
    "a list": sheet_of(rules=READING_LISTS, listed=NAMED),
    "a list without an opioid": sheet_of(rules=READING_LISTS, listed=medication_list(text="Metformin\nAspirin")),
    "a long list": sheet_of(rules=READING_LISTS, listed=LONG_LIST),
    "superseded": sheet_of({"pregnancy": NOT_KNOWN}, status=SUPERSEDED),
    "void": sheet_of(everything_flagged(), status=VOIDED),
    "two pages": sheet_of(everything_flagged(wordy(9)), rules=wordy(9), status=SUPERSEDED),
}
each_sheet = pytest.mark.parametrize("copy", SHEETS.values(), ids=SHEETS)


# Reading a PDF ------------------------------------------------------------------------------------------------


def render(copy: ChartCopy, paper: Paper = Paper.A4) -> bytes:
    """A copy as PDF."""
    return pdf.render(copy, paper, SCREENED_AT)


def opened(made: bytes) -> pikepdf.Pdf:
    """Open a PDF."""
    return pikepdf.open(io.BytesIO(made))


def texts_of(made: bytes) -> list[str]:
    """The text of each page, in the order in which it was set."""
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=made, capture_output=True, check=True)
    return run.stdout.decode().removesuffix("\f").split("\f")


def read_out(made: bytes) -> list[tuple[str, str]]:
    """The content for a screen reader: each tag with its text."""
    run = subprocess.run(["pdfinfo", "-struct-text", "-"], input=made, capture_output=True, check=True)
    tagged: list[tuple[str, str]] = []
    at: dict[int, int] = {}  # which tag was opened last at each depth of the outline
    for line in run.stdout.decode(errors="replace").splitlines():
        shown, depth = line.strip(), len(line) - len(line.lstrip())
        if shown.startswith('"'):
            tag, words = tagged[at[depth - 2]]
            tagged[at[depth - 2]] = (tag, words + shown[1:-1])
        elif not shown.startswith("/"):
            at[depth] = len(tagged)
            tagged.append((shown.split()[0], ""))
    return tagged


def words_of_findings(copy: ChartCopy) -> list[list[str]]:
    """The expected text of each finding."""
    return [list(words_of_entry(entry)) for entry in (*copy.summary.flagged, *copy.summary.unresolved)]


def words_of_entry(entry: FindingText) -> Iterator[str]:
    """The expected text about one rule."""
    yield from (entry.heading, entry.title, *entry.footer)
    for line in (*entry.lines, *entry.sources):
        yield from (line.label, line.words)


def words_of_sheet(copy: ChartCopy) -> Iterator[str]:
    """The expected text of a sheet; a group of findings has no heading, because each finding repeats it."""
    said, part = copy.summary, to_fill_in(copy)
    yield from (copy.title, copy.reminder, copy.notice, copy.end, said.headline, said.next_step, said.basis)
    yield from (part.heading, part.state, *(choice.label for choice in part.choices), *part.lines)
    yield from (*said.remarks, said.shelf_life, *said.not_covered, *said.counselling, said.headings.not_covered)
    yield from (tally.words for tally in said.tally)
    yield from (line.words for line in (*said.patient, *said.provenance))
    yield from (each.label for each in (*said.patient[1:], *said.provenance))
    yield from chain.from_iterable(map(words_of_entry, (*said.flagged, *said.unresolved, *said.answered)))
    yield from (said.watermark.label, said.watermark.explanation) if said.watermark else ()
    if listed := said.medications:
        yield from (listed.heading, listed.sentence, listed.entered_heading, *listed.lines)
        yield from chain.from_iterable(map(words_of_group, listed.groups))


def words_of_group(group: MatchGroup) -> Iterator[str]:
    """The expected text about medicines of one kind."""
    yield group.heading
    for each in group.medicines:
        yield from (each.label, f"“{each.before}{each.term}{each.after}”", each.words)


# Pages --------------------------------------------------------------------------------------------------------


@on_both_papers
def test_four_flags_with_all_their_details_fit_on_one_page(paper: Paper) -> None:
    assert len(opened(render(SHEETS["four flags"], paper)).pages) == 1


@pytest.mark.parametrize(("paper", "size"), [(Paper.A4, (210, 297)), (Paper.LETTER, (215.9, 279.4))])
def test_the_page_is_as_large_as_the_paper(paper: Paper, size: tuple[float, float]) -> None:
    with opened(render(sheet_of(), paper)) as document:
        corner = [float(each) / 72 * 25.4 for each in list(document.pages[0].mediabox)[2:]]
    assert corner == pytest.approx(size, abs=0.1)


def test_a_conflict_with_a_naltrexone_product_and_a_short_list_fit_on_one_page() -> None:
    assert [len(opened(render(SHEETS["a list"], paper)).pages) for paper in Paper] == [1, 1]


@needs_pdftotext
@pytest.mark.parametrize("name", ["a list", "a long list"])
def test_a_list_is_printed_line_by_line_in_order_with_its_numbers(name: str) -> None:
    part = SHEETS[name].summary.medications
    assert part is not None
    printed = bare("".join(texts_of(render(SHEETS[name]))))
    after = printed[printed.index(bare(part.entered_heading)) :]
    places = [after.index(bare(f"{number} {line}")) for number, line in enumerate(part.lines, start=1) if line]
    assert places == sorted(places)


@needs_pdftotext
def test_a_long_list_continues_over_pages_and_the_decision_is_whole_below_it() -> None:
    pages = texts_of(render(SHEETS["a long list"]))
    assert len(pages) > 1
    decision = to_fill_in(SHEETS["a long list"])
    choices = [choice.label for choice in decision.choices]
    assert all(words in spaced(pages[-1]) for words in (decision.heading, *choices, *decision.lines))


@needs_pdftotext
def test_the_space_around_what_was_recognised_stays() -> None:
    assert "“1. Percocet 5/325 at night”" in spaced("".join(texts_of(render(SHEETS["a list"]))))


@needs_pdftotext
def test_a_line_longer_than_a_page_continues_on_the_next_without_loss() -> None:
    pages = texts_of(render(sheet_of(rules=READING_LISTS, listed=ONE_ENDLESS_LINE)))
    assert len(pages) > 1
    assert spaced("".join(pages)).count("aspirin") >= ONE_ENDLESS_LINE.text.count("aspirin")


def test_of_ten_thousand_lines_each_is_set() -> None:
    copy = sheet_of(rules=READING_LISTS, listed=medication_list(text="\n".join(["a"] * 9_999 + ["b"])))
    assert len(opened(render(copy)).pages) > 50


@needs_pdftotext
@each_sheet
def test_every_word_of_the_sheet_is_in_the_pdf(copy: ChartCopy) -> None:
    printed = bare("".join(texts_of(render(copy))))
    assert [words for words in words_of_sheet(copy) if bare(words) not in printed] == []


@needs_pdftotext
@on_both_papers
def test_every_page_names_the_patient_the_record_and_who_decides(paper: Paper) -> None:
    copy = SHEETS["two pages"]
    pages = texts_of(render(copy, paper))
    assert len(pages) > 1
    head = [line.words for line in (*copy.summary.patient, *copy.summary.provenance)]
    for number, text in enumerate(map(spaced, pages), start=1):
        foot = ["A prescriber must decide. LDN Screen does not.", f"Page {number} of {len(pages)}"]
        assert [words for words in [*head, copy.title, *foot] if words not in text] == []


@needs_pdftotext
@on_both_papers
def test_no_finding_is_divided_between_two_pages(paper: Paper) -> None:
    pages = [bare(text) for text in texts_of(render(SHEETS["two pages"], paper))]
    for words in words_of_findings(SHEETS["two pages"]):
        assert any(all(bare(each) in text for each in words) for text in pages), words


@needs_pdftotext
def test_a_finding_taller_than_a_page_continues_on_the_next() -> None:
    rules = definition(item(why="so many words " * 285, next_step="and more steps " * 266))
    pages = texts_of(render(sheet_of(everything_flagged(rules), rules=rules)))
    printed = bare("".join(pages))
    assert len(pages) > 1
    assert (printed.count("manywords"), printed.count("moresteps")) == (285, 266)


@needs_pdftotext
@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"name": "Long Invented Name " * 11}, id="a name of 200 letters"),
        pytest.param({"name": "W" * 200}, id="one word of 200 letters"),
        pytest.param({"record_number": "W" * 64}, id="a record number of 64 letters"),
        pytest.param({"indication": "0123456789" * 20}, id="an indication of 200 digits"),
    ],
)
def test_long_words_are_broken_and_not_cut(changes: dict[str, str]) -> None:
    printed = texts_of(render(sheet_of(patient=with_patient(**changes))))
    assert bare("".join(changes.values())) in bare("".join(printed))


@needs_pdftotext
def test_a_long_word_from_right_to_left_is_broken_and_not_cut() -> None:
    printed = "".join(texts_of(render(named("ש" * 200))))
    assert printed.count("ש") == 200


@needs_pdftotext
def test_details_of_five_hundred_letters_are_printed_whole() -> None:
    agent = ("Tramadol and other words " * 20)[:500].strip()
    printed = "".join(texts_of(render(sheet_of({"opioid-use": yes(agent=agent)}))))
    assert bare(agent) in bare(printed)


def sizes_of(made: bytes) -> Counter[float]:
    """How often letters of each height, in pt, are set on the first page."""
    with opened(made) as document:
        instructions = pikepdf.parse_content_stream(document.pages[0])
        return Counter(round(float(each.operands[1]), 2) for each in instructions if str(each.operator) == "Tf")


@pytest.mark.parametrize(
    ("copy", "size"), [("nothing flagged", 10), ("an open point", 10), ("two findings", 9.2), ("four flags", 8.4)]
)
def test_the_fewer_findings_the_larger_the_words(copy: str, size: float) -> None:
    assert sizes_of(render(SHEETS[copy])).most_common(1)[0][0] == size


@needs_pdftotext
def test_entered_text_is_never_markup() -> None:
    typed = '#panic("x") *b* <l> $x$ @ref [a] _i_ `raw` // c \\u{41} = --- "q" https://example.org'
    assert typed in spaced(texts_of(render(named(typed)))[0])


@needs_pdftotext
def test_runs_of_space_and_ends_of_lines_are_one_space() -> None:
    assert "one two three four" in texts_of(render(named(" one\ttwo\r\nthree   four ")))[0]


# Records that are not current ---------------------------------------------------------------------------------


@needs_pdftotext
@pytest.mark.parametrize("status", [SUPERSEDED, VOIDED], ids=["superseded", "void"])
def test_every_page_of_a_record_that_is_not_current_has_the_watermark_left_right_and_across(
    status: RecordStatus,
) -> None:
    copy = sheet_of(everything_flagged(wordy(9)), rules=wordy(9), status=status)
    assert copy.summary.watermark is not None
    word = copy.summary.watermark.label
    pages = texts_of(render(copy))
    assert len(pages) > 1
    for text in pages:
        assert f"{word} {word}\n" in text
        assert "\n".join(word) in text  # set aslant, each letter comes out on a line of its own


@needs_pdftotext
def test_a_superseded_record_says_when_by_which_record_and_why_before_its_outcome() -> None:
    copy = SHEETS["superseded"]
    printed = spaced(texts_of(render(copy))[0])
    assert copy.summary.watermark is not None
    tagged = printed.index(f"SUPERSEDED {copy.summary.watermark.explanation}")
    assert tagged < printed.index(copy.summary.headline)


@needs_pdftotext
@pytest.mark.parametrize("copy", ["superseded", "void"])
def test_a_record_that_is_not_current_has_no_decision(copy: str) -> None:
    printed = spaced(texts_of(render(SHEETS[copy]))[0])
    assert "No decision on this page" in printed
    assert [words for words in ("Do not prescribe", "Defer until", "Signature") if words in printed] == []


# Archives and readers -----------------------------------------------------------------------------------------


WRONG_LENGTH = "a stream /Length does not match its raw content length"
"""The validator also reports this if compressed data happens to end in a carriage return, which is no line end."""
STREAM = re.compile(rb"/Length (\d+)(?:(?!stream).)*?stream\r?\n", re.DOTALL)


def has_exact_lengths(pdf: bytes) -> bool:
    """Return True if the declared length of every stream leads to its end."""
    streams = list(STREAM.finditer(pdf))
    return bool(streams) and all(pdf[each.end() + int(each[1]) :].startswith(b"\nendstream") for each in streams)


@on_both_papers
@each_sheet
@pytest.mark.parametrize("profile", [page.ValidationProfile.PDF_A_2A, page.ValidationProfile.PDF_UA_1])
def test_the_pdf_complies_with_the_standards_for_archives_and_accessibility(
    copy: ChartCopy, paper: Paper, profile: page.ValidationProfile
) -> None:
    pdf = render(copy, paper)
    messages = {failure.message for failure in page.validate_pdf_bytes(pdf, profile=profile).failures}
    if has_exact_lengths(pdf):
        messages.discard(WRONG_LENGTH)
    assert messages == set()


@needs_pdftotext
@pytest.mark.parametrize("name", ["an open point", "four flags"])
def test_the_outcome_is_the_first_heading_and_every_finding_and_part_has_one_below_it(name: str) -> None:
    copy, said = SHEETS[name], SHEETS[name].summary
    titles = [f"{entry.heading}. {entry.title}" for entry in (*said.flagged, *said.unresolved)]
    titles += [f"{said.headings.answered}:"] * bool(said.answered)
    titles += [f"{said.headings.not_covered}:", f"{said.headings.counselling}:", to_fill_in(copy).heading]
    headings = [(tag, words) for tag, words in read_out(render(copy)) if re.fullmatch(r"H\d", tag)]
    assert headings == [("H1", said.headline), *(("H2", title) for title in titles)]


@needs_pdftotext
def test_labels_and_lists_are_tagged_as_lists() -> None:
    said = SHEETS["an open point"].summary
    tags = Counter(tag for tag, _ in read_out(render(SHEETS["an open point"])))
    lines = sum(len(entry.lines) for entry in said.unresolved)
    assert tags["LI"] == lines + len(said.answered) + len(said.not_covered) + len(said.counselling)


@needs_pdftotext
def test_what_is_repeated_on_every_page_is_read_out_once() -> None:
    heard = " ".join(words for _, words in read_out(render(SHEETS["two pages"])))
    counts = {words: heard.count(words) for words in ("Sample Patient", "DEMO-0001", "SUPERSEDED", "Page 1 of")}
    assert counts == {"Sample Patient": 1, "DEMO-0001": 1, "SUPERSEDED": 1, "Page 1 of": 0}


def test_the_metadata_name_the_kind_of_page_and_no_patient() -> None:
    patient = with_patient(name="Singular Surname", record_number="UNIQUE-77", indication="Rarity")
    with opened(render(sheet_of(everything_flagged(), patient=patient))) as document:
        info, language = {key: str(value) for key, value in document.docinfo.items()}, str(document.Root.Lang)
        tagged = f"{info} {document.Root.Metadata.read_bytes().decode()}"
    assert set(info) == {"/Title", "/Creator", "/CreationDate", "/ModDate"}
    assert (info["/Title"], language) == ("Chart summary", "en")
    assert [words for words in ("Singular", "UNIQUE-77", "Rarity", "1961", "Ada Example") if words in tagged] == []


def test_the_document_bears_the_time_of_the_screening() -> None:
    with opened(render(sheet_of())) as document:
        assert str(document.docinfo.CreationDate) == f"D:{SCREENED_AT.astimezone(UTC):%Y%m%d%H%M%S}Z"


# The same bytes -----------------------------------------------------------------------------------------------

ELSEWHERE = """
from hashlib import sha256
from tests.unit.web.test_pdf import SHEETS, render
print(sha256(render(SHEETS["four flags"])).hexdigest())
"""


def test_another_process_makes_the_same_bytes() -> None:
    run = subprocess.run([sys.executable, "-c", ELSEWHERE], cwd=PROJECT, capture_output=True, check=True, text=True)
    assert run.stdout.strip() == sha256(render(SHEETS["four flags"])).hexdigest()


def test_twenty_at_once_from_four_threads_get_each_their_own() -> None:
    copies = [named(f"Patient {number % 5}") for number in range(20)]
    alone = [render(copy) for copy in copies[:5]]
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(render, copies)) == alone * 4


def test_only_our_own_fonts_are_used() -> None:
    assert set(pdf._fonts().families()) == set(FAMILIES)


# Characters ---------------------------------------------------------------------------------------------------


def ranges(codes: set[int]) -> list[list[int]]:
    """Code points as first and last of each run."""
    firsts = sorted(code for code in codes if code - 1 not in codes)
    lasts = sorted(code for code in codes if code + 1 not in codes)
    return [[first, last] for first, last in zip(firsts, lasts, strict=True)]


def codes_of(file: str) -> set[int]:
    """The code points that a font has."""
    with TTFont(pdf.FONTS / file, lazy=True) as font:
        return set(font.getBestCmap())


def table_of_fonts() -> str:
    """The expected table of characters: by family, those that both regular and bold have."""
    rows = {
        family: ranges(codes_of(f"{stem}-Regular.ttf") & codes_of(f"{stem}-Bold.ttf"))
        for family, stem in FAMILIES.items()
    }
    lines = (f'"{family}": {json.dumps(row, separators=(",", ":"))}' for family, row in rows.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"


def test_the_table_of_characters_is_what_the_fonts_have() -> None:
    same = font_coverage.CHARACTERS.read_text(encoding="utf-8") == table_of_fonts()
    assert same, "write it again with .venv/bin/python -m tests.unit.web.test_pdf"


SHOWN = {
    "Vietnamese": "Nguyễn Thị Ơn Đặng",
    "Vietnamese, decomposed": unicodedata.normalize("NFD", "Nguyễn Thị Ơn Đặng"),
    "marks that have no letter of their own": "q\u0307 x\u0323 e\u0302\u0323 m\u0302",
    "Polish": "Łucja Źdźbło Żółć",
    "Turkish": "İğdır Işık Şükrü",
    "Greek of all ages": "Ὀδυσσεύς ᾧ Αθηνά ΐ",
    "Serbian": "Ђорђе Љиљана Њњ Џ",
    "Kazakh": "Қазақстан Әсел Ңң Ұұ Һ",
    "Ukrainian": "Їжак Єва Ґанок",
    "Hebrew": "שרה כהן־לוי",
    "Hebrew with points": "שָׁלוֹם בְּרֵאשִׁית",
    "Arabic": "محمد عبد الله ٣",
    "Arabic with vowels": "مُحَمَّدٌ",
    "Persian with a non-joiner": "می\u200cخواهم پژمان گچ",
    "Persian with a joiner at an end": "ه\u200d ق",
    "Urdu": "ڈاکٹر ٹیپو ہے ںے",
    "signs": "µ ≥ ½ € – — … “ ” ‘ ’ • × ° ™ ₂",
}
REFUSED = {
    "Han": ("Li 李明", "李", "CJK unified ideograph-674e"),
    "an emoji": ("A 👩", "👩", "woman"),
    "a joined emoji": ("👩\u200d⚕\ufe0f", "👩\u200d⚕\ufe0f", "woman + zero width joiner + staff of aesculapius + "
                       "variation selector-16"),
    "Thai": ("สมชาย", "ส", "thai character so sua"),
    "Hangul": ("김", "김", "hangul syllable gim"),
    "Devanagari": ("हि", "हि", "devanagari letter ha + devanagari vowel sign i"),
    "full width": ("Ａ", "Ａ", "fullwidth latin capital letter a"),
    "a letter and a mark of two fonts": ("ب\u0301", "ب\u0301", "arabic letter beh + combining acute accent"),
    "a Latin letter with an Arabic vowel": ("a\u064b", "a\u064b", "latin small letter a + arabic fathatan"),
    "letters of two fonts, joined": ("a\u200dب", "a\u200dب",
                                     "latin small letter a + zero width joiner + arabic letter beh"),
    "a mark on nothing": ("\u0301a", "\u0301", "combining acute accent"),
}  # fmt: skip
HIDDEN = {
    "private": ("\ue000", "U+E000"),
    "not assigned": ("\u0378", "U+0378"),
    "a control": ("\x07", "U+0007"),
    "half of a pair": ("\ud800", "U+D800"),
    "a direction": ("a\u202eb", "right-to-left override"),
    "an end of line of another kind": ("\u2028", "line separator"),
}


def letters_of(text: str) -> Counter[str]:
    """Count each letter and mark of a text, ignoring order and spaces."""
    return Counter(each for each in unicodedata.normalize("NFD", text) if not each.isspace())


@needs_pdftotext
@pytest.mark.parametrize("text", SHOWN.values(), ids=SHOWN)
def test_writing_that_is_accepted_comes_out_again(text: str) -> None:
    without = letters_of("".join(texts_of(render(named("")))))
    assert not letters_of(text) - (letters_of("".join(texts_of(render(named(text))))) - without)


@pytest.mark.parametrize(("text", "character", "name"), REFUSED.values(), ids=REFUSED)
def test_what_no_single_font_has_is_refused_and_named(text: str, character: str, name: str) -> None:
    with pytest.raises(UnsupportedCharacter) as refused:
        render(named(text))
    assert (refused.value.character, refused.value.name) == (character, name)
    assert str(refused.value) == f"The PDF cannot show “{character}” ({name})."


@pytest.mark.parametrize(("text", "name"), HIDDEN.values(), ids=HIDDEN)
def test_what_cannot_be_seen_is_refused_by_name_alone(text: str, name: str) -> None:
    with pytest.raises(UnsupportedCharacter) as refused:
        render(named(text))
    assert str(refused.value) == f"The PDF cannot show {name}."


@pytest.mark.parametrize("place", ["by", "notice", "reason", "detail", "rule"])
def test_every_text_of_the_sheet_is_checked(place: str) -> None:
    copies = {
        "by": lambda: sheet_of(screened_by="李"),
        "notice": lambda: replace(sheet_of(), notice="李"),
        "reason": lambda: sheet_of(amends=Amended(uuid=SUCCESSOR, reason="李")),
        "detail": lambda: sheet_of({"opioid-use": yes(agent="李")}),
        "rule": lambda: sheet_of(rules=definition(item(question="李?"))),
    }
    with pytest.raises(UnsupportedCharacter, match="李"):
        render(copies[place]())


@pytest.mark.parametrize("text", ["李", "\ue000"])
def test_typsts_own_error_about_a_character_has_the_same_message(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "refuse_unsupported", list)
    with pytest.raises(UnsupportedCharacter) as refused:
        render(named(text))
    assert refused.value.character == text


def test_a_fault_of_the_template_is_not_taken_for_a_character(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "_template", lambda name: b'#panic("a fault")')
    with pytest.raises(typst.TypstError, match="a fault"):
        render(sheet_of())


BASES = ("a", "q", "Ω", "я", "א", "ب", "ه")


def is_accepted(text: str) -> bool:
    """Whether the check takes a text for one that is shown."""
    try:
        font_coverage.refuse_unsupported([text])
    except UnsupportedCharacter:
        return False
    return True


def all_accepted() -> list[str]:
    """Every letter that the check accepts, every mark on letters that it is accepted on, and some pairs of marks."""
    known = sorted(frozenset().union(*font_coverage.characters().values()))
    alone = [each for each in known if not each.isspace() and is_accepted(each)]
    marks = [each for each in known if unicodedata.category(each).startswith("M")]
    marked = [base + mark for base in BASES for mark in marks]
    some = Random(1)
    pairs = ["".join((some.choice(alone), some.choice(marks), some.choice(marks))) for _ in range(4000)]
    return [*alone, *filter(is_accepted, [*marked, *pairs])]


@needs_pdftotext
def test_every_character_that_is_accepted_comes_out_again() -> None:
    accepted = all_accepted()
    assert len(accepted) > 5000
    texts = [" ".join(accepted[start : start + 40]) for start in range(0, len(accepted), 40)]
    printed = letters_of("".join(texts_of(render(saying(texts))))) - letters_of("".join(texts_of(render(saying([])))))
    assert letters_of("".join(accepted)) - printed == Counter()


if __name__ == "__main__":
    font_coverage.CHARACTERS.write_text(table_of_fonts(), encoding="utf-8")
