"""The HTTP application, without a server: jobs/serving.py listens for it, tests ask it directly."""

from collections.abc import Sequence

from fastapi import APIRouter, FastAPI

from dashboards.api.doorkeeper import Doorkeeper, Guarded
from dashboards.api.health import Probe, build_health
from dashboards.api.problems import tell_problems


def build_app(probe: Probe, routers: Sequence[APIRouter] = (), doorkeeper: Doorkeeper | None = None) -> FastAPI:
    """Health and metrics at the root, and whatever `routers` bring under paths of their own, behind the doorkeeper.

    Where there are no routers there is no schema to serve, and none of its pages.
    """
    described = {} if routers else {"openapi_url": None, "docs_url": None, "redoc_url": None}
    app = FastAPI(title="newscandle", **described)  # type: ignore[arg-type] # three of one type among many
    tell_problems(app)
    app.include_router(build_health(probe), include_in_schema=False)
    for router in routers:
        app.include_router(router)
    if doorkeeper is not None:
        app.add_middleware(Guarded, doorkeeper=doorkeeper)
    return app
