"""One edit as a self-contained page without script or network; everything from the article is only text."""

from dashboards.edits.edit import Edit
from dashboards.edits.plain import summarise
from dashboards.templating import make_environment, read_style


def render(edit: Edit, *, made_by: str) -> str:
    """The page of an edit; `made_by` is the program and its version. Equal edits give equal bytes."""
    environment = make_environment("dashboards.edits")
    style = read_style("dashboards.report", "base.css") + read_style("dashboards.edits", "edit.css")
    context = {"edit": edit, "summary": summarise(edit), "style": style, "made_by": made_by}
    return environment.get_template("edit.html.j2").render(context) + "\n"
