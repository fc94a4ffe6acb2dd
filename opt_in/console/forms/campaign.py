"""What the vendor writes when it asks schools. The keeper checks it all again, and each school decides."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TYPE_CHECKING, Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django import forms
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, pgettext
from django.utils.translation import gettext_lazy as _

from notifications.languages import LANGUAGES
from opt_in.console.previewing import PURPOSE, home_language
from opt_in.console.selectors.schools import schools_to_ask
from opt_in.console.senders import SENDERS
from opt_in.console.sms_cost import length_of
from opt_in.wording import PRODUCTS
from tenants.schools.models import Country, School

AUDIENCE = "guardians"
LONGEST_DAYS = 365
LONGEST_BODY = {"email": 10_000, "sms": 1_000}
# A parent's telephone joins more than this badly or not at all, and each part is paid for.
MOST_PARTS = 6

if TYPE_CHECKING:
    _Choices = forms.ModelMultipleChoiceField[School]
else:
    _Choices = forms.ModelMultipleChoiceField


class Speaking(forms.CheckboxSelectMultiple):
    """Each choice says which language it needs (`data-speaks`): the style sheet opens that text."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        school = getattr(value, "instance", None)
        option["attrs"]["data-speaks"] = school.languages[0] if school is not None else home_language(str(value))
        return option


class SchoolChoices(_Choices):
    def label_from_instance(self, obj: School) -> str:
        return f"{obj.name} ({obj.subdomain})"


@dataclass(frozen=True, slots=True)
class Text:
    """The fields of one language, for the template."""

    language: str
    name: str
    subject: forms.BoundField | None
    body: forms.BoundField

    @property
    def is_open(self) -> bool:
        """What is written or wrong is shown, whichever schools are chosen."""
        fields = [field for field in (self.subject, self.body) if field is not None]
        return any(field.value() or field.errors for field in fields)


