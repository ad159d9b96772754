"""The floor's two addresses."""

from django.urls import path

from . import views

urlpatterns = [
    path("form/", views.form, name="form"),
    path("result/<uuid:uuid>/", views.result, name="result"),
]
