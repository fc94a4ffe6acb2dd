"""One field at a time: is it what its column promises? Values leave here in one spelling (dates ISO, phones E.164)."""

import re
from datetime import date, datetime

import phonenumbers
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.utils.translation import gettext as _

from opt_in.gate.sealing import InvalidAddress, normalise_address
from tenants.onboarding.roster.layout import EXTENSION_PREFIX, Column, FileLayout, Kind, Mode, Version
from tenants.onboarding.roster.problems import Problems, shorten
from tenants.onboarding.roster.tables import Row

_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_check_email = EmailValidator()
# No date of a school's roster lies outside: a slip of the keyboard (2206, 0206) must not become a century.
_EARLIEST, _LATEST = date(1900, 1, 1), date(2100, 12, 31)


class BadField(Exception):
    def __init__(self, message: str, advice: str) -> None:
        self.message, self.advice = message, advice
        super().__init__(message)


def check_row(layout: FileLayout, row: Row, mode: Mode, version: Version, country: str, problems: Problems) -> Row:
    """The row with every field in its one spelling; whatever is wrong is added to `problems`."""
    values = dict(row.values)
    for column in layout.columns:
        value = values[column.name]
        if not value:
            if column.required and not (row.is_to_be_deleted and column.name != "sourcedId"):
                problems.add(
                    layout.file, row.line, column.name, _("The field is empty."), _("Every record must have it.")
                )
            continue
        try:
            values[column.name] = _spell(column, value, version, country)
        except BadField as bad:
            problems.add(layout.file, row.line, column.name, bad.message, bad.advice)
    if mode is Mode.DELTA:
        for name in ("status", "dateLastModified"):
            if not values[name]:
                problems.add(
                    layout.file,
                    row.line,
                    name,
                    _("The field is empty."),
                    _("In a delta file every record says whether it is active or tobedeleted, and since when."),
                )
    return Row(row.line, values)


def _spell(column: Column, value: str, version: Version, country: str) -> str:
    if len(value) > column.longest and column.kind is not Kind.IDS:
        raise BadField(
            _("The field is longer than %(limit)d characters.") % {"limit": column.longest}, _("Shorten it.")
        )
    if any(not character.isprintable() for character in value):
        raise BadField(
            _("The field holds a line break or another invisible character: “%(value)s”.") % {"value": shorten(value)},
            _("Remove it."),
        )
    if column.choices and value not in column.choices:
        return _spell_choice(column, value, version)
    match column.kind:
        case Kind.ID:
            return _spell_id(value)
        case Kind.DATE:
            return parse_date(value).isoformat()
        case Kind.MOMENT:
            return _spell_moment(value)
        case Kind.FLAG:
            return _spell_flag(value)
        case Kind.YEAR:
            return _spell_year(value)
        case Kind.EMAIL:
            return spell_email(value)
        case Kind.PHONE:
            return spell_phone(value, country)
        case _:
            return value


def _spell_choice(column: Column, value: str, version: Version) -> str:
    if version is Version.V1_2 and value.startswith(EXTENSION_PREFIX) and column.name in ("role", "type", "classType"):
        return value
    raise BadField(
        _("“%(value)s” is not a value of this field.") % {"value": shorten(value)},
        _("Write one of: %(choices)s.") % {"choices": ", ".join(sorted(column.choices))},
    )


def _spell_id(value: str) -> str:
    if "@" in value or "," in value:
        raise BadField(
            _("“%(value)s” cannot serve as an identifier.") % {"value": shorten(value)},
            _("Use the record's own number from your system: an address may change, and a comma separates ids."),
        )
    return value


def parse_date(value: str) -> date:
    """Raises BadField unless the value is a date of the calendar written as 2026-09-01."""
    try:
        if not _DATE.fullmatch(value):
            raise ValueError
        parsed = date.fromisoformat(value)
        if not _EARLIEST <= parsed <= _LATEST:
            raise ValueError
    except ValueError:
        raise BadField(
            _("“%(value)s” is not a date.") % {"value": shorten(value)},
            _("Write year-month-day, for example 2026-09-01."),
        ) from None
    return parsed


def _spell_moment(value: str) -> str:
    if _DATE.fullmatch(value):
        return parse_date(value).isoformat()
    try:
        return datetime.fromisoformat(value).isoformat()
    except ValueError:
        raise BadField(
            _("“%(value)s” is not a date or a moment.") % {"value": shorten(value)},
            _("Write 2026-09-01 or 2026-09-01T08:00:00Z."),
        ) from None


def _spell_flag(value: str) -> str:
    if value.lower() not in ("true", "false"):
        raise BadField(
            _("“%(value)s” is neither true nor false.") % {"value": shorten(value)}, _("Write true or false.")
        )
    return value.lower()


def _spell_year(value: str) -> str:
    if not re.fullmatch(r"(19|20|21)\d\d", value, re.ASCII):
        raise BadField(
            _("“%(value)s” is not a school year.") % {"value": shorten(value)},
            _("Write the year in which the school year ends, for example 2027."),
        )
    return value


def spell_email(value: str) -> str:
    """The spelling under which the address will be kept and found, so that one mailbox has one keyed hash."""
    try:
        _check_email(value)
        return normalise_address("email", value)
    except (ValidationError, InvalidAddress):
        raise BadField(
            _("“%(value)s” is not an e-mail address.") % {"value": shorten(value)},
            _("Correct it, or leave the field empty."),
        ) from None


def spell_phone(value: str, country: str) -> str:
    """E.164. A number without a country code is read as one of the school's country."""
    try:
        number = phonenumbers.parse(value, country)
        if not phonenumbers.is_valid_number(number):
            raise ValueError
    except (phonenumbers.NumberParseException, ValueError):
        raise BadField(
            _("“%(value)s” is not a telephone number.") % {"value": shorten(value)},
            _("Write it with the country code, for example %(example)s, or leave the field empty.")
            % {"example": _example(country)},
        ) from None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _example(country: str) -> str:
    number = phonenumbers.example_number_for_type(country, phonenumbers.PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164) if number else "+38640123456"
