import io
import zipfile
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from tenants.onboarding.models import Change, Group
from tenants.onboarding.roster.archive import lists_too_many

LARGEST_MIB = 20
_OFFICE = "[Content_Types].xml"


class RosterUpload(forms.Form):
    """Tells at once what is no bundle at all; what is wrong inside one is the importer's to say."""

    file = forms.FileField(
        label=_("Roster file"),
        help_text=_("A OneRoster bundle, version 1.1 or 1.2: one ZIP file for the whole school, at most 20 MB."),
        error_messages={
            "required": _("Choose the ZIP file first."),
            "empty": _("The file is empty. Export it again from your school's system."),
            "max_length": _("The file's name is too long. Give it a shorter one."),
        },
        max_length=200,
        widget=forms.FileInput(attrs={"accept": ".zip,application/zip"}),
    )

    def clean_file(self) -> "UploadedFile[Any]":
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > LARGEST_MIB * 1024 * 1024:
            raise forms.ValidationError(
                _("The file is larger than 20 MB. A roster of one school is far smaller: export one school only.")
            )
        content = file.read()
        file.seek(0)
        if content.startswith(b"%PDF"):
            raise forms.ValidationError(
                _("This is a PDF document. Export the roster as a OneRoster bundle, a ZIP file with CSV files inside.")
            )
        names = _names_in(content)
        if names is None:
            raise forms.ValidationError(
                _("This is not a ZIP file. A OneRoster bundle is one ZIP file with CSV files inside; send it as it is.")
            )
        if _OFFICE in names:
            raise forms.ValidationError(
                _("This is an Excel or Word file. Export the roster as a OneRoster bundle, a ZIP file with CSV files.")
            )
        return file


def _names_in(content: bytes) -> list[str] | None:
    if lists_too_many(content):
        # The importer says so, without opening it either.
        return []
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            return archive.namelist()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None


class DifferenceFilter(forms.Form):
    """How a long preview is narrowed; without a choice everything is shown."""

    group = forms.ChoiceField(
        label=_("Whom or what"),
        required=False,
        choices=[("", _("Everybody and everything")), *Group.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    change = forms.ChoiceField(
        label=_("Change"),
        required=False,
        choices=[("", _("Every change")), *Change.choices],
        widget=forms.Select(attrs={"class": "form-select"}),
    )
    name = forms.CharField(
        label=_("Name contains"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"class": "form-control"}),
    )


class Agreement(forms.Form):
    """Said only where a roster would end many people."""

    may_end_many = forms.BooleanField(label=_("Yes, these people have really left the school."), required=False)

    def agreed(self) -> bool:
        data: dict[str, Any] = self.cleaned_data if self.is_valid() else {}
        return bool(data.get("may_end_many"))
