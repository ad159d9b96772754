"""URLs for the people and programs that run an installation."""

from django.urls import path

from .views import health, metrics, purges

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("purges/", purges.purge_list, name="purge_list"),
    path("purges/new/", purges.purge_new, name="purge_new"),
    path("purges/<int:pk>/confirm/", purges.purge_confirm, name="purge_confirm"),
    path("purges/<int:pk>/withdraw/", purges.purge_withdraw, name="purge_withdraw"),
]
