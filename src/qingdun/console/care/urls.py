"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.care import file_views, views

app_name = "care"

urlpatterns = [
    path("follow-ups/", views.follow_ups, name="follow_ups"),
    path("m/follow-up/<int:follow_up_id>/", views.follow_up, name="follow_up"),
    path("key-persons/", file_views.key_persons, name="key_persons"),
    path("key-persons/<int:file_id>/", file_views.key_person, name="key_person"),
    path("key-persons/<int:file_id>/unmask/", file_views.unmask, name="unmask"),
    path("key-persons/<int:file_id>/<str:verb>/", file_views.act, name="act"),
]
