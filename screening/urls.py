"""Addresses of the app."""

from django.urls import path

from .views import blank_form, editions, filling, home, lists, local_names, medications, record, reviews

app_name = "screening"

urlpatterns = [
    path("", home.home, name="home"),
    path("screenings/", lists.screening_list, name="screening_list"),
    path("screenings/new/", filling.screening_new, name="screening_new"),
    path("screenings/new/medications/", filling.new_medications, name="new_medications"),
    path("screenings/medications/", medications.medication_check, name="medication_check"),
    path("screenings/<uuid:uuid>/", record.screening_result, name="screening_result"),
    path("screenings/<uuid:uuid>/print/", record.screening_print, name="screening_print"),
    path("screenings/<uuid:uuid>/summary.pdf", record.screening_pdf, name="screening_pdf"),
    path("screenings/<uuid:uuid>/summary.txt", record.screening_text, name="screening_text"),
    path("screenings/<uuid:uuid>/others/", record.screening_others, name="screening_others"),
    path("screenings/<uuid:uuid>/amend/", filling.screening_amend, name="screening_amend"),
    path("screenings/<uuid:uuid>/amend/medications/", filling.amend_medications, name="amend_medications"),
    path("screenings/<uuid:uuid>/void/", record.screening_void, name="screening_void"),
    path("editions/", editions.edition_list, name="edition_list"),
    path("editions/<int:number>/", editions.edition_detail, name="edition_detail"),
    path("editions/<int:number>/compare/<int:other>/", editions.edition_compare, name="edition_compare"),
    path("editions/<int:number>/history/", editions.edition_history, name="edition_history"),
    path("editions/<int:number>/review/", reviews.edition_review, name="edition_review"),
    path("editions/<int:number>/edition.json", editions.edition_file, name="edition_file"),
    path("editions/current/blank-form/", blank_form.decision_table_pdf, name="blank_form"),
    path("editions/local-names/", local_names.local_name_list, name="local_name_list"),
    path("editions/local-names/add/", local_names.local_name_add, name="local_name_add"),
    path("editions/local-names/<int:pk>/retire/", local_names.local_name_retire, name="local_name_retire"),
    path("livez", home.livez, name="livez"),
    path("readyz", home.readyz, name="readyz"),
]
