"""What the rules propose, a person confirms; a town reports, objects and is answered; listings begin and
end.
"""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from qingdun.console.assessment import actions, deciding, letters, objecting, proposing, queries, scheming
from qingdun.console.assessment.models import Ranking, Residents, Ruling
from qingdun.console.assessment.periods import before, last_over
from qingdun.console.kernel.forms import FieldFaults
from qingdun.console.kernel.models import AuditRow, Region, User
from qingdun.console.kernel.printing import as_docx, as_pdf
from qingdun.errors import IllegalMove, InputError, NotPermitted
from tests.console.assessment.conftest import Lose, month_back
from tests.console.places import TOWN_A

pytestmark = pytest.mark.usefixtures("counted_people")
Regions = dict[str, Region]


def month(
    analyst: User, regions: Regions, lose: Lose, back: int, in_town: int, elsewhere: int = 4
) -> Ranking:
    """A published month in which the first town had so many cases and each other one so many."""
    day = month_back(back)
    for town in regions.values():
        if town.level == "town":
            for _each in range(in_town if town.code == TOWN_A else elsewhere):
                lose(town.code, day)
    return actions.publish_ranking(analyst, actions.reckon(analyst, "town", day).pk)


def kinds(**state: str) -> list[str]:
    return sorted(Ruling.objects.filter(**state).values_list("kind", flat=True))


def confirm_all(analyst: User) -> None:
    for ruling in Ruling.objects.filter(state="proposed"):
        deciding.decide_ruling(analyst, ruling.pk, "confirm_ruling")


def test_from_a_yellow_card_to_a_listing_and_out_of_it(
    regions: Regions, analyst: User, cadre: User, lose: Lose
) -> None:
    month(analyst, regions, lose, 7, 40)
    assert kinds() == ["yellow"]
    month(analyst, regions, lose, 6, 40)
    assert kinds() == ["interview", "red", "yellow"]
    assert not Ruling.objects.exclude(state="proposed").exists()
    month(analyst, regions, lose, 5, 40)
    assert kinds() == ["interview", "listing", "red", "red", "yellow"]
    confirm_all(analyst)
    listing = queries.listed(cadre).get()
    assert listing.reasons == ["twice_red"]
    assert listing.ends_on == deciding.months_on(timezone.localdate(), 3)
    with pytest.raises(IllegalMove):
        deciding.end_ruling(analyst, listing.pk)
    month(analyst, regions, lose, 4, 0)
    month(analyst, regions, lose, 3, 0)
    assert "delisting" not in kinds(), "nobody has inspected it"
    deciding.record_inspection(analyst, listing.pk, timezone.localdate(), False, "台账不全")
    deciding.record_inspection(analyst, listing.pk, timezone.localdate(), True, "均已落实")
    month(analyst, regions, lose, 2, 0)
    proposed = Ruling.objects.get(kind="delisting")
    assert (proposed.listing_id, proposed.state) == (listing.pk, "proposed")
    deciding.decide_ruling(analyst, proposed.pk, "confirm_ruling")
    listing.refresh_from_db()
    assert listing.state == "ended"
    assert not queries.listed(cadre).exists()


def test_a_town_that_stays_high_is_extended_once_its_term_ends(
    regions: Regions, analyst: User, lose: Lose
) -> None:
    for back in (6, 5, 4):
        month(analyst, regions, lose, back, 40)
    confirm_all(analyst)
    Ruling.objects.filter(kind="listing").update(ends_on=month_back(3) + dt.timedelta(days=15))
    listing = Ruling.objects.get(kind="listing")
    month(analyst, regions, lose, 3, 40)
    extension = Ruling.objects.get(kind="extension")
    deciding.decide_ruling(analyst, extension.pk, "confirm_ruling")
    was, listing = listing.ends_on, Ruling.objects.get(pk=listing.pk)
    assert was is not None
    assert listing.ends_on == deciding.months_on(was, 3)
    Ruling.objects.filter(pk=listing.pk).update(ends_on=month_back(2) + dt.timedelta(days=15))
    month(analyst, regions, lose, 2, 40)
    assert kinds(kind="extension") == ["extension"], "six months at most"


