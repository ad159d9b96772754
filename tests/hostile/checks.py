"""What must hold of every response, and of what was stored, whatever was sent."""

from __future__ import annotations

import csv
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import urljoin, urlsplit

import pikepdf
from django.apps import apps
from django.db import models
from lxml import html

from .payloads import BIDI_CONTROLS, MARKS
from .world import Fields

FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
RUNS = re.compile(r"^[\s\0-\x20]*(javascript|data|vbscript):", re.IGNORECASE)
ELSEWHERE = re.compile(r"^\s*(https?:)?[/\\]{2}")
FORBIDDEN_ELEMENTS = {"iframe", "object", "embed", "base", "style", "frame", "applet", "math"}
ADDRESS_ATTRIBUTES = {"href", "src", "action", "formaction", "srcdoc", "xlink:href", "data", "poster"}
TYPED_ELEMENTS = {"textarea", "input", "option", "script"}
MESSAGES = (
    "//*[@role='alert' or contains(@class, 'error') or contains(@class, 'feedback') or contains(@class, 'fault')]"
)
RUN_BY_A_PDF = {"/JavaScript", "/JS", "/Launch", "/URI", "/OpenAction", "/AA", "/EmbeddedFiles"}
_PRIVATE_USE = re.compile("[\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd]")


def faults_of_response(response: Any, seconds: float, mark: str) -> Iterator[str]:
    """Yield what is wrong with a response, whatever was asked for."""
    if response.status_code >= 500:
        yield f"status {response.status_code}"
    if seconds >= 5:
        yield f"took {seconds:.1f} s"
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Request-ID", "Cross-Origin-Resource-Policy"):
        if name not in response.headers:
            yield f"no header {name}"
    location = response.headers.get("Location", "")
    here = f"http://testserver{response.wsgi_request.path}"
    if urlsplit(urljoin(here, location.replace("\\", "/"))).netloc != "testserver":  # browsers read “\” as “/”
        yield f"redirects to {location!r}"
    kind = response.headers.get("Content-Type", "")
    if response.streaming or not response.content:
        return
    if kind.startswith("text/html"):
        yield from faults_of_page(response.content.decode(), mark)


def faults_of_page(source: str, mark: str) -> Iterator[str]:
    """Yield live markup on a page, and controls that change the direction of its words."""
    page = html.fromstring(source)
    for element in page.iter():
        if not isinstance(element.tag, str):
            if mark in str(element.text):
                yield f"comment with {element.text[:60]!r}"
            continue
        if element.tag in FORBIDDEN_ELEMENTS or mark in element.tag or element.tag.startswith(MARKS):
            yield f"element {element.tag}"
        is_data = element.get("type") == "application/json"  # a browser does not run it
        if (
            element.tag in {"script", "style"}
            and (element.text or "").strip()
            and (not is_data or mark in element.text)
        ):
            yield f"{element.tag} with {element.text[:60]!r}"
        for name, value in element.attrib.items():
            if name.startswith("on") or mark in name or name == "style":
                yield f"attribute {name} of {element.tag}"
            if name in ADDRESS_ATTRIBUTES and MARKS in value and (RUNS.search(value) or ELSEWHERE.search(value)):
                yield f"{name}={value[:60]!r}"
        if element.tag not in TYPED_ELEMENTS and (found := directed(element.text or "")):
            yield f"U+{ord(found):04X} in {element.tag}: {element.text[:60]!r}"
        if element.tail and (found := directed(element.tail)):
            yield f"U+{ord(found):04X} after {element.tag}: {element.tail[:60]!r}"


def directed(text: str) -> str:
    """Return the first control in a text that changes its direction, or an empty text."""
    return next((each for each in text if each in BIDI_CONTROLS), "")


def faults_of_file(response: Any) -> Iterator[str]:
    """Yield what a program that opens a file would run, and controls that change the direction of its words."""
    kind = response.headers["Content-Type"]
    content = response.getvalue()
    if kind.startswith("text/csv"):
        yield from faults_of_table(content.decode("utf-8-sig"))
    if kind.startswith("text/plain") and (found := directed(content.decode())):
        yield f"U+{ord(found):04X} in the text"
    if kind == "application/pdf":
        with pikepdf.open(io.BytesIO(content)) as document:
            dictionaries = [each for each in document.objects if isinstance(each, pikepdf.Dictionary)]
            names = set().union(*dictionaries)
        yield from (f"{name} in the PDF" for name in sorted(names & RUN_BY_A_PDF))


