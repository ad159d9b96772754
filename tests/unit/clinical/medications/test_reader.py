"""Which medicines a list names, and which of them are current."""

from __future__ import annotations

import csv
import json
import unicodedata
from collections import defaultdict
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.clinical.medications.lexicon import OpioidGroup, Product
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus, Recogniser, lines_of
from tests.paths import DATA
from tests.rules import shipped_cues, shipped_lexicon, shipped_recogniser

ON = date(2026, 11, 26)


def read(text: str) -> MedicationList:
    return shipped_recogniser().read(text, ON)


def current(text: str) -> set[str]:
    return {each.ingredient for each in read(text).current_opioids}


def only(text: str) -> ListedMedicine:
    (found,) = read(text).found
    return found


# Names --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("oxycodone 5 mg tab", "oxycodone"),
        ("Percocet 5/325", "oxycodone"),
        ("T3 1 tab prn", "codeine"),
        ("Tylenol #3", "codeine"),
        ("cough syrup w/ codeine", "codeine"),
        ("co-codamol 30/500", "codeine"),
        ("cocodamol", "codeine"),
        ("Lomotil", "diphenoxylate"),
        ("Imodium A-D", "loperamide"),
        ("store-brand anti-diarrheal 2 mg", "loperamide"),
        ("MST 30 mg bd", "morphine"),
        ("bup/nx 8-2 film", "buprenorphine"),
        ("Suboxone", "buprenorphine"),
        ("kratom tea", "kratom"),
        ("tianeptine", "tianeptine"),
        ("tincture of opium", "opium"),
        ("meperidine", "pethidine"),
        ("heroin", "diamorphine"),
        ("Morphini sulfas", "morphine"),
        ("chlorhydrate de tramadol", "tramadol"),
        ("Kodeina fosforan", "codeine"),
        ("Dafalgan Codéine", "codeine"),
        ("HYDROmorphone 2 mg", "hydromorphone"),
        ("oxyCODONE", "oxycodone"),
        ("oxycodne", "oxycodone"),
        ("fentynal patch", "fentanyl"),
        ("morhpine", "morphine"),
        ("Percoset", "oxycodone"),
        ("Vicadin", "hydrocodone"),
        ("Dilauded", "hydromorphone"),
        ("buprenorfine", "buprenorphine"),
        ("c0deine 30mg", "codeine"),
        ("fentany1", "fentanyl"),
        ("trarnadol", "tramadol"),
        ("oxy codone", "oxycodone"),
        ("mscontin", "morphine"),
        ("Nurofin Plus", "codeine"),
        ("tramadol50mg", "tramadol"),
        ("oxycodone10mgtab", "oxycodone"),
        ("oxycodonehcl", "oxycodone"),
        ("оxyсоdonе", "oxycodone"),
        ("ｃｏｄｅｉｎｅ", "codeine"),
        ("co\u00addeine", "codeine"),
    ],
)
def test_a_name_is_matched_as_people_write_it(text: str, ingredient: str) -> None:
    assert current(text) == {ingredient}


@pytest.mark.parametrize(
    "text",
    [
        *("dextromethorphan", "haloperidol", "iloperidone", "ipratropium", "tiotropium", "apomorphine", "papaverine"),
        *("loratadine", "hydrocortisone", "hydroxyzine", "oxybutynin", "oxcarbazepine", "trazodone", "tamoxifen"),
        *("Toradol", "Topamax", "Fioricet", "Soma 350 mg", "free T3", "T4 levothyroxine 75", "MS dx 2015"),
        *("Solpadeine Headache", "Feminax Express", "Nurofen 200 mg", "Robitussin DM", "cod liver oil", "protein"),
        *("take twice daily", "naloxone", "Relistor", "in the morning", "Panadol", "Tylenol 500 mg", "oxygen"),
    ],
)
def test_a_look_alike_is_not_an_opioid(text: str) -> None:
    assert read(text).opioids == ()


@pytest.mark.parametrize("text", ["naltrexone 4.5 mg", "Vivitrol", "Contrave", "LDN 3 mg", "naltrexon"])
def test_a_naltrexone_product_is_found_and_is_not_an_opioid(text: str) -> None:
    listed = read(text)
    assert (listed.opioids, len(listed.current_naltrexone)) == ((), 1)


def test_an_antagonist_in_a_combination_does_not_hide_the_opioid() -> None:
    assert current("oxycodone/naloxone 10/5") == {"oxycodone"}


