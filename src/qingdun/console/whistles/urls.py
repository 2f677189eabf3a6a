"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.whistles import ledger_views, list_views, views

app_name = "whistles"

urlpatterns = [
    path("whistles/", views.raise_page, name="raise"),
    path("whistles/people/", views.people, name="people"),
    path("tokens/", views.tokens, name="tokens"),
    path("tokens/make/", views.make_token, name="make_token"),
    path("tokens/<int:token_id>/revoke/", views.revoke_token, name="revoke_token"),
    path("lists-received/", list_views.lists, name="lists"),
    path("lists-received/<int:list_id>/", list_views.one_list, name="list"),
    path("lists-received/<int:list_id>/columns/", list_views.columns, name="columns"),
    path("lists-received/<int:list_id>/progress/", list_views.progress, name="progress"),
    path("lists-received/<int:list_id>/faults.csv", list_views.faults, name="faults"),
    path("ledgers/", ledger_views.page, name="ledgers"),
    path("ledgers/<str:code>/", ledger_views.file, name="ledger"),
]
