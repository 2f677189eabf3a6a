"""Addresses of the module."""

from __future__ import annotations

from django.urls import include, path

from qingdun.console.funds import freeze_views, movement_views, refund_views, trace_views, views
from qingdun.console.funds.statements import REPLIES
from qingdun.console.kernel.imports.urls import pages

app_name = "funds"

urlpatterns = [
    path("funds/", views.stops, name="stops"),
    path("funds/enter/", views.enter, name="enter"),
    path("funds/late/", views.lapses, name="lapses"),
    path("funds/files/<str:code>/", views.file, name="file"),
    path("funds/notices/", views.notices, name="notices"),
    path("funds/notices/<int:notice_id>/", views.see, name="see"),
    path("funds/incidents/<int:incident_id>/unfounded/", views.unfound, name="unfounded"),
    path("funds/replies/", include(pages(REPLIES))),
    path("funds/movements/", movement_views.movements, name="movements"),
    path("funds/movements/file/", movement_views.file, name="movements_file"),
    path("funds/trace/", trace_views.trace, name="trace"),
    path("funds/freezes/", freeze_views.freezes, name="freezes"),
    path("funds/freezes/enter/", freeze_views.enter, name="enter_freeze"),
    path("funds/freezes/<int:freeze_id>/", freeze_views.freeze, name="freeze"),
    path("funds/freezes/<int:freeze_id>/<str:verb>/", freeze_views.act, name="act_freeze"),
    path("funds/refunds/", refund_views.refunds, name="refunds"),
    path("funds/refunds/enter/", refund_views.enter, name="enter_refund"),
    path("funds/refunds/<int:refund_id>/", refund_views.refund, name="refund"),
    path("funds/refunds/<int:refund_id>/<str:verb>/", refund_views.act, name="act_refund"),
    path("funds/documents/<int:document_id>/", freeze_views.document, name="document"),
    path("funds/exchange/", freeze_views.exchanged, name="exchange"),
    path("funds/exchange/file/", freeze_views.sent, name="exchange_file"),
    path("funds/<int:stop_id>/", views.stop, name="stop"),
    path("funds/<int:stop_id>/<str:verb>/", views.act, name="act"),
]