def test_a_listed_medicine_has_its_place_and_an_explanation() -> None:
    found = only("1. lisinopril\n2.  Percocet 5/325 q6h")
    assert (found.line, found.start, found.end, found.term) == (2, 4, 12, "Percocet")
    assert (found.ingredient, found.product, found.group) == ("oxycodone", "Percocet", OpioidGroup.AGONIST)
    assert found.why == "“Percocet” contains oxycodone."


def test_offsets_refer_to_the_text_as_entered() -> None:
    text = "œdème: Dafalgan® Codéine"
    found = only(text)
    assert text[found.start : found.end] == found.term
    assert found.ingredient == "codeine"


@pytest.mark.parametrize(
    ("text", "interval"),
    [
        ("morphine 10 mg", "short-acting"),
        ("morphine ER 30 mg", "long-acting"),
        ("fentanyl patch 25", "long-acting"),
        ("methadone 60 mg", "methadone"),
        ("buprenorphine 8 mg SL", "buprenorphine"),
        ("buprenorphine monthly depot", "buprenorphine-depot"),
        ("buprenorphine extended-release 100 mg", "buprenorphine-depot"),
        ("buprenorphine 20 mcg/h patch, prolonged release", "buprenorphine"),
        ("Sublocade", "buprenorphine-depot"),
        ("heroin", "illicit-or-unknown"),
        ("kratom", "kratom-tianeptine"),
        ("loperamide", "gut-acting"),
        *((text, "long-acting") for text in ("OxyContin 20", "mscontin 60", "Xtampza 13.5", "Kapanol 50", "MXL 60")),
        *((text, "long-acting") for text in ("Matrifen 50", "Durogesic DTrans 12", "Contalgin 10", "Troxyca 10")),
        *(
            (text, "long-acting")
            for text in ("oxycodone PR 20", "tramadol m/r 200", "morphine XL 30", "tapentadol SR")
        ),
        *((text, "long-acting") for text in ("fentanyl 12 q72h", "fentanyl 12mcg/h", "fentanyl 50 every 3 days")),
        *((text, "long-acting") for text in ("tramadol depottablett 150 mg", "Oxycodon Retardtabletten 10")),
        *((text, "long-acting") for text in ("morphine LP 10", "morphini sulfas prolongatum", "fentanyl pleister")),
        *((text, "long-acting") for text in ("tramadol liberação prolongada", "ossicodone rilascio prolungato 5")),
        *((text, "long-acting") for text in ("dihydrocodeine (DHC Continus) 60", "morphine [Zomorph] 30 mg")),
        *(
            (text, "short-acting")
            for text in ("morphine 10 mg supp PR", "IV fentanyl given", "morphine 5 mg, smokes 10")
        ),
        *((text, "illicit-or-unknown") for text in ("street oxycodone", "pressed fentanyl", "snorts oxycodone")),
        *(
            (text, "illicit-or-unknown")
            for text in ("injects morphine", "smokes fentanyl", "China White", "M30 pills")
        ),
        *((text, "illicit-or-unknown") for text in ("illicit OxyContin", "blue M30s", "poppy tea", "an opiate")),
        *((text, "illicit-or-unknown") for text in ("street methadone", "methadone 40 mg from a dealer")),
        *((text, "illicit-or-unknown") for text in ("injects Suboxone", "bupe off the street", "pressed M30")),
        *((text, "illicit-or-unknown") for text in ("street fentanyl, denies illicit benzos",)),
        *((text, "methadone") for text in ("Methadone 90 mg, denies illicit use", "methadone, lives on the street")),
        *((text, "short-acting") for text in ("oxycodone 5 mg bid, denies illicit use", "tramadol, no street drugs")),
        *(
            (text, "buprenorphine")
            for text in ("Butrans 20 weekly", "Suboxone 4-1, monthly visits", "Belbuca 450 mcg")
        ),
        *(
            (text, "buprenorphine")
            for text in ("Norspan depot plaster", "buprenorphine 2 mg SL tab, was on injection")
        ),
        *((text, "buprenorphine-depot") for text in ("buprenorphine ER inj", "bup ER inj", "Buvidal weekly")),
        *((text, "buprenorphine-depot") for text in ("buprenorphine 64 mg s/c", "bupe LAI", "buprenorphine implant")),
    ],
)
def test_the_interval_depends_on_ingredient_and_form(text: str, interval: str) -> None:
    assert only(text).interval == interval


