"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.command import board_views, post_views, provision_views, views
from qingdun.console.command.files import FILES
from qingdun.console.kernel.imports.urls import pages

app_name = "command"

urlpatterns = [
    path("command/", board_views.home, name="home"),
    path("command/wall/<slug:code>/", board_views.wall, name="wall"),
    path("command/overdue/", views.overdue_page, name="overdue"),
    path("command/overdue/file/", views.overdue_file, name="overdue_file"),
    path("command/chain/", post_views.chain, name="chain"),
    path("command/group/", post_views.group, name="group"),
    path("command/posts/<int:post_id>/", post_views.post, name="post"),
    path("command/posts/<int:post_id>/<slug:verb>/", post_views.act, name="act"),
    path("command/provisions/", provision_views.provisions, name="provisions"),
    path("command/provisions/draft/", provision_views.take_drafted, name="take_drafted"),
    path("command/undertakings/<int:undertaking_id>/", provision_views.undertaking, name="undertaking"),
    path("command/undertakings/<int:undertaking_id>/proof/", provision_views.add_proof, name="add_proof"),
    path("command/undertakings/<int:undertaking_id>/<slug:verb>/", provision_views.act, name="move"),
    path("command/proofs/<int:proof_id>/", provision_views.proof, name="proof"),
    path("command/proofs/<int:proof_id>/remove/", provision_views.remove_proof, name="remove_proof"),
    path("command/new/<slug:code>/", views.enter, name="form"),
    path("command/new/<slug:code>/<int:parent>/", views.enter, name="form"),
    path("command/t/<slug:code>/", views.table, name="table"),
    path("command/t/<slug:code>/file/", views.file, name="file"),
    path("command/files/", include(pages(FILES))),
]
