from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

LONGEST_DAYS = 92
USUAL_DAYS = 14
ORIGINS = (("school", _("School")), ("vendor", _("Vendor")), ("platform", _("Platform")))


class PeriodForm(forms.Form):
    """Which part of the timeline to show. The page fills in what the address leaves out."""

    from_day = forms.DateField(label=_("From"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    to_day = forms.DateField(label=_("To"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))
    origin = forms.ChoiceField(
        label=_("Who spoke"),
        choices=[("all", _("Everybody")), *ORIGINS],
    )
    readers = forms.ChoiceField(
        label=_("To whom"),
        choices=[("guardians", _("Parents and guardians")), ("all", _("Everybody at the school"))],
    )

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        from_day, to_day = given.get("from_day"), given.get("to_day")
        if from_day is None or to_day is None:
            return given
        far = [name for name in ("from_day", "to_day") if not date(2000, 1, 1) <= given[name] <= date(2100, 1, 1)]
        for name in far:
            self.add_error(name, _("This is no day of this century."))
        if from_day > to_day and not far:
            self.add_error("from_day", _("The first day comes after the last one."))
        elif (to_day - from_day).days >= LONGEST_DAYS:
            too_long = _("At most %(days)s days at once; please choose a shorter period.")
            self.add_error("from_day", forms.ValidationError(too_long, params={"days": LONGEST_DAYS}))
        return given
