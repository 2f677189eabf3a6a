"""What is written can be found: every page of the documentation stands in its contents, every decision has a
number of its own."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"


def test_the_contents_name_every_page_once() -> None:
    contents = (ROOT / "mkdocs.yml").read_text("utf-8").partition("\nnav:")[2]
    named = Counter(re.findall(r"[\w/.-]+\.md", contents))
    pages = {path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")}
    assert len(pages) > 40
    assert sorted(pages - named.keys()) == [], "name them in mkdocs.yml"
    assert sorted(named.keys() - pages) == [], "there is no such page"
    assert [page for page, times in named.items() if times > 1] == []


LINK = re.compile(r"\]\(([^)\s]+)\)")


def anchors(page: Path) -> set[str]:
    """What its headings are called in an address."""
    found = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"\s+", "-", re.sub(r"[^\w\s-]", "", heading.strip()).lower()) for heading in found}


def test_every_link_leads_somewhere() -> None:
    """Within the repository: to a file that is there, and to a heading that its page has."""
    pages = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
    links = [(page, link) for page in pages for link in LINK.findall(page.read_text("utf-8"))]
    ours = [(page, *link.partition("#")) for page, link in links if not link.startswith("http")]
    assert len(ours) > 100
    dead = []
    for page, path, _, anchor in ours:
        goal = page.parent / path if path else page
        if not goal.exists() or (anchor and anchor not in anchors(goal)):
            dead.append(f"{page.relative_to(ROOT)}: {path}{'#' * bool(anchor)}{anchor}")
    assert dead == []


def test_decisions_are_numbered_one_by_one() -> None:
    numbers = sorted(path.name[:4] for path in (DOCS / "decisions").glob("*.md"))
    assert len(numbers) >= 14
    assert numbers == [f"{place:04}" for place in range(1, len(numbers) + 1)]


def test_the_status_names_what_stands() -> None:
    """Every module of the console has its line in the table of what stands."""
    status = (DOCS / "status.md").read_text("utf-8")
    modules = {path.parent.name for path in (ROOT / "src/qingdun/console").glob("*/apps.py")}
    assert {"visits", "offers"} <= modules
    assert sorted(name for name in modules if not re.search(rf"\b{name}\b", status)) == []
