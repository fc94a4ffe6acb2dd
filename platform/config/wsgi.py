"""What granian serves: school web, vendor console or public site, by the process's settings module."""

from django.core.wsgi import get_wsgi_application

from config.startup import start_process

application = get_wsgi_application()
# A web process with a gate that is not the one we know must not answer a single request.
start_process()
