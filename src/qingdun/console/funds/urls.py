"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.funds import movement_views, trace_views, views

app_name = "funds"

urlpatterns = [
    path("funds/", views.stops, name="stops"),
    path("funds/enter/", views.enter, name="enter"),
    path("funds/replies/", movement_views.replies, name="replies"),
    path("funds/replies/<int:statement_id>/", movement_views.reply, name="reply"),
    path("funds/replies/<int:statement_id>/columns/", movement_views.columns, name="columns"),
    path("funds/replies/<int:statement_id>/progress/", movement_views.progress, name="progress"),
    path("funds/replies/<int:statement_id>/refused.csv", movement_views.faults, name="faults"),
    path("funds/movements/", movement_views.movements, name="movements"),
    path("funds/movements/file/", movement_views.file, name="movements_file"),
    path("funds/trace/", trace_views.trace, name="trace"),
    path("funds/<int:stop_id>/", views.stop, name="stop"),
    path("funds/<int:stop_id>/<str:verb>/", views.act, name="act"),
]
