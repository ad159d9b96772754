"""URLs of the safety figures."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.safety, name="safety"),
    path("rules.csv", views.safety_rules_csv, name="safety_rules_csv"),
]
