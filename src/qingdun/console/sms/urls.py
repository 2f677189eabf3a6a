"""Addresses of the module."""

from __future__ import annotations

from django.urls import path

from qingdun.console.sms import views

app_name = "sms"

urlpatterns = [
    path("sms/", views.message_list, name="messages"),
    path("sms/texts/", views.text_list, name="texts"),
    path("sms/texts/<str:code>/", views.text_page, name="text"),
    path("sms/opt-outs/", views.opt_out_list, name="opt_outs"),
    path("sms/demo/", views.demo_phone, name="demo"),
    path("sms/task/<int:task_id>/", views.of_task, name="of_task"),
    path("sms/task/<int:task_id>/warn/", views.warn, name="warn"),
    path("sms/<int:message_id>/undo/", views.undo, name="undo"),
    path("sms/<int:message_id>/resend/", views.resend, name="resend"),
]
