"""Addresses of the kernel's pages."""

from __future__ import annotations

from django.urls import path

from qingdun.console.kernel import views

urlpatterns = [
    path("", views.home, name="home"),
    path("health", views.health, name="health"),
    path("health/page/", views.health_page, name="health_page"),
    path("i18n/language/", views.language, name="language"),
    path("demo/login/", views.demo_login, name="demo_login"),
    path("search/", views.search, name="search"),
    path("filters/", views.filters, name="filters"),
    path("persons/<str:person_id>/", views.person, name="person"),
    path("persons/<str:person_id>/unmask/", views.person_unmask, name="person_unmask"),
    path("audit/", views.audit_log, name="audit"),
    path("audit/verify/", views.audit_verify, name="audit_verify"),
    path("users/", views.users, name="users"),
    path("users/<int:pk>/<str:act>/", views.user_act, name="user_act"),
]
