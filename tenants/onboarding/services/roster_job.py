"""What a worker does with an import. Each job may be killed at any line and may come twice: its result is written in
one transaction, under a lock, and only from the state in which it was asked for."""

import json
from collections import Counter
from dataclasses import asdict
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from opt_in.gate.sealing import seal
from tenants.onboarding.models import (
    WAITING,
    WORKING,
    Hitch,
    ImportState,
    RosterDifference,
    RosterImport,
    RosterProblem,
)
from tenants.onboarding.roster.archive import Upload
from tenants.onboarding.roster.bundle import Step
from tenants.onboarding.roster.correction import Fields
from tenants.onboarding.roster.endings import many_endings
from tenants.onboarding.roster.entries import entries_of, fingerprint_of
from tenants.onboarding.roster.plan import RosterPlan
from tenants.onboarding.roster.problems import RosterRefused
from tenants.onboarding.selectors.roster import RosterState
from tenants.onboarding.selectors.roster_rows import lock_rows_of
from tenants.onboarding.services.roster import changes_directors, compare_roster, lock_imports, write_roster
from tenants.onboarding.services.roster_changes import keep_changes
from tenants.onboarding.services.roster_import import forget_file, upload_of
from tenants.onboarding.services.roster_progress import Progress
from tenants.people.selectors.launch import chair_now
from tenants.people.services.people import BATCH
from tenants.schools.models import School


def read_upload(*, school: School, import_id: UUID) -> None:
    """Judge the file and compare it with the school: afterwards there are problems or a preview."""
    reading = RosterImport.objects.select_related("file").filter(pk=import_id, state=ImportState.READING)
    roster_import = reading.exclude(file=None).first()
    if roster_import is None:
        return
    upload = upload_of(roster_import)
    with Progress(import_id) as step, translation.override(roster_import.language):
        try:
            plan, state = compare_roster(school=school, source=upload, step=step)
        except RosterRefused as refused:
            _finish_with_problems(import_id, upload, refused)
        else:
            _finish_with_preview(import_id, plan, state)


def apply_import(*, school: School, import_id: UUID) -> None:
    """Do what was previewed, or nothing: when the school has changed meanwhile there is a new preview instead."""
    with Progress(import_id) as step:
        _apply(school, import_id, step)


def give_up(*, import_id: UUID, working: ImportState) -> None:
    """A job has failed for a reason of ours: go back to where somebody can ask again."""
    before = {ImportState.APPLYING: ImportState.READY, ImportState.UNDOING: ImportState.APPLIED}
    RosterImport.objects.filter(pk=import_id, state=working).update(
        state=before.get(working, working), hitch=Hitch.FAILED
    )


@transaction.atomic
def _apply(school: School, import_id: UUID, step: Step) -> None:
    lock_imports()
    roster_import = RosterImport.objects.filter(pk=import_id, state=ImportState.APPLYING).first()
    if roster_import is None:
        return
    began_at = timezone.now()
    upload = upload_of(roster_import)
    with translation.override(roster_import.language):
        try:
            plan, state = compare_roster(school=school, source=upload, step=step)
        except RosterRefused as refused:
            _keep_problems(roster_import, upload, refused, hitch=Hitch.STALE)
            return
        if fingerprint_of(plan) != bytes(roster_import.plan_sha256 or b""):
            _keep_preview(roster_import, plan, state, hitch=Hitch.STALE)
            return
        before = lock_rows_of(plan)
        write_roster(school=school, plan=plan, state=state, step=step)
    keep_changes(roster_import=roster_import, before=before, after=lock_rows_of(plan))
    # What waits with a preview of its own keeps it: whoever applies that must see what they apply.
    settled = RosterImport.objects.exclude(pk=roster_import.pk).exclude(state__in=(*WAITING, *WORKING))
    RosterDifference.objects.filter(roster_import__in=settled).delete()
    forget_file(roster_import)
    roster_import.state, roster_import.hitch, roster_import.applied_at = ImportState.APPLIED, Hitch.NONE, began_at
    roster_import.save(update_fields=["state", "hitch", "applied_at"])


