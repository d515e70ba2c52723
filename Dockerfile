# Two stages: the first has pip and the build backend, the second only what runs.
# Pinned to the patch release; a registry of your own can pin the digest as well (docs/deploy.md).
FROM python:3.12.13-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
COPY requirements/build.txt requirements/runtime.txt requirements/
RUN python -m venv --without-pip /opt/posterior-hip-cds \
    && pip --python /opt/posterior-hip-cds/bin/python install --require-hashes -r requirements/runtime.txt \
    && pip install --require-hashes -r requirements/build.txt
COPY pyproject.toml LICENSE NOTICE README.md ./
COPY cards cards
COPY cds_service cds_service
COPY fhir_fixtures fhir_fixtures
COPY tests/vignettes tests/vignettes
RUN hatchling build -t wheel -d /dist \
    && pip --python /opt/posterior-hip-cds/bin/python install --no-index --no-deps /dist/*.whl

FROM python:3.12.13-slim-bookworm
LABEL org.opencontainers.image.title="Posterior Hip CDS" \
      org.opencontainers.image.description="CDS Hooks service for posterior hip and buttock pain" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /opt/posterior-hip-cds /opt/posterior-hip-cds
RUN python -m pip uninstall --yes --quiet --root-user-action=ignore pip \
    && install -d -o 10001 -g 10001 -m 0700 /var/lib/posterior-hip-cds
# The root file system may be read-only: what is written goes to the volume, to /tmp and to /dev/shm.
ENV PATH=/opt/posterior-hip-cds/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    HOME=/tmp \
    CDS_DATABASE_URL=sqlite:////var/lib/posterior-hip-cds/store.sqlite
VOLUME /var/lib/posterior-hip-cds
WORKDIR /var/lib/posterior-hip-cds
USER 10001:10001
EXPOSE 8000
# That a worker answers; whether the database does is /readyz, and no reason to restart the container.
HEALTHCHECK --interval=15s --timeout=3s --start-period=20s --retries=3 CMD ["python", "-c", "\
import http.client, sys; \
c = http.client.HTTPConnection('127.0.0.1', 8000, timeout=2); \
c.request('GET', '/healthz'); \
sys.exit(c.getresponse().status != 200)"]
# Both in exec form: gunicorn is process 1, and the stop signal reaches it.
ENTRYPOINT ["posterior-hip-cds"]
CMD ["serve", "--host", "0.0.0.0", "--port", "8000"]
