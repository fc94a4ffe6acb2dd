"""Why something was not sent, as a sentence in the reader's language: the gate's own catalogue of codes."""

from opt_in.gate.codes import CODES


def reason_for(code: str | None) -> str:
    """The plain sentence; empty without a code, and the code itself for one of a newer gate."""
    explanation = CODES.get(code or "")
    return str(explanation.sentence) if explanation else code or ""


def next_step_for(code: str | None) -> str:
    """What can be done about it, by whoever can."""
    explanation = CODES.get(code or "")
    return str(explanation.next_step) if explanation else ""
