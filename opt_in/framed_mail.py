"""A mail as a document of its own, shown inside one of our pages and nowhere else."""

from django.http import HttpResponse

# A mail's styles are inline, as mailboxes want them. It runs nothing, loads nothing and leads nowhere.
_POLICY = "; ".join(
    (
        "default-src 'none'",
        "style-src 'unsafe-inline'",
        "base-uri 'none'",
        "form-action 'none'",
        "sandbox",
        "frame-ancestors 'self'",
    )
)


def framed_mail(html: str) -> HttpResponse:
    response = HttpResponse(html)
    response["Content-Security-Policy"] = _POLICY
    response["X-Frame-Options"] = "SAMEORIGIN"
    return response
