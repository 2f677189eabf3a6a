"""What the server does for phones without a line."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.console.alerts.world import World

pytestmark = pytest.mark.django_db


def test_the_worker_is_served_where_it_may_answer_for_phone_pages(client: Client) -> None:
    answer = client.get("/m/worker.js")
    assert answer.status_code == 200
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    assert client.post("/m/worker.js").status_code == 405


def test_a_log_out_clears_what_the_browser_keeps_and_nothing_else_does(client: Client, world: World) -> None:
    client.force_login(world.officer, backend="qingdun.console.kernel.accounts.ConsoleBackend")
    assert "Clear-Site-Data" not in client.get("/accounts/logout/")
    assert "Clear-Site-Data" not in client.get("/m/worker.js")
    assert client.post("/accounts/logout/")["Clear-Site-Data"] == '"storage"'
