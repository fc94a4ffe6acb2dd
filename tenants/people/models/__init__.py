from tenants.people.models.contact import Channel, ContactPoint, Provenance
from tenants.people.models.guardianship import Guardianship, Relation
from tenants.people.models.override import ScopeOverride
from tenants.people.models.request_count import RequestCount
from tenants.people.models.role import RoleAssignment
from tenants.people.models.session import SchoolSession
from tenants.people.models.settings import SchoolSettings
from tenants.people.models.throttle import LoginThrottle
from tenants.people.models.token import ApiToken
from tenants.people.models.user import User
from tenants.people.models.verification import VerificationCode

__all__ = [
    "ApiToken",
    "Channel",
    "ContactPoint",
    "Guardianship",
    "LoginThrottle",
    "Provenance",
    "Relation",
    "RequestCount",
    "RoleAssignment",
    "SchoolSession",
    "SchoolSettings",
    "ScopeOverride",
    "User",
    "VerificationCode",
]
