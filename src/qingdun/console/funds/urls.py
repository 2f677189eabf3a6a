"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.funds import views

app_name = "funds"

urlpatterns = [
    path("funds/", views.stops, name="stops"),
    path("funds/enter/", views.enter, name="enter"),
    path("funds/<int:stop_id>/", views.stop, name="stop"),
    path("funds/<int:stop_id>/<str:verb>/", views.act, name="act"),
]
