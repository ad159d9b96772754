"""The addresses of every topic."""

from django.urls import include, path

app_name = "screening"

urlpatterns = [
    path("", include("screening.screenings.urls")),
    path("editions/", include("screening.editions.urls")),
    path("editions/", include("screening.drafts.urls")),
]
