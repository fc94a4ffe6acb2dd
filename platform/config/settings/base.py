"""What every process shares. A process's own module adds its login, its apps and its keys, and nothing else."""

from pathlib import Path
from typing import Any

import xstatic.pkg.bootstrap
from django.utils.translation import gettext_lazy as _
from whitenoise.compress import Compressor

from config.environment import is_https, optional, required, switched_on

ROOT = Path(__file__).resolve().parents[3]

SECRET_KEY = required("ZGODA_SECRET_KEY")
DEBUG = switched_on("ZGODA_DEBUG")
SENTRY_DSN = optional("ZGODA_SENTRY_DSN")
# Each process configures its own logs and reports (config.observability) when its settings are read.
LOGGING_CONFIG = None

# Installed for their code only: tenants.schemas gives them no schema, so no table of theirs exists anywhere.
CODE_ONLY_APPS = ["django.contrib.contenttypes", "django.contrib.auth"]
INSTALLED_APPS = [*CODE_ONLY_APPS, "django.contrib.staticfiles"]
MIGRATION_MODULES: dict[str, str | None] = {"contenttypes": None, "auth": None}
DATABASE_ROUTERS = ["tenants.schemas.OneSchemaRouter"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("sl", _("Slovenian")), ("pl", _("Polish")), ("uk", _("Ukrainian")), ("en", _("English"))]
# What lies beside the apps of tenants: the names of the roles.
LOCALE_PATHS = [ROOT / "tenants" / "locale"]
LANGUAGE_COOKIE_NAME = "zgoda_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 60 * 60

PASSWORD_HASHERS = ["config.hashers.SchoolArgon2Hasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

STATIC_URL = "static/"
# Bootstrap's style sheet, without its JavaScript.
STATICFILES_DIRS = [("bootstrap", Path(xstatic.pkg.bootstrap.BASE_DIR) / "css")]
# Where `collectstatic` put the files, hashed and compressed. Without it they are served from where they lie.
STATIC_ROOT = optional("ZGODA_STATIC_ROOT") or None
WHITENOISE_USE_FINDERS = STATIC_ROOT is None
if STATIC_ROOT is not None:
    STORAGES = {"staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}}
# A file that its language or style sheet names, such as a source map, may be missing in a package.
WHITENOISE_MANIFEST_STRICT = False
# For whoever debugs; compressing them costs more than all the others.
WHITENOISE_SKIP_COMPRESS_EXTENSIONS = [*Compressor.SKIP_COMPRESS_EXTENSIONS, "map"]
CONTEXT_PROCESSORS = ["django.template.context_processors.request", "portal.context.languages"]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": CONTEXT_PROCESSORS},
    }
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SAMESITE = "Lax"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "login"
LOGIN_REDIRECT_URL = "home"
CSRF_FAILURE_VIEW = "portal.views.errors.stale_form"
# Toasts travel with the session, so that none is lost between two pages and none is shown to somebody else.
MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"


def database(*, login: str, search_path: str | None, engine: str = "django.db.backends.postgresql") -> dict[str, Any]:
    """The one database of this process, reached with this process's own login and secret."""
    options: dict[str, Any] = {"connect_timeout": 10, "application_name": f"zgoda {login}"}
    if search_path is not None:
        options["options"] = f"-c search_path={search_path}"
    return {
        "default": {
            "ENGINE": engine,
            "HOST": required("ZGODA_DB_HOST"),
            "PORT": required("ZGODA_DB_PORT"),
            "NAME": required("ZGODA_DB_NAME"),
            "USER": optional("ZGODA_DB_USER", login),
            "PASSWORD": required("ZGODA_DB_PASSWORD"),
            # Opening a connection for each request cost two thirds of the throughput (docs: scale, rule 3).
            "CONN_MAX_AGE": None,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    }


def secured(url: str) -> dict[str, Any]:
    """Settings that only make sense where people reach the process over HTTPS."""
    if not is_https(url):
        return {}
    return {
        "SESSION_COOKIE_SECURE": True,
        "CSRF_COOKIE_SECURE": True,
        "SECURE_SSL_REDIRECT": True,
        "SECURE_REDIRECT_EXEMPT": [r"^health$"],
        "SECURE_PROXY_SSL_HEADER": ("HTTP_X_FORWARDED_PROTO", "https"),
        "SECURE_HSTS_SECONDS": 31_536_000,
        "SECURE_HSTS_INCLUDE_SUBDOMAINS": True,
    }
