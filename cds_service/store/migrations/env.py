"""What Alembic runs; the connection comes from `upgrade`, already inside its transaction."""

from alembic import context

from cds_service.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
    version_table="schema_version",
)
context.run_migrations()
