"""Jobs know their school, or do not run.

tenant-schemas-celery switches in a signal whose errors Celery swallows, and then runs the task in `public`. Here the
school travels in a header, is looked up where the task itself begins, and anything unclear is an error of the task.
"""

from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from celery.contrib.django.task import DjangoTask
from django.apps import apps
from django.utils import timezone
from django_tenants.utils import schema_context, tenant_context

from tenants.backend.current import connection
from tenants.schemas import PUBLIC_SCHEMA

HEADER = "zgoda_school"

# The only jobs that belong to no school, by name.
WITHOUT_SCHOOL = frozenset({"tenants.provisioning.tasks.provision"})


class NoSchool(RuntimeError):
    """A job was queued or run without saying which school it is for."""


class UnknownSchool(RuntimeError):
    """A job names a school that does not exist, or one that is closed."""


class SchoolTask(DjangoTask):  # type: ignore[type-arg]
    abstract = True

    def apply_async(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        headers = dict(options.pop("headers", None) or {})
        if self.name not in WITHOUT_SCHOOL and HEADER not in headers:
            headers[HEADER] = str(_present_school_id(self.name))
        return super().apply_async(args, kwargs, headers=headers, **options)

    def apply(self, args: Any = None, kwargs: Any = None, **options: Any) -> Any:  # type: ignore[override]
        headers = dict(options.pop("headers", None) or {})
        if self.name not in WITHOUT_SCHOOL and HEADER not in headers:
            headers[HEADER] = str(_present_school_id(self.name))
        return super().apply(args, kwargs, headers=headers, **options)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        if self.name in WITHOUT_SCHOOL:
            with schema_context(PUBLIC_SCHEMA):
                return self.run(*args, **kwargs)
        if self.request.called_directly:
            _present_school_id(self.name)
            return self.run(*args, **kwargs)
        school = self._school()
        # As on its pages: what a job writes after midnight bears the school's day.
        with tenant_context(school), timezone.override(ZoneInfo(school.time_zone)):
            return self.run(*args, **kwargs)

    def _school(self) -> Any:
        value = (self.request.headers or {}).get(HEADER) or self.request.get(HEADER)
        if not value:
            raise NoSchool(f"{self.name} was queued without a school.")
        try:
            school_id = UUID(str(value))
        except ValueError as error:
            raise UnknownSchool(f"{self.name} names no school.") from error
        with schema_context(PUBLIC_SCHEMA):
            school = apps.get_model("schools", "School").objects.filter(pk=school_id).exclude(stage="closed").first()
        if school is None:
            raise UnknownSchool(f"{self.name} is for school {school_id}, which does not exist.")
        return school


def _present_school_id(task: str) -> UUID:
    """The school this thread is in; a school that is only a schema's name does not count."""
    school_id = getattr(connection.tenant, "pk", None)
    if not isinstance(school_id, UUID):
        raise NoSchool(f"{task} was called outside any school.")
    return school_id
