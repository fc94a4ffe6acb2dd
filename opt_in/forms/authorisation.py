from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

DAY = "%Y-%m-%d"


class AuthorisationForm(forms.Form):
    """What the vendor may offer, how, and until when. One field is a step; the others travel along, hidden."""

    products = forms.MultipleChoiceField(
        label=_("What may the vendor offer?"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one package.")},
    )
    channels = forms.MultipleChoiceField(
        label=_("Through which channels?"),
        help_text=_("Each guardian also says yes or no to each channel."),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Please choose at least one channel.")},
    )
    until = forms.DateField(
        label=_("Until when, this day included?"),
        # A browser sends the first; a person who types, one of the others.
        input_formats=[DAY, "%d.%m.%Y", "%d. %m. %Y", "%d/%m/%Y"],
        error_messages={
            "required": _("Please choose a day."),
            "invalid": _("This is not a day. Write it as 31.8.2027."),
        },
    )

    def __init__(
        self,
        *args: Any,
        products: Mapping[str, str],
        channels: Mapping[str, str],
        today: date,
        last_day: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today, self.last_day = today, last_day
        for name, choices in (("products", products), ("channels", channels)):
            field = self.fields[name]
            assert isinstance(field, forms.MultipleChoiceField)  # noqa: S101
            field.choices = list(choices.items())
        self.fields["until"].widget = forms.DateInput(
            {"type": "date", "min": today.isoformat(), "max": last_day.isoformat()}, format=DAY
        )

    def clean_until(self) -> date:
        until: date = self.cleaned_data["until"]
        if until < self.today:
            raise forms.ValidationError(_("This day has passed. Please choose a later one."), code="passed")
        if until > self.last_day:
            raise forms.ValidationError(
                _("An authorisation ends on 31 August at the latest. Please choose that day or an earlier one."),
                code="too_late",
            )
        return until
