"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.outreach import mailing_views, views

app_name = "outreach"

urlpatterns = [
    path("outreach/", views.board, name="board"),
    path("outreach/figures/", views.figure_page, name="figures"),
    path("outreach/t/<slug:code>/", views.table, name="table"),
    path("outreach/t/<slug:code>/file/", views.file, name="file"),
    path("outreach/new/<slug:code>/", views.enter, name="form"),
    path("outreach/new/<slug:code>/<int:parent>/", views.enter, name="form"),
    path("outreach/mailings/new/", mailing_views.new, name="new_mailing"),
    path("outreach/mailings/<int:mailing_id>/", mailing_views.one, name="mailing"),
    path("outreach/mailings/<int:mailing_id>/<slug:verb>/", mailing_views.move, name="move_mailing"),
    path("outreach/targets/<int:target_id>/drop/", views.drop_target, name="drop_target"),
]
