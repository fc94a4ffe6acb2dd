"""All components on one page, for whoever changes or tests them. Only there while debugging."""

from django import forms
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from tenants.doors import OpenDoor


class SampleForm(forms.Form):
    name = forms.CharField(label=_("Name"), help_text=_("As it stands in the passport."))
    language = forms.ChoiceField(label=_("Language"), choices=[("sl", "slovenščina"), ("pl", "polski")], required=False)
    channels = forms.MultipleChoiceField(
        label=_("Channels"),
        choices=[("email", _("E-mail")), ("sms", _("Text message"))],
        widget=forms.CheckboxSelectMultiple,
    )
    agreed = forms.BooleanField(label=_("I have read this."))


class Design(OpenDoor):
    open_because = "Shows components and nobody's data, and exists only while debugging."

    def get(self, request: HttpRequest) -> HttpResponse:
        form = SampleForm({"language": "sl"}) if "errors" in request.GET else SampleForm()
        context = {
            "form": form,
            "now": timezone.now(),
            "steps": [_("Name"), _("Channels"), _("Language")],
            "rows": [
                (_("From the school"), 214, "school"),
                (_("From the vendor"), 31, "vendor"),
                (_("From the platform"), 3),
            ],
            "numbers": Paginator(range(400), 20).get_page(request.GET.get("page")),
        }
        return render(request, "portal/design.html", context)
