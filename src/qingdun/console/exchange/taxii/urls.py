"""Addresses of the endpoints; those of collections and objects are TAXII's own."""

from __future__ import annotations

from django.urls import path

from qingdun.console.exchange.taxii import views

app_name = "taxii"

_ONE = "lists/collections/<str:name>/"
urlpatterns = [
    path("", views.discovery, name="discovery"),
    path("lists/", views.root, name="root"),
    path("lists/collections/", views.all_collections, name="collections"),
    path(_ONE, views.one_collection, name="collection"),
    path(f"{_ONE}manifest/", views.manifest, name="manifest"),
    path(f"{_ONE}objects/", views.objects, name="objects"),
    path(f"{_ONE}objects/<str:object_id>/", views.one_object, name="object"),
    path(f"{_ONE}objects/<str:object_id>/versions/", views.versions, name="versions"),
    path("lists/status/<str:key>/", views.status, name="status"),
]
