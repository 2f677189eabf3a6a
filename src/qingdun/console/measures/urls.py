"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.measures import views

app_name = "measures"

urlpatterns = [
    path("measures/", views.page, name="page"),
    path("measures/week/", views.week, name="week"),
    path("measures/file/", views.file, name="file"),
    path("measures/<str:code>/", views.rows, name="rows"),
]
