"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.cases import views

app_name = "cases"

urlpatterns = [
    path("incidents/", views.incidents, name="incidents"),
    path("incidents/enter/", views.enter, name="enter"),
]