def faults_of_table(source: str) -> Iterator[str]:
    """Yield cells of a CSV file in which a spreadsheet program would find a formula."""
    for row in csv.reader(io.StringIO(source.removeprefix("\ufeff"))):
        for cell in row:
            if cell.lstrip(" ").startswith(FORMULA_STARTS):
                yield f"cell {cell[:60]!r}"
            if found := directed(cell):
                yield f"U+{ord(found):04X} in cell {cell[:60]!r}"


# Forms that come back -----------------------------------------------------------------------------------------


def faults_of_refusal(response: Any, typed: dict[str, str]) -> Iterator[str]:
    """Yield texts that a refused form no longer shows, and a form that says nothing about its errors."""
    page = html.fromstring(response.content.decode())
    if not page.xpath(MESSAGES):
        yield "refused without a message"
    shown: Fields = {}
    for form in page.xpath("//form"):
        for name, value in form.form_values():
            shown.setdefault(name, []).append(value)
    everything = {collapsed(each) for values in shown.values() for each in values}
    for name, text in typed.items():
        if not _can_be_shown(text) or name not in shown:
            continue
        if collapsed(text) not in everything:
            yield f"{name} was {text[:80]!r}, is now {shown[name][0][:80]!r}"


def _can_be_shown(text: str) -> bool:
    """HTML cannot contain control characters, and its parser drops what is no character."""
    return not any(unicodedata.category(each) in {"Cc", "Cn", "Cs"} and each not in "\t\r\n" for each in text)


def collapsed(text: str) -> str:
    """Return a text with each run of white space collapsed to one space."""
    return " ".join(text.split())


# What was stored ----------------------------------------------------------------------------------------------


def stored_texts(mark: str) -> list[tuple[str, str]]:
    """Return each text in the database that holds a marker, with the name of its column."""
    found: list[tuple[str, str]] = []
    for model in apps.get_app_config("screening").get_models():
        columns = [each for each in model._meta.concrete_fields if _holds_text(each)]
        if not columns:
            continue
        condition = models.Q()
        for column in columns:
            condition |= models.Q(**{f"{column.name}__icontains": mark})
        for row in model._default_manager.filter(condition):
            for column in columns:
                texts = leaves(getattr(row, column.name))
                found += [(f"{model.__name__}.{column.name}", text) for text in texts if mark in text.lower()]
    return found


def _holds_text(column: models.Field[Any, Any]) -> bool:
    return isinstance(column, models.CharField | models.TextField | models.JSONField)


def leaves(value: Any) -> Iterator[str]:
    """Yield every text in a JSON value, also in one that is stored as a text."""
    if isinstance(value, str):
        if value.startswith(("{", "[")) and len(value) > 1000:
            try:
                value = json.loads(value)
            except ValueError:
                yield value
                return
            yield from leaves(value)
        else:
            yield value
    elif isinstance(value, dict):
        for each in value.values():
            yield from leaves(each)
    elif isinstance(value, list | tuple):
        for each in value:
            yield from leaves(each)


SEARCHED = {"Screening.patient_name_key", "Screening.record_number_key", "LocalName.key"}
"""Columns that hold a text as it is searched for."""


def faults_of_stored(mark: str, typed: Iterable[str]) -> Iterator[str]:
    """Yield stored texts that differ from what was typed. A sentence may quote it, and a list holds its lines."""
    known = [comparable(each) for each in typed]
    for column, text in stored_texts(mark):
        if found := directed(text):
            yield f"U+{ord(found):04X} stored in {column}: {text[:80]!r}"
        stored = comparable(text)
        if column not in SEARCHED and not any(stored in each or each in stored for each in known):
            yield f"{column} holds {text[:120]!r}, typed was {[each[:120] for each in known]}"


def faults_of_not_stored(mark: str, typed: Iterable[str]) -> Iterator[str]:
    """Yield typed texts of an accepted form that were not stored as a whole, or line by line."""
    stored = [comparable(text) for _, text in stored_texts(mark)]
    for text in typed:
        lines = [comparable(line) for line in re.split("\r\n|[\r\n\v\f\x85\u2028\u2029]", text) if mark in line]
        if not all(any(line in each for each in stored) for line in lines):
            yield f"{text[:120]!r} was not stored: {[each[:120] for each in stored]}"


def comparable(text: str) -> str:
    """Return a text as it is stored: white space collapsed, nothing invisible, bullets for private characters."""
    visible = "".join(each for each in _PRIVATE_USE.sub("•", text) if unicodedata.category(each) != "Cf")
    return collapsed(visible)
