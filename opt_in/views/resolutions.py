"""Resolutions of the Parents' Council: what it decided, recorded by one and confirmed by another."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from opt_in.forms.resolution import ResolutionForm
from opt_in.gate.errors import GateConflict, GateError, GateNotFound, GateRefused
from opt_in.purposes import VENDOR_OFFERS
from opt_in.selectors.products import products_asked_for
from opt_in.selectors.resolutions import Standing, recorded_resolution, recorded_resolutions
from opt_in.services.resolutions import (
    MinutesUnknown,
    ResolutionAlreadyRecorded,
    Vote,
    confirm_resolution,
    record_resolution,
)
from opt_in.wording import product_names
from tenants.access import Action, Role, Scope
from tenants.documents.selectors.documents import document_with_hash
from tenants.documents.services.documents import keep_document
from tenants.doors import Door
from tenants.people.selectors.launch import chair_now, has_verified_mail


class Resolutions(Door):
    """Also the chair's start page."""

    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest) -> HttpResponse:
        rows = recorded_resolutions()
        may_confirm = self.access.reach(Action.RESOLUTION_CONFIRM) is not Scope.NONE
        may_appoint = self.access.reach(Action.CHAIR_APPOINT) is not Scope.NONE
        context = {
            "rows": rows,
            "waiting": [row for row in rows if row.standing is Standing.WAITS],
            "may_confirm": may_confirm,
            "may_record": self.access.reach(Action.RESOLUTION_RECORD) is not Scope.NONE,
            # Checkpoints go to the chair by mail, and to no address that is not verified.
            "lacks_mail": may_confirm and not has_verified_mail(self.person),
            "may_appoint": may_appoint,
            "chair": chair_now() if may_appoint else None,
            "may_read_ledger": self.access.reach(Action.LEDGER_READ) is not Scope.NONE,
        }
        return self.page("opt_in/resolutions.html", context)


class NewResolution(Door):
    """The form, then a preview, and only then the record: it cannot be taken back."""

    action = Action.RESOLUTION_RECORD

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.ask(self.form())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = self.form(request.POST, request.FILES)
        step = request.POST.get("step")
        if step == "change":
            return self.ask(self.form(initial=_as_initial(request)))
        if not form.is_valid():
            return self.ask(form, minutes_sha256=self.kept_minutes(form))
        return self.record(form) if step == "record" else self.preview(form)

    def form(self, *args: Any, **kwargs: Any) -> ResolutionForm:
        chair_only = Role.CHAIR in self.access.roles and Role.DIRECTOR not in self.access.roles
        return ResolutionForm(*args, products=products_asked_for(), chair_only=chair_only, **kwargs)

    def ask(self, form: ResolutionForm, *, minutes_sha256: str | None = None) -> HttpResponse:
        kept = (form["minutes_sha256"].value() or "") if minutes_sha256 is None else minutes_sha256
        context = {"form": form, "minutes_sha256": kept, "steps": steps()}
        return self.page("opt_in/resolution_new.html", context)

    def kept_minutes(self, form: ResolutionForm) -> str:
        """The hash of the file chosen now or before, "" without one. No browser sends a chosen file a second time."""
        chosen = form.cleaned_data.get("minutes")
        if chosen is None:
            return str(form.cleaned_data.get("minutes_sha256", ""))
        return keep_document(content=chosen.read(), media_type="application/pdf", stored_by=self.person).hex()

    def preview(self, form: ResolutionForm) -> HttpResponse:
        given = form.cleaned_data
        context = {
            "given": given,
            "about": product_names(given["products"]) if given["products"] else "",
            "minutes_sha256": self.kept_minutes(form),
            "is_doubtful": given["outcome"] == "negative" and given["votes_for"] > given["votes_against"],
            "steps": steps(),
        }
        return self.page("opt_in/resolution_preview.html", context)

    def record(self, form: ResolutionForm) -> HttpResponse:
        given = form.cleaned_data
        try:
            record_resolution(
                recorded_by=self.person,
                in_favour=given["outcome"] == "positive",
                decided_on=given["decided_on"],
                vote=Vote(given["votes_for"], given["votes_against"], given["votes_abstained"]),
                # Naming no package opposes every offer, whatever it is for.
                purposes=[VENDOR_OFFERS] if given["products"] else [],
                products=given["products"],
                minutes_sha256=bytes.fromhex(given["minutes_sha256"]) or None,
            )
        except ResolutionAlreadyRecorded:
            form.add_error(None, _("Exactly this decision is recorded already. Look at the list of resolutions."))
            return self.ask(form)
        except MinutesUnknown:
            form.add_error("minutes", _("The file is no longer there. Please choose it once more."))
            return self.ask(form, minutes_sha256="")
        except GateError as error:
            form.add_error(None, said(error))
            return self.ask(form)
        if given["outcome"] == "positive":
            messages.success(self.request, _("Recorded. It counts once the chair of the Parents' Council confirms it."))
        else:
            messages.success(self.request, _("Recorded. It counts from now on: what it opposes is not sent."))
        return redirect("resolutions")


