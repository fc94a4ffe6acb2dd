"""What the school has, the upload, and the imports so far."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from tenants.access import Action
from tenants.doors import Door
from tenants.onboarding.forms.roster import RosterUpload
from tenants.onboarding.models import ImportState
from tenants.onboarding.selectors.roster_imports import last_applied, open_imports, roster_imports, school_size
from tenants.onboarding.services.roster_import import upload_roster
from tenants.onboarding.tasks import work_later
from tenants.onboarding.views.roster_words import count_rows

A_PAGE = 10


class Roster(Door):
    action = Action.ROSTER_IMPORT

    def get(self, request: HttpRequest) -> HttpResponse:
        return self._show(RosterUpload())

    def post(self, request: HttpRequest) -> HttpResponse:
        form = RosterUpload(request.POST, request.FILES)
        if not form.is_valid():
            return self._show(form)
        file = form.cleaned_data["file"]
        found = upload_roster(
            person=self.person, name=file.name, content=file.read(), language=get_language() or self.person.language
        )
        work_later(import_id=found.pk, state=ImportState.READING)
        messages.success(request, _("The file has arrived. Nothing in the school changes before you say yes."))
        return redirect("roster-import", import_id=found.pk)

    def _show(self, form: RosterUpload) -> HttpResponse:
        page = Paginator(roster_imports(), A_PAGE).get_page(self.request.GET.get("page"))
        context = {
            "form": form,
            "size": school_size(),
            "page": page,
            "rows": [(found, count_rows(found.counts)) for found in page],
            "open": open_imports(),
            "last": last_applied(),
        }
        return self.page("onboarding/roster.html", context)
