"""Who a person of the roster is at this school: login name, roles, contacts, children.

OneRoster's roles are mapped so:

| OneRoster | here |
| --- | --- |
| principal (1.2); an administrator with metadata.director = true | director |
| administrator; siteAdministrator, systemAdministrator (1.2) | school administrator |
| teacher, aide; counselor (1.2) | teacher |
| parent, guardian, relative; whoever a pupil names as agent | guardian |
| student | pupil |
| the primary teacher of a homeroom class | homeroom teacher as well |
| proctor; districtAdministrator and ext:… (1.2) | an account without rights |

OneRoster 1.1 has no word for a director. So in a bulk file that marks nobody, the only administrator is the director;
with several administrators nobody is, and the report says so. Roles that a roster cannot know (Council chair,
secretary, inspector) are left alone.
"""

import hashlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date

from django.utils.translation import gettext as _

from tenants.onboarding.roster.bundle import Bundle
from tenants.onboarding.roster.layout import Mode, Version
from tenants.onboarding.roster.problems import Problems, shorten
from tenants.onboarding.roster.records import RosterGuardianship, RosterPerson
from tenants.onboarding.roster.tables import Row
from tenants.telephones import can_receive_sms

DIRECTOR, ADMINISTRATOR, TEACHER = "director", "administrator", "teacher"
HOMEROOM_TEACHER, GUARDIAN, PUPIL = "homeroom_teacher", "guardian", "pupil"
ROSTER_ROLES = frozenset({DIRECTOR, ADMINISTRATOR, TEACHER, HOMEROOM_TEACHER, GUARDIAN, PUPIL})

_ROLE_OF = {
    "principal": DIRECTOR,
    "administrator": ADMINISTRATOR,
    "siteAdministrator": ADMINISTRATOR,
    "systemAdministrator": ADMINISTRATOR,
    "teacher": TEACHER,
    "aide": TEACHER,
    "counselor": TEACHER,
    "parent": GUARDIAN,
    "guardian": GUARDIAN,
    "relative": GUARDIAN,
    "student": PUPIL,
}
_RELATIONS = ("parent", "relative")
_LOGIN_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,63}")

HashAddress = Callable[[str, str], str]


@dataclass(frozen=True, slots=True)
class People:
    """`persons` and `guardianships` are the state wanted after the import; `addresses` holds what may be written."""

    persons: dict[str, RosterPerson]
    guardianships: dict[str, RosterGuardianship]
    addresses: dict[tuple[str, str], str]
    notices: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class CurrentPeople:
    """What the school has now. `own_channels`: (sourcedId, channel) of contacts that the person or the director set;
    a roster never touches those. `taken_names`: login names of people that no roster knows."""

    persons: Mapping[str, RosterPerson]
    guardianships: Mapping[str, RosterGuardianship]
    own_channels: frozenset[tuple[str, str]] = frozenset()
    taken_names: frozenset[str] = frozenset()


def people_after(
    bundle: Bundle, current: CurrentPeople, *, today: date, hash_address: HashAddress, problems: Problems
) -> People:
    """Everybody as the roster wants them, homeroom teachers and cascades excepted (plan.py adds them)."""
    mode, users = bundle.mode("users"), bundle.active("users")
    people = People({}, {}, {})
    for sourced_id, person in current.persons.items():
        people.persons[sourced_id] = replace(person, is_active=person.is_active and mode is not Mode.BULK)
    for row in users:
        people.persons[row.sourced_id] = _person(row, current, people.addresses, hash_address)
    for sourced_id in bundle.deleted_ids("users") & people.persons.keys():
        people.persons[sourced_id] = replace(people.persons[sourced_id], is_active=False)
    _give_roles(bundle, people, current, today, problems)
    _name_the_director(bundle, people, current)
    _read_births(bundle, people, today, problems)
    _join_families(bundle, people, current, problems)
    _check_login_names(users, people, current, problems)
    return people


