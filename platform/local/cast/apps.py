from django.apps import AppConfig


class CastConfig(AppConfig):
    """The people of the demo's story, acting by commands. Installed only where ZGODA_DEMO_CAST is set."""

    name = "local.cast"
    label = "cast"