def test_a_proposal_holds_only_once_a_person_has_confirmed_it(
    regions: Regions, analyst: User, cadre: User, lose: Lose
) -> None:
    month(analyst, regions, lose, 1, 40)
    ruling = Ruling.objects.get()
    assert not queries.rulings(cadre).exists()
    with pytest.raises(NotPermitted):
        deciding.decide_ruling(cadre, ruling.pk, "confirm_ruling")
    with pytest.raises(IllegalMove):
        letters.take_letter(analyst, ruling.pk, "pdf")
    with pytest.raises(InputError):
        deciding.decide_ruling(analyst, ruling.pk, "refuse_ruling", "")
    deciding.decide_ruling(analyst, ruling.pk, "confirm_ruling")
    ruling.refresh_from_db()
    today = timezone.localdate()
    assert (ruling.object_until, ruling.answer_due_on) == (
        today + dt.timedelta(days=5), today + dt.timedelta(days=15),
    )  # fmt: skip
    assert queries.rulings(cadre).get().pk == ruling.pk
    with pytest.raises(IllegalMove):
        deciding.decide_ruling(analyst, ruling.pk, "refuse_ruling", "改主意了")
    with pytest.raises(IllegalMove):
        deciding.end_ruling(analyst, ruling.pk)
    deciding.report_on_ruling(cadre, ruling.pk, "已逐户上门宣传")
    deciding.end_ruling(analyst, ruling.pk)
    verbs = AuditRow.objects.filter(subject_kind="ruling").order_by("seq").values_list("verb", flat=True)
    assert list(verbs) == ["confirm_ruling", "report_on_ruling", "end_ruling"]


def test_the_letter_holds_the_line_it_rests_on(
    regions: Regions, analyst: User, cadre: User, lose: Lose
) -> None:
    ranked = month(analyst, regions, lose, 1, 40)
    ruling = Ruling.objects.get()
    deciding.decide_ruling(analyst, ruling.pk, "confirm_ruling")
    paper = letters.take_letter(cadre, ruling.pk, "pdf")
    line = ranked.lines.get(region_path=regions[TOWN_A].path)
    facts = dict(paper.facts)
    assert facts["发案"] == "40 起，常住人口 40,000 人"
    assert facts["万人发案率"].startswith(f"{line.raw:.2f}（校正后 {line.shrunk:.2f}）")
    assert paper.addressee == regions[TOWN_A].name
    assert as_pdf(paper).startswith(b"%PDF")
    assert as_docx(paper).startswith(b"PK")
    assert AuditRow.objects.filter(verb="take_ruling_letter", actor=cadre.username).count() == 1


def test_a_town_objects_and_somebody_else_answers(
    regions: Regions, analyst: User, second: User, cadre: User, lose: Lose
) -> None:
    month(analyst, regions, lose, 1, 40)
    ruling = Ruling.objects.get()
    deciding.decide_ruling(analyst, ruling.pk, "confirm_ruling")
    with pytest.raises(NotPermitted):
        objecting.object_to(analyst, ruling.pk, "市里不能替镇申辩")
    with pytest.raises(InputError):
        objecting.object_to(cadre, ruling.pk, " ")
    made = objecting.object_to(cadre, ruling.pk, "人口数有误，请核对。")
    with pytest.raises(IllegalMove):
        objecting.object_to(cadre, ruling.pk, "再说一遍")
    with pytest.raises(NotPermitted):
        objecting.answer_to(cadre, made.pk, "uphold_objection", "自己答复")
    with pytest.raises(IllegalMove):
        objecting.answer_to(analyst, made.pk, "dismiss_objection", "自己决定的自己答复")
    objecting.answer_to(second, made.pk, "uphold_objection", "经核对，人口数确有误，撤回黄牌。")
    ruling.refresh_from_db()
    assert ruling.state == "withdrawn"
    seen = queries.objections(cadre).get()
    assert (seen.state, seen.answer, seen.answered_by) == (
        "upheld",
        "经核对，人口数确有误，撤回黄牌。",
        second,
    )
    with pytest.raises(IllegalMove):
        objecting.answer_to(second, made.pk, "dismiss_objection", "改主意了")


