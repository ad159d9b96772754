# docker build --tag ldn-screen .
# The image runs without root and with a read-only file system; compose.yaml shows how.

FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
WORKDIR /opt/ldn-screen
COPY requirements/runtime.txt requirements/runtime.txt
RUN python -m venv .venv \
    && .venv/bin/pip install --require-hashes --only-binary :all: --requirement requirements/runtime.txt
COPY . .
# The settings require a key. This one is used by nothing else.
RUN SECRET_KEY=build DATABASE_URL=sqlite://:memory: .venv/bin/python manage.py collectstatic --no-input \
    && .venv/bin/python -m compileall -q ldn_screen screening

FROM python:3.11-slim-bookworm
RUN useradd --system --uid 10001 --user-group --no-create-home --shell /usr/sbin/nologin ldn-screen \
    && install --directory --owner 10001 --group 10001 --mode 0700 /run/ldn-screen /var/lib/ldn-screen/backups
ENV PATH=/opt/ldn-screen/.venv/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PROMETHEUS_MULTIPROC_DIR=/run/ldn-screen
WORKDIR /opt/ldn-screen
COPY --from=build /opt/ldn-screen /opt/ldn-screen
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/livez', timeout=4)"]
CMD ["granian", "--interface", "wsgi", "--no-ws", "--host", "0.0.0.0", "--port", "8000", "--workers", "2", \
     "--blocking-threads", "4", "--respawn-failed-workers", "--workers-kill-timeout", "10", \
     "--log-level", "warning", "--log-config", "ldn_screen/granian_logs.json", "ldn_screen.wsgi:application"]
