"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.visits import views

app_name = "visits"

urlpatterns = [
    path("m/worker.js", views.worker, name="worker"),
    path("m/visit/<int:task_id>/record/", views.record, name="record"),
    path("m/receipt/<int:receipt_id>/", views.receipt, name="receipt"),
    path("m/photo/<int:photo_id>/", views.photo, name="photo"),
]
