"""The page of measures: sections that commands write, each its own."""

from __future__ import annotations

import re
from pathlib import Path

HEAD = (
    "# Evaluation\n\nWritten by `make evaluate` from the labelled data at hand, each section by its command. "
    "A measure stands with its split; in brackets is the interval of 95 % by bootstrap.\n"
)


def write_section(page: Path, title: str, body: str) -> None:
    """The page holds that section, in the alphabet's order of titles; its other sections stay as they are."""
    old = page.read_text("utf-8") if page.is_file() else ""
    found = re.findall(r"^## (.+)\n((?:(?!^## ).*\n?)*)", old, re.MULTILINE)
    sections = {name: text.strip() for name, text in found} | {title: body.strip()}
    parts = [f"## {name}\n\n{sections[name]}\n" for name in sorted(sections)]
    page.write_text("\n".join([HEAD, *parts]), "utf-8")
