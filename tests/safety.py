"""Reading the safety page in tests."""

from __future__ import annotations

import csv
from typing import Any

from lxml import html

SAFETY = "/safety/"
RULES_CSV = "/safety/rules.csv"


def rule_cells(page: Any) -> dict[str, dict[str, str]]:
    """Return the cells of the table of rules by link id and label."""
    rows = html.fromstring(page.content.decode()).xpath("//tr[@data-rule]")
    return {
        row.get("data-rule"): {cell.get("data-label"): cell.text_content() for cell in row.xpath("td")}
        for row in rows
    }


def tiles(page: Any) -> dict[str, str]:
    """Return the large number of each tile by its label, and the words below it under the label with an ellipsis."""
    found: dict[str, str] = {}
    for tile in html.fromstring(page.content.decode()).xpath("//dl[contains(@class, 'tiles')]/div"):
        label = tile.xpath("string(dt)")
        found[label] = tile.xpath("string(dd/text())").strip()
        found[f"{label} …"] = tile.xpath("string(dd/span)")
    return found


def look_into(page: Any) -> dict[str, str]:
    """Return the numbers of the table of what to look into, by what it is."""
    rows = html.fromstring(page.content.decode()).xpath("//section[@aria-labelledby='look']//tbody/tr")
    return {row.xpath("string(th)"): row.xpath("string(td)") for row in rows}


def overridden_for(page: Any) -> dict[str, str]:
    """Return the numbers of the table of reasons by code; the sum is under the empty text."""
    rows = html.fromstring(page.content.decode()).xpath("//section[@aria-labelledby='why']//tr[td]")
    return {row.xpath("string(th//*[contains(@class, 'code')])"): row.xpath("string(td)") for row in rows}


def columns(page: Any) -> dict[str, str]:
    """Return the numbers on the columns of the chart of times, by label."""
    texts = html.fromstring(page.content.decode()).xpath(
        "//section[@aria-labelledby='time']//*[name()='text']/text()"
    )
    return dict(zip(texts[1::2], texts[::2], strict=True))


def csv_rows(response: Any) -> list[dict[str, str]]:
    """Return the lines of the CSV by heading."""
    return list(csv.DictReader(response.content.decode().removeprefix("\ufeff").splitlines()))
