"""What the tests of outreach share."""

from __future__ import annotations

import pytest

from qingdun.console.kernel.models import User
from qingdun.console.kernel.roles import Role
from tests.console.conftest import MakeUser


@pytest.fixture
def publicist(make_user: MakeUser) -> User:
    """Who works for outreach in the whole city."""
    return make_user(Role.PUBLICIST)
