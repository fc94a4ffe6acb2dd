"""What OneRoster says about each file: columns, required fields, vocabularies, references.

Sources: 1EdTech OneRoster 1.1 CSV Tables (2017) and OneRoster CSV Binding 1.2 (2022). Files of the gradebook and of
resources are known by name only: they are legal in a bundle and not read here.
"""

from dataclasses import dataclass
from enum import StrEnum


class Version(StrEnum):
    V1_1 = "1.1"
    V1_2 = "1.2"


class Mode(StrEnum):
    """How a file is meant: `bulk` is the whole truth, `delta` names changes only, `absent` says nothing at all."""

    BULK = "bulk"
    DELTA = "delta"
    ABSENT = "absent"


class Kind(StrEnum):
    TEXT = "text"
    ID = "id"
    IDS = "ids"
    DATE = "date"
    MOMENT = "moment"
    FLAG = "flag"
    YEAR = "year"
    EMAIL = "email"
    PHONE = "phone"


@dataclass(frozen=True, slots=True)
class Column:
    name: str
    kind: Kind = Kind.TEXT
    required: bool = False
    choices: frozenset[str] = frozenset()
    refers_to: str | None = None
    longest: int = 255


@dataclass(frozen=True, slots=True)
class FileLayout:
    name: str
    columns: tuple[Column, ...]

    @property
    def file(self) -> str:
        return f"{self.name}.csv"


def _must(name: str, kind: Kind = Kind.TEXT, choices: str = "", refers_to: str | None = None) -> Column:
    return Column(name, kind, True, frozenset(choices.split()), refers_to)


def _may(name: str, kind: Kind = Kind.TEXT, choices: str = "", refers_to: str | None = None) -> Column:
    return Column(name, kind, False, frozenset(choices.split()), refers_to)


_RECORD = (
    _must("sourcedId", Kind.ID),
    _may("status", choices="active tobedeleted"),
    _may("dateLastModified", Kind.MOMENT),
)

_ORG_TYPES_1_1 = "department school district local state national"
_PEOPLE_1_1 = "administrator aide guardian parent proctor relative student teacher"
_PEOPLE_1_2 = (
    "aide counselor districtAdministrator guardian parent principal proctor relative siteAdministrator student"
    " systemAdministrator teacher"
)


def _orgs() -> FileLayout:
    return FileLayout(
        "orgs",
        (
            *_RECORD,
            _must("name"),
            _must("type", choices=_ORG_TYPES_1_1),
            _may("identifier"),
            _may("parentSourcedId", Kind.ID, refers_to="orgs"),
        ),
    )


def _academic_sessions() -> FileLayout:
    return FileLayout(
        "academicSessions",
        (
            *_RECORD,
            _must("title"),
            _must("type", choices="gradingPeriod semester schoolYear term"),
            _must("startDate", Kind.DATE),
            _must("endDate", Kind.DATE),
            _may("parentSourcedId", Kind.ID, refers_to="academicSessions"),
            _must("schoolYear", Kind.YEAR),
        ),
    )


def _courses() -> FileLayout:
    return FileLayout(
        "courses",
        (
            *_RECORD,
            _may("schoolYearSourcedId", Kind.ID, refers_to="academicSessions"),
            _must("title"),
            _may("courseCode"),
            _may("grades"),
            _must("orgSourcedId", Kind.ID, refers_to="orgs"),
            _may("subjects"),
            _may("subjectCodes"),
        ),
    )


def _classes() -> FileLayout:
    return FileLayout(
        "classes",
        (
            *_RECORD,
            _must("title"),
            _may("grades"),
            # The specification requires a course; homeroom classes of real exports have none (see records.py).
            _may("courseSourcedId", Kind.ID, refers_to="courses"),
            _may("classCode"),
            _must("classType", choices="homeroom scheduled"),
            _may("location"),
            _must("schoolSourcedId", Kind.ID, refers_to="orgs"),
            _must("termSourcedIds", Kind.IDS, refers_to="academicSessions"),
            _may("subjects"),
            _may("subjectCodes"),
            _may("periods"),
        ),
    )


def _enrollments(roles: str) -> FileLayout:
    return FileLayout(
        "enrollments",
        (
            *_RECORD,
            _must("classSourcedId", Kind.ID, refers_to="classes"),
            _must("schoolSourcedId", Kind.ID, refers_to="orgs"),
            _must("userSourcedId", Kind.ID, refers_to="users"),
            _must("role", choices=roles),
            _may("primary", Kind.FLAG),
            _may("beginDate", Kind.DATE),
            _may("endDate", Kind.DATE),
        ),
    )


