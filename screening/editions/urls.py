"""URLs of published editions, below ``editions/``."""

from django.urls import path

from .views import blank_form, editions, local_names, review

urlpatterns = [
    path("", editions.edition_list, name="edition_list"),
    path("<int:number>/", editions.edition_detail, name="edition_detail"),
    path("<int:number>/compare/<int:other>/", editions.edition_compare, name="edition_compare"),
    path("<int:number>/review/", review.edition_review, name="edition_review"),
    path("<int:number>/edition.json", editions.edition_file, name="edition_file"),
    path("current/blank-form/", blank_form.blank_form, name="blank_form"),
    path("local-names/", local_names.local_name_list, name="local_name_list"),
    path("local-names/add/", local_names.local_name_add, name="local_name_add"),
    path("local-names/<int:pk>/retire/", local_names.local_name_retire, name="local_name_retire"),
]
