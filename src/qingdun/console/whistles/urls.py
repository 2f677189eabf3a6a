"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.kernel.imports.urls import pages
from qingdun.console.whistles import ledger_views, views
from qingdun.console.whistles.listing import LISTS

app_name = "whistles"

urlpatterns = [
    path("whistles/", views.raise_page, name="raise"),
    path("whistles/people/", views.people, name="people"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/make/", views.make_token, name="make_token"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("lists-received/", include(pages(LISTS))),
    path("ledgers/", ledger_views.page, name="ledgers"),
    path("ledgers/<str:code>/", ledger_views.file, name="ledger"),
]
