"""The section `[alerts]` of the settings and its hooks, with where a secret may come from."""

import datetime as dt
import ipaddress
import re
from typing import Annotated, Any, Literal, Self

from pydantic import Field, SecretStr, ValidationInfo, field_validator, model_validator

from jobs.asking import require_http
from jobs.sections import Section
from service.alerts.delivery import read_quiet_hours
from service.alerts.rule import ShockRule
from service.errors import BadInput
from service.health.findings import Severity
from service.instants import parse_duration

_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,64}@[^\s@<>,;:\"()\[\]\\\x00-\x1f\x7f]{1,255}")
_SECRETS = ("url", "secret", "user", "password")
_SHOWN = ("name", "kind", "severity", "tells", "body", "host", "port", "security", "sender", "to", "timeout_seconds")
_LEAST_SECRET = 16
VARIABLE = re.compile(r"HOOK_([A-Z0-9_]+)__([A-Z]+)")
"""How a variable that gives a hook its secret is called, after the prefix of all of them."""


class Hook(Section):
    """One place that alerts go to. `kind` webhook: posted to `url`; mail: sent through the server at `host`.

    `severity` is the least that is told, `tells` the kinds of alerts.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    kind: Literal["webhook", "mail"] = "webhook"
    severity: Severity = Severity.WARNING
    tells: tuple[Literal["trouble", "sentiment", "volume"], ...] = ("trouble", "sentiment", "volume")
    timeout_seconds: Annotated[float, Field(gt=0, le=60)] = 10.0
    url: SecretStr = SecretStr("")
    secret: SecretStr = SecretStr("")  # signs the body; "": not signed
    body: Literal["generic", "slack", "mattermost"] = "generic"
    host: str = ""
    port: Annotated[int, Field(ge=0, le=65535)] = 0  # 0: 587 with starttls, 465 with tls, 25 with none
    security: Literal["starttls", "tls", "none"] = "starttls"
    ca_file: str = ""  # certificates to trust instead of the system's
    user: SecretStr = SecretStr("")
    password: SecretStr = SecretStr("")
    sender: str = ""
    to: tuple[str, ...] = ()

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.kind == "webhook":
            self._check_webhook()
        else:
            self._check_mail()
        return self

    def _check_webhook(self) -> None:
        place = f"alerts.hook {self.name}"
        address = self.url.get_secret_value()
        if not address:
            variable = f"NEWSCANDLE_HOOK_{variable_name(self.name)}__URL"
            raise BadInput(f"{place}: url", "", f"give the address to post to, here or in {variable}")
        try:
            require_http(address)
        except BadInput as error:
            raise BadInput(f"{place}: url", "(not shown)", error.remedy) from None
        if 0 < len(self.secret.get_secret_value()) < _LEAST_SECRET:
            raise BadInput(f"{place}: secret", "(not shown)", f"give {_LEAST_SECRET} signs or more, or none")

    def _check_mail(self) -> None:
        place = f"alerts.hook {self.name}"
        if not self.host or re.search(r"[\s/@]", self.host):
            raise BadInput(f"{place}: host", self.host, "name the mail server, as smtp.example.org")
        for address in (self.sender, *(self.to or ("",))):
            if not _ADDRESS.fullmatch(address):
                raise BadInput(f"{place}: sender, to", address, "give plain addresses, as alerts@example.org")
        has_login = bool(self.user.get_secret_value() or self.password.get_secret_value())
        if has_login and self.security == "none":
            raise BadInput(f"{place}: security", "none", "a password is sent over starttls or tls alone")


class Alerts(Section):
    """When somebody is told of what is wrong and of news unlike before, and through which hooks."""

    severity: Severity = Severity.WARNING
    hold: str = "10m"
    clear: str = "10m"
    remind: str = "1d"
    quiet_hours: str = ""
    shocks: tuple[Literal["sentiment", "volume"], ...] = ("sentiment", "volume")
    least_articles: Annotated[int, Field(ge=1, le=10_000)] = 5
    history_days: Annotated[int, Field(ge=7, le=730)] = 90
    false_alarms_a_month: Annotated[float, Field(gt=0, le=30)] = 1.0
    attempts: Annotated[int, Field(ge=1, le=100)] = 12
    allow_networks: tuple[str, ...] = ()
    hook: tuple[Hook, ...] = ()

    @field_validator("hold", "clear", "remind")
    @classmethod
    def _check_duration(cls, value: str, info: ValidationInfo) -> str:
        if value or info.field_name != "remind":
            parse_duration(value, f"alerts.{info.field_name}")
        return value

    @field_validator("allow_networks")
    @classmethod
    def _check_networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for network in value:
            try:
                ipaddress.ip_network(network)
            except ValueError as error:
                raise BadInput("alerts.allow_networks", network, f"write it as 10.20.0.0/16 ({error})") from error
        return value

    @model_validator(mode="after")
    def _check(self) -> Self:
        read_quiet_hours(self.quiet_hours, dt.UTC, "alerts.quiet_hours")
        self.shock_rule  # noqa: B018 - refuses what cannot be
        names = [one.name for one in self.hook]
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise BadInput("alerts.hook", twice[0], "two hooks have this name: give each one of its own")
        return self

    @property
    def shock_rule(self) -> ShockRule:
        """What bars are judged by."""
        return ShockRule(self.history_days, self.false_alarms_a_month, self.least_articles)


def variable_name(hook: str) -> str:
    """The name of a hook within that of a variable."""
    return hook.upper().replace("-", "_")


def override(document: dict[str, Any], name: str, variable: str, value: str) -> bool:
    """Give a hook of `document` the secret that the variable holds; False where the variable is none of a hook.

    `name` is the variable without the prefix of all of them. Raises `BadInput` where there is no such hook or secret.
    """
    told = VARIABLE.fullmatch(name)
    if told is None:
        return False
    hooks = document.get("alerts", {}).get("hook", ())
    known = {variable_name(str(hook.get("name", ""))): hook for hook in hooks if isinstance(hook, dict)}
    hook, key = known.get(told[1]), told[2].lower()
    if hook is None or key not in _SECRETS:
        remedy = f"name a hook of the settings and one of {', '.join(_SECRETS)}, as NEWSCANDLE_HOOK_OPS__URL"
        raise BadInput(variable, "(set in the environment)", remedy)
    hook[key] = value
    return True


def is_hidden(location: tuple[str | int, ...]) -> bool:
    """Whether what stands at this place of the settings may be a secret, also under a name that was misspelt."""
    if location[:2] != ("alerts", "hook"):
        return False
    return len(location) < 4 or location[3] not in _SHOWN
