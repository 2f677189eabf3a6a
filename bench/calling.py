"""What a busy line tells when an officer rings, and what recall and lead time gain when the engine hears of it.

Run by hand: ``python bench/calling.py [FILE.json]``; a file that `qingdun evaluate-calls` has written is told as
it is, without one the command is run (some 20 minutes).
"""

# ruff: noqa: E501
from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

WORDS = {
    "marked": "in a call with a listed, suspected or spoofed number",
    "outside": "in a call from abroad",
    "net": "in a call over the net",
    "stranger": "in another call with a stranger",
    "known": "in a call with somebody known",
    "again": "busy, ten minutes later",
}


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        out = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(folder) / "calls.json"
        if not out.exists():
            command = [sys.executable, "-m", "qingdun.cli", "evaluate-calls", "--out", str(out)]
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        report = json.loads(out.read_text("utf-8"))
    print(
        f"{len(report['seeds'])} simulated cities of {report['population']:,} persons, {report['days']} days each, seeds "
        f"{report['seeds'][0]} to {report['seeds'][-1]}: {report['calls']:,} calls of officers, {report['busy']:,} of them found the line busy. "
        "Likelihood ratio of a line still busy, of those who had such a call within the hour.\n"
    )
    print("| the line is | victims still busy | everybody else, minutes busy | bits |\n|---|---:|---:|---:|")
    for name, found in report["likelihoods"].items():
        others = f"{found['others_busy_min']:,} of {found['others_min']:,}"
        print(
            f"| {WORDS[name]} | {found['victims_busy']:,} of {found['victims']:,} | {others} | {found['bits']:+.2f} |"
        )
    print(
        f"\nAlerts without and with the engine hearing of busy lines, weights {report['weights']}; recall is of scams with a payment, before the first one.\n"
    )
    print(
        "| level, at least | recall without | recall heard | gain, mean and 95 % interval over seeds | minutes left without, median | heard | wrong episodes without | heard |\n"
        "|---|---:|---:|---:|---:|---:|---:|---:|"
    )
    for level, found in report["levels"].items():
        without, heard = found["recall_without"], found["recall_heard"]
        print(
            f"| {level} | {_share(without)} | {_share(heard)} | {_interval(found['recall_gain'])} | "
            f"{_minutes(found['minutes_left_without'])} | {_minutes(found['minutes_left_heard'])} | "
            f"{found['wrong_without']:,} | {found['wrong_heard']:,} |"
        )


def _share(found: dict[str, Any]) -> str:
    return f"{found['value']:.1%} ({found['part']:,} of {found['whole']:,})" if found["whole"] else "–"


def _interval(found: dict[str, Any]) -> str:
    if found["low"] is None:
        return f"{found['mean']:.2%}"
    return f"{found['mean']:.2%} ({found['low']:.2%} to {found['high']:.2%})"


def _minutes(found: dict[str, Any]) -> str:
    return "–" if found["median"] is None else f"{found['median']:.0f}"


if __name__ == "__main__":
    main()
