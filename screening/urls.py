"""The URLs of all topics."""

from django.urls import include, path

app_name = "screening"

urlpatterns = [
    path("", include("screening.screenings.urls")),
    path("", include("screening.decisions.urls")),
    path("", include("screening.audit_trail.urls")),
    path("editions/", include("screening.editions.urls")),
    path("", include("screening.drafts.urls")),
    path("safety/", include("screening.safety.urls")),
    path("", include("screening.operations.urls")),
]
