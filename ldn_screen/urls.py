"""Addresses of the project: sign-in, and the app."""

from allauth.account import views as account
from django.urls import include, path
from django.views.decorators.http import require_POST

from screening.admin import rules_site
from screening.commits import committed

urlpatterns = [
    path("accounts/login/", account.login, name="account_login"),
    path("accounts/logout/", require_POST(committed()(account.logout)), name="account_logout"),
    path("admin/", rules_site.urls),
    path("", include("screening.urls")),
]

handler400 = "screening.errors.bad_request"
handler403 = "screening.errors.forbidden"
handler404 = "screening.errors.not_found"
handler500 = "screening.errors.server_error"
