"""What happens to money in the browser tests' console: `python -m tests.browser.seed_money people|tick|…`."""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.funds.models import Refund  # noqa: E402
from qingdun.console.funds.ticking import tick as funds_tick  # noqa: E402
from qingdun.console.kernel.imports.ticking import tick as taking_tick  # noqa: E402
from qingdun.console.kernel.models import Person, PersonAccount, PersonNumber  # noqa: E402
from tests.browser.moving import VICTIMS  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def people() -> None:
    """Three synthetic persons have numbers and accounts in the register."""
    for index, victim in enumerate(VICTIMS):
        person = Person.objects.get(pk=f"p{index:02}")
        PersonNumber.objects.create(
            msisdn=made.number(index), person=person, carrier="x", virtual_operator=False,
            activated_on="2020-01-01",
        )  # fmt: skip
        PersonAccount.objects.create(account=victim.account, person=person)


def tick() -> None:
    """The process of clocks has come by: banks' replies are taken in, what is late is said to be."""
    while taking_tick(timezone.now()) + funds_tick(timezone.now()):
        pass


def month() -> None:
    """The thirty days of every notice are over."""
    Refund.objects.filter(state="noticed").update(notice_until=timezone.now())


if __name__ == "__main__":
    acts = {"people": people, "tick": tick, "month": month}
    for name in sys.argv[1:]:
        acts[name]()
