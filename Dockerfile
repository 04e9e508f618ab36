# Stage 1 has the tools; what runs has only Python, the packages and the product.
FROM python:3.12-slim AS build
ENV PIP_NO_CACHE_DIR=1 PYTHONDONTWRITEBYTECODE=1
RUN python -m venv /venv
ENV PATH=/venv/bin:$PATH
WORKDIR /app
COPY pyproject.toml README.md LICENSE manage.py ./
COPY dxportal dxportal
COPY roadmap roadmap
COPY surveys surveys
COPY bench bench
RUN pip install -e .
COPY templates templates
COPY static static
COPY docs docs
# Needs neither a database nor a secret that lasts.
RUN DXPORTAL_ENV=embedded DXPORTAL_STATIC_ROOT=/app/static-root DXPORTAL_VAR_DIR=/tmp/build \
    python manage.py collectstatic --noinput
RUN python -m compileall -q dxportal roadmap surveys

FROM python:3.12-slim
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=/app \
    DXPORTAL_STATIC_ROOT=/app/static-root
# Results as PDF: Pango draws the text, and the image brings a Japanese font.
RUN apt-get update -qq \
    && apt-get install -y -qq --no-install-recommends \
        libpango-1.0-0 libpangoft2-1.0-0 fontconfig fonts-noto-cjk \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --create-home --shell /usr/sbin/nologin dxportal \
    && install -d -m 0700 -o dxportal -g dxportal /keys
COPY --from=build /venv /venv
COPY --from=build /app /app
WORKDIR /app
USER 10001
EXPOSE 8000
CMD ["gunicorn", "dxportal.wsgi:application", "--bind=0.0.0.0:8000", "--worker-class=gthread", "--threads=4"]
