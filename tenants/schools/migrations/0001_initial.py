import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.text
import uuid_utils.compat
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="School",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("schema_name", models.CharField(editable=False, max_length=63, unique=True)),
                ("names", models.JSONField()),
                ("subdomain", models.CharField(max_length=63)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("primary", "Primary school"),
                            ("secondary", "Secondary school"),
                            ("preschool", "Preschool"),
                        ],
                        max_length=16,
                    ),
                ),
                (
                    "country",
                    models.CharField(choices=[("SI", "Slovenia"), ("PL", "Poland"), ("UA", "Ukraine")], max_length=2),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(base_field=models.CharField(max_length=8), size=None),
                ),
                ("time_zone", models.CharField(max_length=64)),
                (
                    "stage",
                    models.CharField(
                        choices=[
                            ("onboarding", "Onboarding"),
                            ("live", "Live"),
                            ("suspended", "Suspended"),
                            ("closing", "Closing"),
                            ("closed", "Closed"),
                        ],
                        default="onboarding",
                        max_length=16,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("subdomain"), name="school_subdomain_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("schema_name__regex", "^school_[0-9a-f]{32}$")),
                        name="school_schema_name_of_uuid",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("subdomain__regex", "^[a-z0-9]([a-z0-9-]*[a-z0-9])?$")),
                        name="school_subdomain_dns",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Domain",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("domain", models.CharField(max_length=253, unique=True)),
                ("is_primary", models.BooleanField(default=True)),
                (
                    "tenant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="domains", to="schools.school"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        models.F("tenant"), condition=models.Q(("is_primary", True)), name="domain_one_primary"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("domain__regex", "^[a-z0-9.-]+$")), name="domain_lower_case"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Contract",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("dpa_version", models.CharField(max_length=32)),
                ("dpa_sha256", models.BinaryField(max_length=32)),
                ("signed_by_name", models.CharField(max_length=200)),
                ("signed_at", models.DateTimeField()),
                ("ends_on", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "school",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="contracts", to="schools.school"
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(models.F("school"), models.F("dpa_version"), name="contract_version_once")
                ],
            },
        ),
    ]
