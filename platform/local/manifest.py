"""make manifest: renews opt_in/gate/manifest.json from a fresh installation on a scratch cluster."""

import psycopg

from local.postgres import Cluster
from opt_in.gate.bootstrap import LOGINS, bootstrap
from opt_in.gate.selfcheck import write_manifest


def main() -> None:
    with Cluster.temporary(durable=False) as cluster:
        bootstrap(cluster.conninfo("bootstrap", "postgres"), {login: cluster.password_of(login) for login in LOGINS})
        with psycopg.connect(cluster.conninfo("bootstrap")) as connection:
            write_manifest(connection)


if __name__ == "__main__":
    main()
