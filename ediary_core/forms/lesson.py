"""A whole lesson as one form, for a browser without JavaScript."""

from datetime import datetime
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from ediary_core.models import AttendanceStatus, ChangeKind
from ediary_core.selectors.lesson_sheet import LessonSheet
from ediary_core.services.entries import NOT_TICKED, TICKED, TOPIC_LENGTH, Entry
from tenants.identity import new_id


class LessonForm(forms.Form):
    """`seen-…` holds what the page showed of a pupil, as "status change"; `shown-…` and `seen-topic` what it showed of
    the rest. Only what differs from that becomes an entry: a colleague's in between is not written over unseen."""

    topic = forms.CharField(label=_("Topic"), max_length=TOPIC_LENGTH, required=False)
    substitution = forms.BooleanField(label=_("Substitution"), required=False)

    def __init__(self, sheet: LessonSheet, data: QueryDict | None = None) -> None:
        initial = {"topic": sheet.topic, "substitution": sheet.is_substitution}
        super().__init__(data, initial=initial)
        self.sheet = sheet
        for line in sheet.lines:
            self.fields[f"status-{line.pupil.pk}"] = forms.ChoiceField(
                label=line.pupil.full_name, choices=AttendanceStatus.choices, required=False
            )
            self.fields[f"seen-{line.pupil.pk}"] = forms.CharField(required=False, max_length=64)

    def clean_topic(self) -> str:
        topic: str = self.cleaned_data["topic"]
        # Empty because the page had none is no removal: a colleague may have entered one since.
        if not topic and self.sheet.is_recorded and self.data.get("shown-topic", self.sheet.topic):
            raise forms.ValidationError(_("A recorded lesson keeps a topic. Change it rather than remove it."))
        return topic

    def entries(self, *, now: datetime, rest_present: bool) -> list[Entry]:
        """What was changed; with `rest_present` whoever has nothing yet is present."""
        found = []
        topic = self.cleaned_data["topic"]
        if topic not in (self.sheet.topic, self.data.get("shown-topic")):
            found.append(Entry(new_id(), ChangeKind.TOPIC, topic, now, seen=_uuid(self.data.get("seen-topic", ""))))
        ticked = TICKED if self.cleaned_data["substitution"] else NOT_TICKED
        holds = TICKED if self.sheet.is_substitution else NOT_TICKED
        if self.sheet.is_own_class and ticked not in (holds, self.data.get("shown-substitution")):
            found.append(Entry(new_id(), ChangeKind.SUBSTITUTION, ticked, now))
        for line in self.sheet.lines:
            status = self.cleaned_data[f"status-{line.pupil.pk}"]
            if not status and rest_present and line.status is None:
                status = AttendanceStatus.PRESENT.value
            shown, _blank, change = self.cleaned_data[f"seen-{line.pupil.pk}"].partition(" ")
            if status and status != shown:
                found.append(Entry(new_id(), ChangeKind.ATTENDANCE, status, now, line.pupil.pk, _uuid(change)))
        return found


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None
