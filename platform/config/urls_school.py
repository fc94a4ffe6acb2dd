from django.urls import URLPattern, URLResolver, include, path

from config.health import health

urlpatterns: list[URLPattern | URLResolver] = [
    path("health", health, name="health"),
    path("api/", include("config.urls_api")),
    path("", include("portal.urls")),
    path("", include("tenants.people.urls")),
    path("", include("tenants.onboarding.urls")),
    path("", include("ediary_core.urls")),
    path("", include("opt_in.urls")),
]
handler403 = "portal.views.errors.forbidden"
handler404 = "portal.views.errors.not_found"
handler500 = "portal.views.api.server_error"