class CampaignForm(forms.Form):
    # Which texts are needed follows from the schools that are asked; "optional" beside each would be wrong.
    says_what_it_wants = True

    product = forms.ChoiceField(label=_("What is offered"), choices=list(PRODUCTS.items()))
    starts_on = forms.DateField(
        label=_("Not before"),
        help_text=_("Empty: as soon as a school allows it."),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    ends_on = forms.DateField(
        label=_("Last day"),
        help_text=_("What a school has not allowed by the end of this day is not sent any more."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    reach = forms.ChoiceField(
        label=_("Which schools are asked"),
        choices=[("countries", _("All schools of the countries chosen below")), ("schools", _("Only some schools"))],
        widget=forms.RadioSelect,
        initial="countries",
    )
    countries = forms.MultipleChoiceField(
        label=_("Countries"),
        choices=Country.choices,
        widget=Speaking,
        error_messages={"required": _("Please choose at least one country.")},
    )
    schools = SchoolChoices(
        label=_("Schools"),
        queryset=School.objects.none(),
        widget=Speaking,
        error_messages={"required": _("Please choose at least one school.")},
    )

    def __init__(self, *args: Any, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel = channel
        schools = self.fields["schools"]
        assert isinstance(schools, SchoolChoices)  # noqa: S101
        schools.queryset = schools_to_ask()
        for language in LANGUAGES:
            if channel == "email":
                self.fields[f"subject_{language}"] = forms.CharField(
                    label=pgettext("mail", "Subject"),
                    max_length=300,
                    required=False,
                    widget=forms.TextInput(attrs={"lang": language}),
                )
            self.fields[f"body_{language}"] = self._body_field(language)
            for field in {f"subject_{language}", f"body_{language}"} & self.fields.keys():
                # On the page they stand under the language's name; in the list of mistakes they would look the same.
                label = f"{self.fields[field].label} ({LANGUAGES[language]})"
                self.fields[field].summary_label = label  # type: ignore[attr-defined]

    def _body_field(self, language: str) -> forms.CharField:
        attributes: dict[str, Any] = {"lang": language, "rows": 8 if self.channel == "email" else 4}
        if self.channel == "sms":
            attributes |= {
                "hx-post": reverse("sms-length"),
                "hx-trigger": "load, input changed delay:300ms",
                "hx-target": f"#length_{language}",
                "hx-vals": json.dumps({"language": language}),
            }
        return forms.CharField(
            label=_("Text"),
            max_length=LONGEST_BODY[self.channel],
            required=False,
            widget=forms.Textarea(attrs=attributes),
        )

    def texts_by_language(self) -> list[Text]:
        return [
            Text(
                language=language,
                name=name,
                subject=self[f"subject_{language}"] if self.channel == "email" else None,
                body=self[f"body_{language}"],
            )
            for language, name in LANGUAGES.items()
        ]

    def clean_starts_on(self) -> Any:
        starts_on = self.cleaned_data["starts_on"]
        if starts_on is not None and starts_on < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Leave it empty or choose a later one."))
        return starts_on

    def clean_ends_on(self) -> Any:
        ends_on = self.cleaned_data["ends_on"]
        if ends_on < timezone.localdate():
            raise forms.ValidationError(_("This day is over. Choose a later one."))
        if ends_on > timezone.localdate() + timedelta(days=LONGEST_DAYS):
            raise forms.ValidationError(_("A request runs for a year at most. Choose an earlier day."))
        return ends_on

    def clean(self) -> dict[str, Any]:
        super().clean()
        starts_on, ends_on = self.cleaned_data.get("starts_on"), self.cleaned_data.get("ends_on")
        if starts_on and ends_on and ends_on < starts_on:
            self.add_error("ends_on", _("The last day lies before the first one."))
        # Only one of the two is asked for; what stands in the other is kept and not used.
        self.errors.pop("countries" if self.cleaned_data.get("reach") == "schools" else "schools", None)
        for language in LANGUAGES:
            self._check_text(language)
        return self.cleaned_data

    def _check_text(self, language: str) -> None:
        """A mail has both subject and text; a language that schools speak may not be missing."""
        body, subject = self.cleaned_data.get(f"body_{language}"), self.cleaned_data.get(f"subject_{language}")
        if self.channel == "email" and body and not subject:
            self.add_error(f"subject_{language}", _("A mail needs a subject."))
        if subject and not body:
            self.add_error(f"body_{language}", _("There is a subject without a text."))
        elif language in self._spoken() and not body and f"body_{language}" not in self.errors:
            message = gettext("Schools that you ask speak %(language)s: please write the text in it, too.")
            self.add_error(f"body_{language}", message % {"language": LANGUAGES[language]})  # type: ignore[index]
        elif self.channel == "sms" and (length := length_of(body or "", language)) and length.parts.parts > MOST_PARTS:
            message = gettext("This would arrive in %(parts)s parts; %(most)s are the most. Please make it shorter.")
            self.add_error(f"body_{language}", message % {"parts": length.parts.parts, "most": MOST_PARTS})

    def _spoken(self) -> set[str]:
        """The first languages of the schools that are asked."""
        if self.cleaned_data.get("reach") == "schools":
            return {school.languages[0] for school in self.cleaned_data.get("schools") or ()}
        return {home_language(country) for country in self.cleaned_data.get("countries") or ()}

    def texts(self) -> dict[str, dict[str, str]]:
        """language → subject and body, of the languages that were written."""
        found: dict[str, dict[str, str]] = {}
        for language in LANGUAGES:
            if body := self.cleaned_data[f"body_{language}"]:
                text = {"body": body.replace("\r\n", "\n")}
                if self.channel == "email":
                    text["subject"] = self.cleaned_data[f"subject_{language}"]
                found[language] = text
        return found

    def asked_schools(self) -> list[School]:
        if self.cleaned_data["reach"] == "schools":
            return list(self.cleaned_data["schools"])
        return [school for school in schools_to_ask() if school.country in self.cleaned_data["countries"]]

    def request(self, campaign_id: UUID) -> Mapping[str, Any]:
        """As the gate's inbox takes it. A day is one by the clocks of the vendor and of all that are asked."""
        chosen = self.cleaned_data
        zones = {ZoneInfo(school.time_zone) for school in self.asked_schools()} | {timezone.get_current_timezone()}
        only = list(chosen["schools"]) if chosen["reach"] == "schools" else None
        countries = sorted({school.country for school in only}) if only is not None else chosen["countries"]
        found: dict[str, Any] = {
            "campaign_id": str(campaign_id),
            "sender": SENDERS[self.channel].sender_id,
            "purpose": PURPOSE,
            "product": chosen["product"],
            "channels": [self.channel],
            "audience": AUDIENCE,
            "expires_at": min(_midnights(chosen["ends_on"] + timedelta(days=1), zones)).isoformat(),
            "texts": {self.channel: self.texts()},
            "targets": {
                "countries": countries,
                "schools": [str(school.pk) for school in only] if only is not None else None,
            },
        }
        if chosen["starts_on"]:
            found["not_before"] = max(_midnights(chosen["starts_on"], zones)).isoformat()
        return found


def _midnights(day: date, zones: Iterable[tzinfo]) -> list[datetime]:
    return [timezone.make_aware(datetime.combine(day, time()), zone) for zone in zones]
