"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path, re_path

from qingdun.console.kernel.imports.urls import pages
from qingdun.console.outreach import door_views, event_views, fact_views, mailing_views, views
from qingdun.console.outreach.imports.files import FILES

app_name = "outreach"

urlpatterns = [
    path("outreach/", views.board, name="board"),
    path("outreach/figures/", views.all_figures, name="figures"),
    path("outreach/t/<slug:code>/", views.table, name="table"),
    path("outreach/t/<slug:code>/file/", views.file, name="file"),
    path("outreach/new/<slug:code>/", views.enter, name="form"),
    path("outreach/new/<slug:code>/<int:parent>/", views.enter, name="form"),
    path("outreach/r/<slug:code>/<int:row>/", fact_views.row, name="row"),
    path("outreach/r/<slug:code>/<int:row>/strike/", fact_views.strike, name="strike"),
    re_path(
        r"^outreach/r/(?P<code>[a-z_]+)/(?P<row>\d{1,18})/(?P<verb>correct|end)/$",
        fact_views.change,
        name="change",
    ),
    path("outreach/mailings/new/", mailing_views.new, name="new_mailing"),
    path("outreach/mailings/<int:mailing_id>/", mailing_views.one, name="mailing"),
    path("outreach/mailings/<int:mailing_id>/<slug:verb>/", mailing_views.move, name="move_mailing"),
    path("outreach/events/<int:event_id>/", event_views.event, name="event"),
    path("outreach/events/<int:event_id>/photos/", event_views.add_photo, name="add_photo"),
    path("outreach/photos/<int:photo_id>/", event_views.photo, name="photo"),
    path("outreach/photos/<int:photo_id>/remove/", event_views.remove_photo, name="remove_photo"),
    path("outreach/materials/<int:material_id>/", event_views.material, name="material"),
    path("outreach/files/", include(pages(FILES))),
    path("m/quiz/", event_views.take_quiz, name="quiz"),
    path("m/doors/", door_views.doors, name="doors"),
    path("m/doors/<int:door_id>/take-back/", door_views.take_door_back, name="take_door_back"),
    path("outreach/targets/<int:target_id>/drop/", views.drop_target, name="drop_target"),
]
