"""One's own e-mail address and mobile number. A change is verified by a code before anything else goes there."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tenants.access import Action
from tenants.doors import Door
from tenants.people.forms.contacts import AddressForm, CodeForm
from tenants.people.models import Channel, ContactPoint, Provenance
from tenants.people.selectors.contacts import OwnContact, open_codes_of, own_contacts
from tenants.people.services.contacts import SameAddress, change_contact
from tenants.people.services.verification import (
    CodeExpired,
    CodeRefused,
    CodeTooSoon,
    ContactNotUsable,
    WrongCode,
    request_code,
    verify_contact,
)


class ContactDoor(Door):
    abstract_door = True
    action = Action.CONTACT_CHANGE

    def channel_of(self, value: str) -> Channel:
        try:
            return Channel(value)
        except ValueError as error:
            raise Http404 from error

    def send_code(self, contact: ContactPoint) -> None:
        """Send it, or say why not yet."""
        try:
            request_code(contact=contact)
        except CodeTooSoon:
            messages.warning(
                self.request,
                _(
                    "No new code was sent: one went out less than a minute ago, or too many within the hour."
                    " Please wait a minute and try again."
                ),
            )
        else:
            messages.success(self.request, _("We have sent you a code. It is valid for 15 minutes."))


class Contacts(ContactDoor):
    def get(self, request: HttpRequest) -> HttpResponse:
        contacts, codes = own_contacts(self.person), open_codes_of(self.person)
        cards = [
            {"channel": channel, "own": contacts.get(channel), "code_is_open": channel in codes} for channel in Channel
        ]
        return self.page("people/contacts.html", {"cards": cards})


class ContactAddress(ContactDoor):
    def get(self, request: HttpRequest, channel: str) -> HttpResponse:
        return self.form_page(self.channel_of(channel), None)

    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        chosen = self.channel_of(channel)
        form = AddressForm(request.POST, channel=chosen, country=self.school.country)
        if not form.is_valid():
            return self.form_page(chosen, form)
        address = form.cleaned_data["address"]
        try:
            contact = change_contact(person=self.person, channel=chosen, address=address, entered_by=Provenance.SELF)
        except SameAddress:
            if not own_contacts(self.person)[chosen].is_verified:
                return redirect("contact-code", channel=chosen.value)
            form.add_error("address", _("We have this already, and it is verified."))
            return self.form_page(chosen, form)
        self.send_code(contact)
        return redirect("contact-code", channel=chosen.value)

    def form_page(self, channel: Channel, form: AddressForm | None) -> HttpResponse:
        form = form or AddressForm(channel=channel, country=self.school.country)
        own = own_contacts(self.person).get(channel)
        return self.page("people/contact_address.html", {"form": form, "channel": channel, "own": own})


class ContactCode(ContactDoor):
    def get(self, request: HttpRequest, channel: str) -> HttpResponse:
        own = self.unverified(channel)
        return self.form_page(own, CodeForm()) if own else redirect("contacts")

    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        own = self.unverified(channel)
        if own is None:
            return redirect("contacts")
        form = CodeForm(request.POST)
        if not form.is_valid():
            return self.form_page(own, form)
        try:
            verify_contact(contact=own.contact, code=form.cleaned_data["code"])
        except CodeRefused as refused:
            form.add_error("code", _said_about(refused))
            return self.form_page(own, form)
        messages.success(request, _("Thank you. From now on messages can go to %(address)s.") % {"address": own.shown})
        return redirect("contacts")

    def unverified(self, channel: str) -> OwnContact | None:
        """The contact that a code can verify now."""
        own = own_contacts(self.person).get(self.channel_of(channel))
        return own if own and not own.is_verified else None

    def form_page(self, own: OwnContact, form: CodeForm) -> HttpResponse:
        is_open = own.channel in open_codes_of(self.person)
        context = {"form": form, "own": own, "channel": own.channel, "code_is_open": is_open}
        return self.page("people/contact_code.html", context)


class ContactCodeSend(ContactDoor):
    def post(self, request: HttpRequest, channel: str) -> HttpResponse:
        own = own_contacts(self.person).get(self.channel_of(channel))
        if own is None:
            raise Http404
        try:
            self.send_code(own.contact)
        except ContactNotUsable:
            messages.info(request, _("This is verified already."))
            return redirect("contacts")
        return redirect("contact-code", channel=own.channel.value)


def _said_about(refused: CodeRefused) -> str:
    match refused:
        case WrongCode(attempts_left=0):
            return _("This is not the code, and its attempts are used up. Please have a new code sent.")
        case WrongCode(attempts_left=left):
            return ngettext(
                "This is not the code. You have %(left)d attempt left.",
                "This is not the code. You have %(left)d attempts left.",
                left,
            ) % {"left": left}
        case CodeExpired():
            return _("The code is older than 15 minutes. Please have a new code sent.")
        case _other:
            return _("No code is open any more. Please have a new one sent.")
