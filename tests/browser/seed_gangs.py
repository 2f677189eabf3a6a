"""5,000 nodes and more for the browser tests, as in the benchmark: `python -m tests.browser.seed_gangs`."""

from __future__ import annotations

import django

django.setup()

from bench._gangs import load  # noqa: E402
from qingdun.console.kernel.models import User  # noqa: E402

if __name__ == "__main__":
    load(User.objects.get(username="county"))
