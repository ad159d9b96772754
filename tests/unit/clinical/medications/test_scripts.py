"""Names in scripts other than Latin: what is matched, where, and what is not."""

from __future__ import annotations

import unicodedata

import pytest

from screening.clinical.medications.scripts import ScriptNames, has_other_script

NAMES = (
    *("морфин", "кодеина фосфат", "Трамал", "Но-шпалгин", "трёхмед", "κωδεΐνη", "Οξυκωδόνη"),
    *("مورفين", "أوكسيكودون", "کدئین", "اکسی کدون", "מורפין", "טרג׳ין", "मॉर्फिन", "पेंटाज़ोसिन"),
    *("吗啡", "可待因", "双氢可待因", "モルヒネ", "コデイン", "デュロテップ", "MSコンチン", "アヘン・トコン"),
    *("모르핀", "액틱", "마약성 진통제", "ฝิ่น", "โลเพอราไมด์"),
)
LOOK_ALIKES = ("阿扑吗啡", "アポモルヒネ", "Трамал Нео", "لا مورفين")
KNOWN = ScriptNames({name: name for name in NAMES} | dict.fromkeys(LOOK_ALIKES))


def named(line: str) -> list[tuple[str, str]]:
    """Return each name matched in a line, and the part of the line that it matches."""
    return [(each.term, line[each.start : each.end]) for each in KNOWN.matches(line)]


# Matches -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_every_name_is_found_alone_and_between_other_words(name: str) -> None:
    assert named(name) == [(name, name)]
    assert named(f"2. {name}, 10 mg (q8h)") == [(name, name)]


@pytest.mark.parametrize(
    ("line", "name", "written"),
    [
        pytest.param("МОРФИН 10 мг", "морфин", "МОРФИН", id="Cyrillic capitals"),
        pytest.param("мо́рфин", "морфин", "мо́рфин", id="with a mark of stress"),
        pytest.param("Трехмед", "трёхмед", "Трехмед", id="without the dots on yo"),
        pytest.param("кодеина  фосфат", "кодеина фосфат", "кодеина  фосфат", id="two spaces"),
        pytest.param("Но — шпалгин", "Но-шпалгин", "Но — шпалгин", id="another dash"),
        pytest.param("ΚΩΔΕΙΝΗ", "κωδεΐνη", "ΚΩΔΕΙΝΗ", id="Greek capitals without marks"),
        pytest.param("οξυκωδόνη", "Οξυκωδόνη", "οξυκωδόνη", id="Greek small letters"),
        pytest.param("المورفين", "مورفين", "مورفين", id="the Arabic article"),
        pytest.param("وبالمورفين", "مورفين", "مورفين", id="Arabic and, with, the"),
        pytest.param("مـــورفين", "مورفين", "مـــورفين", id="lengthened Arabic"),
        pytest.param("مُورفِين", "مورفين", "مُورفِين", id="Arabic vowel marks"),
        pytest.param("اوكسيكودون", "أوكسيكودون", "اوكسيكودون", id="without hamza"),
        pytest.param("كدئين", "کدئین", "كدئين", id="Arabic kaf and yeh in Persian"),
        pytest.param("ﻣﻮﺭﻓﻴﻦ", "مورفين", "ﻣﻮﺭﻓﻴﻦ", id="Arabic presentation forms"),
        pytest.param("והמורפין", "מורפין", "מורפין", id="Hebrew and, the"),
        pytest.param("ו־מורפין", "מורפין", "מורפין", id="a Hebrew hyphen"),
        pytest.param("טרג'ין", "טרג׳ין", "טרג'ין", id="an ASCII apostrophe"),
        pytest.param("מוֹרפִין", "מורפין", "מוֹרפִין", id="Hebrew points"),
        pytest.param("पेंटाजोसिन", "पेंटाज़ोसिन", "पेंटाजोसिन", id="without nukta"),
        pytest.param("每日吗啡缓释片两次", "吗啡", "吗啡", id="within Chinese text"),
        pytest.param("毎日モルヒネを服用", "モルヒネ", "モルヒネ", id="within Japanese text"),
        pytest.param("ﾃﾞｭﾛﾃｯﾌﾟ25", "デュロテップ", "ﾃﾞｭﾛﾃｯﾌﾟ", id="half-width kana"),
        pytest.param("ＭＳコンチン錠", "MSコンチン", "ＭＳコンチン", id="full-width letters"),
        pytest.param("吗\U000e0100啡", "吗啡", "吗\U000e0100啡", id="another shape of a letter"),
        pytest.param("กินฝิ่นทุกวัน", "ฝิ่น", "ฝิ่น", id="within Thai text"),
        pytest.param("모르핀서방정을 매일", "모르핀", "모르핀", id="a Korean form and particle"),
        pytest.param("황산모르핀", "모르핀", "모르핀", id="a Korean salt before it"),
        pytest.param("액틱을", "액틱", "액틱", id="a particle after a short Korean name"),
    ],
)
def test_a_name_is_found_in_every_spelling(line: str, name: str, written: str) -> None:
    assert named(line) == [(name, written)]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_found_in_decomposed_characters(name: str) -> None:
    in_parts = unicodedata.normalize("NFD", f"10 {name}.")
    ((found, written),) = named(in_parts)
    assert (found, written) == (name, in_parts[3:-1])


