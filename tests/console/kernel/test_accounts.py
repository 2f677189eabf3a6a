"""Names, passwords and second factors of accounts: who gives them, who takes them away, what is on record."""

from __future__ import annotations

import json

import pytest
from allauth.mfa.models import Authenticator
from axes.models import AccessAttempt
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from qingdun.console.funds import moves
from qingdun.console.kernel import actions, scope, stream
from qingdun.console.kernel.models import AuditRow, Person, PersonRelation, Region, User
from qingdun.console.kernel.roles import Role
from qingdun.console.kernel.templatetags.masks import masked_about
from qingdun.console.kernel.traces import trace
from qingdun.errors import IllegalMove, InputError, NotPermitted, RefusedError
from tests.console.conftest import PASSWORD, LogIn, MakeUser
from tests.console.places import CITY, COUNTY_A, TOWN_A

pytestmark = pytest.mark.django_db
LOGIN = "/accounts/login/"
ONE_TIME = "一次性的长口令 2026"
OWN = "自己想出的长口令 2027"


def attempt(client: Client, user: str, password: str) -> int:
    return client.post(LOGIN, {"login": user, "password": password}).status_code


def test_lockout_counts_a_name_however_it_is_typed_and_is_released_at_once(
    make_user: MakeUser, client: Client
) -> None:
    user, admin = make_user(Role.AUDIT_ADMIN, name="Officer9"), make_user(Role.SECURITY_ADMIN)
    variants = ["officer9", "OFFICER9", "oFFicer9", " Officer9 ", "OfficeR9"]
    assert [attempt(client, name, "wrong") for name in variants] == [200, 200, 200, 200, 429]
    assert attempt(client, "OFFICER9", PASSWORD) == 429
    assert actions.release_lockout(admin, user) > 0
    assert not AccessAttempt.objects.exists()
    assert attempt(client, "OFFICER9", PASSWORD) == 302


def test_attempts_at_a_name_nobody_has_are_counted_in_any_case(regions: object, client: Client) -> None:
    names = ["nobody", "NOBODY", "Nobody", "nobodY", "nObody"]
    assert [attempt(client, name, "wrong") for name in names][-1] == 429


def test_a_password_typed_as_a_name_is_written_down_nowhere(make_user: MakeUser, client: Client) -> None:
    make_user(Role.VIEWER, name="Officer9")
    attempt(client, PASSWORD, "x")
    attempt(client, "officer9", "wrong")
    unknown, known = AuditRow.objects.filter(verb="log_in_failed").order_by("seq")
    assert (unknown.subject_id, unknown.after) == (f"#{trace(PASSWORD)}", '{"account":false}')
    assert (known.subject_id, known.after) == ("Officer9", '{"account":true}')
    for row in AccessAttempt.objects.all():
        assert not any(PASSWORD in str(getattr(row, field.attname)) for field in row._meta.concrete_fields)


BAD = [
    "",
    " ",
    "a b",
    "a\nb",
    "=cmd",
    "+cmd",
    "-cmd",
    "@cmd",
    "_x",
    "<b>y",
    "x" * 400,
    "x" * 65,
    "a\x00",
    "a'b",
]


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_user_name_is_refused(name: str, make_user: MakeUser, regions: dict[str, Region]) -> None:
    system = make_user(Role.SYSTEM_ADMIN)
    with pytest.raises(InputError):
        actions.create_user(system, name, PASSWORD, "甲", regions[CITY])
    with pytest.raises(InputError):
        actions.create_first_administrator(name, PASSWORD, Role.AUDIT_ADMIN)


