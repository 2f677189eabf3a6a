"""The ledger of 2021, made once for all tests of a file and forgotten after it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from django.conf import settings
from django.db import connection, transaction
from django.test import override_settings
from pytest_django.plugin import DjangoDbBlocker

from qingdun.cli.bulletin import create_ledger
from qingdun.console.bulletin.composing import Writer
from qingdun.console.bulletin.counting import Reader
from qingdun.console.bulletin.periods import Period
from qingdun.console.kernel.loading import load_regions
from qingdun.console.kernel.models import Region, User

PERIOD = Period(dt.date(2021, 1, 1), dt.date(2021, 6, 23))


class Golden(NamedTuple):
    """The city whose ledger it is, and who reads it."""

    city: Region
    viewer: User

    def writer(self, language: str = "zh") -> Writer:
        """Somebody who counts everything anew."""
        return Writer(Reader(self.viewer, self.city, PERIOD), language)


@pytest.fixture(scope="module")
def golden(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Golden]:
    """The ledger that `qingdun demo-2021` makes, in a transaction that every test of the file is within."""
    with django_db_blocker.unblock(), override_settings(DEMO=True), transaction.atomic():
        load_regions(settings.CITY)
        create_ledger(lambda _share, _words="": None)
        # PostgreSQL would otherwise look up what every row refers to at the end of each test anew.
        connection.check_constraints()
        yield Golden(Region.objects.get(level="city"), User.objects.get(username="demo-city"))
        transaction.set_rollback(True)
