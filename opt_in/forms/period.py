from datetime import date, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

LONGEST_DAYS = 92
USUAL_DAYS = 14


class PeriodForm(forms.Form):
    """Which part of the timeline to show. Nothing is required: what is left out is the last fortnight, from anybody."""

    from_day = forms.DateField(
        label=_("From"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    to_day = forms.DateField(
        label=_("To"), required=False, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    origin = forms.ChoiceField(
        label=_("Who spoke"),
        required=False,
        choices=[("", _("Everybody")), ("school", _("School")), ("vendor", _("Vendor")), ("platform", _("Platform"))],
    )
    readers = forms.ChoiceField(
        label=_("To whom"),
        required=False,
        choices=[("", _("Parents and guardians")), ("all", _("Everybody at the school"))],
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        today = timezone.localdate()
        to_day = given.get("to_day") or today
        from_day = given.get("from_day") or max(to_day, date(2000, 1, 31)) - timedelta(days=USUAL_DAYS - 1)
        if not date(2000, 1, 1) <= from_day <= to_day <= date(2100, 1, 1):
            raise forms.ValidationError(_("The first day comes after the last one, or is no day of this century."))
        if (to_day - from_day).days >= LONGEST_DAYS:
            raise forms.ValidationError(
                _("At most %(days)s days at once; please choose a shorter period."), params={"days": LONGEST_DAYS}
            )
        return {**given, "from_day": from_day, "to_day": to_day}
