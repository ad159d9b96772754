"""Root URL configuration: sign-in, the Django admin and the app."""

from django.urls import include, path

urlpatterns = [
    path("accounts/", include("screening.accounts.urls")),
    path("", include("screening.urls")),
]

handler400 = "screening.web.errors.bad_request"
handler403 = "screening.web.errors.forbidden"
handler404 = "screening.web.errors.not_found"
handler500 = "screening.web.errors.server_error"
