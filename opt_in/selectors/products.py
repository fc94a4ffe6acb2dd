from opt_in.gate import school as gate


def products_asked_for() -> list[str]:
    """The packages that the vendor's requests at this school name, each once."""
    return sorted({proposal.product for proposal in gate.proposals()})
