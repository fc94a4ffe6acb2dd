from django import forms
from django.utils.translation import gettext_lazy as _

REASONS = {
    "no_advertising": _("Our school wants no advertising."),
    "text": _("The text does not suit our parents."),
    "time": _("Not at this time."),
    "too_many": _("Too many requests."),
}


class RefusalForm(forms.Form):
    """Nobody has to give a reason for a no."""

    reason = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Without a reason")), *REASONS.items()], required=False
    )
    words = forms.CharField(label=_("In your own words"), max_length=300, required=False)

    def stated(self) -> str:
        """What the school keeps beside its refusal."""
        chosen = REASONS.get(self.cleaned_data["reason"], "")
        return " ".join(part for part in (str(chosen), self.cleaned_data["words"]) if part)


class ApprovalForm(forms.Form):
    """Carries the hash of what was on the page, so that nothing else can be approved with it."""

    content_sha256 = forms.RegexField(r"^[0-9a-f]{64}$", widget=forms.HiddenInput)

    def shown(self) -> bytes:
        return bytes.fromhex(self.cleaned_data["content_sha256"])


class RevocationForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Kept for your school. The vendor does not see it."),
        max_length=300,
        required=False,
    )
