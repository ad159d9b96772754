"""docs/deploy.md, followed word for word in a folder: its blocks, units, scripts and configuration files.

``guide.py`` has what stands in for the parts of a server that a test cannot have, each with its reason. Everything
else is real: PostgreSQL with both roles, Granian as its unit starts it, nginx with TLS, the services of the timers.
"""

from __future__ import annotations

import re
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import closing
from http.client import HTTPSConnection
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
import requests
from lxml import html
from requests.adapters import HTTPAdapter

from .guide import HOST, PASSWORD, Guide

pytestmark = pytest.mark.postgresql
HOST_NAME = "ldn.example.org"
ANSWERS = {
    "patient_name": "Sample Patient",
    "birth_date": "12 Apr 1961",
    "record_number": "DEMO-0001",
    "dose_mg": "4.5",
    "indication": "Fibromyalgia",
    "opioid-use": "yes",
    "severe-liver-disease": "no",
    "pregnancy": "no",
    "breastfeeding": "no",
}
UNTIL_READY = "curl --silent --fail --retry 60 --retry-all-errors --retry-delay 1 http://127.0.0.1:8000/readyz"


class NamedHost(HTTPAdapter):
    """Connects to an address and expects the certificate of the host name."""

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the connections with the name."""
        super().init_poolmanager(*args, server_hostname=HOST_NAME, assert_hostname=HOST_NAME, **options)


class Browser(requests.Session):
    """A browser in front of the proxy."""

    def __init__(self, guide: Guide) -> None:
        super().__init__()
        self.address = f"https://{HOST}:{guide.https}"
        self.verify = str(guide.root / "etc/ldn-screen/tls/server.crt")
        self.headers.update({"Host": HOST_NAME, "Origin": f"https://{HOST_NAME}"})
        self.trust_env = False
        self.mount("https://", NamedHost())

    def open(self, path: str) -> requests.Response:
        """Open a page, and follow its redirects."""
        return self.get(self.address + path, timeout=30)

    def fill_in(self, path: str, fields: dict[str, str]) -> requests.Response:
        """Fill in the form of a page, and follow the redirects after it."""
        form = html.fromstring(self.open(path).text).xpath("//main//form[.//input[@name='csrfmiddlewaretoken']]")[-1]
        hidden = {each.get("name"): each.get("value") or "" for each in form.xpath(".//input[@type='hidden']")}
        return self.post(self.address + path, hidden | fields, timeout=30)

    def sign_in(self, name: str) -> requests.Response:
        """Sign in with the password of the guide."""
        return self.fill_in("/accounts/login/", {"login": name, "password": PASSWORD})


@pytest.fixture(scope="module")
def guide() -> Iterator[Guide]:
    """A server that was set up as the guide says, with a clinician."""
    with tempfile.TemporaryDirectory(prefix="ldn-guide-", ignore_cleanup_errors=True) as name:
        root = Path(name)
        root.chmod(0o755)  # PostgreSQL runs as another user
        followed = Guide(root)
        try:
            followed.follow("# Set it up", until="## Backups")
            followed.run('ldn-manage add_account nurse --role clinician --name "Sample Nurse"')
            yield followed
        finally:
            followed.stop()


@pytest.fixture(scope="module")
def nurse(guide: Guide) -> Browser:
    """A browser in which the clinician has signed in."""
    browser = Browser(guide)
    assert browser.sign_in("nurse").url.startswith(f"{browser.address}/screenings/")
    return browser


@pytest.fixture(scope="module")
def recorded(nurse: Browser) -> str:
    """The path of a screening that was recorded through the proxy."""
    result = nurse.fill_in("/screenings/new/", ANSWERS)
    assert 'data-outcome="contraindication_flagged"' in result.text
    return result.url.removeprefix(nurse.address)


def rows(guide: Guide, query: str, database: str = "ldn_screen") -> str:
    """Return what a query finds."""
    return guide.run(f'psql --tuples-only --no-align --dbname {database} --command "{query}"').strip()


def test_the_server_is_ready(guide: Guide) -> None:
    assert Browser(guide).open("/readyz").text == "ready\n"


def test_the_administrator_is_asked_for_a_second_factor(guide: Guide) -> None:
    browser = Browser(guide)
    browser.sign_in("kim.roe")
    assert browser.open("/admin/").url == f"{browser.address}/accounts/"
    assert "/accounts/2fa/totp/activate/" in browser.open("/accounts/").text


def test_a_screening_is_recorded_with_the_address_of_the_client(guide: Guide, recorded: str) -> None:
    found = rows(guide, "SELECT actor_name, address FROM screening_auditevent WHERE action = 'screening.recorded'")
    assert found == "nurse|127.0.0.1"


def test_a_client_cannot_choose_the_address_that_is_recorded(guide: Guide, nurse: Browser, recorded: str) -> None:
    nurse.get(nurse.address + recorded, headers={"X-Forwarded-For": "192.0.2.1"}, timeout=30)
    assert rows(guide, "SELECT DISTINCT address FROM screening_auditevent WHERE address IS NOT NULL") == "127.0.0.1"


def test_pages_have_the_security_headers(guide: Guide) -> None:
    headers = Browser(guide).open("/accounts/login/").headers
    assert headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert headers["Server"] == "nginx"


def test_systemd_knows_every_line_of_the_units(guide: Guide) -> None:
    if not shutil.which("systemd-analyze"):
        pytest.skip("systemd is not installed")
    units = sorted(map(str, (guide.root / "etc/systemd/system").iterdir()))
    checked = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    assert (checked.returncode, checked.stderr) == (0, "")


def test_plain_http_leads_to_https(guide: Guide) -> None:
    answer = requests.get(f"http://{HOST}:{guide.http}/screenings/?show=x", timeout=30, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (301, f"https://{HOST_NAME}/screenings/?show=x")


@pytest.mark.parametrize("path", ["/metrics", "//metrics", "/%6detrics", "/metrics/", "/x/../metrics"])
def test_the_proxy_does_not_pass_on_the_metrics(guide: Guide, path: str) -> None:
    status, content = raw(guide, "GET", path)
    assert status in {301, 404}
    assert "# HELP" not in content


def test_prometheus_reads_the_metrics_on_the_server(guide: Guide) -> None:
    answer = requests.get(f"http://{HOST}:{guide.app}/metrics", timeout=30, allow_redirects=False)
    assert answer.status_code == 200
    assert "# HELP" in answer.text


@pytest.mark.parametrize("megabytes", [8.01, 20])
def test_too_large_a_form_is_refused(guide: Guide, megabytes: float) -> None:
    body = urlencode({"login": "x" * int(megabytes * 1024 * 1024)})
    status, content = raw(guide, "POST", "/accounts/login/", body)
    assert status == 413
    assert "larger than the 8 megabytes" in content


def raw(guide: Guide, method: str, path: str, body: str | None = None) -> tuple[int, str]:
    """Send a request with its path exactly as it is, and return status and content."""
    trust = ssl.create_default_context(cafile=str(guide.root / "etc/ldn-screen/tls/server.crt"))
    trust.check_hostname = False
    with closing(HTTPSConnection(HOST, guide.https, context=trust, timeout=30)) as connection:
        headers = {"Host": HOST_NAME, "Content-Type": "application/x-www-form-urlencoded"}
        connection.request(method, path, body, headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode()


def test_links_to_set_a_password_are_in_no_log(guide: Guide) -> None:
    Browser(guide).open("/accounts/password/reset/key/secret-part/")
    Browser(guide).open("/accounts/login/?seen-in-the-log")
    guide.run(
        "timeout 10 sh -c 'until grep --quiet seen-in-the-log /var/log/nginx/ldn-screen.log; do sleep 0.1; done'"
    )
    everything = (guide.root / "var/log/nginx/ldn-screen.log").read_text()
    everything += "".join(path.read_text(errors="replace") for path in guide.root.glob("*.log"))
    assert "secret-part" not in everything


def test_the_web_processes_cannot_read_what_is_the_owners(guide: Guide) -> None:
    folder = guide.root / "etc/ldn-screen"
    assert {name: oct((folder / name).stat().st_mode & 0o777) for name in ("environment", "owner.env")} == {
        "environment": "0o640",
        "owner.env": "0o600",
    }


def test_the_role_of_the_web_processes_cannot_change_a_record(guide: Guide, recorded: str) -> None:
    script = '. /etc/ldn-screen/environment; psql "$DATABASE_URL" --command "{}" 2>&1 || true'
    for statement in ("UPDATE screening_answer SET link_id = ''", "TRUNCATE screening_auditevent CASCADE"):
        assert "permission denied" in guide.run(script.format(statement))


def test_postgresql_has_checksums_and_no_patient_in_its_log(guide: Guide, recorded: str) -> None:
    assert rows(guide, "SHOW data_checksums") == "on"
    guide.run(
        'psql --dbname ldn_screen --command "INSERT INTO screening_screening (patient_name) '
        "VALUES ('Quixwright')\" || true"
    )
    log = (guide.root / "postgresql.log").read_text(errors="replace")
    assert "violates not-null constraint" in log
    assert "Quixwright" not in log


def test_the_services_of_the_timers_do_their_work(guide: Guide, recorded: str) -> None:
    guide.run("sleep 61")  # events are sealed when they are a minute old
    guide.run("for each in seal verify verify backup; do systemctl start ldn-screen-$each.service; done")
    backups = list((guide.root / "var/lib/ldn-screen/backups").glob("*.ldnbackup"))
    assert [oct(path.stat().st_mode & 0o777) for path in backups] == ["0o640", "0o640"]  # read by ldn-owner
    anchors = re.findall("^anchor: (.*)$", (guide.root / "ldn-screen-verify.service.log").read_text(), re.MULTILINE)
    assert anchors[-2] == anchors[-1] != anchors[0]
    assert (guide.root / "var/lib/ldn-screen/anchors/last").read_text().strip() == anchors[-1]


def test_a_changed_event_makes_the_daily_comparison_fail(guide: Guide, recorded: str) -> None:
    change = (
        "ALTER TABLE screening_auditevent DISABLE TRIGGER USER; "
        "UPDATE screening_auditevent SET actor_name = '{}' WHERE actor_name = '{}'; "
        "ALTER TABLE screening_auditevent ENABLE TRIGGER USER"
    )
    psql = 'psql --quiet --dbname ldn_screen --command "{}"'
    guide.run(psql.format(change.format("somebody", "nurse")))
    compare = "systemctl start ldn-screen-verify.service && echo the same || echo differs"
    assert guide.run(compare).splitlines()[-1] == "differs"
    guide.run(psql.format(change.format("nurse", "somebody")))
    assert guide.run(compare).splitlines()[-1] == "the same"


def test_while_the_application_is_away_the_proxy_says_so(guide: Guide) -> None:
    guide.run("systemctl stop ldn-screen.service")
    answer = Browser(guide).open("/readyz")
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "a form that is sent\ntwice is stored once" in answer.text
    guide.run("systemctl start ldn-screen.service")
    guide.run(UNTIL_READY)


def test_a_backup_is_restored_as_the_guide_says(guide: Guide, nurse: Browser, recorded: str) -> None:
    guide.follow("## Backups", until="## Several web servers")
    for table in ("screening", "answer", "edition", "seal", "user"):
        query = f"SELECT count(*) FROM screening_{table}"
        assert rows(guide, query) == rows(guide, query, "ldn_screen_before") != "0"
    guide.run(UNTIL_READY)
    nurse.sign_in("nurse")
    assert 'data-outcome="contraindication_flagged"' in nurse.open(recorded).text
