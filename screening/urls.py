"""Addresses of the app."""

from django.urls import path

from . import views

app_name = "screening"

urlpatterns = [
    path("", views.home, name="home"),
    path("screenings/", views.screening_list, name="screening_list"),
    path("screenings/new/", views.screening_new, name="screening_new"),
    path("screenings/<uuid:uuid>/", views.screening_result, name="screening_result"),
    path("screenings/<uuid:uuid>/print/", views.screening_print, name="screening_print"),
    path("editions/", views.edition_list, name="edition_list"),
    path("editions/<int:number>/", views.edition_detail, name="edition_detail"),
    path("livez", views.livez, name="livez"),
    path("readyz", views.readyz, name="readyz"),
]
