from django.db import migrations

GRANT = """
GRANT USAGE ON SCHEMA public TO app_school, app_vendor;
GRANT SELECT ON schools_school, schools_domain TO app_school, app_vendor;
GRANT UPDATE (stage) ON schools_school TO app_school;
GRANT SELECT ON schools_contract TO app_vendor;
REVOKE ALL ON schools_contract FROM app_school;
"""
REVOKE = """
REVOKE ALL ON schools_school, schools_domain, schools_contract FROM app_school, app_vendor;
"""


class Migration(migrations.Migration):
    """School web finds the school of a host and mirrors its stage; the vendor reads; neither adds a school."""

    dependencies = [("schools", "0001_initial")]

    operations = [migrations.RunSQL(GRANT, REVOKE)]
