"""/healthz, /readyz and /metrics: the same judgement for load balancers, supervisors and Prometheus.

/healthz   is this process alive: its threads breathe; asks nothing of the store
/readyz    can its answers be relied on: fresh data, a daemon that leads, a store that can be read
/metrics   the same in figures, whatever the answer to the two

None of them is ever a 500: what cannot be told is a finding.
"""

from typing import Any, Protocol

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from dashboards.metrics import Exposed, Liveness, expose
from dashboards.readiness import as_json
from service.health.readiness import Readiness

RETRY_SECONDS = 15
"""After so long a process that is not ready may be asked again."""
_FRESH = {"Cache-Control": "no-store"}
_METHODS = ["GET", "HEAD"]


class Probe(Protocol):
    """Who knows how newscandle is; none of it raises, and each answers within two seconds."""

    def check_alive(self) -> Liveness:
        """Whether the threads of this process breathe; asks nothing of the store, and answers at once."""
        ...

    def judge(self) -> Readiness:
        """Whether newscandle is ready."""
        ...

    def expose(self) -> Exposed:
        """Everything /metrics tells."""
        ...


def build_health(probe: Probe) -> APIRouter:
    """The three routes; they answer HEAD as well."""
    routes = APIRouter()

    @routes.api_route("/healthz", methods=_METHODS)
    async def healthz() -> Response:
        liveness = probe.check_alive()
        told = {"alive": liveness.is_alive, "silent": list(liveness.silent), "seconds": dict(liveness.silences)}
        return _answer(told, is_well=liveness.is_alive)

    @routes.api_route("/readyz", methods=_METHODS)
    def readyz() -> Response:
        readiness = probe.judge()
        return _answer(as_json(readiness), is_well=readiness.is_ready)

    @routes.api_route("/metrics", methods=_METHODS)
    def metrics(request: Request) -> Response:
        body, content_type = expose(probe.expose(), request.headers.get("accept", ""))
        return Response(body, headers=_FRESH | {"Content-Type": content_type})

    return routes


def _answer(told: dict[str, Any], *, is_well: bool) -> Response:
    if is_well:
        return JSONResponse(told, headers=_FRESH)
    return JSONResponse(told, 503, headers=_FRESH | {"Retry-After": str(RETRY_SECONDS)})
