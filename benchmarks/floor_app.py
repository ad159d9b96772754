"""The models of the app without its receivers, for the bare project that it is measured beside."""

from django.apps import AppConfig


class Models(AppConfig):
    """The app as Django would load it without a configuration of its own."""

    name = "screening"
