"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.lists import acts, held_views, plane_views, views

app_name = "lists"

urlpatterns = [
    path("lists/", views.review, name="review"),
    path("lists/review/", acts.review, name="decide"),
    path("lists/entries/", views.entries, name="entries"),
    path("lists/entries/act/", acts.act, name="act"),
    path("lists/entries/find/", acts.find, name="find"),
    path("lists/entries/export/", acts.export, name="export"),
    path("lists/entries/<int:entry_id>/", views.entry, name="entry"),
    path("lists/entries/<int:entry_id>/unmask/", views.unmask, name="unmask"),
    path("lists/planes/", plane_views.page, name="planes"),
    path("lists/planes/changes/", plane_views.changes_page, name="changes"),
    path("lists/planes/met/", plane_views.met, name="met"),
    path("lists/planes/released/", plane_views.released, name="released"),
    path("lists/planes/held/", held_views.page, name="held"),
    path("lists/planes/held/decide/", held_views.decide, name="decide_held"),
    path("lists/planes/held/<int:held_id>/", held_views.one, name="held_text"),
    path("lists/planes/held/<int:held_id>/unmask/", held_views.unmask, name="unmask_held"),
    path("lists/enforce/", views.enforce, name="enforce"),
    path("lists/propose/", views.propose, name="propose"),
    path("lists/propose/hand/", acts.propose_by_hand, name="propose_by_hand"),
    path("lists/propose/file/", acts.propose_by_file, name="propose_by_file"),
    path("lists/propose/template.csv", acts.template, name="template"),
    path("lists/propose/<str:ref>/", acts.propose_entity, name="propose_entity"),
    path("lists/proposals/<int:proposal_id>/", views.proposal, name="proposal"),
    path("lists/proposals/<int:proposal_id>/refused.csv", acts.refused, name="refused"),
]
