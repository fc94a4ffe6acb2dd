from uuid import UUID

from tenants.schools.models import School


def school_of_host(host: str) -> School | None:
    """The school reached under this host name, without a port."""
    return School.objects.filter(domains__domain=host.lower().rstrip(".")).first()


def school_with_id(school_id: UUID) -> School | None:
    return School.objects.filter(pk=school_id).first()


def school_with_subdomain(subdomain: str) -> School | None:
    return School.objects.filter(subdomain=subdomain.lower()).first()
