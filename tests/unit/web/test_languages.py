"""Which languages are offered: only those whose safety sentences a speaker reviewed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import translation

from screening.clinical.text import wording
from screening.web import languages
from tests.languages import TEST_LANGUAGE, in_brackets, write_test_language


@pytest.fixture
def folder(tmp_path: Path, settings: Any) -> Iterator[Path]:
    """The folder of the test language, which the settings list beside English."""
    write_test_language(tmp_path)
    settings.LOCALE_PATHS = [tmp_path]
    settings.LANGUAGES = [("en", "English"), (TEST_LANGUAGE, "Test")]
    languages.languages.cache_clear()
    yield tmp_path
    languages.languages.cache_clear()


def review(folder: Path, **changes: str | None) -> None:
    """Replace the reviewed translations of safety sentences, or remove them."""
    path = folder / TEST_LANGUAGE / "reviewed.json"
    sentences = json.loads(path.read_text())["sentences"]
    for name, words in changes.items():
        sentences.pop(getattr(wording, name))
        if words is not None:
            sentences[getattr(wording, name)] = words
    path.write_text(json.dumps({"sentences": sentences}))


def codes() -> list[str]:
    return [each.code for each in languages.offered_languages()]


def test_a_language_is_offered_once_every_safety_sentence_is_reviewed(folder: Path) -> None:
    assert languages.unreviewed_sentences(TEST_LANGUAGE) == ()
    assert codes() == ["en", TEST_LANGUAGE]


@pytest.mark.parametrize("words", [None, "Another translation", wording.REMINDER])
def test_a_sentence_without_a_review_of_its_translation_as_it_is_now_keeps_the_language_out(
    folder: Path, words: str | None
) -> None:
    review(folder, REMINDER=words)
    assert languages.unreviewed_sentences(TEST_LANGUAGE) == (wording.REMINDER,)
    assert codes() == ["en"]
    assert not languages.is_offered(TEST_LANGUAGE)


def test_a_language_without_a_review_is_offered_in_a_demonstration_only(folder: Path, settings: Any) -> None:
    (folder / TEST_LANGUAGE / "reviewed.json").unlink()
    assert codes() == ["en"]
    settings.DEMO = True
    assert codes() == ["en", TEST_LANGUAGE]
    assert [each.is_reviewed for each in languages.offered_languages()] == [True, False]


@pytest.mark.usefixtures("folder")
def test_the_language_of_the_rules_is_marked_only_on_pages_in_another_one() -> None:
    assert languages.language_of_rules() == ""
    with translation.override(TEST_LANGUAGE):
        assert languages.language_of_rules() == "en"
        assert translation.gettext(wording.REMINDER) == in_brackets(wording.REMINDER)


def test_every_language_of_the_settings_is_reviewed_or_not_offered(settings: Any) -> None:
    languages.languages.cache_clear()
    offered = codes()
    assert "en" in offered
    for code, _ in settings.LANGUAGES:
        assert (code in offered) is (languages.unreviewed_sentences(code) == ())
    assert "es" not in offered, "Spanish was reviewed: say so in the documentation and the changelog."
