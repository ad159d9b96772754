"""Settings, driven by the environment. See docs/deploy.md for the variables.

In a folder where ``./run`` made a demonstration, ``var/demo.env`` stands in for the environment as long as no
``SECRET_KEY`` is given, so that every command there works on the same database.
"""

from __future__ import annotations

import os
from pathlib import Path

import dj_database_url
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = BASE_DIR / "var"


def demo_environment() -> dict[str, str]:
    """What ``./run`` wrote down for this folder; empty where a real secret key is given."""
    path = VAR_DIR / "demo.env"
    if "SECRET_KEY" in os.environ or not path.is_file():
        return {}
    lines = (line.partition("=") for line in path.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in lines}


ENVIRONMENT = {**demo_environment(), **os.environ}


def text(name: str, default: str = "") -> str:
    """A variable's value without surrounding space."""
    return ENVIRONMENT.get(name, default).strip()


def flag(name: str) -> bool:
    """True when a variable is set to something that means yes."""
    return text(name).lower() in {"1", "true", "yes", "on"}


def words(name: str, default: str = "") -> list[str]:
    """The comma-separated parts of a variable."""
    return [part.strip() for part in text(name, default).split(",") if part.strip()]


def refuse(sentence: str) -> ImproperlyConfigured:
    """The error that stops the application at start-up with a sentence for the operator."""
    return ImproperlyConfigured(sentence)


# Kind of installation -----------------------------------------------------------------------------------------

DEMO = flag("LDN_DEMO")
DEMO_PASSWORD = text("LDN_DEMO_PASSWORD") if DEMO else ""
DEBUG = flag("DEBUG")
SECRET_KEY = text("SECRET_KEY")
ALLOWED_HOSTS = words("ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]" if DEMO else "")
BEHIND_PROXY = flag("LDN_BEHIND_PROXY")

LDN_PAPER = text("LDN_PAPER", "a4").lower()
ONE_PERSON_PUBLISHES = flag("LDN_ONE_PERSON_PUBLISHES")
OVERDUE_CANNOT_CONCLUDE = flag("LDN_OVERDUE_CANNOT_CONCLUDE")
FURTHER_RULES = BASE_DIR / "fixtures" / "further_rules.json"
OPIOID_LEXICON = BASE_DIR / "fixtures" / "opioids.json"
MEDICATION_CUES = BASE_DIR / "fixtures" / "medication_cues.json"

if not SECRET_KEY:
    raise refuse("SECRET_KEY is not set. Give a long random one in the environment, or start a demo with ./run.")
if not DEMO and DEBUG:
    raise refuse("DEBUG is on. It shows patient data in error pages; outside a demo it must be off.")
if not DEMO and "*" in ALLOWED_HOSTS:
    raise refuse("ALLOWED_HOSTS holds “*”. Name the hosts that this installation answers to.")

if LDN_PAPER not in {"a4", "letter"}:
    raise refuse("LDN_PAPER is neither a4 nor letter.")

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
    "crispy_forms",
    "crispy_bootstrap5",
    "screening",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "screening.web.middleware.no_store",
    "screening.web.middleware.well_formed_requests",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
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
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"
CRISPY_ALLOWED_TEMPLATE_PACKS = "bootstrap5"
CRISPY_TEMPLATE_PACK = "bootstrap5"

# Database -----------------------------------------------------------------------------------------------------

SQLITE_OPTIONS = {
    "timeout": 20,
    "transaction_mode": "IMMEDIATE",
    "init_command": (
        "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
        "PRAGMA recursive_triggers=ON; "  # so that REPLACE fires the triggers that keep a row from being deleted
        "PRAGMA temp_store=MEMORY; PRAGMA cache_size=-20000;"
    ),
}
POSTGRESQL_OPTIONS = {
    "pool": {"min_size": 1, "max_size": 8, "timeout": 5},
    "connect_timeout": 5,
    "server_side_binding": True,  # so that the server, too, plans a statement once
    "prepare_threshold": 2,
}


def database(url: str) -> dict[str, object]:
    """The connection settings of a database URL, with the options that each engine needs here."""
    try:
        parsed = dj_database_url.parse(url)
    except ValueError:
        raise refuse("DATABASE_URL is no address of a database: postgresql://user:password@host/name.") from None
    if "sqlite" in str(parsed["ENGINE"]):
        return {**parsed, "CONN_MAX_AGE": 60, "OPTIONS": SQLITE_OPTIONS}
    return {**parsed, "CONN_MAX_AGE": 0, "OPTIONS": {**parsed.get("OPTIONS", {}), **POSTGRESQL_OPTIONS}}


def file_database_url() -> str:
    """The address of the SQLite file that is used where no other database is named; its folder is made."""
    try:
        VAR_DIR.mkdir(mode=0o700, exist_ok=True)
    except OSError:
        raise refuse(f"{VAR_DIR} cannot be made. Name a database in DATABASE_URL.") from None
    return f"sqlite:///{VAR_DIR / 'ldn_screen.sqlite3'}"


DATABASES = {"default": database(text("DATABASE_URL") or file_database_url())}

CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "throttle_cache"},
    "template_fragments": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "fragments"},
}

# Signing in ---------------------------------------------------------------------------------------------------

AUTHENTICATION_BACKENDS = ["screening.accounts.permissions.AccountBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "screening:home"
LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"login": "screening.accounts.forms.SignInForm"}
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"

SESSION_COOKIE_AGE = 8 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
SESSION_COOKIE_NAME = "ldn_session"
CSRF_COOKIE_NAME = "ldn_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "screening.screenings.views.screening_form.csrf_failure"

# Transport and browser ----------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEMO
SECURE_SSL_REDIRECT = not DEMO
SECURE_REDIRECT_EXEMPT = [r"^livez$", r"^readyz$"]
SECURE_HSTS_SECONDS = 0 if DEMO else 365 * 24 * 60 * 60
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEMO
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    }
}

DATA_UPLOAD_MAX_MEMORY_SIZE = 8 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 1

# Language, time, files ----------------------------------------------------------------------------------------

LANGUAGE_CODE = "en-gb"
USE_I18N = False
TIME_ZONE = text("TIME_ZONE", "UTC")
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# Logs: to standard error, without the values that an exception's message may carry -----------------------------

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "plain": {"()": "ldn_screen.logs.WithoutValues", "format": "{asctime} {levelname} {message}", "style": "{"}
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "plain"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {"django": {"handlers": ["console"], "level": "WARNING", "propagate": False}},
}
