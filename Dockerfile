# Two stages: the first has pip and the build backend, the second only what runs.
FROM python:3.12-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv --without-pip /opt/posterior-hip-cds \
    && pip --python /opt/posterior-hip-cds/bin/python install --require-hashes -r requirements/runtime.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml LICENSE README.md* ./
COPY cards cards
COPY cds_service cds_service
COPY fhir_fixtures fhir_fixtures
COPY tests/vignettes tests/vignettes
RUN hatchling build -t wheel -d /dist \
    && pip --python /opt/posterior-hip-cds/bin/python install --no-index --no-deps /dist/*.whl

FROM python:3.12-slim-bookworm
LABEL org.opencontainers.image.title="Posterior Hip CDS" \
      org.opencontainers.image.description="CDS Hooks service for posterior hip and buttock pain" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/posterior-hip-cds /opt/posterior-hip-cds
RUN install -d -o 10001 -g 10001 -m 0700 /var/lib/posterior-hip-cds
# The root file system may be read-only: what is written goes to the volume, to /tmp and to /dev/shm.
ENV PATH=/opt/posterior-hip-cds/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    GUNICORN_CMD_ARGS="--worker-tmp-dir /dev/shm --no-control-socket" \
    CDS_DATABASE_URL=sqlite:////var/lib/posterior-hip-cds/store.sqlite
VOLUME /var/lib/posterior-hip-cds
WORKDIR /var/lib/posterior-hip-cds
USER 10001:10001
EXPOSE 8000
# Discovery answers without touching the database or a FHIR server; a 401 still proves that a worker is alive.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, sys; \
c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=2); \
c.request('GET', '/cds-services'); \
sys.exit(c.getresponse().status >= 500)"]
ENTRYPOINT ["posterior-hip-cds"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
