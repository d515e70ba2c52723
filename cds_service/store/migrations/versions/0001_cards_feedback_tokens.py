"""The first tables: cards shown, feedback on them, tokens used."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create them."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "card",
        sa.Column("uuid", sa.String(36), primary_key=True),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("hook", sa.String(40), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("indicator", sa.String(10), nullable=False),
        sa.Column("shown_at", instant, nullable=False),
    )
    op.create_index("card_shown_at", "card", ["shown_at"])
    op.create_table(
        "card_rule",
        sa.Column("card", sa.String(36), sa.ForeignKey("card.uuid", ondelete="CASCADE"), primary_key=True),
        sa.Column("place", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("rule", sa.String(100), nullable=False),
        sa.Column("version", sa.String(40), nullable=False),
        sa.Column("indicator", sa.String(10), nullable=False),
    )
    op.create_index("card_rule_rule", "card_rule", ["rule"])
    op.create_table(
        "card_suggestion",
        sa.Column("uuid", sa.String(36), primary_key=True),
        sa.Column("card", sa.String(36), sa.ForeignKey("card.uuid", ondelete="CASCADE"), nullable=False),
        sa.Column("action", sa.String(10), nullable=False),
        sa.Column("code", sa.String(300)),
    )
    op.create_index("card_suggestion_card", "card_suggestion", ["card"])
    op.create_table(
        "feedback",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("card", sa.String(100), nullable=False),
        sa.Column("matched", sa.Boolean, nullable=False),
        sa.Column("service", sa.String(100), nullable=False),
        sa.Column("client", sa.String(200), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("outcome_at", instant, nullable=False),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("suggestions", sa.JSON, nullable=False),
        sa.Column("reason_system", sa.String(300)),
        sa.Column("reason_code", sa.String(200)),
        sa.Column("reason_display", sa.String(300)),
        sa.Column("comment", sa.Text),
    )
    op.create_index("feedback_card", "feedback", ["card"])
    op.create_index("feedback_received_at", "feedback", ["received_at"])
    op.create_table(
        "token",
        sa.Column("key", sa.String(64), primary_key=True),
        sa.Column("expires_at", instant, nullable=False),
    )
    op.create_index("token_expires_at", "token", ["expires_at"])


def downgrade() -> None:
    """Drop them, with all that they hold."""
    for table in ("token", "feedback", "card_suggestion", "card_rule", "card"):
        op.drop_table(table)
