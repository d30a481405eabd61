"""What every section of the settings is."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """Frozen, and without keys it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=False)
