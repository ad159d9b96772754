"""The shapes shown beside text, on pages and on paper, so that meaning never depends on colour alone."""

from __future__ import annotations

_RING = '<circle cx="12" cy="12" r="10.4" fill="none" stroke="currentColor" stroke-width="2"{}/>'

SHAPES = {
    "octagon": (
        '<path fill-rule="evenodd" d="M7.6 1h8.8L23 7.6v8.8L16.4 23H7.6L1 16.4V7.6zM10.6 5.6V14h2.8V5.6z'
        'M12 15.8a1.7 1.7 0 1 0 0 3.4 1.7 1.7 0 0 0 0-3.4z"/>'
    ),
    "diamond": (
        '<path fill-rule="evenodd" d="M12 .6 23.4 12 12 23.4.6 12zM10.7 6v7.6h2.6V6z'
        'M12 15.2a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z"/>'
    ),
    "triangle": (
        '<path fill-rule="evenodd" d="M12 1.6 23.6 22H.4zM10.7 8.2v7h2.6v-7z'
        'M12 16.8a1.6 1.6 0 1 0 0 3.2 1.6 1.6 0 0 0 0-3.2z"/>'
    ),
    "open": (
        _RING.format(' stroke-dasharray="3.6 1.85"')
        + '<path fill="none" stroke="currentColor" stroke-width="2.4" stroke-linecap="round" '
        'd="M8.9 9.2a3.1 3.1 0 1 1 4.9 2.5c-1.1.8-1.8 1.4-1.8 2.6"/><circle cx="12" cy="17.8" r="1.5"/>'
    ),
    "blank": _RING.format(' stroke-dasharray="1 3.1" stroke-linecap="round"'),
    "dashed": _RING.format(' stroke-dasharray="3.6 1.85"'),
    "lock": (
        '<path fill="none" stroke="currentColor" stroke-width="2.2" d="M7 11V7.6a5 5 0 0 1 10 0V11"/>'
        '<rect x="3.6" y="10.6" width="16.8" height="12" rx="2"/>'
    ),
    "ring": _RING.format("") + '<path d="M7 10.9h10v2.2H7z"/>',
    "square": ('<path fill="none" stroke="currentColor" stroke-width="2" d="M2.5 2.5h19v19h-19zm4 15 11-11"/>'),
    "clock": _RING.format("") + '<path fill="none" stroke="currentColor" stroke-width="2" d="M12 6v6.4l4.4 2.6"/>',
    "pencil": (
        '<path fill="none" stroke="currentColor" stroke-width="2" stroke-linejoin="round" '
        'd="m15.6 2.4 6 6L8.4 21.6 2 22l.4-6.4zm-3.2 3.2 6 6"/>'
    ),
    "replaced": (
        '<path fill="none" stroke="currentColor" stroke-width="2" '
        'd="M2.5 1.5h13v16h-13zM8.5 20v2.5h13v-16H18M5.5 13.5l7-8"/>'
    ),
    "sheet": (
        '<path fill="none" stroke="currentColor" stroke-width="2" d="M3.5 1.5h17v21h-17z"/>'
        '<path d="M7 6h10v1.8H7zM7 9.6h10v1.8H7zM7 13.2h10V15H7zM7 16.8h10v1.8H7z"/>'
    ),
    "person": '<circle cx="12" cy="7.2" r="5"/><path d="M2.5 22.5c0-5 4.2-8.3 9.5-8.3s9.5 3.3 9.5 8.3z"/>',
    "brand": (
        '<rect x="1" y="1" width="10" height="10" rx="2.4"/>'
        '<rect x="13" y="1" width="10" height="10" rx="2.4" opacity=".38"/>'
        '<rect x="1" y="13" width="10" height="10" rx="2.4" opacity=".38"/>'
        '<path d="M15.9 13h4.2l2.9 2.9v4.2L20.1 23h-4.2L13 20.1v-4.2z"/>'
    ),
}
"""Drawings by name: filled for a flag, dashed for an unresolved answer, a thin line for other answers."""

STATES = {
    "contraindicated": "octagon",
    "avoid": "diamond",
    "caution": "triangle",
    "unresolved": "open",
    "no": "ring",
    "not_applicable": "square",
    "none": "sheet",
}
"""The shape for each state of the summary."""


def drawing(name: str) -> str:
    """Return the content of an ``svg`` element with ``viewBox="0 0 24 24"``; ``name`` is a shape or a state.

    Raises:
        KeyError: no shape and no state has this name.
    """
    return SHAPES[STATES.get(name, name)]
