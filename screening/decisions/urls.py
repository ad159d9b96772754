"""URLs of decisions."""

from django.urls import path

from . import views

urlpatterns = [
    path("screenings/<uuid:uuid>/decision/", views.screening_decision, name="screening_decision"),
    path("worklist/", views.worklist, name="worklist"),
]
