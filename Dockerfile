# One image for all services; the command says which: `serve accounts`, `migrate review`, `declare`.
# PYTHON_IMAGE is the official slim image, or a stand-in of the same contract from `make base-images`. Its Debian decides
# the version of pg_dump and pg_restore, which is to be that of the database server: 15 in bookworm.
ARG PYTHON_IMAGE=python:3.11-slim-bookworm
FROM ${PYTHON_IMAGE}

# Broker and database may come back under another address: eventlet's own resolver would keep the old one.
ENV PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUTF8=1 \
    PYTHONWARNINGS=ignore \
    EVENTLET_NO_GREENDNS=yes

RUN apt-get update -qq && apt-get install -y -qq --no-install-recommends postgresql-client >/dev/null \
 && rm -rf /var/lib/apt/lists/*
RUN groupadd --system --gid 10001 yizhu \
 && useradd --system --uid 10001 --gid 10001 --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin yizhu \
 && install -d -o yizhu -g yizhu -m 0750 /srv/yizhu/files /srv/yizhu/clock /srv/yizhu/calendar
WORKDIR /opt/yizhu
ENV PROVINCES_DIR=/opt/yizhu/provinces

COPY requirements.lock ./
RUN pip install --no-cache-dir --disable-pip-version-check --require-hashes -r requirements.lock

COPY shared shared
COPY services services
COPY provinces provinces
COPY commands commands
COPY deploy/ready.py deploy/ready.py
# The root file system is read-only when it runs, so what Python would write then is written now.
RUN python -m compileall -q -j 0 shared services commands deploy

USER 10001:10001
ENTRYPOINT ["python", "-m", "commands"]