def _person(
    row: Row, current: CurrentPeople, addresses: dict[tuple[str, str], str], hash_address: HashAddress
) -> RosterPerson:
    old = current.persons.get(row.sourced_id)
    contacts: set[tuple[str, str]] = set()
    mobile = row["sms"] or (row["phone"] if row["phone"] and can_receive_sms(row["phone"]) else "")
    for channel, address in (("email", row["email"]), ("sms", mobile)):
        if address and (row.sourced_id, channel) not in current.own_channels:
            contacts.add((channel, hash_address(channel, address)))
            addresses[row.sourced_id, channel] = address
    return RosterPerson(
        sourced_id=row.sourced_id,
        username=login_name(row["username"], row["identifier"], row.sourced_id),
        given_name=row["givenName"],
        middle_name=row["middleName"],
        family_name=row["familyName"],
        roles=old.roles - {HOMEROOM_TEACHER} if old is not None else frozenset(),
        date_of_birth=old.date_of_birth if old is not None else None,
        contacts=frozenset(contacts),
        is_active=row["enabledUser"] == "true",
    )


def login_name(username: str, identifier: str, sourced_id: str) -> str:
    """The name for the login page. An address is no name: addresses live in contact points only, sealed. People log in
    with their address all the same; the name is what the printed slip shows and what tells shared mailboxes apart."""
    for candidate in (username.lower(), identifier.lower()):
        if _LOGIN_NAME.fullmatch(candidate):
            return candidate
    return "u" + hashlib.sha256(sourced_id.encode()).hexdigest()[:10]


def _give_roles(bundle: Bundle, people: People, current: CurrentPeople, today: date, problems: Problems) -> None:
    if bundle.version is Version.V1_1:
        for row in bundle.active("users"):
            _set_roles(people, row.sourced_id, _roles_of(row))
        return
    mode = bundle.mode("roles")
    given: dict[str, set[str]] = {}
    if mode is not Mode.BULK:
        given = {sourced_id: set(person.roles) for sourced_id, person in people.persons.items()}
    for row in bundle.rows.get("roles", ()):
        roles = given.setdefault(row["userSourcedId"], set())
        if row.is_to_be_deleted or not _is_current(row, today):
            roles -= _roles_of(row) if mode is not Mode.BULK else set()
        else:
            roles |= _roles_of(row)
    if mode is not Mode.ABSENT:
        for sourced_id in people.persons:
            _set_roles(people, sourced_id, frozenset(given.get(sourced_id, ())))
    with_roles = {row["userSourcedId"] for row in bundle.active("roles")}
    for row in bundle.active("users"):
        if row.sourced_id not in with_roles and (mode is Mode.BULK or row.sourced_id not in current.persons):
            problems.add(
                "users.csv",
                row.line,
                "sourcedId",
                _("The person has no role in roles.csv."),
                _("OneRoster 1.2 wants at least one record in roles.csv for each person."),
            )


def _roles_of(row: Row) -> frozenset[str]:
    role = _ROLE_OF.get(row["role"])
    if role == ADMINISTRATOR and row.values.get("metadata.director", "").lower() == "true":
        role = DIRECTOR
    return frozenset({role} if role is not None else ())


def _is_current(row: Row, today: date) -> bool:
    """Dates are ISO by now, so they compare as text."""
    return not (row["beginDate"] > today.isoformat() or (row["endDate"] and row["endDate"] < today.isoformat()))


def _set_roles(people: People, sourced_id: str, roles: Iterable[str]) -> None:
    if sourced_id in people.persons:
        people.persons[sourced_id] = replace(people.persons[sourced_id], roles=frozenset(roles))


def _name_the_director(bundle: Bundle, people: People, current: CurrentPeople) -> None:
    decides = "users" if bundle.version is Version.V1_1 else "roles"
    if bundle.mode(decides) is Mode.ABSENT:
        return
    active = [person for person in people.persons.values() if person.is_active]
    if any(DIRECTOR in person.roles for person in active):
        return
    administrators = [person for person in active if ADMINISTRATOR in person.roles]
    for person in administrators:
        # A delta that repeats the director's record must not cost him the office.
        was_director = person.sourced_id in current.persons and DIRECTOR in current.persons[person.sourced_id].roles
        if was_director or (bundle.mode(decides) is Mode.BULK and len(administrators) == 1):
            _set_roles(people, person.sourced_id, person.roles - {ADMINISTRATOR} | {DIRECTOR})
            return
    people.notices.append(
        _("Nobody is marked as director. Send role principal (1.2), or metadata.director with the value true (1.1).")
    )