@pytest.mark.parametrize("text", ["fentanyl patch 25, oxycodone 5 mg", "tramadol SR 100. Oxycodone 5 mg prn"])
def test_a_form_applies_only_to_the_name_next_to_it(text: str) -> None:
    assert {each.ingredient: each.interval for each in read(text).opioids}["oxycodone"] == "short-acting"


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        *(("Contalgin Uno 40 mg", "morphine"), ("Panacod", "codeine"), ("Parkódín forte", "codeine")),
        *(("Parkodin", "codeine"), ("Turgeon 52.5 patch", "buprenorphine"), ("Tuzistra XR", "codeine")),
        *(("Troxyca ER", "oxycodone"), ("Dolol 50 mg", "tramadol"), ("Mytedom 10 mg", "methadone")),
        *(("Tuzistra 10 ml", "codeine"), ("Equagesic", "ethoheptazine"), ("drinks ketum", "kratom")),
        *(("Ketum tea", "kratom"), ("Lorcet 10/650", "hydrocodone"), ("Paratram", "tramadol")),
        *(("blue 30s", "fentanyl"), ("fluetonitazene", "nitazene"), ("dirty sprite", "codeine")),
    ],
)
def test_brands_and_street_names_of_many_countries_are_found(text: str, ingredient: str) -> None:
    assert current(text) == {ingredient}


def test_a_local_name_is_matched() -> None:
    local = (Product(name="Zzyxol", ingredients=("tramadol",), sources=("local",)),)
    (found,) = Recogniser(shipped_lexicon(), shipped_cues(), local).read("zzyxol 50", ON).found
    assert (found.ingredient, found.product) == ("tramadol", "Zzyxol")


# Context ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "Allergies: codeine (nausea). Meds: lisinopril",
        "allergic to morphine",
        "Codeine - anaphylaxis",
        "ALLERGIES:\n- Codeine\n- Penicillin\n\nMEDICATIONS\nlisinopril",
        "Intolerant of tramadol (vomiting)",
        "Not taking tramadol",
        "denies opioid use, incl. oxycodone",
        "Patient denies taking hydrocodone, oxycodone or tramadol",
        "never taken codeine",
        "Tramadol 50mg (Patient not taking: Reported on 3/12/2025)",
        "tramadol stopped March 2024",
        "oxycodone discontinued 10/01/2026",
        "oxycodone ended 5 Nov 2026",
        "stopped codeine in 2015 after dental surgery",
        "methadone ended in 2017",
        "weaned off morphine 2 years ago",
        "Discontinued medications\n- Oxycodone 5 mg, stopped 2024",
        "Butrans patch 5 mcg/h — stopped 3 July 2025 (rash).",
    ],
)
def test_a_mention_is_not_current(text: str) -> None:
    listed = read(text)
    assert listed.opioids
    assert listed.current_opioids == ()


@pytest.mark.parametrize(
    "text",
    [
        "NKDA. Oxycodone 5 mg prn",
        "cetirizine for allergies, oxycodone 5 mg prn",
        "no relief from oxycodone 10 mg",
        "no longer takes morphine",
        "not taking tramadol regularly",
        "tramadol stopped",
        "used to take codeine",
        "oxycodone stopped yesterday",
        "tramadol last dose 20 Nov 2026",
        "finished oxycodone last week",
        "oxycodone stopped 12 Nov 2026",
        "tramadol - on hold",
        "weaning off morphine",
        "hx of oxycodone use",
        "on methadone since 2019",
        "oxycodone 5 mg prn, gabapentin stopped 2019",
        "gabapentin stopped 2019, oxycodone 5 mg prn",
        "oxycodone 5 mg prn. Stopped gabapentin 2019",
        "tramadol 50mg (Patient not taking: Reported on 11/20/2026)",
        "oxycodone stopped 2019, restarted",
        "Sublocade last injection Jan 2024",
        "Buvidal stopped 2023",
        "buprenorphine implant removed 2020",
        "Past medications\n- Oxycodone 5 mg",
        "Discontinued medications (as of 2024)\n- Oxycodone 5 mg",
    ],
)
def test_a_doubtful_entry_is_current(text: str) -> None:
    assert read(text).current_opioids


