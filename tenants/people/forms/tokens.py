from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

MONTH, QUARTER, YEAR = 30, 90, 365
_DAYS = [
    (days, ngettext_lazy("%(days)s day", "%(days)s days", days) % {"days": days}) for days in (MONTH, QUARTER, YEAR)
]


class TokenForm(forms.Form):
    # Made with the page, so that a form sent twice makes one key.
    token_id = forms.UUIDField(widget=forms.HiddenInput)
    name = forms.CharField(
        label=_("Name"),
        help_text=_("What the key is for, so that you know it again: “family calendar”, for instance."),
        max_length=60,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label=_("It works for"), choices=_DAYS, coerce=int, initial=QUARTER, widget=forms.RadioSelect
    )
