from django.urls import URLPattern, URLResolver, path

from opt_in.views import authorisation, authorise, consents, ledger, messages, offers, resolutions, timeline

urlpatterns: list[URLPattern | URLResolver] = [
    path("authorisation/", authorisation.ShowAuthorisation.as_view(), name="authorisation"),
    path("authorisation/new/", authorise.Authorise.as_view(), name="authorise"),
    path("authorisation/revoke/", authorisation.Revoke.as_view(), name="revoke"),
    path("consents/", consents.OwnConsents.as_view(), name="consents"),
    path("consents/answer", consents.ConsentAnswer.as_view(), name="consent-answer"),
    path("consents/objection/", consents.Objection.as_view(), name="objection"),
    path("consents/<uuid:event_id>/", consents.ConsentReceipt.as_view(), name="consent-receipt"),
    path("consents/<uuid:event_id>/receipt.jsonld", consents.ConsentReceiptFile.as_view(), name="consent-receipt-file"),
    path("consents/<slug:channel>/give", consents.ConsentGive.as_view(), name="consent-give"),
    path("consents/<slug:channel>/withdraw", consents.ConsentWithdraw.as_view(), name="consent-withdraw"),
    path("ledger/", ledger.Ledger.as_view(), name="ledger"),
    path("ledger/checkpoints/", ledger.Checkpoints.as_view(), name="checkpoints"),
    path("ledger/checkpoints.json", ledger.CheckpointsDownload.as_view(), name="checkpoints-download"),
    path("ledger/ledger.jsonl", ledger.LedgerDownload.as_view(), name="ledger-download"),
    path("ledger/zgoda_verify.py", ledger.Verifier.as_view(), name="verifier"),
    path("messages/", messages.OwnMessages.as_view(), name="messages"),
    path("messages/<uuid:envelope_id>/", messages.OneMessage.as_view(), name="message"),
    path("messages/<uuid:envelope_id>/why/", messages.Why.as_view(), name="why"),
    path("offers/", offers.Offers.as_view(), name="offers"),
    path("offers/<uuid:campaign_id>/", offers.Offer.as_view(), name="offer"),
    path("offers/<uuid:campaign_id>/approve", offers.ApproveOffer.as_view(), name="offer-approve"),
    path("offers/<uuid:campaign_id>/refuse", offers.RefuseOffer.as_view(), name="offer-refuse"),
    path("offers/<uuid:campaign_id>/mail/<slug:language>", offers.OfferPreview.as_view(), name="offer-preview"),
    path("resolutions/", resolutions.Resolutions.as_view(), name="resolutions"),
    path("resolutions/new/", resolutions.NewResolution.as_view(), name="resolution-new"),
    path(
        "resolutions/<uuid:resolution_id>/confirm/", resolutions.ConfirmResolution.as_view(), name="resolution-confirm"
    ),
    path("resolutions/<uuid:resolution_id>/minutes", resolutions.Minutes.as_view(), name="minutes"),
    path("timeline/", timeline.Timeline.as_view(), name="timeline"),
]
