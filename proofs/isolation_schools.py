"""Makes the schools of the load, as the provisioner: python -m proofs.isolation_schools 20."""

import sys

import django

django.setup()

from tenants.provisioning.school import NewSchool, provision_school  # noqa: E402
from tenants.schools.models import Country, Kind  # noqa: E402


def main(count: int) -> None:
    for number in range(count):
        names = {"sl": f"OŠ Številka {number}"}
        provision_school(
            new=NewSchool(subdomain=f"school-{number}", names=names, country=Country.SLOVENIA, kind=Kind.PRIMARY)
        )


if __name__ == "__main__":
    main(int(sys.argv[1]))