def test_several_names_are_found_in_order() -> None:
    assert [name for name, _ in named("Трамал, морфин и 吗啡")] == ["Трамал", "морфин", "吗啡"]


# No match -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        *("апоморфин", "морфинан", "неморфин", "Трамалгин", "Трамал Нео 5 мг", "απομωρφίνη", "κωδεΐνηλη"),
        *("אפומורפין", "מורפינים", "بومورفين", "مورفينات", "لا مورفين", "मॉर्फिना"),
        *(
            "阿扑吗啡片",
            "盐酸阿扑吗啡",
            "可乐定",
            "アポモルヒネ塩酸塩",
            "コカイン",
            "액틱한다",
            "남액틱",
            "아포모르핀",
            "ฝน",
        ),
        *("метоклопрамид", "ميتوكلوبراميد", "m o p h", "oxycodone", "", " ", "морф ин"),
    ],
)
def test_another_word_is_not_matched(line: str) -> None:
    assert named(line) == []


def test_the_longer_name_wins() -> None:
    assert named("双氢可待因片") == [("双氢可待因", "双氢可待因")]


def test_a_look_alike_does_not_hide_the_name_next_to_it() -> None:
    assert named("阿扑吗啡吗啡") == [("吗啡", "吗啡")]
    assert KNOWN.matches("阿扑吗啡吗啡")[0].start == 4


@pytest.mark.parametrize(
    "line", ["морфин" * 3_400, "액틱" * 10_000, "吗啡" * 10_000, "м\u0301" * 10_000, "ा" * 20_000]
)
def test_a_long_line_is_read_to_its_end(line: str) -> None:
    for each in KNOWN.matches(line):
        assert line[each.start : each.end] in NAMES


# Detecting another script -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("Эналаприл", "5 мг", "Ασπιρίνη", "أسبرين", "אקמול", "दवा", "դեղ", "წამალი", "ওষুধ"),
        *("药", "5 mg 片", "薬", "ア", "ｱ", "㍉", "약", "ยา", "Меtformin 500"),
    ],
)
def test_words_in_another_script_are_detected(text: str) -> None:
    assert has_other_script(text)
    assert has_other_script(f"Metformin 500 mg, {text}")


@pytest.mark.parametrize(
    "text",
    [
        *("", "Metformin 500 mg", "50 µg", "50 μg", "β-blocker", "α-tocopherol", "10 Ω", "Δ9-THC", "β, γ"),
        *(
            "codéine",
            "Łódź",
            "naïve ﬁlm",
            "ＯＸＹ",
            "𝐎𝐱𝐲",
            "5 ℃ ㎎ №",
            "1ª",
            "x²",
            "½",
            "→ • ✓",
            "☕\ufe0f\ufe0f",
            "Мetformin",
        ),
    ],
)
def test_a_single_letter_or_a_symbol_is_not_a_word_in_another_script(text: str) -> None:
    assert not has_other_script(text)
