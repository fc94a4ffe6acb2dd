from tenants.onboarding.models.roster_change import RosterChange
from tenants.onboarding.models.roster_import import Hitch, ImportState, RosterFile, RosterImport
from tenants.onboarding.models.roster_preview import RosterDifference, RosterProblem

__all__ = [
    "Hitch",
    "ImportState",
    "RosterChange",
    "RosterDifference",
    "RosterFile",
    "RosterImport",
    "RosterProblem",
]
