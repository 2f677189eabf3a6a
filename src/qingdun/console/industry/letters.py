"""Letters about punishments, as papers to be printed; taking one away is on record under its number."""

from __future__ import annotations

from django.conf import settings
from django.db import transaction

from qingdun.console.industry import registers
from qingdun.console.industry.codes import LetterKind
from qingdun.console.industry.models import Letter
from qingdun.console.industry.punishing import number_of, punishment_rules
from qingdun.console.kernel.audit import record
from qingdun.console.kernel.models import User
from qingdun.console.kernel.printing import Paper, written_day
from qingdun.console.kernel.roles import Permission, require


@transaction.atomic
def take_letter(actor: User, letter_id: int, form: str) -> Paper:
    """What the letter says, legible; that the actor took it away is on record. Errors: NotPermitted."""
    require(actor, Permission.UNMASK)
    letter = registers.letter(actor, letter_id)
    row = letter.punishment.restriction
    after = {"as": form, "kind": letter.kind}
    record(actor, "take_letter", letter, None, after, number_of(letter), region_path=row.region_path)
    return _paper(letter)


def _paper(letter: Letter) -> Paper:
    about, rules = letter.punishment, punishment_rules()
    said = rules["letters"][letter.kind]
    rule = next((one["zh"] for one in rules["versions"] if one["code"] == about.rule), about.rule)
    facts = [
        ("姓名", about.restriction.holder), ("证件号码", about.identity),
        ("行为日期", written_day(about.deed_on)),
        ("决定日期", written_day(about.decided_on)), ("惩戒期限", f"{about.years} 年"),
    ]  # fmt: skip
    if about.document:
        facts.append(("原决定文号", about.document))
    if letter.kind == LetterKind.NOTICE:  # It reads the same whenever it is printed: it is served only then.
        first = written_day(about.decided_on) if about.document else _begins(rules["cap_years"])
        facts.append(("起算", first))
    elif about.starts_on is not None and about.ends_on is not None:
        facts.append(("起止日期", f"{written_day(about.starts_on)}—{written_day(about.ends_on)}"))
    if letter.verdict:
        facts.append(("答复结论", rules["verdicts_zh"][letter.verdict]))
    if about.capped and letter.kind != LetterKind.NOTICE:
        facts.append(("说明", f"累计不超过 {rules['cap_years']} 年"))
    body = said["body_zh"] + (rules["keeps_zh"] if letter.kind == "notice" else "")
    by = letter.by
    unit = by.organisation.name if by.organisation else str(by.region or "")
    reason = about.restriction.reason if letter.kind == "notice" else letter.text
    return Paper(
        said["title_zh"], number_of(letter), about.restriction.holder, body, tuple(facts),
        (*rules["laws"], rule), reason, f"{unit}　经办人：{by.display_name or by.username}", letter.at,
        bool(settings.DEMO),
    )  # fmt: skip


def _begins(cap: int) -> str:
    return f"自送达之日起计算；此前的惩戒尚未期满的，自其期满之日起计算，累计不超过 {cap} 年"
