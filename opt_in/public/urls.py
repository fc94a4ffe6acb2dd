from django.urls import URLPattern, path, register_converter

from opt_in.public import sms, views


class TokenConverter:
    """64 hexadecimal digits; anything else is no link of ours and never reaches the database."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class ShortConverter(TokenConverter):
    """16 bytes in the alphabet of URLs, as a text message carries them; the last letter has two bits to tell."""

    regex = "[A-Za-z0-9_-]{21}[AQgw]"


register_converter(TokenConverter, "token")
register_converter(ShortConverter, "short")

urlpatterns: list[URLPattern] = [
    path("w/<token:token>", views.withdraw, name="withdraw"),
    path("o/<token:token>", views.refuse_all, name="refuse-all"),
    path("why/<token:token>", views.why, name="why"),
    path("s/<short:short>", sms.follow, name="follow"),
    path("sms/report/<str:secret>", sms.report, name="sms-report"),
    path("sms/inbound/<str:secret>", sms.inbound, name="sms-inbound"),
]
