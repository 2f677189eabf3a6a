"""Addresses of the console."""

from __future__ import annotations

from django.urls import include, path, re_path

from qingdun.console.alerts.api import api as alerts_api
from qingdun.console.assessment.api import api as assessment_api
from qingdun.console.industry.api import api as industry_api
from qingdun.console.kernel.admin import site
from qingdun.console.kernel.errors import not_found
from qingdun.console.outreach.api import api as outreach_api
from qingdun.console.supervision.api import api as supervision_api
from qingdun.console.visits.api import api as visits_api
from qingdun.console.whistles.api import api as whistles_api

handler400 = "qingdun.console.kernel.errors.malformed"
handler403 = "qingdun.console.kernel.errors.forbidden"
handler404 = "qingdun.console.kernel.errors.not_found"
handler500 = "qingdun.console.kernel.errors.failed"

urlpatterns = [
    path("", include("qingdun.console.kernel.urls")),
    # Nobody has an address for mail here: passwords are reset by an administrator, accounts are made by one.
    re_path("^accounts/(?:signup|email|password/reset)/", not_found),
    path("accounts/", include("allauth.urls")),
    path("backoffice/", site.urls),
    path("", include("qingdun.console.alerts.urls")),
    path("", include("qingdun.console.lists.urls")),
    path("", include("qingdun.console.care.urls")),
    path("", include("qingdun.console.cases.urls")),
    path("", include("qingdun.console.funds.urls")),
    path("", include("qingdun.console.measures.urls")),
    path("", include("qingdun.console.whistles.urls")),
    path("", include("qingdun.console.sms.urls")),
    path("", include("qingdun.console.duty.urls")),
    path("", include("qingdun.console.visits.urls")),
    path("", include("qingdun.console.whereabouts.urls")),
    path("", include("qingdun.console.offers.urls")),
    path("", include("qingdun.console.industry.urls")),
    path("", include("qingdun.console.outreach.urls")),
    path("", include("qingdun.console.assessment.urls")),
    path("", include("qingdun.console.bulletin.urls")),
    path("", include("qingdun.console.supervision.urls")),
    path("", include("qingdun.console.command.urls")),
    path("", include("qingdun.console.exchange.urls")),
    path("taxii2/", include("qingdun.console.exchange.taxii.urls")),
    path("api/alerts/", alerts_api.urls),
    path("api/visits/", visits_api.urls),
    path("api/outreach/", outreach_api.urls),
    path("api/whistles/", whistles_api.urls),
    path("api/industry/", industry_api.urls),
    path("api/assessment/", assessment_api.urls),
    path("api/supervision/", supervision_api.urls),
]
