"""Addresses of the app."""

from django.urls import path

from .views import editions, filling, home, lists, record

app_name = "screening"

urlpatterns = [
    path("", home.home, name="home"),
    path("screenings/", lists.screening_list, name="screening_list"),
    path("screenings/new/", filling.screening_new, name="screening_new"),
    path("screenings/<uuid:uuid>/", record.screening_result, name="screening_result"),
    path("screenings/<uuid:uuid>/print/", record.screening_print, name="screening_print"),
    path("screenings/<uuid:uuid>/summary.pdf", record.screening_pdf, name="screening_pdf"),
    path("screenings/<uuid:uuid>/summary.txt", record.screening_text, name="screening_text"),
    path("screenings/<uuid:uuid>/amend/", filling.screening_amend, name="screening_amend"),
    path("screenings/<uuid:uuid>/void/", record.screening_void, name="screening_void"),
    path("editions/", editions.edition_list, name="edition_list"),
    path("editions/<int:number>/", editions.edition_detail, name="edition_detail"),
    path("livez", home.livez, name="livez"),
    path("readyz", home.readyz, name="readyz"),
]
