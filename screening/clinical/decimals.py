"""Decimal numbers as people write them."""

from __future__ import annotations

from decimal import Decimal


def in_figures(value: Decimal) -> str:
    """A number without trailing zeros or exponent: ``4.5``, ``50``. Equal numbers give equal figures."""
    text = f"{value:f}" if value else "0"
    return text.rstrip("0").rstrip(".") if "." in text else text
