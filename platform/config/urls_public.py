from django.urls import URLPattern, URLResolver, include, path

from config.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("", include("opt_in.public.urls")),
]
handler404 = "opt_in.public.pages.not_found"
handler500 = "opt_in.public.pages.server_error"
