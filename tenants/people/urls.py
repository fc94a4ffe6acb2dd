from django.urls import URLPattern, URLResolver, path

from tenants.entrance import Logout
from tenants.people.views.account import Account, ChooseLanguage, EndAllSessions, EndSession, Sessions
from tenants.people.views.contacts import ContactAddress, ContactCode, ContactCodeSend, Contacts
from tenants.people.views.login import Login
from tenants.people.views.tokens import NewToken, RevokeToken, Tokens

urlpatterns: list[URLPattern | URLResolver] = [
    path("account/", Account.as_view(), name="account"),
    path("account/contacts/", Contacts.as_view(), name="contacts"),
    path("account/contacts/<slug:channel>/", ContactAddress.as_view(), name="contact"),
    path("account/contacts/<slug:channel>/code/", ContactCode.as_view(), name="contact-code"),
    path("account/contacts/<slug:channel>/code/send", ContactCodeSend.as_view(), name="contact-code-send"),
    path("account/language", ChooseLanguage.as_view(), name="language"),
    path("account/sessions/", Sessions.as_view(), name="sessions"),
    path("account/sessions/end", EndAllSessions.as_view(), name="sessions-end"),
    path("account/sessions/<str:session_id>/end", EndSession.as_view(), name="session-end"),
    path("account/tokens/", Tokens.as_view(), name="tokens"),
    path("account/tokens/new/", NewToken.as_view(), name="token-new"),
    path("account/tokens/<uuid:token_id>/revoke", RevokeToken.as_view(), name="token-revoke"),
    path("login", Login.as_view(), name="login"),
    path("logout", Logout.as_view(), name="logout"),
]
