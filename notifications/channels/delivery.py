from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Delivery:
    """What became of it. "retry": surely not delivered. "unknown": perhaps delivered. `detail` holds codes only."""

    outcome: Literal["sent", "retry", "failed", "bounced", "unknown"]
    detail: str = ""
    provider_id: str = ""
