"""URLs of signing in, signing out and setting a password, with the names that allauth uses."""

from allauth.account import views
from django.urls import path, re_path
from django.views.decorators.http import require_POST

from screening.web.transactions import committed

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", require_POST(committed()(views.logout)), name="account_logout"),
    path(
        "password/reset/key/done/",
        views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        committed()(views.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
]
