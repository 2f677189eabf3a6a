"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.whereabouts import views

app_name = "whereabouts"

urlpatterns = [path("alerts/<int:task_id>/whereabouts/", views.panel, name="panel")]
