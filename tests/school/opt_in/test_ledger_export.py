"""What the school exports is what zgoda-verify accepts, and nothing else."""

import io
import json
import subprocess
import sys
from pathlib import Path

from django.utils import timezone

from local.places import ROOT
from opt_in.gate import school as gate
from opt_in.services.ledger import export_ledger
from opt_in.services.resolutions import Vote, record_resolution
from tenants.people.models import User
from tenants.schools.models import School


def verify(path: Path) -> subprocess.CompletedProcess[str]:
    # -I: neither our folders nor our packages are within its reach.
    command = [sys.executable, "-I", str(ROOT / "tools" / "zgoda_verify.py"), str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_an_export_is_accepted_and_a_changed_one_is_not(school: School, director: User, tmp_path: Path) -> None:
    gate.go_live(actor=director.id)
    record_resolution(recorded_by=director, in_favour=False, decided_on=timezone.localdate(), vote=Vote(0, 12))
    out = io.StringIO()
    seen: list[tuple[int, int]] = []

    leaves = export_ledger(school_id=school.id, out=out, progress=lambda done, total: seen.append((done, total)))

    export = tmp_path / "ledger.jsonl"
    export.write_text(out.getvalue())
    assert verify(export).returncode == 0
    export.write_text(out.getvalue().replace("negative", "positive"))
    assert verify(export).returncode == 1
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert leaves == len(lines) - 1 == seen[-1][0] == seen[-1][1]
    acts = [line["leaf"]["act"] for line in lines[1:] if line["stream"] == "authority"]
    assert acts == ["register", "officers", "stage", "resolution"]
