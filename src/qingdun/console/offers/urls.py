"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.offers import views

app_name = "offers"

urlpatterns = [
    path("m/offers/<int:offer_id>/take/", views.take, name="take"),
    path("m/offers/<int:offer_id>/decline/", views.decline, name="decline"),
]
