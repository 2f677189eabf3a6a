"""What the order of tasks saves, with its intervals and what hangs on each assumption.

Run by hand: ``python bench/dispatch.py [FILE.json]``; the file keeps what `qingdun evaluate-dispatch` wrote.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

POLICIES = ("first_come", "by_level", "priority")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "dispatch.json"
        command = [sys.executable, "-m", "qingdun.cli", "evaluate-dispatch", "--out", str(out)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads(out.read_text("utf-8"))
    print(
        f"{len(report['seeds'])} simulated days of {report['population']:,} persons, "
        f"{report['tasks_a_day']:.0f} tasks and ¥{report['loss_yuan_a_day_without_us']:,} lost a day without "
        f"us. Share of that loss avoided, mean and 95 % interval over seeds.\n"
    )
    print(
        "| officers | first come | by level | priority | priority over first come |\n"
        "|---:|---:|---:|---:|---:|"
    )
    for officers, lines in report["officers"].items():
        shares = (_interval(lines[policy]["loss_avoided_share"]) for policy in POLICIES)
        gain = _interval(lines["priority"]["over_first_come"])
        print(f"| {officers} | {' | '.join(shares)} | {gain} |")
    officers = report["sensitivity"][0]["officers"]
    print(f"\nOne assumption changed at a time, {officers} officers.\n")
    print("| assumption | value | first come | by level | priority |\n|---|---:|---:|---:|---:|")
    for row in report["sensitivity"]:
        shares = (_interval(row[policy]) for policy in POLICIES)
        print(f"| {row['assumption']} | {row['value']:g} | {' | '.join(shares)} |")


def _interval(found: dict[str, Any]) -> str:
    return f"{found['mean']:.1%} ({found['low']:.1%} to {found['high']:.1%})"


if __name__ == "__main__":
    main()
