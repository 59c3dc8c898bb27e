# The gateway for Kubernetes, or any host of containers. Build it in the project's root:
#   docker build -f infra/containers/gateway.Dockerfile -t medsift-gateway:0.1.0 .
FROM python:3.12.12-slim-bookworm

ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /opt/medsift

# Versions are those of the lock file.
COPY requirements.lock pyproject.toml README.md ./
COPY handler/__init__.py handler/preprocess.py handler/
COPY gateway gateway
RUN pip install --no-cache-dir --constraint requirements.lock ".[aws]" uvicorn \
    && useradd --system --uid 10001 --no-create-home medsift

USER 10001
EXPOSE 8000

# Not /health, which asks the networks and would keep a sleeping GPU awake.
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8000/openapi.json', timeout=4)"]

CMD ["uvicorn", "--factory", "gateway.asgi:create", "--host", "0.0.0.0", "--port", "8000", "--no-server-header"]
