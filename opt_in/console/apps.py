from django.apps import AppConfig


class ConsoleConfig(AppConfig):
    name = "opt_in.console"
