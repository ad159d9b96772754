"""Accessibility checks of a page."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 320, "height": 640}
ZOOMED: ViewportSize = {"width": 320, "height": 256}
"""A window of 1280 × 1024 at 400 %, in CSS pixels. It is as narrow as a small phone."""
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
EVERY_RULE = {"runOnly": {"type": "tag", "values": STANDARDS}}
COLOUR_RULES = {"runOnly": {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}}
LAYOUT_RULES = {"runOnly": {"type": "rule", "values": ["target-size", "scrollable-region-focusable"]}}
TARGET_PX = 44
SCRIPT = (Path(__file__).parent / "access.js").read_text(encoding="utf-8")


def barriers(page: Page) -> dict[str, Any]:
    """Return the violations by check. Afterwards the page has the size of a phone.

    In other colours only the rules on colours are checked. Zoomed only those on size are, so that no element may be
    shown on small windows alone.
    """
    page.evaluate(Axe().axe_script)
    page.evaluate(SCRIPT)

    def check(name: str, argument: object = None) -> Any:
        return page.evaluate(f"argument => barriers.{name}(argument)", argument)

    check("rememberShown")
    found = {
        "not focused when the page opens": check("notFocused"),
        "moving": check("moving"),
        "desktop": check("violations", EVERY_RULE),
        "small on the desktop": check("tooSmall", TARGET_PX),
        "dead links": check("deadLinks"),
        "choices without a legend": check("choicesWithoutLegend"),
        "errors that are not announced": check("silentErrors"),
        "faint": check("faint"),
        "lost by text spacing": check("lostBySpacing"),
    }
    for _ in range(check("watchTab")):
        page.keyboard.press("Tab")
    found |= {"order of focus": check("outOfOrder"), "focus": check("ringFaults"), "covered": check("covered")}

    found |= _in_other_colours(page, check)
    page.set_viewport_size(ZOOMED)
    found |= {
        "zoomed": check("violations", LAYOUT_RULES),
        "shown when zoomed only": check("newlyShown"),
        "small when zoomed": check("tooSmall", TARGET_PX),
        "cut off": check("cutOff"),
        "overlapping": check("overlaps"),
        "scrolls sideways": check("sideways"),
        "in the way": check("inTheWay"),
        "covered when zoomed": check("covered"),
        "lost by text spacing when zoomed": check("lostBySpacing"),
    }
    return {where: faults for where, faults in found.items() if faults}


def _in_other_colours(page: Page, check: Callable[..., Any]) -> dict[str, Any]:
    """Return the violations in dark and in forced colours. Afterwards the page has its own colours."""
    page.emulate_media(color_scheme="dark")
    found = {
        "dark": check("violations", COLOUR_RULES),
        "faint in the dark": check("faint"),
        "focus in the dark": check("ringFaults"),
    }
    page.emulate_media(color_scheme="light", forced_colors="active")
    found |= {
        "lost in forced colours": check("lostInForcedColours"),
        "focus in forced colours": check("ringFaults"),
    }
    page.emulate_media(forced_colors="none")
    return found
