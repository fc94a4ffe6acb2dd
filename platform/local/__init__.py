"""Everything a developer's machine needs to run Zgoda: servers, secrets, processes. Production uses none of it."""