def test_each_of_two_names_is_assessed_by_its_own_words() -> None:
    listed = read("stopped tramadol 2019, now on tapentadol")
    assert [(each.ingredient, each.status) for each in listed.found] == [
        ("tramadol", MentionStatus.MENTIONED),
        ("tapentadol", MentionStatus.CURRENT),
    ]


@pytest.mark.parametrize(
    ("text", "ingredient", "term"),
    [
        ("oxyco-\ndone 5 mg tablet", "oxycodone", "oxyco-"),
        ("1. tapen-\n  tadol SR 50", "tapentadol", "tapen-"),
        ("MS\nContin 15 mg", "morphine", "MS"),
        ("Nurofen\nPlus prn", "codeine", "Nurofen"),
    ],
)
def test_a_name_across_two_lines_is_found_where_it_begins(text: str, ingredient: str, term: str) -> None:
    found = only(text)
    assert (found.ingredient, found.line, found.term) == (ingredient, 1, term)


def test_a_line_that_ends_in_a_hyphen_is_read_alone_if_no_name_continues() -> None:
    listed = read("tramadol 50 -\noxycodone 5 mg")
    assert [(each.line, each.ingredient) for each in listed.found] == [(1, "tramadol"), (2, "oxycodone")]


@pytest.mark.parametrize("entry", ["펜타닐 패치 25", "フェンタニル貼付剤", "фентанил пластырь", "فنتانيل لصقة"])
def test_a_patch_in_another_script_is_long_acting(entry: str) -> None:
    (found,) = read(entry).found
    assert (found.ingredient, found.interval) == ("fentanyl", "long-acting")


@pytest.mark.parametrize("entry", ["T#3 i-ii po q4-6h prn", "T4 one qhs", "Tylenol\n#3 prn", "Fiorinal #3"])
def test_codeine_by_number_is_found_whatever_is_beside_it(entry: str) -> None:
    assert current(entry) == {"codeine"}


@pytest.mark.parametrize("entry", ["Perc. nephrolithotomy 2019", "T3 two months ago", "Fioricet 3 times a day"])
def test_an_abbreviation_with_another_meaning_is_no_opioid(entry: str) -> None:
    assert not read(entry).found


# Accuracy -----------------------------------------------------------------------------------------------------

MINIMUM_RATES = {
    **dict.fromkeys(("ingredient", "brand", "combination", "otc", "foreign", "depot", "recent"), 0.98),
    **dict.fromkeys(("shorthand", "misspelt"), 0.97),
    "allergy": 0.7,
    "negated": 0.65,
    "ended": 0.62,  # a mention read as current is the safe error
    **dict.fromkeys(("lookalike", "other", "heading"), 0.99),
}


def lines_by_kind() -> dict[str, list[dict[str, str]]]:
    kinds = defaultdict(list)
    with (DATA / "medication_lines.tsv").open(encoding="utf-8", newline="") as rows:
        for row in csv.DictReader(rows, delimiter="\t", quoting=csv.QUOTE_NONE):
            kinds[row["kind"]].append(row)
    return kinds


def is_read_correctly(row: dict[str, str]) -> bool:
    found = current(row["text"])
    if row["label"] != "current":
        return not found
    return {name.strip() for name in row["ingredients"].split("+") if name.strip()} <= found


@pytest.mark.parametrize("kind", sorted(MINIMUM_RATES))
def test_lines_as_clinicians_write_them_are_read_correctly(kind: str) -> None:
    rows = lines_by_kind()[kind]
    wrong = [row["text"] for row in rows if not is_read_correctly(row)]
    assert 1 - len(wrong) / len(rows) >= MINIMUM_RATES[kind], wrong


def whole_lists() -> list[dict[str, Any]]:
    lists: list[dict[str, Any]] = json.loads((DATA / "medication_lists.json").read_text(encoding="utf-8"))
    return lists


def test_whole_lists_are_read_correctly() -> None:
    wrong = [each["text"] for each in whole_lists() if sorted(current(each["text"])) != sorted(each["current"])]
    assert 1 - len(wrong) / len(whole_lists()) >= 0.73, wrong


def test_no_current_opioid_is_missed_on_whole_lists() -> None:
    assert [each["text"] for each in whole_lists() if not set(each["current"]) <= current(each["text"])] == []


def test_no_current_opioid_is_read_as_past() -> None:
    in_use = [row for rows in lines_by_kind().values() for row in rows if row["label"] == "current"]
    assert [row["text"] for row in in_use if read(row["text"]).opioids and not current(row["text"])] == []


