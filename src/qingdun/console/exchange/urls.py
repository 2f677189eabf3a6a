"""Addresses of the module's pages."""

from __future__ import annotations

from django.urls import path

from qingdun.console.exchange import acts, views

app_name = "exchange"

urlpatterns = [
    path("exchange/", views.home, name="home"),
    path("exchange/peers/new/", views.register, name="register"),
    path("exchange/peers/<int:peer_id>/", views.peer, name="peer"),
    path("exchange/peers/<int:peer_id>/rule/", views.rule, name="rule"),
    path("exchange/peers/<int:peer_id>/rule/propose/", acts.propose_rule, name="propose_rule"),
    path("exchange/peers/<int:peer_id>/rule/<int:rule_id>/", acts.decide_rule, name="decide_rule"),
    path("exchange/peers/<int:peer_id>/rule/end/", acts.end_rule, name="end_rule"),
    path("exchange/peers/<int:peer_id>/sharing/", views.sharing, name="sharing"),
    path("exchange/peers/<int:peer_id>/entries/<int:entry_id>/", views.why, name="why"),
    path("exchange/peers/<int:peer_id>/close/", acts.close, name="close"),
    path("exchange/peers/<int:peer_id>/key/", acts.make_key, name="make_key"),
    path("exchange/peers/<int:peer_id>/key/revoke/", acts.revoke_key, name="revoke_key"),
    path("exchange/peers/<int:peer_id>/export/", acts.export, name="export"),
    path("exchange/peers/<int:peer_id>/bring/", acts.bring, name="bring"),
    path("exchange/servers/<int:source_id>/", acts.server, name="server"),
    path("exchange/deliveries/<int:received_id>/", views.delivery, name="delivery"),
    path("exchange/reversals/<int:item_id>/", acts.decide_reversal, name="decide_reversal"),
]
