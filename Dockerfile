# syntax=docker/dockerfile:1

FROM rust:1-bookworm AS build
WORKDIR /app
# The tools change seldom: with only what names their versions copied, this layer outlives changes of the sources.
COPY Cargo.toml Cargo.lock ./
COPY compact-leptos compact-leptos
COPY scripts scripts
RUN mkdir src && touch src/lib.rs src/main.rs && scripts/setup
COPY . .
# The output name and the prefix of server functions are compiled in, so the image is built through cargo-leptos
# and never with plain cargo.
RUN --mount=type=cache,target=/usr/local/cargo/registry \
    --mount=type=cache,target=/app/target \
    LEPTOS_HASH_FILES=true cargo leptos build --release --split --precompress \
    && mkdir /out \
    && cp -r target/release/switchboard target/release/hash.txt target/site /out/

FROM debian:bookworm-slim
# curl is for the health check; the certificates are for a provider behind https.
RUN apt-get update \
    && apt-get install --yes --no-install-recommends ca-certificates curl \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --home-dir /app --shell /usr/sbin/nologin switchboard \
    && install --directory --owner switchboard --group switchboard /app/data
WORKDIR /app
# hash.txt names the files of the site and is looked for beside the binary.
COPY --from=build /out/ ./
ENV LEPTOS_SITE_ADDR=0.0.0.0:3000 \
    LEPTOS_SITE_ROOT=site \
    LEPTOS_OUTPUT_NAME=switchboard \
    LEPTOS_HASH_FILES=true \
    LEPTOS_ENV=PROD
USER switchboard
VOLUME /app/data
EXPOSE 3000
# /readyz: the database answers, its schema is current and calls are being placed.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
    CMD curl --fail --silent --show-error --output /dev/null http://127.0.0.1:3000/readyz
CMD ["./switchboard"]