def _read_births(bundle: Bundle, people: People, today: date, problems: Problems) -> None:
    column = "birthdate" if bundle.version is Version.V1_1 else "birthDate"
    for row in bundle.active("demographics"):
        if not row[column]:
            continue
        born_on = date.fromisoformat(row[column])
        if born_on > today:
            problems.add(
                "demographics.csv",
                row.line,
                column,
                _("The date of birth lies in the future."),
                _("Correct the year, or leave the field empty."),
            )
        elif row.sourced_id in people.persons:
            people.persons[row.sourced_id] = replace(people.persons[row.sourced_id], date_of_birth=born_on)


def _join_families(bundle: Bundle, people: People, current: CurrentPeople, problems: Problems) -> None:
    """A pupil names guardians as agents, or a guardian names pupils: both directions mean the same pair."""
    # In a delta a pupil's record that names agents is that pupil's whole list; one that names none says nothing.
    spoken_of = {row.sourced_id for row in bundle.active("users") if row["agentSourcedIds"]}
    bulk = bundle.mode("users") is Mode.BULK
    for key, pair in current.guardianships.items():
        people.guardianships[key] = replace(pair, is_active=pair.is_active and not bulk and pair.pupil not in spoken_of)
    declared = {row.sourced_id: row["role"] for row in bundle.active("users")} if bundle.version is Version.V1_1 else {}
    for row in bundle.active("roles"):
        if _ROLE_OF.get(row["role"]) == GUARDIAN:
            declared[row["userSourcedId"]] = row["role"]
    for row in bundle.active("users"):
        is_pupil = PUPIL in people.persons[row.sourced_id].roles
        for agent in row.ids("agentSourcedIds"):
            if agent not in people.persons:
                continue
            agent_is_pupil = PUPIL in people.persons[agent].roles
            if is_pupil and agent_is_pupil:
                problems.add(
                    "users.csv",
                    row.line,
                    "agentSourcedIds",
                    _("“%(id)s” is a pupil and cannot be a guardian.") % {"id": shorten(agent)},
                    _("Name parents and other guardians only."),
                )
            elif is_pupil or agent_is_pupil:
                guardian, pupil = (agent, row.sourced_id) if is_pupil else (row.sourced_id, agent)
                role = declared.get(guardian, "")
                pair = RosterGuardianship(guardian, pupil, role if role in _RELATIONS else GUARDIAN)
                people.guardianships[pair.sourced_id] = pair
    for pair in people.guardianships.values():
        guardian_now = people.persons.get(pair.guardian)
        if pair.is_active and guardian_now is not None and guardian_now.is_active:
            _set_roles(people, pair.guardian, guardian_now.roles | {GUARDIAN})


def _check_login_names(users: Iterable[Row], people: People, current: CurrentPeople, problems: Problems) -> None:
    # A name that was another's a moment ago is refused too: it stands on printed slips, and two may not swap in one go.
    holders = {person.username: sourced_id for sourced_id, person in current.persons.items()}
    lines: dict[str, int] = {}
    for row in users:
        name = people.persons[row.sourced_id].username
        line = lines.setdefault(name, row.line)
        if line != row.line:
            problems.add(
                "users.csv",
                row.line,
                "username",
                _("The login name “%(name)s” is also that of line %(line)d.") % {"name": shorten(name), "line": line},
                _("Give each person a user name (or an identifier) of their own."),
            )
        elif name in current.taken_names or holders.get(name, row.sourced_id) != row.sourced_id:
            problems.add(
                "users.csv",
                row.line,
                "username",
                _("Somebody else at the school already has the login name “%(name)s”.") % {"name": shorten(name)},
                _("Give this person another user name."),
            )
