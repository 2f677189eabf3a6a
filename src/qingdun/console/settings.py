"""Django's settings, from the environment alone; every variable is listed in `environment.py` and
docs/settings.md.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.utils.translation import gettext_lazy as _

from qingdun.console import environment, storage
from qingdun.regions.city import load_city

HERE = Path(__file__).parent
environment.check_numbers()
VAR = storage.folder(environment.text("QINGDUN_VAR"))
DEMO = environment.switch("QINGDUN_DEMO")
DEBUG = environment.switch("QINGDUN_DEBUG")
SECRET_KEY = storage.secret_key(environment.text("QINGDUN_SECRET_KEY"), VAR, DEMO)
DATABASES = {"default": storage.database(environment.text("QINGDUN_DATABASE"), VAR)}

CITY_CODE = environment.text("QINGDUN_CITY")
CITY = load_city(CITY_CODE)
MAP_APPROVAL = environment.text("QINGDUN_MAP_APPROVAL") or CITY.map_approval
EVENTS_URL = environment.events_address("QINGDUN_EVENTS_URL")
ORIGINS = environment.origins("QINGDUN_ORIGINS")
IDLE = timedelta(minutes=environment.number("QINGDUN_IDLE_MINUTES"))
CONTEXT_KEPT = environment.days("QINGDUN_CONTEXT_DAYS")
EVIDENCE_KEPT = environment.days("QINGDUN_EVIDENCE_DAYS")
PROXIES = environment.number("QINGDUN_PROXIES")
PHOTOS = VAR / "photos"
MOST_BODY = 70_000_000
"""Bytes of a request: more than the largest file that any page takes, which is a bank's reply."""
PHOTOS_PER_VISIT = environment.number("QINGDUN_PHOTOS_PER_VISIT")
PHOTO_BYTES = environment.number("QINGDUN_PHOTO_MB") * 1_000_000
VISIT_WORDS = environment.text("QINGDUN_VISIT_WORDS")
SUPERVISION_RULES = environment.text("QINGDUN_SUPERVISION_RULES")
LIST_HOURS = environment.number("QINGDUN_LIST_HOURS")
LISTS_TWO_PERSONS = environment.number("QINGDUN_LISTS_TWO_PERSONS")

ALLOWED_HOSTS = environment.names("QINGDUN_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = ORIGINS
HTTPS = ORIGINS[0].startswith("https://")

INSTALLED_APPS = [
    # First, so that its templates win over those of the packages.
    "qingdun.console.kernel",
    "qingdun.console.kernel.imports",
    "unfold",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "axes",
    "django_htmx",
    "rules",
    "qingdun.console.alerts",
    "qingdun.console.lists",
    "qingdun.console.care",
    "qingdun.console.cases",
    "qingdun.console.funds",
    "qingdun.console.measures",
    "qingdun.console.whistles",
    "qingdun.console.sms",
    "qingdun.console.duty",
    "qingdun.console.visits",
    "qingdun.console.whereabouts",
    "qingdun.console.offers",
    "qingdun.console.industry",
    "qingdun.console.outreach",
    "qingdun.console.assessment",
    "qingdun.console.bulletin",
    "qingdun.console.supervision",
    "qingdun.console.command",
    "qingdun.console.exchange",
]

MIDDLEWARE = [
    "qingdun.console.kernel.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "qingdun.console.kernel.middleware.content_security_policy",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "qingdun.console.kernel.middleware.not_too_large",
    "qingdun.console.kernel.middleware.plain_text",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "qingdun.console.visits.leaving.leave_nothing",
    "qingdun.console.kernel.middleware.no_store",
    "qingdun.console.kernel.middleware.language",
    "qingdun.console.kernel.middleware.idle_timeout",
    "qingdun.console.kernel.middleware.second_factor",
    "qingdun.console.kernel.middleware.own_password",
    "qingdun.console.kernel.middleware.newest_event",
    "qingdun.console.kernel.middleware.refusals",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "qingdun.console.urls"
WSGI_APPLICATION = "qingdun.console.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "kernel.User"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "qingdun.console.kernel.frame.frame",
            ],
        },
    }
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "rules.permissions.ObjectPermissionBackend",
    "qingdun.console.kernel.accounts.ConsoleBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_ADAPTER = "qingdun.console.kernel.accounts.ConsoleAccounts"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_SESSION_REMEMBER = False
# Wrong passwords are counted by axes, wrong codes of a second factor by allauth.
ACCOUNT_RATE_LIMITS = {"login": None, "login_failed": "30/m/ip,5/5m/key"}
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = "Qingdun"
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = DEMO or DEBUG

AXES_FAILURE_LIMIT = environment.number("QINGDUN_LOCKOUT_FAILURES")
AXES_COOLOFF_TIME = timedelta(minutes=environment.number("QINGDUN_LOCKOUT_MINUTES"))
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "qingdun.console.kernel.accounts.tried_name"
AXES_RESET_ON_SUCCESS = True
AXES_SENSITIVE_PARAMETERS = ["login", "username", "ip_address"]
AXES_LOCKOUT_TEMPLATE = "kernel/locked_out.html"
AXES_HTTP_RESPONSE_CODE = 429
AXES_CLIENT_IP_CALLABLE = "qingdun.console.kernel.origin.client_ip"
AXES_VERBOSE = False

SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SECURE = HTTPS
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "qingdun.console.kernel.errors.csrf_failure"
LANGUAGE_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if PROXIES else None
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = CITY.zone.key

STATIC_URL = "/static/"
STATICFILES_DIRS = [HERE / "static"]
# Files are found where they lie and never collected: one step less before the first page.
WHITENOISE_USE_FINDERS = True
WHITENOISE_MAX_AGE = 0 if DEBUG else 60

EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": "WARNING"},
}

UNFOLD = {
    "SITE_TITLE": _("Qingdun back office"),
    "SITE_HEADER": _("Qingdun back office"),
    "SITE_URL": "/",
    "SITE_SYMBOL": "shield",
    "SHOW_HISTORY": False,
}
