"""Every benchmark, by hand: `make bench`. What they print becomes docs/benchmarks.md."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
PAGE = HERE.parent / "docs" / "benchmarks.md"


def main() -> None:
    parts = [
        "# Benchmarks\n",
        f"Written by `make bench`. Python {platform.python_version()}, {platform.machine()}, "
        f"{os.cpu_count()} cores, load average {os.getloadavg()[0]:.1f} at the start. "
        "Absolute numbers depend on the machine, ratios much less.\n",
    ]
    for path in sorted(HERE.glob("[a-z]*.py")):
        done = subprocess.run([sys.executable, path], check=True, stdout=subprocess.PIPE, text=True)
        print(done.stdout)
        parts.append(f"## {path.stem}\n\n{done.stdout.strip()}\n")
    parts.insert(
        2, f"At the end the load average was {os.getloadavg()[0]:.1f}: above 1, others were at work too.\n"
    )
    PAGE.write_text("\n".join(parts), "utf-8")


if __name__ == "__main__":
    main()
