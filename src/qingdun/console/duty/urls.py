"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.duty import views

app_name = "duty"

urlpatterns = [
    path("duty/", views.now, name="now"),
    path("duty/roster/", views.own_roster, name="own_roster"),
    path("duty/roster/<str:code>/", views.roster, name="roster"),
    path("duty/roster/<str:code>/<str:act>/", views.roster_act, name="roster_act"),
    path("duty/handovers/", views.handover_list, name="handovers"),
    path("duty/handovers/<int:handover_id>/confirm/", views.confirm, name="confirm"),
]
