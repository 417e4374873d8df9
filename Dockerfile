# The service as one image: no build step, since Node strips the types itself. `ops/build-image` builds it and syncs a night with it.
FROM docker.io/library/node:24-bookworm-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# The optional package is Node itself, for development. No production package needs an install script.
RUN npm ci --omit=dev --omit=optional --ignore-scripts --no-update-notifier \
  && find node_modules -name '*.map' -delete

FROM docker.io/library/node:24-bookworm-slim
ARG VERSION=dev
ARG REVISION=unknown
LABEL org.opencontainers.image.title="callcenter-sync" \
  org.opencontainers.image.description="Every night: a PBX's calls into PostgreSQL, every recording into Google Drive, and the proof that nothing is missing." \
  org.opencontainers.image.licenses="MIT" \
  org.opencontainers.image.version="${VERSION}" \
  org.opencontainers.image.revision="${REVISION}"
ENV NODE_ENV=production
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json crontab ./
COPY sql sql
COPY tasks tasks
COPY src src
RUN printf '#!/bin/sh\nexec node /app/src/start/cli.ts "$@"\n' > /usr/local/bin/callcenter-sync \
  && chmod 755 /usr/local/bin/callcenter-sync

# The base's user `node`, as a number: Kubernetes can then see that it is not root. Nothing is ever written below /.
USER 1000:1000
EXPOSE 8080
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 8080) + '/health/live').then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]

# No shell between the platform and Node: PID 1 hears SIGTERM itself. Another command takes its place: `callcenter-sync migrate`.
# The flags, here as in `npm start` and fly.toml: V8 would else let young garbage grow to 128 MB and old garbage to three times what lives.
ENTRYPOINT []
CMD ["node", "--max-semi-space-size=2", "--heap-growing-percent=100", "src/start/container.ts"]
