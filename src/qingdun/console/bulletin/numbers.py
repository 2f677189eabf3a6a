"""How a bulletin is numbered."""

from __future__ import annotations

from qingdun.console.bulletin.models import Bulletin


def number_of(about: Bulletin) -> str:
    """Its number in the year; '' before it is issued."""
    if about.serial is None:
        return ""
    chinese = about.language == "zh"
    return f"〔{about.year}〕第{about.serial}期" if chinese else f"{about.year}, no. {about.serial}"
