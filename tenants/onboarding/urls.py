from django.urls import URLPattern, URLResolver, path

from tenants.onboarding.views.roster import Roster
from tenants.onboarding.views.roster_import import (
    ApplyImport,
    AskAgain,
    CorrectImport,
    DiscardImport,
    ImportProgress,
    ProblemsAsFile,
    ShowImport,
    UndoImport,
)

urlpatterns: list[URLPattern | URLResolver] = [
    path("roster/", Roster.as_view(), name="roster"),
    path("roster/<uuid:import_id>/", ShowImport.as_view(), name="roster-import"),
    path("roster/<uuid:import_id>/progress/", ImportProgress.as_view(), name="roster-progress"),
    path("roster/<uuid:import_id>/problems.csv", ProblemsAsFile.as_view(), name="roster-problems"),
    path("roster/<uuid:import_id>/correct/", CorrectImport.as_view(), name="roster-correct"),
    path("roster/<uuid:import_id>/apply/", ApplyImport.as_view(), name="roster-apply"),
    path("roster/<uuid:import_id>/discard/", DiscardImport.as_view(), name="roster-discard"),
    path("roster/<uuid:import_id>/again/", AskAgain.as_view(), name="roster-again"),
    path("roster/<uuid:import_id>/undo/", UndoImport.as_view(), name="roster-undo"),
]
