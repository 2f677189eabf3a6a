"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.industry import outside_views, register_views, views
from qingdun.console.industry.files import FILES
from qingdun.console.kernel.imports.urls import pages

app_name = "industry"

urlpatterns = [
    path("industry/", views.table, name="home"),
    path("industry/tables/<str:code>/", views.table, name="table"),
    path("industry/tables/<str:code>/file/", views.file, name="file"),
    path("industry/files/", include(pages(FILES))),
    path("industry/figures/", views.all_figures, name="figures"),
    path("industry/enter/<str:code>/", views.enter, name="form"),
    path("industry/enter/<str:code>/<int:parent>/", views.enter, name="form"),
    path("industry/lists/<int:assignment_id>/", views.assignment, name="assignment"),
    path("industry/lists/<int:assignment_id>/act/", views.act, name="act"),
    path("industry/lists/<int:assignment_id>/file/", views.take, name="take"),
    path("industry/lists/<int:assignment_id>/answer/", views.answer, name="answer"),
    path("industry/restrictions/<int:restriction_id>/", views.restriction, name="restriction"),
    path("industry/restrictions/<int:restriction_id>/decide/", views.decide, name="decide"),
    path("appeal/", outside_views.appeal, name="outside"),
    path("appeal/<str:receipt>/", outside_views.answer, name="outside_answer"),
    path("industry/appeals/<int:appeal_id>/", views.appeal, name="appeal"),
    path("industry/appeals/<int:appeal_id>/decide/", views.decide_appeal, name="decide_appeal"),
    path("industry/findings/<int:finding_id>/", register_views.finding_page, name="finding"),
    path("industry/findings/<int:finding_id>/decide/", register_views.decide_finding, name="decide_finding"),
    path("industry/checks/file/", views.take_checks, name="take_checks"),
    path("industry/checks/<int:check_id>/", register_views.check_page, name="check"),
    path("industry/checks/<int:check_id>/move/", register_views.move_check, name="move_check"),
    path("industry/blacklist/", register_views.look_up, name="look_up"),
    path("industry/blacklist/second/", register_views.second, name="second"),
    path("industry/blacklist/<int:entry_id>/", register_views.blacklist_entry, name="blacklist_entry"),
    path("industry/punishments/<int:punishment_id>/", register_views.punishment_page, name="punishment"),
    path(
        "industry/punishments/<int:punishment_id>/move/", register_views.move_punishment,
        name="move_punishment",
    ),
    path("industry/letters/<int:letter_id>/", register_views.letter, name="letter"),
]  # fmt: skip
