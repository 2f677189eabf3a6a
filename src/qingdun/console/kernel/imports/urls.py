"""Addresses of a group's pages, for the `urls` of its module: `path("files/", include(pages(FILES)))`."""

from __future__ import annotations

from django.urls import URLPattern, path

from qingdun.console.kernel.imports import views
from qingdun.console.kernel.imports.kinds import Group


def pages(group: Group) -> list[URLPattern]:
    """The page of its files is called by the group's code, that of one file `CODE_file`, and so on."""
    given = {"group": group}
    return [
        path("", views.files, given, name=group.code),
        path("<int:file_id>/", views.one_file, given, name=f"{group.code}_file"),
        path("<int:file_id>/columns/", views.columns, given, name=f"{group.code}_columns"),
        path("<int:file_id>/progress/", views.progress, given, name=f"{group.code}_progress"),
        path("<int:file_id>/retry/", views.retry, given, name=f"{group.code}_retry"),
        path("<int:file_id>/refused.csv", views.faults, given, name=f"{group.code}_faults"),
    ]