def _demographics(birth_date: str) -> FileLayout:
    return FileLayout(
        "demographics",
        (
            _must("sourcedId", Kind.ID, refers_to="users"),
            *_RECORD[1:],
            _may(birth_date, Kind.DATE),
            *(
                _may(name)
                for name in (
                    "sex",
                    "americanIndianOrAlaskaNative",
                    "asian",
                    "blackOrAfricanAmerican",
                    "nativeHawaiianOrOtherPacificIslander",
                    "white",
                    "demographicRaceTwoOrMoreRaces",
                    "hispanicOrLatinoEthnicity",
                    "countryOfBirthCode",
                    "stateOfBirthAbbreviation",
                    "cityOfBirth",
                    "publicSchoolResidenceStatus",
                )
            ),
        ),
    )


_NAMES = (
    _may("userIds"),
    *(Column(name, required=name != "middleName", longest=80) for name in ("givenName", "familyName", "middleName")),
    _may("identifier"),
)
_REACH = (
    _may("email", Kind.EMAIL),
    _may("sms", Kind.PHONE),
    _may("phone", Kind.PHONE),
    _may("agentSourcedIds", Kind.IDS, refers_to="users"),
    _may("grades"),
    _may("password"),
)

_USERS_1_1 = FileLayout(
    "users",
    (
        *_RECORD,
        _must("enabledUser", Kind.FLAG),
        _must("orgSourcedIds", Kind.IDS, refers_to="orgs"),
        _must("role", choices=_PEOPLE_1_1),
        _must("username"),
        *_NAMES,
        *_REACH,
    ),
)

_USERS_1_2 = FileLayout(
    "users",
    (
        *_RECORD,
        _must("enabledUser", Kind.FLAG),
        _must("username"),
        *_NAMES,
        *_REACH,
        _may("userMasterIdentifier"),
        _may("resourceSourcedIds"),
        _may("preferredGivenName"),
        _may("preferredMiddleName"),
        _may("preferredFamilyName"),
        _may("primaryOrgSourcedId", Kind.ID, refers_to="orgs"),
        _may("pronouns"),
    ),
)

_ROLES_1_2 = FileLayout(
    "roles",
    (
        *_RECORD,
        _must("userSourcedId", Kind.ID, refers_to="users"),
        _must("roleType", choices="primary secondary"),
        _must("role", choices=_PEOPLE_1_2),
        _may("beginDate", Kind.DATE),
        _may("endDate", Kind.DATE),
        _must("orgSourcedId", Kind.ID, refers_to="orgs"),
        _may("userProfileSourcedId", Kind.ID, refers_to="userProfiles"),
    ),
)

_USER_PROFILES_1_2 = FileLayout(
    "userProfiles",
    (
        *_RECORD,
        _must("userSourcedId", Kind.ID, refers_to="users"),
        _must("profileType"),
        _must("vendorId"),
        _may("applicationId"),
        _may("description"),
        _must("credentialType"),
        _must("username"),
        _may("password"),
    ),
)

_UNREAD_1_1 = "categories classResources courseResources lineItems resources results"
_UNREAD_1_2 = (
    "categories classResources courseResources lineItemLearningObjectiveIds lineItemScoreScales lineItems resources"
    " resultLearningObjectiveIds resultScoreScales results scoreScales userResources"
)

# Files in the order in which each refers only to itself and to those before it (users and enrollments last).
LAYOUTS: dict[Version, tuple[FileLayout, ...]] = {
    Version.V1_1: (
        _orgs(),
        _academic_sessions(),
        _courses(),
        _classes(),
        _USERS_1_1,
        _demographics("birthdate"),
        _enrollments(_PEOPLE_1_1),
    ),
    Version.V1_2: (
        _orgs(),
        _academic_sessions(),
        _courses(),
        _classes(),
        _USERS_1_2,
        _USER_PROFILES_1_2,
        _ROLES_1_2,
        _demographics("birthDate"),
        _enrollments("administrator aide proctor student teacher"),
    ),
}
UNREAD_FILES: dict[Version, frozenset[str]] = {
    Version.V1_1: frozenset(_UNREAD_1_1.split()),
    Version.V1_2: frozenset(_UNREAD_1_2.split()),
}
# OneRoster 1.2 lets a vocabulary grow by words with this prefix.
EXTENSION_PREFIX = "ext:"
# Both versions let a file carry further columns with this prefix.
METADATA_PREFIX = "metadata."