class ConfirmResolution(Door):
    """Only with the chair's own account."""

    action = Action.RESOLUTION_CONFIRM

    def get(self, request: HttpRequest, resolution_id: UUID) -> HttpResponse:
        return self.ask(resolution_id)

    def post(self, request: HttpRequest, resolution_id: UUID) -> HttpResponse:
        try:
            confirm_resolution(chair=self.person, resolution_id=resolution_id)
        except GateNotFound:
            raise Http404 from None
        except GateError as error:
            return self.ask(resolution_id, refusal=said(error))
        messages.success(request, _("Confirmed. The resolution counts from now on."))
        return redirect("resolutions")

    def ask(self, resolution_id: UUID, refusal: str = "") -> HttpResponse:
        row = recorded_resolution(resolution_id)
        if row is None:
            raise Http404
        is_own = row.resolution.recorded_by == self.person.id
        context = {"row": row, "refusal": refusal, "is_own": is_own, "waits": row.standing is Standing.WAITS}
        return self.page("opt_in/resolution_confirm.html", context)


class Minutes(Door):
    """The minutes as they were brought, to be saved and never shown inside a page of ours."""

    action = Action.MARKETING_VIEW

    def get(self, request: HttpRequest, resolution_id: UUID) -> HttpResponse:
        row = recorded_resolution(resolution_id)
        sha256 = row.resolution.minutes_sha256 if row else None
        document = document_with_hash(sha256) if sha256 else None
        if row is None or document is None:
            raise Http404
        name = f"resolution-{row.resolution.decided_on:%Y-%m-%d}.pdf"
        headers = {
            "Content-Disposition": f'attachment; filename="{name}"',
            "Content-Security-Policy": "default-src 'none'; sandbox",
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "private, no-store",
        }
        return HttpResponse(bytes(document.content), content_type="application/pdf", headers=headers)


def steps() -> list[str]:
    return [_("Write down"), _("Check and record")]


def said(error: GateError) -> str:
    """The gate's refusal, as a sentence with a next step."""
    if isinstance(error, GateRefused):
        return _(
            "The gate did not accept this from your account. The director or the chair of the Parents' Council records"
            " a resolution, and the chair confirms what somebody else recorded."
        )
    if isinstance(error, GateConflict):
        return _("This resolution is confirmed already. Nothing needs to be done.")
    return _("The gate did not accept this. Please look at each entry again.")


def _as_initial(request: HttpRequest) -> dict[str, Any]:
    """What the preview carried, to be changed."""
    fields = ("outcome", "decided_on", "votes_for", "votes_against", "votes_abstained", "minutes_sha256")
    return {**{name: request.POST.get(name, "") for name in fields}, "products": request.POST.getlist("products")}
