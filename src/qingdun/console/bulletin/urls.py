"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.bulletin import views

app_name = "bulletin"

urlpatterns = [
    path("bulletins/", views.board, name="board"),
    path("bulletins/compose/", views.compose, name="compose"),
    path("bulletins/schedule/", views.schedule, name="schedule"),
    path("bulletins/t/<slug:code>/", views.table, name="table"),
    path("bulletins/t/<slug:code>/file/", views.file, name="file"),
    path("bulletins/<int:bulletin_id>/", views.page, name="page"),
    path("bulletins/<int:bulletin_id>/compare/", views.compare, name="compare"),
    path("bulletins/<int:bulletin_id>/file/", views.take, name="take"),
    path("bulletins/<int:bulletin_id>/<slug:verb>/", views.act, name="act"),
]
