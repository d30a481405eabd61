"""What Alembic runs for every command: the steps, between taking the views away and laying them anew."""

from alembic import context

from storage import views
from storage.column import metadata
from storage.schema import RELEASE

connection = context.config.attributes["connection"]
views.drop(connection)
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
context.run_migrations()
if context.get_context().get_current_revision() == RELEASE:
    views.create(connection)