def test_it_is_too_late_after_the_days_of_the_rules(
    regions: Regions, analyst: User, cadre: User, lose: Lose
) -> None:
    month(analyst, regions, lose, 1, 40)
    ruling = Ruling.objects.get()
    deciding.decide_ruling(analyst, ruling.pk, "confirm_ruling")
    Ruling.objects.update(object_until=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(IllegalMove):
        objecting.object_to(cadre, ruling.pk, "人口数有误，请核对。")


def test_a_correction_lets_proposals_lapse_and_doubts_what_was_confirmed(
    regions: Regions, analyst: User, lose: Lose
) -> None:
    wrong = [lose(TOWN_A, month_back(back)) for back in (2, 1) for _each in range(36)]
    month(analyst, regions, lose, 2, 4)
    confirm_all(analyst)
    month(analyst, regions, lose, 1, 4)
    assert kinds(state="confirmed") == ["yellow"]
    assert kinds(state="proposed") == ["interview", "red"]
    for one in wrong:
        type(one).objects.filter(pk=one.pk).update(loss_fen=0)
    for back in (2, 1):
        draft = actions.reckon(analyst, "town", month_back(back))
        actions.publish_ranking(analyst, draft.pk, "误录警情更正")
    assert kinds(state="lapsed") == ["interview", "red"]
    confirmed = Ruling.objects.get(state="confirmed")
    assert not proposing.supported(confirmed)


def test_a_village_is_named_after_weeks_at_the_bottom_and_then_interviewed(
    regions: Regions, analyst: User, lose: Lose
) -> None:
    villages = [one for one in regions.values() if one.level == "village"]
    for village in villages:
        Residents.objects.create(
            region_path=village.path, residents=2_000, as_of=dt.date(2020, 11, 1), source="测试", by=analyst,
            at=timezone.now(),
        )  # fmt: skip
    weeks = [last_over("village", timezone.localdate())]
    while len(weeks) < 4:
        weeks.append(before("village", weeks[-1]))
    for number, week in enumerate(reversed(weeks), start=1):
        for _each in range(3):
            lose(villages[0].code, week.since)
        actions.publish_ranking(analyst, actions.reckon(analyst, "village", week.since).pk)
        wanted = {1: [], 2: [], 3: ["naming"], 4: ["interview", "naming"]}[number]
        assert kinds() == wanted
        confirm_all(analyst)
    assert {one.region_path for one in Ruling.objects.all()} == {villages[0].path}


def test_an_interview_by_hand_is_held_and_entered(regions: Regions, analyst: User, cadre: User) -> None:
    made = deciding.call_to_interview(analyst, regions[TOWN_A].name, "重大案件未按时上报")
    with pytest.raises(NotPermitted):
        deciding.report_on_ruling(cadre, made.pk, "替市里登记")
    deciding.report_on_ruling(analyst, made.pk, "约谈镇长，要求一周内整改。")
    made.refresh_from_db()
    assert (made.state, made.reported_by) == ("ended", analyst)


def test_a_town_ranks_its_areas_and_decides_about_them(
    regions: Regions, analyst: User, cadre: User, lose: Lose
) -> None:
    inside = sorted(one.code for one in regions.values() if one.parent_id == TOWN_A)
    assert len(inside) == 2
    today = timezone.localdate()
    lines = f"东片区：{inside[0]}\n西片区: {regions[inside[1]].name}"
    with pytest.raises(NotPermitted):
        scheming.set_scheme(analyst, today, lines, "流动红旗", "书面检讨")
    for wrong in ("东片区：无此村", f"东片区：{inside[0]}", f"东：{inside[0]}\n西：{inside[0]}"):
        with pytest.raises(FieldFaults):
            scheming.set_scheme(cadre, today, wrong, "流动红旗", "书面检讨")
    scheme = scheming.set_scheme(cadre, today, lines, "流动红旗", "书面检讨")
    type(scheme).objects.update(valid_from=month_back(3))
    for _each in range(30):
        lose(inside[0], month_back(1))
    month(analyst, regions, lose, 2, 4)
    assert kinds(area="东片区") == [], "residents of villages are estimates"
    for code in inside:
        Residents.objects.create(
            region_path=regions[code].path, residents=3_000, as_of=month_back(3), source="测试", by=analyst,
            at=timezone.now(),
        )  # fmt: skip
    month(analyst, regions, lose, 1, 4)
    assert kinds(area="东片区") == ["penalty"]
    assert kinds(area="西片区") == ["award"]
    award = queries.rulings(cadre).get(area="西片区")
    with pytest.raises(NotPermitted):
        deciding.decide_ruling(analyst, award.pk, "confirm_ruling")
    deciding.decide_ruling(cadre, award.pk, "confirm_ruling")
    award.refresh_from_db()
    assert (award.state, award.object_until) == ("confirmed", None)