# Any text -----------------------------------------------------------------------------------------------------

WORDS = st.sampled_from(
    [
        "oxycodone",
        "Percocet",
        "stopped",
        "2019",
        "allergic",
        "to",
        "no",
        "denies",
        ",",
        ".",
        "(",
        ":",
        "\n",
        "5 mg",
        "T3",
    ]
)


@settings(max_examples=150, deadline=None)
@given(st.one_of(st.text(max_size=2000), st.lists(WORDS, max_size=300).map(" ".join)))
def test_every_text_gives_a_result_with_correct_offsets(text: str) -> None:
    lines = lines_of(text)
    for each in read(text).found:
        assert lines[each.line - 1][each.start : each.end] == each.term


@settings(max_examples=60, deadline=None)
@given(st.lists(WORDS, max_size=60).map(" ".join), st.sampled_from(["oxycodone 5 mg daily", "Percocet", "MST 10 mg"]))
def test_another_line_never_hides_a_current_opioid(text: str, line: str) -> None:
    before = f"{line}\n\n"
    assert current(before) <= current(before + text)


@settings(max_examples=30, deadline=None)
@given(
    st.sampled_from(
        [
            *("oxycodone ", "1a", " ,-(", "stopped ", "allergic to ", "2019-01-01 ", "\u202ecodeine", "\ud83d\ude00"),
            *("taking codeine\n", "no codeine\n\n", "no codeine. he. ", "still taking codeine; "),
        ]
    )
)
def test_a_long_repetition_is_read(part: str) -> None:
    text = (part * 20_000)[:20_000]
    assert read(text).text == text


def test_every_kind_of_line_end_is_counted() -> None:
    listed = read("a\r\nb\u2028codeine\x85oxycodone")
    assert [(each.line, each.ingredient) for each in listed.found] == [(3, "codeine"), (4, "oxycodone")]


# Other scripts ------------------------------------------------------------------------------------------------


def test_lines_in_another_script_without_a_name_are_marked_as_not_read() -> None:
    text = "Metformin 500 mg\nЭналаприл 5 мг\n\nКодеин 30 мг\n阿司匹林 100mg\ncodeine, 薬"
    listed = shipped_recogniser().read(text, ON)
    assert listed.not_read == (2, 5)
    assert [(each.line, each.ingredient) for each in listed.found] == [(4, "codeine"), (6, "codeine")]


@pytest.mark.parametrize("line", ["50 µg of vitamin D", "β-blocker", "α-tocopherol", "wire of 10 Ω", "codéine", ""])
def test_a_line_with_a_single_greek_letter_is_read(line: str) -> None:
    assert shipped_recogniser().read(line, ON).not_read == ()


def test_a_word_with_letters_that_resemble_latin_ones_is_found_once_and_read() -> None:
    listed = shipped_recogniser().read("оxyсоdonе 5 mg", ON)
    assert [each.term for each in listed.found] == ["оxyсоdonе"]
    assert listed.not_read == ()


def test_a_partly_latin_name_is_found_once() -> None:
    assert [each.term for each in shipped_recogniser().read("MSコンチン 10 mg", ON).found] == ["MSコンチン"]


def test_a_name_in_two_scripts_on_one_line_is_listed_once() -> None:
    assert [each.ingredient for each in shipped_recogniser().read("Oxycodone (оксикодон) 5 mg", ON).found] == [
        "oxycodone"
    ]


def test_a_local_name_in_another_script_is_matched() -> None:
    local = (Product(name="Ззиксол", ingredients=("codeine",), sources=("local",)),)
    recogniser = Recogniser(shipped_lexicon(), shipped_cues(), local)
    assert not shipped_recogniser().knows("Ззиксол")
    assert recogniser.knows("ззиксол")
    assert [each.product for each in recogniser.read("ЗЗИКСОЛ 5", ON).found] == ["Ззиксол"]
    assert [each.product for each in recogniser.read("Metformin", ON).found] == []


def test_a_name_in_another_script_is_explained() -> None:
    (found,) = shipped_recogniser().read("吗啡缓释片", ON).found
    assert found.why == "“吗啡” is morphine."


def test_a_term_includes_the_mark_on_its_last_letter() -> None:
    line = unicodedata.normalize("NFD", "loperamid́ 2 mg")
    assert shipped_recogniser().read(line, ON).found[0].term == line[:10]
