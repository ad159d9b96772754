"""URLs of drafts below ``editions/``. The URLs of the open draft are in ``admin``."""

from django.urls import path

from .views import history

urlpatterns = [
    path("<int:number>/history/", history.edition_history, name="edition_history"),
]
