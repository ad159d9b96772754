"""A bare Django project with the application's database, security settings and sessions, and Django's permissions."""

from benchmarks.settings import *  # noqa: F403

ROOT_URLCONF = "benchmarks.floor"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "benchmarks.floor_app.Models",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
PAGES = {
    "form.html": '<p>{{ user.get_username }}</p><form method="post">{% csrf_token %}<button>Record</button></form>',
    "result.html": "<p>{{ user.get_username }}: {{ uuid }}</p>",
}
CONTEXT = ["django.template.context_processors.request", "django.contrib.auth.context_processors.auth"]
LOADER = ("django.template.loaders.cached.Loader", [("django.template.loaders.locmem.Loader", PAGES)])
OPTIONS = {"context_processors": CONTEXT, "loaders": [LOADER]}
TEMPLATES = [{"BACKEND": "django.template.backends.django.DjangoTemplates", "OPTIONS": OPTIONS}]
