"""The error family: a class of its own wherever the operator must do something different."""

from service.redaction import strike_looks


class NewscandleError(Exception):
    """Base of every error newscandle raises on purpose."""


class BadInput(NewscandleError):
    """Something given from outside cannot be used: a setting, an argument, a file (exit code 2).

    `field` names what, `value` what was given (shortened, never a secret), `remedy` what to do instead.
    """

    def __init__(self, field: str, value: object, remedy: str) -> None:
        self.field, self.value, self.remedy = field, value, remedy
        shown = strike_looks(repr(value))
        if len(shown) > 120:
            shown = shown[:117] + "..."
        super().__init__(f"{field}: {shown}: {remedy}")


class WorkFailed(NewscandleError):
    """Work was tried and did not succeed (exit code 1). `reason` is a stable code such as `read_timeout`."""

    def __init__(self, reason: str, message: str) -> None:
        self.reason = reason
        super().__init__(message)


class FetchFailed(WorkFailed):
    """A URL could not be read; `reason` is one of the codes listed in docs/sources.md."""


class ParseFailed(WorkFailed):
    """Bytes arrived but are not what they were fetched as (`malformed`, `html_instead`, `too_large` …)."""


class VenueFailed(WorkFailed):
    """An exchange refused or garbled a request; `retriable` says whether trying later can help."""

    def __init__(self, reason: str, message: str, *, retriable: bool) -> None:
        self.retriable = retriable
        super().__init__(reason, message)


class StoreFailed(WorkFailed):
    """The database refused, is locked, or holds a schema of another release."""


class ModelFailed(WorkFailed):
    """Weights are missing, damaged, or not for the installed runtime: packaged ones, install newscandle again; a model
    of the user's own, save or fetch it again.
    """


class Withdrawn(Exception):
    """The work under way is told to end here. Not a `NewscandleError`: whoever goes on to the next item after a failure
    must not go on after this. What was committed stays, and the work is taken up again.
    """


class LeaseLost(Withdrawn):
    """Another daemon leads now: what this one wanted to write is refused."""


class Stopped(Withdrawn):
    """The daemon was asked to stop."""
