"""The addresses that are measured."""

from __future__ import annotations

NEW = "/screenings/new/"
LIST = "/screenings/"
FLOOR_FORM = "/form/"


def list_pages(last_page_after: str) -> dict[str, str]:
    """The first and the last page of the list; the last begins after the screening with this uuid."""
    return {"first page": LIST, "last page": f"{LIST}?after={last_page_after}"}


def printed(result: str) -> str:
    """The sheet of a result."""
    return f"{result}print/"


def pdf(result: str) -> str:
    """The PDF of a result."""
    return f"{result}summary.pdf"
