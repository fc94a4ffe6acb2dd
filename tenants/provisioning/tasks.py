"""The provisioner's own queue."""

from celery import shared_task

from tenants.provisioning.school import NewSchool, provision_school
from tenants.schools.models import Country, Kind


@shared_task(name="tenants.provisioning.tasks.provision", max_retries=3)
def provision(
    *, subdomain: str, names: dict[str, str], country: str, kind: str, languages: list[str] | None = None, **_: object
) -> str:
    """Make a school that somebody applied for; repeating it changes nothing. Returns the school's id."""
    new = NewSchool(
        subdomain=subdomain,
        names=names,
        country=Country(country),
        kind=Kind(kind),
        languages=tuple(languages or ()),
    )
    return str(provision_school(new=new).school.id)
