"""What a screen reader gets from a page: Chromium's accessibility tree, in the words that NVDA uses for it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Page

Node = dict[str, Any]

ROLES = {
    "textbox": "edit",
    "combobox": "combo box",
    "radio": "radio button",
    "checkbox": "check box",
    "group": "grouping",
    "DisclosureTriangle": "button",
    "banner": "banner landmark",
    "navigation": "navigation landmark",
    "main": "main landmark",
    "complementary": "complementary landmark",
    "contentinfo": "content information landmark",
    "search": "search landmark",
}
LANDMARKS = {"banner", "navigation", "main", "complementary", "contentinfo", "search"}
CONTAINERS = LANDMARKS | {"region", "group", "alert"}
CONTROLS = {"link", "button", "radio", "checkbox", "textbox", "combobox", "DisclosureTriangle"}
UNFOCUSED = {"RootWebArea", "none", ""}


class ScreenReader:
    """Reads a page as it is when this is created."""

    def __init__(self, page: Page) -> None:
        self.page, self.session = page, page.context.new_cdp_session(page)
        nodes = self.session.send("Accessibility.getFullAXTree")["nodes"]
        self.nodes: dict[str, Node] = {node["nodeId"]: node for node in nodes}
        self.by_element = {node["backendDOMNodeId"]: node for node in nodes if "backendDOMNodeId" in node}
        self.inside: list[str] = []

    def on_arrival(self) -> list[str]:
        """Return what is said when the page opens: its title, and the focused element if there is one."""
        focused = self.focused()
        return [self.page.title(), *([] if _role(focused) in UNFOCUSED else [self.stop(focused)])]

    def by_tab(self, at_most: int) -> list[str]:
        """Press Tab and return what is said of each element that gets the focus."""
        said = []
        for _ in range(at_most):
            self.page.keyboard.press("Tab")
            focused = self.focused()
            if _role(focused) in UNFOCUSED:
                break
            said.append(self.stop(focused))
        return said

    def reading(self, selector: str) -> list[str]:
        """Return what is said when a part of the page is read from its start to its end."""
        return list(self._read(self._node_of(f"document.querySelector({selector!r})")))

    def focused(self) -> Node:
        """Return the node of the focused element."""
        return self._node_of("document.activeElement")

    def stop(self, node: Node) -> str:
        """Return what is said of a focused element: what it lies in, if that is new, and the element."""
        around = [each for each in self._ancestors(node) if _role(each) in CONTAINERS and _name_or_landmark(each)]
        entered = [each for each in around if each["nodeId"] not in self.inside]
        self.inside = [each["nodeId"] for each in around]
        return "; ".join([*map(self._words, entered), self._words(node)])

    def _node_of(self, expression: str) -> Node:
        found = self.session.send("Runtime.evaluate", {"expression": expression})["result"]
        described = self.session.send("DOM.describeNode", {"objectId": found["objectId"]})["node"]
        return self.by_element.get(described["backendNodeId"], {})

    def _ancestors(self, node: Node) -> list[Node]:
        above: list[Node] = []
        while parent := self.nodes.get(node.get("parentId", "")):
            above.insert(0, parent)
            node = parent
        return above

    def _read(self, node: Node) -> Iterator[str]:
        role = _role(node)
        if role == "StaticText":
            yield _value(node, "name")
        elif role == "heading" or role in CONTROLS:
            yield self._words(node)
        elif role != "ListMarker":
            if role in CONTAINERS and not node["ignored"] and _name_or_landmark(node):
                yield self._words(node)
            for child in node.get("childIds", []):
                yield from self._read(self.nodes[child])

    def _words(self, node: Node) -> str:
        role = _role(node)
        properties = {each["name"]: each["value"].get("value") for each in node.get("properties", [])}
        said = [_value(node, "name"), ROLES.get(role, role)]
        if role == "heading":
            said[1] = f"heading level {properties['level']}"
        if role in {"radio", "checkbox"}:
            said.append("checked" if properties.get("checked") == "true" else "not checked")
        if role == "radio":
            said.append(self._place(node))
        if role == "DisclosureTriangle":
            said.append("expanded" if properties.get("expanded") else "collapsed")
        if properties.get("invalid") == "true":
            said.append("invalid entry")
        if role in {"textbox", "combobox"} and _value(node, "value"):
            said.append(f"“{_value(node, 'value')}”")
        said.append(_value(node, "description"))
        words = ", ".join(" ".join(each.split()) for each in said if each.strip())
        return words.replace(" ,", ",").replace(" .", ".").replace(" :", ":")

    def _place(self, node: Node) -> str:
        around = next(each for each in reversed(self._ancestors(node)) if _role(each) == "group")
        radios = [each for each in self._below(around) if _role(each) == "radio"]
        return f"{[each['nodeId'] for each in radios].index(node['nodeId']) + 1} of {len(radios)}"

    def _below(self, node: Node) -> Iterator[Node]:
        for child in node.get("childIds", []):
            if child in self.nodes:
                yield self.nodes[child]
                yield from self._below(self.nodes[child])


def _role(node: Node) -> str:
    return _value(node, "role")


def _value(node: Node, name: str) -> str:
    return str(node.get(name, {}).get("value") or "")


def _name_or_landmark(node: Node) -> bool:
    return bool(_value(node, "name")) or _role(node) in LANDMARKS | {"alert"}
