from django.urls import URLPattern, URLResolver, path

from opt_in.console.views.campaigns import CampaignPage, Campaigns, StopCampaign
from opt_in.console.views.proposal import (
    DropDraft,
    LengthOfSms,
    LookAtCampaign,
    MailOfDraft,
    NewCampaign,
    WriteCampaign,
)
from opt_in.console.views.schools import Schools
from opt_in.console.views.switches import KillSwitches, TurnSwitch

urlpatterns: list[URLPattern | URLResolver] = [
    path("", Schools.as_view(), name="home"),
    path("campaigns/", Campaigns.as_view(), name="campaigns"),
    path("campaigns/new/", NewCampaign.as_view(), name="campaign-new"),
    path("campaigns/new/length", LengthOfSms.as_view(), name="sms-length"),
    path("campaigns/new/email/look/<slug:language>", MailOfDraft.as_view(), name="mail-of-draft"),
    path("campaigns/new/<slug:channel>/", WriteCampaign.as_view(), name="campaign-write"),
    path("campaigns/new/<slug:channel>/look/", LookAtCampaign.as_view(), name="campaign-look"),
    path("campaigns/new/<slug:channel>/drop", DropDraft.as_view(), name="campaign-drop"),
    path("campaigns/<uuid:campaign_id>/", CampaignPage.as_view(), name="campaign"),
    path("campaigns/<uuid:campaign_id>/stop", StopCampaign.as_view(), name="campaign-stop"),
    path("switches/", KillSwitches.as_view(), name="switches"),
    path("switches/<slug:scope>/<slug:key>/<slug:turn>", TurnSwitch.as_view(), name="switch"),
]
