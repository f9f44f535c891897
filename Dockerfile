# The service as an image: a bundle of its code and packages, the templates and the font, on an official Node image. It builds
# for any platform without emulation: only the first stage runs programs, on the platform of the building machine.
# Why this base, and how to use another: docs/decisions/0010-image-on-the-official-node-image.md; why a bundle: 0017.

# By digest: a later build has the same base. scripts/image/bump-base.sh asks the registry for newer digests.
ARG BUILD_IMAGE=docker.io/library/node:24-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe
ARG RUNTIME_IMAGE=${BUILD_IMAGE}

FROM --platform=$BUILDPLATFORM ${BUILD_IMAGE} AS build
# A mirror, where this one cannot be reached: the lock file has the hash of every package.
ARG NPM_REGISTRY=https://registry.npmjs.org
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --registry="${NPM_REGISTRY}" --ignore-scripts --no-audit --no-fund --loglevel=error && mkdir /data
COPY scripts/bundle.ts scripts/
COPY src src
RUN npm run bundle -- --papers=papers

FROM ${RUNTIME_IMAGE}
ARG VERSION=dev
ARG REVISION=unknown
ARG CREATED=1970-01-01T00:00:00Z
ARG SOURCE=unknown
LABEL org.opencontainers.image.title="alertmanager-wecom" \
      org.opencontainers.image.description="Delivers Prometheus Alertmanager and Grafana alerts to WeCom (企业微信) group robots" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}" \
      org.opencontainers.image.created="${CREATED}" \
      org.opencontainers.image.source="${SOURCE}" \
      org.opencontainers.image.url="${SOURCE}" \
      org.opencontainers.image.documentation="${SOURCE}" \
      org.opencontainers.image.vendor="The alertmanager-wecom authors" \
      org.opencontainers.image.licenses="Apache-2.0"

# In distroless images node is in /nodejs/bin. A small young generation and one malloc arena for all threads save memory and cost
# a few more collections (npm run bench:memory and npm run bench print both). glibc raises the size from which it returns a freed
# block to the kernel after each larger block, up to 32 MB, unless the size is set: freed bodies then stay in the process.
ENV NODE_ENV=production \
    NODE_OPTIONS=--max-semi-space-size=2 \
    MALLOC_ARENA_MAX=1 \
    MALLOC_MMAP_THRESHOLD_=262144 \
    PATH=/usr/local/bin:/usr/bin:/bin:/nodejs/bin

# So that the default storage, sqlite:data/outbox.db, is on the volume.
WORKDIR /
# No code: the manifest and licence of each package in the bundle, for people and scanners.
COPY --from=build /app/papers/node_modules /app/node_modules
COPY package.json LICENSE config.example.yaml config.schema.json /app/
COPY templates /app/templates
COPY fonts /app/fonts
COPY --from=build /app/dist /app/dist
COPY --from=build --chown=65532:65532 /data /data

USER 65532:65532
VOLUME /data
EXPOSE 8060
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s --retries=3 CMD ["node", "/app/dist/main.js", "healthcheck"]
# Node can be process 1: serve handles SIGTERM itself and starts no children.
ENTRYPOINT ["node", "/app/dist/main.js"]
CMD ["serve"]
