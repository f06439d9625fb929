# The registry for use with a PostgreSQL of its own (REGISTRY_DATABASE_URL); see docker-compose.yml.
FROM python:3.11-slim AS build
WORKDIR /src
COPY requirements.lock .
RUN python -m venv /opt/quanze \
 && /opt/quanze/bin/pip install --no-cache-dir --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md README.en.md LICENSE CHANGELOG.md ./
COPY lists lists
COPY graphql graphql
COPY registry registry
RUN /opt/quanze/bin/pip install --no-cache-dir --no-deps --no-build-isolation .

FROM python:3.11-slim
# With LibreOffice (some 400 MB) lists in .doc and .wps are read too: docker build --build-arg OFFICE=1.
ARG OFFICE=
RUN if [ -n "$OFFICE" ]; then apt-get update \
 && apt-get install --yes --no-install-recommends libreoffice-writer-nogui libreoffice-calc-nogui \
 && rm -rf /var/lib/apt/lists/*; fi
RUN useradd --create-home --uid 10001 quanze
COPY --from=build /opt/quanze /opt/quanze
ENV PATH=/opt/quanze/bin:$PATH PYTHONUNBUFFERED=1 REGISTRY_HOME=/home/quanze/registry
USER quanze
WORKDIR /home/quanze
RUN mkdir registry
# Without REGISTRY_DATABASE_URL the embedded PostgreSQL keeps its data here.
VOLUME /home/quanze/registry
EXPOSE 8000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=6 \
  CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/ready', timeout=4)"]
CMD ["registry", "serve", "--host", "0.0.0.0", "--port", "8000"]
