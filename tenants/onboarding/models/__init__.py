from tenants.onboarding.models.roster_change import RosterChange
from tenants.onboarding.models.roster_import import WAITING, WORKING, Hitch, ImportState, RosterFile, RosterImport
from tenants.onboarding.models.roster_preview import Change, Group, RosterDifference, RosterProblem

__all__ = [
    "WAITING",
    "WORKING",
    "Change",
    "Group",
    "Hitch",
    "ImportState",
    "RosterChange",
    "RosterDifference",
    "RosterFile",
    "RosterImport",
    "RosterProblem",
]
