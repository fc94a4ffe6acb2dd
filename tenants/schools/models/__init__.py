from tenants.schools.models.contract import Contract
from tenants.schools.models.domain import Domain
from tenants.schools.models.school import Country, Kind, School, Stage

__all__ = ["Contract", "Country", "Domain", "Kind", "School", "Stage"]
