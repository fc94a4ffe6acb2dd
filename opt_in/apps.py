from django.apps import AppConfig


class OptInConfig(AppConfig):
    """Has no tables of its own: everything it keeps is in the gate."""

    name = "opt_in"
