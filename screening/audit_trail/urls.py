"""URLs of the audit trail, and of who looked at a record."""

from django.urls import path

from . import views

urlpatterns = [
    path("audit/", views.audit_events, name="audit_events"),
    path("audit/events.csv", views.audit_events_csv, name="audit_events_csv"),
    path("screenings/<uuid:uuid>/looks/", views.screening_looks, name="screening_looks"),
]
