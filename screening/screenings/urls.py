"""URLs of screenings."""

from django.urls import path

from .views import home, medication_list, record, screening_form, screening_list, transcription

urlpatterns = [
    path("", home.home, name="home"),
    path("screenings/", screening_list.screening_list, name="screening_list"),
    path("screenings/new/", screening_form.screening_new, name="screening_new"),
    path("screenings/new/medications/", screening_form.new_medications, name="new_medications"),
    path("screenings/transcribe/", transcription.screening_transcribe, name="screening_transcribe"),
    path("screenings/transcribe/medications/", transcription.transcribe_medications, name="transcribe_medications"),
    path("screenings/medications/", medication_list.medication_check, name="medication_check"),
    path("screenings/<uuid:uuid>/", record.screening_result, name="screening_result"),
    path("screenings/<uuid:uuid>/print/", record.screening_print, name="screening_print"),
    path("screenings/<uuid:uuid>/summary.pdf", record.screening_pdf, name="screening_pdf"),
    path("screenings/<uuid:uuid>/summary.txt", record.screening_text, name="screening_text"),
    path("screenings/<uuid:uuid>/others/", record.screening_others, name="screening_others"),
    path("screenings/<uuid:uuid>/amend/", screening_form.screening_amend, name="screening_amend"),
    path("screenings/<uuid:uuid>/amend/medications/", screening_form.amend_medications, name="amend_medications"),
    path("screenings/<uuid:uuid>/void/", record.screening_void, name="screening_void"),
    path("accessibility/", home.accessibility, name="accessibility"),
]
