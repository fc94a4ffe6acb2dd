from django.apps import AppConfig


class OperatorsConfig(AppConfig):
    name = "tenants.operators"