def test_no_two_names_differ_in_capitals_only(make_user: MakeUser, regions: dict[str, Region]) -> None:
    system = make_user(Role.SYSTEM_ADMIN)
    actions.create_user(system, "officer9", PASSWORD, "甲", regions[CITY])
    for twin in ("Officer9", "OFFICER9", "officer9 ", "ｏｆｆｉｃｅｒ９"):
        with pytest.raises(InputError, match=r"(?i)officer9"):
            actions.create_user(system, twin, PASSWORD, "乙", regions[CITY])
        with pytest.raises(InputError):
            actions.create_first_administrator(twin, PASSWORD, Role.AUDIT_ADMIN)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.create(username="OFFICER9")
    for name in ("a\nb", "<b>甲</b>", "甲" * 65):
        with pytest.raises(InputError):
            actions.create_user(system, "officer10", PASSWORD, name, regions[CITY])
    assert actions.create_user(system, "张警官.1", PASSWORD, "张", regions[CITY]).username == "张警官.1"


def test_a_first_password_must_be_changed_before_anything_else(
    make_user: MakeUser, regions: dict[str, Region], log_in: LogIn
) -> None:
    user = actions.create_user(make_user(Role.SYSTEM_ADMIN), "officer", ONE_TIME, "甲", regions[COUNTY_A])
    User.objects.filter(pk=user.pk).update(role=Role.COUNTY_OFFICER)
    Authenticator.objects.create(user=user, type=Authenticator.Type.TOTP, data={"secret": "x"})
    client = log_in(user)
    change = reverse("account_change_password")
    assert client.get("/alerts/")["Location"] == change
    assert client.get("/alerts/", headers={"HX-Request": "true"})["HX-Redirect"] == change
    assert stream.listener(client.session.session_key or "") is None
    assert client.get(change).status_code == 200
    for new in (ONE_TIME, OWN):
        client.post(change, {"oldpassword": ONE_TIME, "password1": new, "password2": new})
        user.refresh_from_db()
        assert user.must_change_password is (new == ONE_TIME)
    assert user.check_password(OWN)
    assert client.get("/alerts/").status_code == 200
    assert AuditRow.objects.filter(verb="change_password", actor="officer").count() == 1


def test_a_one_time_password_is_the_system_administrators_to_give(make_user: MakeUser, log_in: LogIn) -> None:
    system, security = make_user(Role.SYSTEM_ADMIN), make_user(Role.SECURITY_ADMIN)
    user = make_user(Role.VIEWER)
    theirs = log_in(user)
    assert theirs.get("/").status_code == 302
    with pytest.raises(NotPermitted):
        actions.reset_password(security, user, ONE_TIME, "本人忘记密码")
    with pytest.raises(RefusedError):
        actions.reset_password(system, system, ONE_TIME, "给自己换密码")
    with pytest.raises(InputError):
        actions.reset_password(system, user, ONE_TIME, "")
    with pytest.raises(InputError):
        actions.reset_password(system, user, "short", "本人忘记密码")
    client = log_in(system)
    assert "设置一次性密码" in client.get("/users/").content.decode()
    assert "清除双重验证" not in client.get("/users/").content.decode()
    client.post(f"/users/{user.pk}/password/", {"password": ONE_TIME, "purpose": "本人忘记密码"})
    user.refresh_from_db()
    assert user.check_password(ONE_TIME)
    assert user.must_change_password
    row = AuditRow.objects.get(verb="reset_password")
    assert (row.actor, row.subject_id, row.purpose) == (system.username, str(user.pk), "本人忘记密码")
    assert ONE_TIME not in row.before + row.after
    assert "/login/" in theirs.get("/")["Location"], "a session outlived its password"


def test_a_second_factor_is_the_security_administrators_to_take_away(
    make_user: MakeUser, log_in: LogIn
) -> None:
    system, security = make_user(Role.SYSTEM_ADMIN), make_user(Role.SECURITY_ADMIN)
    user = make_user(Role.VIEWER)
    with pytest.raises(NotPermitted):
        actions.reset_second_factor(system, user, "手机丢失")
    with pytest.raises(RefusedError):
        actions.reset_second_factor(security, security, "手机丢失")
    with pytest.raises(InputError):
        actions.reset_second_factor(security, user, " ")
    client = log_in(security)
    assert "清除双重验证" in client.get("/users/").content.decode()
    assert "设置一次性密码" not in client.get("/users/").content.decode()
    client.post(f"/users/{user.pk}/factor/", {"purpose": "手机丢失"})
    assert not Authenticator.objects.filter(user=user).exists()
    row = AuditRow.objects.get(verb="reset_second_factor")
    assert row.changes == [("factors", ["totp"], [])]
    assert log_in(user).get("/users/")["Location"] == reverse("mfa_index")


