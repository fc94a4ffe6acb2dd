from django import forms
from django.utils.translation import gettext_lazy as _


class GuardianSearch(forms.Form):
    q = forms.CharField(
        label=_("Name, e-mail or mobile number of a guardian"),
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        error_messages={"required": _("Please enter a name, an address or a number.")},
    )


class Appointment(forms.Form):
    person = forms.UUIDField(widget=forms.HiddenInput)
