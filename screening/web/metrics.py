"""What the process counts for ``/metrics``: requests with their durations, screenings and decisions.

No label names a person, a patient or a record, and each has few values: a view, a method, a status or a code.
"""

from __future__ import annotations

import logging
import time

from django.http import HttpRequest, HttpResponse
from prometheus_client import Counter, Histogram

from screening.web.middleware import GetResponse

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

REQUESTS = Counter("ldn_requests", "Requests that were answered.", ["view", "method", "status"])
DURATIONS = Histogram("ldn_request_duration_seconds", "Seconds until the response.", ["view"], buckets=SECONDS)
SCREENINGS = Counter("ldn_screenings_recorded", "Screenings that were recorded.", ["outcome"])
DECISIONS = Counter("ldn_decisions_recorded", "Decisions that were recorded.", ["code"])

_logger = logging.getLogger("screening.requests")


def observe(get_response: GetResponse) -> GetResponse:
    """Middleware that counts, times and logs each request by the name of its view, without its address."""

    def middleware(request: HttpRequest) -> HttpResponse:
        begun = time.perf_counter()
        response = get_response(request)
        seconds = time.perf_counter() - begun
        view = request.resolver_match.view_name if request.resolver_match else "none"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(view, method, response.status_code).inc()
        DURATIONS.labels(view).observe(seconds)
        fields = {"method": method, "view": view, "status": response.status_code}
        _logger.info("request", extra=fields | {"milliseconds": round(seconds * 1000, 1)})
        return response

    return middleware
