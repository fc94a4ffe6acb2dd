from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from opt_in.gate.sealing import InvalidAddress, normalise_address
from tenants.people.models import Channel
from tenants.people.services.verification import DIGITS
from tenants.telephones import can_receive_sms


class AddressForm(forms.Form):
    """One address of one channel, cleaned to the form under which it is kept."""

    address = forms.CharField(max_length=254)

    def __init__(self, *args: Any, channel: Channel, country: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.channel, self.country = channel, country
        field = self.fields["address"]
        if channel is Channel.EMAIL:
            field.label = _("E-mail address")
            field.widget = forms.EmailInput(attrs={"autocomplete": "email"})
        else:
            field.label = _("Mobile number")
            field.help_text = _("With the country code, or as you dial it at home.")
            field.widget = forms.TextInput(attrs={"autocomplete": "tel", "inputmode": "tel"})

    def clean_address(self) -> str:
        try:
            address = normalise_address(self.channel.value, self.cleaned_data["address"], country=self.country)
        except InvalidAddress as error:
            if self.channel is Channel.EMAIL:
                said = _("This is not an e-mail address. An address looks like name@example.com.")
            else:
                said = _("There is no such telephone number. Please check the digits and the country code.")
            raise forms.ValidationError(said, code="invalid") from error
        # A code sent to a fixed line never arrives, and one to a premium number costs whoever sends it.
        if self.channel is Channel.SMS and not can_receive_sms(address):
            said = _("This number cannot receive text messages. Please enter a mobile number.")
            raise forms.ValidationError(said, code="not_mobile")
        return address


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        help_text=_("Six digits, from the message that was just sent to you."),
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )

    def clean_code(self) -> str:
        code = "".join(str(self.cleaned_data["code"]).split())
        if not (len(code) == DIGITS and code.isascii() and code.isdigit()):
            raise forms.ValidationError(_("The code has six digits."), code="invalid")
        return code
