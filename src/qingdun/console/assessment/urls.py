"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.assessment import rule_views, ruling_views, views
from qingdun.console.assessment.files import FILES
from qingdun.console.kernel.imports.urls import pages

app_name = "assessment"

urlpatterns = [
    path("assessment/", views.board, name="board"),
    path("assessment/reckon/", views.reckon, name="reckon"),
    path("assessment/rankings/<int:ranking_id>/", views.ranking, name="ranking"),
    path("assessment/rankings/<int:ranking_id>/publish/", views.publish, name="publish"),
    path("assessment/rankings/<int:ranking_id>/verify/", views.verify, name="verify"),
    path("assessment/places/<slug:code>/", ruling_views.place, name="place"),
    path("assessment/rulings/<int:ruling_id>/", ruling_views.ruling, name="ruling"),
    path("assessment/rulings/<int:ruling_id>/letter/", ruling_views.letter, name="letter"),
    path("assessment/rulings/<int:ruling_id>/<slug:verb>/", ruling_views.act, name="act"),
    path("assessment/objections/<int:objection_id>/answer/", ruling_views.answer, name="answer"),
    path("assessment/accountability/<int:file_id>/", ruling_views.accountability, name="accountability"),
    path("assessment/accountability/<int:file_id>/close/", ruling_views.close, name="close"),
    path("assessment/rules/", rule_views.rules, name="rules"),
    path("assessment/new/<slug:code>/", rule_views.enter, name="form"),
    path("assessment/figures/", views.all_figures, name="figures"),
    path("assessment/t/<slug:code>/", views.table, name="table"),
    path("assessment/t/<slug:code>/file/", views.file, name="file"),
    path("assessment/files/", include(pages(FILES))),
]
