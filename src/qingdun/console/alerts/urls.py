"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.alerts import clock_views, next_views, views

app_name = "alerts"

urlpatterns = [
    path("alerts/", views.desk, name="desk"),
    path("alerts/find/", views.find, name="find"),
    path("alerts/next/", next_views.desk, name="next"),
    path("alerts/clocks/", clock_views.rules, name="clock_rules"),
    path("alerts/clocks/<int:rule_id>/drop/", clock_views.drop, name="drop_clock_rule"),
    path("alerts/rows/", views.queue_rows, name="rows"),
    path("alerts/levels/", views.levels, name="levels"),
    path("alerts/strip/", views.strip, name="strip"),
    path("alerts/export.csv", views.export, name="export"),
    path("alerts/<int:task_id>/", views.task_page, name="task"),
    path("alerts/<int:task_id>/pane/", views.pane, name="pane"),
    path("alerts/<int:task_id>/entrust/", views.entrust, name="entrust"),
    path("m/next/", next_views.phone, name="next_visit"),
    path("m/visit/<int:task_id>/", views.visit, name="visit"),
    path("wall/", views.wall, name="wall"),
    path("wall/live/", views.wall_live, name="wall_live"),
    path("entities/", views.entity_list, name="entities"),
    path("entities/search/", views.entity_search, name="entity_search"),
    path("entities/<str:ref>/", views.entity, name="entity"),
    path("entities/<str:ref>/unmask/", views.entity_unmask, name="entity_unmask"),
]
