from django.apps import AppConfig


class PublicConfig(AppConfig):
    name = "opt_in.public"
    label = "opt_in_public"
