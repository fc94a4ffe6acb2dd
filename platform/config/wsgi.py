"""What granian serves: school web, vendor console or public site, by the process's settings module."""

from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from config.startup import start_process

application = get_wsgi_application()
if hasattr(settings, "CELERY_BROKER_URL"):
    # Shared tasks go to the application that is there when they are queued; without ours, to a broker that is nobody's.
    import_module("config.celery")
# A web process with a gate that is not the one we know must not answer a single request.
start_process()
