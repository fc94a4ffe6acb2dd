from django.conf import settings
from django.urls import URLPattern, URLResolver, path

from portal.views.design import Design
from portal.views.home import Children, Home
from portal.views.launch import AppointChair, GoLive

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Home.as_view(), name="home"),
    path("children/", Children.as_view(), name="children"),
    path("chair/", AppointChair.as_view(), name="appoint-chair"),
    path("go-live/", GoLive.as_view(), name="go-live"),
]
if settings.DEBUG:
    urlpatterns += [path("_design", Design.as_view(), name="design")]
