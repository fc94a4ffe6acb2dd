import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="User",
            fields=[
                ("password", models.CharField(max_length=128, verbose_name="password")),
                ("last_login", models.DateTimeField(blank=True, null=True, verbose_name="last login")),
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("username", models.CharField(max_length=64)),
                ("given_name", models.CharField(max_length=80)),
                ("middle_name", models.CharField(blank=True, max_length=80)),
                ("family_name", models.CharField(max_length=80)),
                ("language", models.CharField(max_length=8)),
                ("is_active", models.BooleanField(default=True)),
                ("sourced_id", models.CharField(blank=True, max_length=255, null=True)),
                ("date_of_birth", models.DateField(blank=True, null=True)),
                ("created_at", models.DateTimeField(auto_now_add=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("username",), name="user_username_once"),
                    models.UniqueConstraint(fields=("sourced_id",), name="user_sourced_id_once"),
                    models.CheckConstraint(
                        condition=models.Q(("username__regex", "^[a-z0-9._-]+$")), name="user_username_plain"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ContactPoint",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("channel", models.CharField(choices=[("email", "E-mail"), ("sms", "Text message")], max_length=8)),
                ("sealed", models.BinaryField()),
                ("address_hash", models.BinaryField(max_length=32)),
                ("version", models.PositiveIntegerField(default=1)),
                ("verified_at", models.DateTimeField(blank=True, null=True)),
                (
                    "provenance",
                    models.CharField(
                        choices=[
                            ("roster", "From the school's roster"),
                            ("self", "Entered by the person"),
                            ("director", "Entered by the director"),
                        ],
                        max_length=16,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="contacts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Guardianship",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                (
                    "relation",
                    models.CharField(
                        choices=[
                            ("parent", "Parent"),
                            ("guardian", "Legal guardian"),
                            ("relative", "Relative"),
                            ("other", "Other"),
                        ],
                        default="parent",
                        max_length=16,
                    ),
                ),
                ("is_active", models.BooleanField(default=True)),
                (
                    "guardian",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="wards",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "pupil",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="guardians",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleAssignment",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("role", models.CharField(max_length=20)),
                ("since", models.DateField()),
                ("until", models.DateField(blank=True, null=True)),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_assignments",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="SchoolSession",
            fields=[
                (
                    "session_key",
                    models.CharField(max_length=40, primary_key=True, serialize=False, verbose_name="session key"),
                ),
                ("session_data", models.TextField(verbose_name="session data")),
                ("expire_date", models.DateTimeField(db_index=True, verbose_name="expire date")),
                ("user_id", models.UUIDField(null=True)),
            ],
            options={
                "indexes": [models.Index(fields=["user_id"], name="session_of_user")],
            },
        ),
        migrations.CreateModel(
            name="SchoolSettings",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("pupil_account_from_grade", models.PositiveSmallIntegerField()),
                ("guardian_session_days", models.PositiveSmallIntegerField(db_default=30, default=30)),
                ("staff_session_hours", models.PositiveSmallIntegerField(db_default=10, default=10)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="settings_one_row")],
            },
        ),
        migrations.CreateModel(
            name="ScopeOverride",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("action", models.CharField(max_length=40)),
                ("role", models.CharField(max_length=20)),
                ("scope", models.PositiveSmallIntegerField()),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("action", "role"), name="override_once_per_cell")],
            },
        ),
        migrations.CreateModel(
            name="VerificationCode",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("contact_version", models.PositiveIntegerField()),
                ("code_hash", models.BinaryField(max_length=32)),
                ("requested_at", models.DateTimeField()),
                ("expires_at", models.DateTimeField()),
                ("attempts_left", models.PositiveSmallIntegerField()),
                ("ended_at", models.DateTimeField(blank=True, null=True)),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="codes", to="people.contactpoint"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="contactpoint",
            index=models.Index(fields=["address_hash"], name="contact_by_address"),
        ),
        migrations.AddConstraint(
            model_name="contactpoint",
            constraint=models.UniqueConstraint(fields=("user", "channel"), name="contact_once_per_channel"),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.UniqueConstraint(fields=("guardian", "pupil"), name="guardianship_once"),
        ),
        migrations.AddConstraint(
            model_name="guardianship",
            constraint=models.CheckConstraint(
                condition=models.Q(("guardian", models.F("pupil")), _negated=True), name="guardianship_of_another"
            ),
        ),
        migrations.AddIndex(
            model_name="roleassignment",
            index=models.Index(condition=models.Q(("until", None)), fields=["role"], name="role_holders"),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("until", None)), fields=("user", "role"), name="role_once_at_a_time"
            ),
        ),
        migrations.AddConstraint(
            model_name="roleassignment",
            constraint=models.CheckConstraint(
                condition=models.Q(("until", None), ("until__gte", models.F("since")), _connector="OR"),
                name="role_ends_after_it_began",
            ),
        ),
        migrations.AddConstraint(
            model_name="verificationcode",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at", None)), fields=("contact",), name="verification_one_open_code"
            ),
        ),
    ]
