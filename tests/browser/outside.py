"""What happens in the browser tests of alerts from outside: `python -m tests.browser.outside start|tick`.

Runs in a process of its own with the live console's settings.
"""

from __future__ import annotations

import sys

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.alerts import actions, intake  # noqa: E402
from qingdun.console.alerts.models import Task  # noqa: E402
from qingdun.console.funds import actions as funds  # noqa: E402
from qingdun.console.funds.actions import StopForm  # noqa: E402
from qingdun.console.kernel.models import Organisation, Person, PersonNumber, Region, User  # noqa: E402
from qingdun.console.kernel.roles import Role  # noqa: E402
from qingdun.console.ticking import tick_once  # noqa: E402
from qingdun.console.whistles import actions as whistling  # noqa: E402
from tests.console.alerts import world as made  # noqa: E402


def start() -> None:
    """A bank with a teller, an administrator, numbers in the register, the golden story at the door."""
    city = Region.objects.get(level="city")
    bank = Organisation.objects.create(
        code="bank-01", kind=Organisation.Kind.BANK, name="演练银行", name_en="Rehearsal Bank", region=city
    )
    for name, role, organisation in (
        ("teller", Role.BANK_TELLER, bank),
        ("security", Role.SECURITY_ADMIN, None),
    ):
        user = User(username=name, role=role, region=city, organisation=organisation)
        user.set_password(made.PASSWORD)
        user.save()
    for person in Person.objects.all():
        PersonNumber.objects.create(
            msisdn=made.number(int(person.pk[1:])), person=person, carrier="x", virtual_operator=False,
            activated_on="2020-01-01",
        )  # fmt: skip
    intake.ingest_alerts(None, [made.police_urgent()])
    task = Task.objects.get(person_id="p00")
    actions.dispatch(User.objects.get(username="city"), task.pk, None)
    officer = User.objects.get(username="officer")
    actions.move(officer, task.pk, None, "sign")
    actions.record_contact(officer, task.pk, None, "busy")
    form = StopForm(
        "outside-stop", "某某公司", "6200000000000017", 6_700_000, task.raised_at, "演练银行", task.pk
    )
    stop = funds.request_stop(officer, form)
    funds.move(officer, stop.pk, "hold")
    whistling.make_token(User.objects.get(username="security"), bank, "柜面系统")


def tick() -> None:
    """The clocks have been asked until nothing was due."""
    while any(tick_once(timezone.now()).values()):
        pass


if __name__ == "__main__":
    acts = {"start": start, "tick": tick}
    for name in sys.argv[1:]:
        acts[name]()
