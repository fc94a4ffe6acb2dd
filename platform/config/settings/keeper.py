"""Keeper: judges the vendor's requests, chains leaves, sweeps, makes checkpoints. Reads no address and no text."""

from config import observability
from config.settings.base import *
from config.settings.base import SENTRY_DSN, database

INSTALLED_APPS = ["opt_in"]
DATABASES = database(login="app_keeper", search_path="pg_catalog")

observability.configure(process="keeper", sentry_dsn=SENTRY_DSN)
