"""Every benchmark, by hand: `make bench`. What they print becomes docs/benchmarks.md."""

from __future__ import annotations

import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


def main() -> None:
    parts = [
        "# Benchmarks\n",
        f"Written by `make bench`. Python {platform.python_version()}, {platform.machine()}. "
        "Ratios are of one run; absolute numbers depend on the machine.\n",
    ]
    for path in sorted(HERE.glob("[a-z]*.py")):
        done = subprocess.run([sys.executable, path], check=True, capture_output=True, text=True)
        print(done.stdout)
        parts.append(f"## {path.stem}\n\n```\n{done.stdout.strip()}\n```\n")
    PAGE.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
