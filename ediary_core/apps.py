from django.apps import AppConfig


class EdiaryCoreConfig(AppConfig):
    name = "ediary_core"
    label = "ediary_core"
