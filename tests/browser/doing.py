"""Does in one process what the browser tests make happen: `python -m tests.browser.doing`.

A line of its input is one act as JSON: a module and its words, or null and lines of Python. What it printed,
and how it failed, comes back as a line of JSON. To load the console for each would take longer than most do.
"""

from __future__ import annotations

import io
import json
import runpy
import sys
import traceback
from contextlib import redirect_stdout

import django

django.setup()

from django.db import close_old_connections  # noqa: E402


def do(module: str | None, words: list[str]) -> None:
    """The program has run as by itself; without a module `words` are lines of Python."""
    if module is None:
        exec("\n".join(words), {"__name__": "__main__"})
        return
    sys.argv = [module, *words]
    runpy.run_module(module, run_name="__main__")


def main() -> None:
    for line in sys.stdin:
        module, words = json.loads(line)
        said, fault = io.StringIO(), None
        try:
            with redirect_stdout(said):
                do(module, words)
        except (Exception, SystemExit):
            fault = traceback.format_exc()
        close_old_connections()
        sys.stdout.write(json.dumps([said.getvalue(), fault]) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
