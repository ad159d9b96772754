"""Accessibility checks of a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, ViewportSize

PHONE: ViewportSize = {"width": 320, "height": 640}
STANDARDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa", "best-practice"]
EVERY_RULE = {"type": "tag", "values": STANDARDS}
COLOUR_RULES = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
TARGET_PX = 44

VIOLATIONS = """async rules => {
  const found = await axe.run({runOnly: rules, resultTypes: ["violations"]});
  return found.violations.flatMap(each => each.nodes.map(node => `${each.id}: ${node.html.slice(0, 120)}`));
}"""

IS_CUT_OFF = """() => [...document.querySelectorAll("main *")].filter(each => {
  const style = getComputedStyle(each);
  const hides = ["hidden", "clip"].includes(style.overflowX) && style.position !== "absolute";
  return hides && !each.matches("input, select") && each.scrollWidth > each.clientWidth + 1;
}).map(each => each.outerHTML.slice(0, 90))"""

TOO_SMALL = """least => {
  const controls = "a[href], button, summary, select, textarea, input:not([type=hidden])";
  const isInlineLink = each => each.matches("a") &&
    each.parentElement.textContent.trim() !== each.textContent.trim() && getComputedStyle(each).display === "inline";
  const height = each => {
    const box = each.getBoundingClientRect();
    if (box.bottom <= 0) return box.height;  // the skip link without focus
    const x = box.x + box.width / 2, y = box.y + box.height / 2;
    const own = [each, ...(each.labels ?? [])];
    const hits = at => own.some(one => one.contains(document.elementFromPoint(x, at)));
    let top = y, bottom = y;
    while (hits(top - 1)) top--;
    while (hits(bottom + 1)) bottom++;
    return hits(y) ? Math.max(bottom - top + 1, box.height) : 0;
  };
  const small = [];
  for (const each of document.querySelectorAll(controls)) {
    if (!each.checkVisibility({visibilityProperty: true}) || isInlineLink(each)) continue;
    if (each.matches(":not(.skip)")) each.scrollIntoView({block: "center", behavior: "instant"});
    if (height(each) < least) small.push(`${Math.round(height(each))} px: ${each.outerHTML.slice(0, 90)}`);
  }
  return small;
}"""

WITHOUT_LEGEND = """() => [...document.querySelectorAll("input[type=radio]")].filter(each => {
  const legend = each.closest("fieldset")?.querySelector(":scope > legend");
  return !legend?.textContent.trim();
}).map(each => each.name)"""

DEAD_LINKS = """() => [...document.querySelectorAll("[role=alert] a[href^='#']")].map(each => each.hash.slice(1))
  .filter(id => !document.getElementById(id))"""


def barriers(page: Page) -> dict[str, Any]:
    """Return the violations by check. Afterwards the page has the size of a phone.

    In the dark colour scheme only the colour rules are checked, because the other rules do not depend on colours.
    """
    page.evaluate(Axe().axe_script)
    found = {
        "desktop": page.evaluate(VIOLATIONS, EVERY_RULE),
        "small on the desktop": page.evaluate(TOO_SMALL, TARGET_PX),
        "dead links": page.evaluate(DEAD_LINKS),
        "choices without a legend": page.evaluate(WITHOUT_LEGEND),
    }
    page.emulate_media(color_scheme="dark")
    found["dark"] = page.evaluate(VIOLATIONS, COLOUR_RULES)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(PHONE)
    found |= {
        "phone": page.evaluate(VIOLATIONS, EVERY_RULE),
        "small on the phone": page.evaluate(TOO_SMALL, TARGET_PX),
        "cut off": page.evaluate(IS_CUT_OFF),
        "wider than the phone": page.evaluate("document.documentElement.scrollWidth") > PHONE["width"],
    }
    return {where: faults for where, faults in found.items() if faults}
