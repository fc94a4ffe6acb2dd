from django.urls import URLPattern, path, register_converter

from opt_in.public import views


class TokenConverter:
    """64 hexadecimal digits; anything else is no link of ours and never reaches the database."""

    regex = "[0-9a-f]{64}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(TokenConverter, "token")

urlpatterns: list[URLPattern] = [
    path("w/<token:token>", views.withdraw, name="withdraw"),
    path("o/<token:token>", views.refuse_all, name="refuse-all"),
    path("why/<token:token>", views.why, name="why"),
]
