from django.urls import URLPattern, URLResolver, path

from tenants.entrance import Logout
from tenants.operators.views.account import Account, ChooseLanguage, EndAllSessions, EndSession, Sessions
from tenants.operators.views.login import Login

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", Account.as_view(), name="account"),
    path("account/language", ChooseLanguage.as_view(), name="language"),
    path("account/sessions/", Sessions.as_view(), name="sessions"),
    path("account/sessions/end", EndAllSessions.as_view(), name="sessions-end"),
    path("account/sessions/<str:session_id>/end", EndSession.as_view(), name="session-end"),
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
]
