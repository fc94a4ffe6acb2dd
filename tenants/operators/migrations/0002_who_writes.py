from django.db import migrations

TABLES = "operators_operator, operators_operatorsession"


class Migration(migrations.Migration):
    """The vendor console works with its own staff and sessions; nobody else sees them."""

    dependencies = [("operators", "0001_initial")]

    operations = [
        migrations.RunSQL(
            f"GRANT USAGE ON SCHEMA vendor TO app_vendor; GRANT SELECT, INSERT, UPDATE, DELETE ON {TABLES} TO app_vendor",
            f"REVOKE ALL ON {TABLES} FROM app_vendor",
        )
    ]
