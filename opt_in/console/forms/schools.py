from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.schools.models import Country, Stage


class SchoolFilter(forms.Form):
    """What cannot be understood filters nothing."""

    q = forms.CharField(label=_("Name or address"), max_length=100, required=False)
    country = forms.ChoiceField(label=_("Country"), required=False, choices=[("", _("All")), *Country.choices])
    stage = forms.ChoiceField(label=_("Stage"), required=False, choices=[("", _("All")), *Stage.choices])

    def chosen(self, name: str) -> str:
        self.is_valid()
        return str(self.cleaned_data.get(name) or "")
