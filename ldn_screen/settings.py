"""Settings from environment variables, described in docs/operating.md.

After ``./run``, ``var/demo.env`` supplies the variables unless ``SECRET_KEY`` is set, so that ``manage.py`` commands
use the database of the demonstration.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ldn_screen.logs import logging_settings
from ldn_screen.single_sign_on import TIMEOUT_SECONDS, single_sign_on, socialaccount_providers
from screening.web.database_watch import WatchedConnection

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"
SHORTEST_TOKEN = 16


def demo_environment() -> dict[str, str]:
    """Return the variables stored by ``./run``; empty if ``SECRET_KEY`` is set."""
    path = VAR_DIR / "demo.env"
    if "SECRET_KEY" in os.environ or not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines}


ENVIRONMENT = {**demo_environment(), **os.environ}


def text(name: str, default: str = "") -> str:
    """Return a variable's value without surrounding white space."""
    return ENVIRONMENT.get(name, default).strip()


def flag(name: str) -> bool:
    """Return True if a variable is set to 1, true, yes or on."""
    return text(name).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """Return the comma-separated parts of a variable."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def whole_number(name: str, default: int, *, lowest: int, highest: int) -> int:
    """Return a variable's value, a whole number from ``lowest`` to ``highest``."""
    value = text(name) or str(default)
    if not (value.isascii() and value.isdecimal() and len(value) < 10 and lowest <= int(value) <= highest):
        raise ImproperlyConfigured(f"{name} is not a whole number from {lowest} to {highest}.")
    return int(value)


# Kind of installation -----------------------------------------------------------------------------------------

DEMO = flag("LDN_DEMO")
DEMO_PASSWORD = text("LDN_DEMO_PASSWORD") if DEMO else ""
DEBUG = flag("DEBUG")
SECRET_KEY = text("SECRET_KEY")
SECRET_KEY_FALLBACKS = words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = [*words("ALLOWED_HOSTS"), "127.0.0.1", "localhost", "[::1]"]
"""The names of this machine too, for health checks and metrics that are asked for on it. Nobody else is led astray by
them: no address that is built from the name in a request is sent to another person."""
BEHIND_PROXY = flag("LDN_BEHIND_PROXY")

SECOND_FACTOR_REQUIRED = not DEMO or flag("LDN_DEMO_MFA")
"""Whether the roles named in screening/accounts/permissions.py cannot work without a second factor."""

LDN_PAPER = text("LDN_PAPER", "a4").lower()
ONE_PERSON_PUBLISHES = flag("LDN_ONE_PERSON_PUBLISHES")
OVERDUE_CANNOT_CONCLUDE = flag("LDN_OVERDUE_CANNOT_CONCLUDE")
SEAL_EVERY = timedelta(minutes=whole_number("LDN_SEAL_MINUTES", 5, lowest=0, highest=1440))
"""How often web processes seal the audit trail; zero if only a timer runs ``seal_audit``."""
UNDECIDED_DAYS = whole_number("LDN_UNDECIDED_DAYS", 7, lowest=1, highest=366)
METRICS_TOKEN = text("LDN_METRICS_TOKEN")
LOG_FORMAT = text("LDN_LOG_FORMAT", "plain" if DEMO else "json").lower()
FURTHER_RULES = BASE_DIR / "fixtures" / "further_rules.json"
OPIOID_LEXICON = BASE_DIR / "fixtures" / "opioids.json"
MEDICATION_CUES = BASE_DIR / "fixtures" / "medication_cues.json"
DECISION_REASONS = BASE_DIR / "fixtures" / "decision_reasons.json"

if not SECRET_KEY:
    raise ImproperlyConfigured(
        "SECRET_KEY is not set. Set a long random one in the environment, or start a demo with ./run."
    )
if not DEMO and DEBUG:
    raise ImproperlyConfigured("DEBUG is on. It shows patient data on error pages; turn it off outside a demo.")
if not DEMO and any("*" in host or host.startswith(".") for host in ALLOWED_HOSTS):
    raise ImproperlyConfigured(
        "ALLOWED_HOSTS contains “*” or a name that begins with a dot. List the host names of this installation."
    )

if METRICS_TOKEN and len(METRICS_TOKEN) < SHORTEST_TOKEN:
    raise ImproperlyConfigured(f"LDN_METRICS_TOKEN has fewer than {SHORTEST_TOKEN} characters.")
if LOG_FORMAT not in {"plain", "json"}:
    raise ImproperlyConfigured("LDN_LOG_FORMAT is neither plain nor json.")
if LDN_PAPER not in {"a4", "letter"}:
    raise ImproperlyConfigured("LDN_PAPER is neither a4 nor letter.")

