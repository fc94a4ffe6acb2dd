from datetime import timedelta
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from opt_in.wording import PRODUCTS, product_name

LARGEST_MINUTES = 10 * 1024 * 1024
OLDEST = timedelta(days=2 * 365)
MOST_VOTES = 10_000


class ResolutionForm(forms.Form):
    """What the Parents' Council decided. `chair_only` is for somebody who may record a decision against, and no other.

    `products` are the packages the vendor has asked about at this school, besides those everybody knows.
    """

    outcome = forms.ChoiceField(
        label=_("What did the Parents' Council decide?"),
        choices=[
            ("negative", _("It opposes offers of the vendor to parents")),
            ("positive", _("It agrees to offers of the vendor to parents")),
        ],
        widget=forms.RadioSelect,
    )
    decided_on = forms.DateField(
        label=_("Day of the decision"), widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})
    )
    votes_for = forms.IntegerField(label=_("Votes for the offers"), min_value=0, max_value=MOST_VOTES)
    votes_against = forms.IntegerField(label=_("Votes against the offers"), min_value=0, max_value=MOST_VOTES)
    votes_abstained = forms.IntegerField(label=_("Abstained"), min_value=0, max_value=MOST_VOTES, initial=0)
    products = forms.MultipleChoiceField(
        label=_("Which packages does it speak of?"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("A decision in favour needs at least one. A decision against without any opposes all of them."),
    )
    minutes = forms.FileField(
        label=_("Minutes of the meeting"),
        required=False,
        help_text=_("A PDF file of at most 10 MB. It stays at the school; the ledger keeps its fingerprint."),
        widget=forms.FileInput(attrs={"accept": "application/pdf"}),
    )
    # The hash of a file that the preview has kept already.
    minutes_sha256 = forms.RegexField(r"^[0-9a-f]{64}$", required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, products: list[str], chair_only: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.chair_only = chair_only
        choices = self.fields["products"]
        assert isinstance(choices, forms.MultipleChoiceField)  # noqa: S101
        choices.choices = [(product, product_name(product)) for product in sorted({*PRODUCTS, *products})]

    def clean_decided_on(self) -> Any:
        day, today = self.cleaned_data["decided_on"], timezone.localdate()
        if day > today:
            raise forms.ValidationError(_("This day is still to come. Record the decision once it has been made."))
        if day < today - OLDEST:
            raise forms.ValidationError(_("This is more than two years ago; such a decision no longer counts."))
        return day

    def clean_minutes(self) -> "UploadedFile[bytes] | None":
        minutes: UploadedFile[bytes] | None = self.cleaned_data["minutes"]
        if minutes is None:
            return None
        if (minutes.size or 0) > LARGEST_MINUTES:
            raise forms.ValidationError(_("The file is larger than 10 MB. Please choose a smaller one."))
        if not is_pdf(minutes):
            raise forms.ValidationError(_("This is no PDF file. Please save the minutes as PDF and choose that file."))
        return minutes

    def clean(self) -> dict[str, Any]:
        given: dict[str, Any] = super().clean() or {}
        if given.get("outcome") != "positive":
            return given
        if self.chair_only:
            self.add_error(
                "outcome",
                _("A decision in favour is recorded by the director and confirmed by you. You may record one against."),
            )
        votes_for, votes_against = given.get("votes_for"), given.get("votes_against")
        if votes_for is not None and votes_against is not None and votes_for <= votes_against:
            self.add_error("votes_for", _("A decision in favour has more votes for than against."))
        if not given.get("products"):
            self.add_error("products", _("Name at least one package that the Council agrees to."))
        return given


def is_pdf(file: "UploadedFile[bytes]") -> bool:
    """By its bytes, whatever its name says: ISO 32000 begins with %PDF- and ends with %%EOF."""
    file.seek(0)
    begins = file.read(5) == b"%PDF-"
    file.seek(max(0, (file.size or 0) - 1024))
    ends = b"%%EOF" in file.read()
    file.seek(0)
    return begins and ends
