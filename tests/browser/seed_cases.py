"""What cases there are in the browser tests' console: `python -m tests.browser.seed_cases`."""

from __future__ import annotations

import django

django.setup()

from django.utils import timezone  # noqa: E402

from qingdun.console.cases import casework, correcting, crackdown  # noqa: E402
from qingdun.console.cases.actions import IncidentForm, report_incident  # noqa: E402
from qingdun.console.cases.casework import CaseForm, PersonForm, SeizureForm  # noqa: E402
from qingdun.console.cases.correcting import CaseCorrection  # noqa: E402
from qingdun.console.cases.crackdown import CampaignForm, GangForm, TeamForm, TripForm  # noqa: E402
from qingdun.console.kernel.models import User  # noqa: E402

FAMILY = "韦蓝莫覃农陆黄周何"


def main() -> None:
    """Two cases with victims, a gang of nine in one of them, the 274 cards of the morning, and the other in a
    campaign.
    """
    county = User.objects.get(username="county")
    now, today = timezone.now(), timezone.localdate()
    cases = []
    for number, name in enumerate(("寄递贩卡案", "冒充公检法案"), start=1):
        case = casework.file_case(county, CaseForm(f"城立〔2026〕{number}号", name, today, "", number == 1))
        victims = [
            report_incident(
                county,
                IncidentForm(
                    f"cases-{number}-{n}", now, "police", 6_700_000, "", None, f"+861380013{number}00{n}",
                    county.region.code if county.region else "",
                ),
            )
            for n in range(3)
        ]  # fmt: skip
        casework.join_incidents(county, case.pk, [one.pk for one in victims])
        cases.append(case)
    gang = crackdown.record_gang(county, GangForm("演示贩卡团伙", "cards", today))
    for n, family in enumerate(FAMILY):
        person = PersonForm(
            f"4400001990010112{n:02}", f"{family}某", "card_seller", today, "", [f"+86172580111{n:02}"]
        )
        part = casework.add_person(county, cases[0].pk, person)
        crackdown.add_member(county, gang.pk, part.person_id, "leader" if n == 0 else "card_seller")
    campaign = crackdown.open_campaign(county, CampaignForm("演示攻坚行动", today, goal="集中攻坚"))
    crackdown.add_team(county, campaign.pk, TeamForm("演示一组", 6))
    crackdown.add_trip(county, campaign.pk, TripForm("演示一组", "36", today, "赣州", result="抓获 3 人"))
    form = CaseCorrection("冒充公检法专案", today, "并入攻坚行动", campaign=f"{campaign.pk}")
    correcting.correct_case(county, cases[1].pk, form)
    cards = [f"898600000000{n:07}" for n in range(3)]
    casework.seize(county, cases[0].pk, SeizureForm("phone_card", today, 274, 0, cards))


if __name__ == "__main__":
    main()
