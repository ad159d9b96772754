"""Root URL configuration: sign-in, the Django admin for accounts, and the app."""

from django.urls import include, path

from screening.accounts.admin import accounts_site

urlpatterns = [
    path("", include("screening.urls")),  # before the admin: old addresses of the draft are below its address
    path("accounts/", include("screening.accounts.urls")),
    path("admin/", accounts_site.urls),
]

handler400 = "screening.web.errors.bad_request"
handler403 = "screening.accounts.access.forbidden"
handler404 = "screening.web.errors.not_found"
handler429 = "screening.web.errors.too_many_requests"  # allauth's name; Django has none
handler500 = "screening.web.errors.server_error"
