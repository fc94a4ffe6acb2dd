from django import forms
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

MONTH, QUARTER, YEAR = 30, 90, 365


def _lengths() -> list[tuple[int, str]]:
    """Anew for each form: a number put into a lazy text fixes the text in the language of that moment."""
    return [(days, ngettext("%(days)s day", "%(days)s days", days) % {"days": days}) for days in (MONTH, QUARTER, YEAR)]


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
        label=_("It works for"), choices=_lengths, coerce=int, initial=QUARTER, widget=forms.RadioSelect
    )
