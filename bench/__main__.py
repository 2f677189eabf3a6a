"""The benchmarks, by hand: `make bench`, or `python -m bench NAME …` for some; what follows `--` is told to
them. What they print becomes their sections of docs/benchmarks.md; the others' sections stay.
"""

from __future__ import annotations

import os
import platform
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"
HEAD = (
    "# Benchmarks\n\nWritten by `make bench`. Absolute numbers depend on the machine, ratios much less; "
    "a load above 1 says that others were at work too.\n"
)


def main() -> None:
    known = {path.stem: path for path in sorted(HERE.glob("[a-z]*.py"))}
    asked = sys.argv[1:]
    cut = asked.index("--") if "--" in asked else len(asked)
    wanted, options = asked[:cut] or list(known), asked[cut + 1 :]
    unknown = set(wanted) - known.keys()
    if unknown:
        sys.exit(f"bench: found {', '.join(sorted(unknown))}, expected some of {', '.join(known)}")
    sections = {
        found[1]: found[0].rstrip() + "\n"
        for found in _sections(PAGE.read_text("utf-8"))
        if found[1] in known
    }
    for name in wanted:
        before = os.getloadavg()[0]
        done = subprocess.run(
            [sys.executable, known[name], *options], check=True, stdout=subprocess.PIPE, text=True
        )
        print(done.stdout)
        where = (
            f"Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} cores, "
            f"load {before:.1f} before and {os.getloadavg()[0]:.1f} after."
        )
        sections[name] = f"## {name}\n\n{where}\n\n{done.stdout.strip()}\n"
        PAGE.write_text("\n".join([HEAD, *(sections[key] for key in sorted(sections))]), "utf-8")


def _sections(page: str) -> list[re.Match[str]]:
    """Every section of the page: the whole of it, and its name as group 1."""
    return list(re.finditer(r"^## (\w+)\n(?:(?!^## ).*\n?)*", page, re.MULTILINE))


if __name__ == "__main__":
    main()