# Application --------------------------------------------------------------------------------------------------

ROOT_URLCONF = "ldn_screen.urls"
WSGI_APPLICATION = "ldn_screen.wsgi.application"
AUTH_USER_MODEL = "screening.User"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

INSTALLED_APPS = [
    "django.contrib.admin.apps.SimpleAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "django.forms",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "crispy_forms",
    "crispy_bootstrap5",
    "screening",
]

MIDDLEWARE = [
    # Before WhiteNoise: every response has these headers, static files, redirects and error pages too.
    "screening.web.request_id.request_id",
    "screening.web.metrics.observe",
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "screening.web.middleware.browser_policies",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "screening.audit.background.SealWhenDue",
    "screening.audit.client_address.client_address",
    "screening.web.middleware.no_store",
    "screening.web.middleware.well_formed_requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "screening.web.middleware.error_pages",  # inside the one that sets Content-Length
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "screening.accounts.sessions.limits.SessionLimits",
    "screening.accounts.sessions.unsent_forms.UnsentForms",
    "screening.accounts.language.use_account_language",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "screening.accounts.second_factor.RequireSecondFactor",
    "django.contrib.messages.middleware.MessageMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "screening.accounts.context_processors.page_context",
                "screening.decisions.context_processors.worklist_count",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database -----------------------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    "timeout": 8,  # seconds to wait for another writer; then the page is a 503
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA recursive_triggers=ON; "  # so that REPLACE fires DELETE triggers
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000;"
    ),
}
POSTGRESQL_OPTIONS = {
    "server_side_binding": True,  # so that the server can reuse query plans
    "prepare_threshold": 2,
    # If the server's machine or the network fails: give up after 8 seconds without an acknowledgement.
    "connect_timeout": 2,
    "tcp_user_timeout": 8000,  # milliseconds
    "keepalives_idle": 5,
    "keepalives_interval": 1,
    "keepalives_count": 3,
}
POOL_OPTIONS = {
    "min_size": 1,
    "max_size": 8,
    "timeout": 2,  # seconds until the page is a 503 while the database is away
    # After this many seconds the pool no longer tries by itself, at ever longer intervals: the next request tries.
    "reconnect_timeout": 2,
}
WEB_PGOPTIONS = "-c statement_timeout=20s -c lock_timeout=8s -c idle_in_transaction_session_timeout=60s"
"""What PostgreSQL limits for pages; commands have no limit. See ldn_screen/wsgi.py."""

REQUIRE_DURABLE_DATABASE = True
"""Whether a server refuses to start, and is not ready, with a database that may lose what it has acknowledged."""


def database(url: str) -> dict[str, object]:
    """Return the DATABASES entry for a URL, with the options of its engine."""
    try:
        parsed = dj_database_url.parse(url)
    except ValueError:
        raise ImproperlyConfigured(
            "DATABASE_URL is not a database URL such as postgresql://user:password@host/name."
        ) from None
    if "sqlite" in str(parsed["ENGINE"]):
        return {**parsed, "CONN_MAX_AGE": 60, "OPTIONS": SQLITE_OPTIONS}
    return {
        **parsed,
        "CONN_MAX_AGE": 0,
        "CONN_HEALTH_CHECKS": True,  # so that the pool replaces connections that a restart of the server ended
        "OPTIONS": {
            **POSTGRESQL_OPTIONS,
            **parsed.get("OPTIONS", {}),
            "pool": {**POOL_OPTIONS, "connection_class": WatchedConnection},
        },
    }


def file_database_url() -> str:
    """Return the URL of the default SQLite file, and create its folder."""
    try:
        VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise ImproperlyConfigured(f"{VAR_DIR} cannot be created. Set DATABASE_URL.") from None
    return f"sqlite:///{VAR_DIR / 'ldn_screen.sqlite3'}"


DATABASES = {"default": database(text("DATABASE_URL") or file_database_url())}

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "throttle_cache",
        # A full cache drops entries: wrong tries under many names must not end the throttling of others.
        "OPTIONS": {"MAX_ENTRIES": 100_000},
    },
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "fragments"},
}

