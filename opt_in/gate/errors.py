"""What the gate says no with. Each class is one SQLSTATE that the functions of schema consent raise."""


class GateError(Exception):
    """The gate did not do what it was asked. The text says why, in plain words, and nothing has changed."""

    def __init__(self, message: str, sqlstate: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


class GateRefused(GateError):
    """ZG001: whoever asks may not do this."""


class GateBadInput(GateError):
    """ZG002: the request itself is wrong; the text says what."""


class GateNotFound(GateError):
    """ZG003: there is no such thing at this school."""


class GateConflict(GateError):
    """ZG004: it does not fit the state that things are in."""


BY_SQLSTATE: dict[str, type[GateError]] = {
    "ZG001": GateRefused,
    "ZG002": GateBadInput,
    "ZG003": GateNotFound,
    "ZG004": GateConflict,
    # The database itself said no: a login without the right to execute the function.
    "42501": GateRefused,
}
