from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.schools.models import Country, Stage


class SchoolFilter(forms.Form):
    """What cannot be understood filters nothing."""

    q = forms.CharField(
        label=_("Name or address"),
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )
    country = forms.ChoiceField(
        label=_("Country"),
        required=False,
        choices=[("", _("All")), *Country.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        required=False,
        choices=[("", _("All")), *Stage.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )

    def chosen(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")
