"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.kernel.imports.urls import pages
from qingdun.console.supervision import phone_views, subject_views, views
from qingdun.console.supervision.files import FILES

app_name = "supervision"

urlpatterns = [
    path("supervision/", views.board, name="board"),
    path("supervision/draw/", views.draw, name="draw"),
    path("supervision/rounds/<int:round_id>/", views.round_page, name="round"),
    path("supervision/rounds/<int:round_id>/confirm/", views.confirm, name="confirm"),
    path("supervision/charges/<int:charge_id>/", views.reassign, name="reassign"),
    path("supervision/visits/<int:visit_id>/", subject_views.visit, name="visit"),
    path("supervision/photos/<int:photo_id>/", subject_views.photo, name="photo"),
    path("supervision/findings/<int:shortcoming_id>/", subject_views.finding, name="finding"),
    path("supervision/findings/<int:shortcoming_id>/<slug:verb>/", subject_views.act, name="act"),
    path("supervision/enterprises/<int:partner_id>/", subject_views.enterprise, name="enterprise"),
    path("supervision/commissioners/<int:commissioner_id>/", subject_views.commissioner, name="commissioner"),
    path("supervision/commissioners/<int:commissioner_id>/end/", views.end, name="end"),
    path("supervision/new/<slug:code>/", views.enter, name="form"),
    path("supervision/figures/", views.all_figures, name="figures"),
    path("supervision/t/<slug:code>/", views.table, name="table"),
    path("supervision/t/<slug:code>/file/", views.file, name="file"),
    path("supervision/files/", include(pages(FILES))),
    path("m/supervision/", phone_views.mine, name="mine"),
    path("m/supervision/<int:charge_id>/", phone_views.visit, name="phone"),
]