# Signing in ---------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["screening.accounts.permissions.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 15},
    },
    {"NAME": "screening.accounts.password_rules.MaximumLengthValidator", "OPTIONS": {"max_length": 128}},
    {"NAME": "screening.accounts.password_rules.LongCommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "screening:home"
LOGOUT_REDIRECT_URL = "account_login"
PASSWORD_RESET_TIMEOUT = 24 * 60 * 60
ALLAUTH_TRUSTED_PROXY_COUNT = 1 if BEHIND_PROXY else 0
ACCOUNT_ADAPTER = "screening.accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "login": "screening.accounts.forms.SignInForm",
    "reset_password_from_key": "screening.accounts.forms.NewPasswordForm",
    "change_password": "screening.accounts.forms.OwnPasswordForm",
    "reauthenticate": "screening.accounts.forms.ConfirmPasswordForm",
}
ACCOUNT_PASSWORD_RESET_TOKEN_GENERATOR = "screening.accounts.password_links.PasswordLinkTokens"  # noqa: S105
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_RATE_LIMITS = {
    # The tenth wrong password or code for an account within five minutes is refused. The limit of an address is much
    # higher, and counts no try that was refused for its account: the people of a clinic share an address.
    "login_failed": "9/5m/key,100/5m/ip",
    "login": "300/m/ip",
    "single_sign_on": "120/m/ip",
}

MFA_ADAPTER = "screening.accounts.adapter.SecondFactorAdapter"
MFA_FORMS = {
    "activate_totp": "screening.accounts.second_factor_forms.ActivateTotpForm",
    "deactivate_totp": "screening.accounts.second_factor_forms.DeactivateTotpForm",
    "add_webauthn": "screening.accounts.second_factor_forms.AddPasskeyForm",
    "authenticate": "screening.accounts.second_factor_forms.CodeForm",
    "authenticate_webauthn": "screening.accounts.second_factor_forms.PasskeyForm",
    "login_webauthn": "screening.accounts.second_factor_forms.SignInWithPasskeyForm",
    "reauthenticate": "screening.accounts.second_factor_forms.ConfirmCodeForm",
    "reauthenticate_webauthn": "screening.accounts.second_factor_forms.ConfirmPasskeyForm",
}
# Without "recovery_codes": allauth would make codes that can be read back. See screening/accounts/recovery_codes.py.
MFA_SUPPORTED_TYPES = ["totp", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_RATE_LIMITS = {"webauthn_login": "60/m/ip"}
MFA_TOTP_ISSUER = "LDN Screen"
MFA_TOTP_TOLERANCE = 0  # a code is valid for its own 30 seconds, in which allauth accepts it once

SINGLE_SIGN_ON = single_sign_on(ENVIRONMENT, allow_http=DEMO)
SOCIALACCOUNT_PROVIDERS = socialaccount_providers(SINGLE_SIGN_ON, ENVIRONMENT)
SOCIALACCOUNT_ADAPTER = "screening.accounts.single_sign_on.SingleSignOnAdapter"
SOCIALACCOUNT_REQUESTS_TIMEOUT = TIMEOUT_SECONDS
SOCIALACCOUNT_AUTO_SIGNUP = True
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
SOCIALACCOUNT_EMAIL_AUTHENTICATION = SOCIALACCOUNT_LOGIN_ON_GET = SOCIALACCOUNT_STORE_TOKENS = False

SESSION_COOKIE_AGE = 60 * whole_number("LDN_IDLE_MINUTES", 15, lowest=2, highest=480)
SESSION_LONGEST = timedelta(hours=whole_number("LDN_SESSION_HOURS", 12, lowest=1, highest=24))
UNSENT_FORMS_LAST = timedelta(hours=whole_number("LDN_UNSENT_HOURS", 24, lowest=1, highest=168))
"""How long a form is kept that was sent after the session had ended."""
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "ldn_session"
CSRF_COOKIE_NAME = "ldn_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "screening.screenings.views.screening_form.csrf_failure"

# Transport and browser ----------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
PERMISSIONS_POLICY = {
    "clipboard-write": "(self)",  # the button that copies a summary
    "publickey-credentials-create": "(self)",  # passkeys
    "publickey-credentials-get": "(self)",
    **dict.fromkeys(
        [
            "accelerometer", "autoplay", "camera", "clipboard-read", "display-capture", "encrypted-media",
            "fullscreen", "gamepad", "geolocation", "gyroscope", "hid", "idle-detection", "local-fonts",
            "magnetometer", "microphone", "midi", "payment", "picture-in-picture", "screen-wake-lock", "serial",
            "storage-access", "usb", "window-management", "xr-spatial-tracking",
        ],
        "()",
    ),
}  # fmt: skip
"""What a page may use of the browser and the device, as the header names it: ``()`` forbids it."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF, *SINGLE_SIGN_ON.sign_in_origins],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "object-src": [NONE],
        "upgrade-insecure-requests": not DEMO,
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Language, time, files ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("es", "Español")]
LOCALE_PATHS = [BASE_DIR / "locale"]
TIME_ZONE = text("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_ALLOW_ALL_ORIGINS = False
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Logs: to standard error, without exception messages, which may contain patient data -------------------------

LOGGING = logging_settings(LOG_FORMAT)