@transaction.atomic
def _finish_with_problems(import_id: UUID, upload: Upload, refused: RosterRefused) -> None:
    roster_import = RosterImport.objects.select_for_update().filter(pk=import_id, state=ImportState.READING).first()
    if roster_import is not None:
        _keep_problems(roster_import, upload, refused, hitch=Hitch.NONE)


@transaction.atomic
def _finish_with_preview(import_id: UUID, plan: RosterPlan, state: RosterState) -> None:
    roster_import = RosterImport.objects.select_for_update().filter(pk=import_id, state=ImportState.READING).first()
    if roster_import is not None:
        _keep_preview(roster_import, plan, state, hitch=Hitch.NONE)


def _keep_problems(roster_import: RosterImport, upload: Upload, refused: RosterRefused, *, hitch: Hitch) -> None:
    _forget_findings(roster_import)
    fields = Fields(upload)
    RosterProblem.objects.bulk_create(
        [
            RosterProblem(
                roster_import=roster_import,
                position=position,
                file=problem.file[:120],
                line=problem.line,
                field=(problem.field or "")[:120],
                sealed=seal(
                    json.dumps(
                        {
                            "message": problem.message,
                            "advice": problem.advice,
                            "value": fields.value_at(problem),
                            "about": fields.named_at(problem),
                        }
                    ).encode()
                ),
            )
            for position, problem in enumerate(refused.problems, start=1)
        ],
        batch_size=BATCH,
    )
    roster_import.state, roster_import.hitch = ImportState.REFUSED, hitch
    roster_import.problems_total = refused.total
    roster_import.save(update_fields=["state", "hitch", "problems_total"])


def _keep_preview(roster_import: RosterImport, plan: RosterPlan, state: RosterState, *, hitch: Hitch) -> None:
    _forget_findings(roster_import)
    entries = entries_of(plan, state.school)
    RosterDifference.objects.bulk_create(
        [
            RosterDifference(
                roster_import=roster_import,
                position=position,
                group=entry.group,
                change=entry.change,
                label=entry.label[:300],
                details=[asdict(detail) for detail in entry.details],
            )
            for position, entry in enumerate(entries, start=1)
        ],
        batch_size=BATCH,
    )
    counts: dict[str, dict[str, Any]] = {}
    for (group, change), number in Counter((entry.group, entry.change) for entry in entries).items():
        counts.setdefault(group, {})[change] = number
    if endings := many_endings(plan, state.school):
        counts["endings"] = {ending.group: [ending.number, ending.before] for ending in endings}
    roster_import.state, roster_import.hitch = ImportState.READY, hitch
    roster_import.counts, roster_import.unchanged = counts, sum(part.unchanged for _kind, part in plan.by_kind())
    roster_import.notices, roster_import.problems_total = [*_who_would_be_missed(roster_import, plan), *plan.notices], 0
    roster_import.plan_sha256, roster_import.ends_many = fingerprint_of(plan), bool(endings)
    roster_import.changes_directors = changes_directors(plan, state.school)
    roster_import.may_end_many = False
    roster_import.save()


def _who_would_be_missed(roster_import: RosterImport, plan: RosterPlan) -> list[str]:
    ended = {person.sourced_id for person in plan.people.ended}
    chair = chair_now()
    notices = []
    if roster_import.uploaded_by.sourced_id in ended:
        notices.append(_("You are not in this file yourself. Once it is applied, you can no longer log in."))
    if chair is not None and chair.sourced_id in ended:
        notices.append(
            _(
                "The chair of the Parents' Council is not in this file. Once it is applied, nobody can act for the"
                " Council until the director appoints somebody."
            )
        )
    return notices


def _forget_findings(roster_import: RosterImport) -> None:
    roster_import.problems.all().delete()
    roster_import.differences.all().delete()