def test_administrators_of_one_county_leave_those_of_another_alone(make_user: MakeUser) -> None:
    user = make_user(Role.VIEWER, CITY)
    with pytest.raises(NotPermitted):
        actions.reset_password(make_user(Role.SYSTEM_ADMIN, COUNTY_A), user, ONE_TIME, "本人忘记密码")
    with pytest.raises(NotPermitted):
        actions.reset_second_factor(make_user(Role.SECURITY_ADMIN, COUNTY_A), user, "手机丢失")


def test_who_looks_for_somebody_is_on_record_without_the_words(
    make_user: MakeUser, log_in: LogIn, regions: dict[str, Region]
) -> None:
    town = regions[TOWN_A]
    Person.objects.create(
        person_id="p-1", name="张小明", birth_year=1980, sex="f", floating=False,
        region=town, region_path=town.path,
    )  # fmt: skip
    officer = make_user(Role.COUNTY_OFFICER, COUNTY_A)
    client = log_in(officer)
    number = "138 0000 1234"
    client.post("/search/", {"q": "p-1"})
    client.post("/search/", {"q": number})
    client.post("/search/", {"q": "w"})
    client.post("/alerts/find/", {"q": "张小明"})
    client.post("/entities/search/", {"q": number})
    client.post("/lists/entries/find/", {"q": number})
    rows = list(AuditRow.objects.filter(verb="search_personal").order_by("seq"))
    assert [json.loads(row.after)["words"] for row in rows] == [
        trace(words) for words in ("p-1", number, "张小明", "13800001234", number)
    ]
    assert rows[0].changes[0] == ("hits", None, {"entities": 0, "entries": 0, "persons": 1, "tasks": 0})
    client.get("/persons/p-1/")
    client.get("/alerts/export.csv")
    client.get("/lists/entries/export/")
    assert AuditRow.objects.filter(verb="see_person", subject_id="p-1", actor=officer.username).count() == 1
    taken = AuditRow.objects.filter(verb="export_masked").values_list("subject_id", flat=True)
    assert sorted(taken) == ["entries", "tasks"]
    for row in AuditRow.objects.all():
        assert not any(word in row.before + row.after for word in ("张小明", number, "13800001234"))


def test_names_of_a_person_and_relatives_are_masked_in_what_is_typed(regions: dict[str, Region]) -> None:
    town = regions[TOWN_A]
    one, other = (
        Person.objects.create(
            person_id=f"p-{name}", name=name, birth_year=1980, sex="f", floating=False,
            region=town, region_path=town.path,
        )
        for name in ("张小明", "欧阳修远")
    )  # fmt: skip
    PersonRelation.objects.create(person=one, relative=other, relation="spouse")
    assert masked_about("张小明不在，欧阳修远接的 138.0000.1234", one) == "张**不在，欧阳**接的 138****1234"
    assert masked_about("张小明", None) == "张小明"
    assert masked_about(None, one) == ""


def test_refusals_are_told_in_the_language_of_the_page(
    make_user: MakeUser, regions: dict[str, Region]
) -> None:
    with pytest.raises(NotPermitted, match="辖区"):
        scope.require_covers(make_user(Role.SYSTEM_ADMIN, COUNTY_A), regions[CITY].path)
    with pytest.raises(IllegalMove, match="止付单"):
        moves.check("hold", "expired")
    with translation.override("en"), pytest.raises(IllegalMove, match="The order stands at “Expired”"):
        moves.check("hold", "expired")
