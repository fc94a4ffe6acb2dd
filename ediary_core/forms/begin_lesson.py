from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext_lazy as _

from ediary_core.models import Bell, SchoolClass


class BeginLessonForm(forms.Form):
    """A lesson outside the timetable, or one in a colleague's stead."""

    school_class = forms.TypedChoiceField(
        label=_("Class"), coerce=UUID, help_text=_("A class of a colleague is recorded as a substitution.")
    )
    held_on = forms.DateField(label=_("Day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    period = forms.TypedChoiceField(label=_("Lesson of the day"), coerce=int)

    def __init__(
        self,
        *args: Any,
        own: Iterable[SchoolClass],
        all_classes: Iterable[SchoolClass],
        bells: dict[int, Bell],
        today: date,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.today = today
        all_classes = list(all_classes)
        self.classes = {row.pk: row for row in all_classes}
        mine = [(str(school_class.pk), school_class.title) for school_class in own]
        taken = {pk for pk, _title in mine}
        others = [(str(row.pk), row.title) for row in all_classes if str(row.pk) not in taken]
        groups = [(_("Your classes"), mine), (_("Substitution in another class"), others)]
        choices = [("", _("Choose a class")), *(group for group in groups if group[1])]
        self.fields["school_class"].choices = choices  # type: ignore[attr-defined]
        self.fields["period"].choices = [  # type: ignore[attr-defined]
            (period, _with_times(period, bells.get(period))) for period in (sorted(bells) or range(1, 10))
        ]
        self.fields["held_on"].widget.attrs["max"] = today.isoformat()

    def clean_school_class(self) -> SchoolClass:
        return self.classes[self.cleaned_data["school_class"]]

    def clean_held_on(self) -> date:
        held_on: date = self.cleaned_data["held_on"]
        if held_on > self.today:
            raise forms.ValidationError(_("This day is still to come. A lesson is recorded when it is given."))
        return held_on


def _with_times(period: int, bell: Bell | None) -> str:
    return f"{period}. ({bell.begins_at:%H:%M}\u2013{bell.ends_at:%H:%M})" if bell else f"{period}."
