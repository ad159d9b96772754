"""URLs for the people and programs that run an installation."""

from django.urls import path

from .views import health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
]
