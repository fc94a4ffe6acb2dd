from django import forms


class GivingForm(forms.Form):
    """Carries which text was on the page, so that nobody agrees to another one."""

    notice = forms.UUIDField(widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    """yes is said per channel; later is until the next login."""

    answer = forms.ChoiceField(choices=[("email", ""), ("sms", ""), ("no", ""), ("later", "")])
    notice = forms.UUIDField(widget=forms.HiddenInput)
