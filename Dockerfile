# One image; web, worker, cron and the one-shot services differ only by their command.
ARG PYTHON_IMAGE=docker.io/library/python:3.11-slim-bookworm

FROM ${PYTHON_IMAGE} AS build
COPY requirements-image.txt /build/requirements-image.txt
RUN python3 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check --require-hashes -r /build/requirements-image.txt

FROM ${PYTHON_IMAGE} AS run
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    SMARTSKILL_ENV=production \
    SMARTSKILL_INSTANCE=/var/lib/smart-skill \
    SMARTSKILL_WEB_BIND=0.0.0.0:8000 \
    SMARTSKILL_WEB_GRACE_SECONDS=30 \
    FLASK_APP=wsgi
RUN groupadd --system --gid 10001 app \
    && useradd --system --uid 10001 --gid app --home-dir /var/lib/smart-skill --shell /usr/sbin/nologin app \
    && install -d -o app -g app -m 0750 /var/lib/smart-skill
COPY --from=build /opt/venv /opt/venv
WORKDIR /srv/smart-skill
COPY smartskill smartskill
COPY ml ml
COPY migrations migrations
COPY docker/make_secrets.py docker/
COPY wsgi.py setup.cfg ./
RUN python3 -m compileall -q smartskill ml
USER app
VOLUME /var/lib/smart-skill
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python3", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/health/live', timeout=4)"]
CMD ["gunicorn", "--config", "python:smartskill.commands.web", "wsgi:app"]
