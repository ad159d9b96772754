"""URLs of sign-in and sign-out, with the names that allauth uses."""

from allauth.account import views
from django.urls import path
from django.views.decorators.http import require_POST

from screening.web.transactions import committed

urlpatterns = [
    path("login/", views.login, name="account_login"),
    path("logout/", require_POST(committed()(views.logout)), name="account_logout"),
]
