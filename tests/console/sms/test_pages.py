"""Every page of the module answers its users, masks what it shows and refuses the others."""

from __future__ import annotations

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from qingdun.console.kernel.models import AuditRow, User
from qingdun.console.sms import actions
from qingdun.console.sms.codes import MessageState
from qingdun.console.sms.models import Message, OptOut, Template
from qingdun.console.sms.shipped import load_shipped
from tests.console.alerts.world import World, number
from tests.console.sms.conftest import new_task


def browser(user: User, language: str = "zh-hans") -> Client:
    """Logged in, with an authenticator app."""
    if not Authenticator.objects.filter(user=user).exists():
        TOTP.activate(user, generate_totp_secret())
    client = Client(headers={"accept-language": language})
    client.cookies["django_language"] = language
    client.force_login(user, backend="qingdun.console.kernel.accounts.ConsoleBackend")
    return client


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_messages_are_listed_masked_with_counts_and_filters(world: World, language: str) -> None:
    message = actions.warn(world.analyst, new_task().pk)
    page = browser(world.analyst, language).get(reverse("sms:messages")).content.decode()
    assert message.text in page
    assert number(0) not in page
    assert "+86 172****0000" in page
    filtered = browser(world.analyst, language)
    assert message.text not in filtered.get(reverse("sms:messages") + "?state=failed").content.decode()
    assert (
        message.text
        in filtered.get(reverse("sms:messages") + "?state=waiting&kind=emergency").content.decode()
    )
    assert (
        message.text
        not in browser(world.other_county, language).get(reverse("sms:messages")).content.decode()
    )


def test_a_message_is_taken_back_and_a_failed_one_sent_again_from_the_page(world: World) -> None:
    client, task = browser(world.analyst), new_task()
    client.post(reverse("sms:warn", args=[task.pk]))
    message = Message.objects.get()
    client.post(reverse("sms:undo", args=[message.pk]))
    message.refresh_from_db()
    assert message.state == MessageState.CANCELLED
    client.post(reverse("sms:warn", args=[task.pk]))
    second = Message.objects.exclude(pk=message.pk).get()
    Message.objects.filter(pk=second.pk).update(state=MessageState.FAILED)
    client.post(reverse("sms:resend", args=[second.pk]), {"next": "https://elsewhere.invalid/"})
    second.refresh_from_db()
    assert second.state == MessageState.WAITING
    answer = client.post(reverse("sms:warn", args=[task.pk]), follow=True)
    assert "已于" in answer.content.decode()


def test_texts_are_shown_and_only_the_city_edits_them(world: World) -> None:
    load_shipped()
    city, county = browser(world.analyst), browser(world.county)
    page = city.get(reverse("sms:texts")).content.decode()
    assert "欧阳女士" in page
    assert "2 条" in page
    address = reverse("sms:text", args=["emergency.loan"])
    assert "<textarea" in city.get(address).content.decode()
    assert "<textarea" not in county.get(address).content.decode()
    wrong = city.post(address, {"version": "1", "text": "见 t.cn/a1", "purpose": "试试看"})
    assert wrong.status_code == 422
    assert "第 3 字" in wrong.content.decode()
    assert "见 t.cn/a1" in wrong.content.decode()
    assert city.post(address, {"version": "1", "text": "请勿转账", "purpose": "说得更短"}).status_code == 302
    assert Template.objects.get(code="emergency.loan", active=True).version == 2
    assert county.post(address, {"version": "2", "text": "别的", "purpose": "说得更短"}).status_code == 422
    assert city.get(reverse("sms:text", args=["nothing"])).status_code == 404


def test_opt_outs_are_put_in_and_taken_out(world: World) -> None:
    client = browser(world.analyst)
    form = {"number": number(0), "purpose": "来电要求退订", "act": "out"}
    client.post(reverse("sms:opt_outs"), form)
    page = client.get(reverse("sms:opt_outs")).content.decode()
    assert number(0) not in page
    assert "+86 172****0000" in page
    client.post(reverse("sms:opt_outs"), form | {"act": "in"})
    assert not OptOut.objects.exists()
    assert number(0)[3:] not in "".join(AuditRow.objects.values_list("after", flat=True))


def test_part_of_the_task_page_and_the_demo_phone(world: World) -> None:
    client, task = browser(world.analyst), new_task()
    panel = reverse("sms:of_task", args=[task.pk])
    assert "此任务尚未发送短信" in client.get(panel).content.decode()
    actions.warn(world.analyst, task.pk)
    assert "待发" in client.get(panel).content.decode()
    assert browser(world.other_county).get(panel).status_code == 403
    assert "暂无内容" in client.get(reverse("sms:demo")).content.decode()


@pytest.mark.parametrize("name", ["messages", "texts", "opt_outs", "demo"])
def test_who_may_not_see_alerts_sees_no_messages(world: World, name: str) -> None:
    assert browser(world.viewer).get(reverse(f"sms:{name}")).status_code == 403
    assert Client().get(reverse(f"sms:{name}")).status_code == 302
