"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.cases import case_views, graph_views, views
from qingdun.console.cases.imports.files import FILES
from qingdun.console.kernel.imports.urls import pages

app_name = "cases"

urlpatterns = [
    path("incidents/", case_views.table, {"code": "incidents"}, name="incidents"),
    path("incidents/enter/", views.enter, name="enter"),
    path("incidents/<int:incident_id>/", case_views.incident, name="incident"),
    path("incidents/<int:incident_id>/back/", views.retract, name="retract"),
    path("cases/figures/", case_views.all_figures, name="figures"),
    path("cases/graph/", graph_views.page, name="graph"),
    path("cases/graph/data/", graph_views.data, name="graph_data"),
    path("cases/graph/save/", graph_views.save, name="save_graph"),
    path("cases/graph/ties/", graph_views.tie_file, name="graph_ties"),
    path("cases/graph/<int:record_id>/<slug:form>/", graph_views.record_file, name="graph_file"),
    path("cases/files/", include(pages(FILES))),
    path("cases/t/<slug:code>/", case_views.table, name="table"),
    path("cases/t/<slug:code>/file/", case_views.file, name="file"),
    path("cases/new/<slug:code>/", case_views.enter, name="form"),
    path("cases/new/<slug:code>/<int:parent>/", case_views.enter, name="form"),
    path("cases/<int:case_id>/", case_views.case, name="case"),
    path("cases/persons/<int:person_id>/", case_views.person, name="person"),
    path("cases/gangs/<int:gang_id>/", case_views.gang, name="gang"),
    path("cases/campaigns/<int:campaign_id>/", case_views.campaign, name="campaign"),
    path("cases/<int:case_id>/incidents/<int:incident_id>/out/", case_views.part, name="part"),
    path("cases/back/<slug:kind>/<int:pk>/", case_views.take_back, name="take_back"),
    path("cases/correct/<slug:kind>/<int:pk>/", case_views.correct, name="correct"),
    path("cases/move/<slug:kind>/<int:pk>/", case_views.move, name="move"),
]
