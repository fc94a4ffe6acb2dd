from django.urls import URLPattern, URLResolver, path

from opt_in.views import ledger, resolutions, timeline

urlpatterns: list[URLPattern | URLResolver] = [
    path("ledger/", ledger.Ledger.as_view(), name="ledger"),
    path("ledger/checkpoints/", ledger.Checkpoints.as_view(), name="checkpoints"),
    path("ledger/checkpoints.json", ledger.CheckpointsDownload.as_view(), name="checkpoints-download"),
    path("ledger/ledger.jsonl", ledger.LedgerDownload.as_view(), name="ledger-download"),
    path("ledger/zgoda_verify.py", ledger.Verifier.as_view(), name="verifier"),
    path("resolutions/", resolutions.Resolutions.as_view(), name="resolutions"),
    path("resolutions/new/", resolutions.NewResolution.as_view(), name="resolution-new"),
    path(
        "resolutions/<uuid:resolution_id>/confirm/", resolutions.ConfirmResolution.as_view(), name="resolution-confirm"
    ),
    path("resolutions/<uuid:resolution_id>/minutes", resolutions.Minutes.as_view(), name="minutes"),
    path("timeline/", timeline.Timeline.as_view(), name="timeline"),
]
