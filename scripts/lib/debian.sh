# shellcheck shell=bash
# The slow way to the WebAssembly target, for a Debian where rustup cannot download it. Debian's security archive
# has a newer compiler with its sources: the standard library is built from those, once. No other system comes here.

get_rust_from_debian() {
  local lld
  note "rustup could not fetch the target; using Debian's newer compiler instead (1 to 3 minutes)"
  lld="$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1)"
  if [ -z "$lld" ]; then
    apt-get update -qq || true
    lld="$(apt-cache search --names-only '^lld-[0-9]+$' | cut -d' ' -f1 | sort -V | tail -n 1)"
  fi
  apt_install rustc-web cargo-web rust-web-src rust-web-clippy rustfmt-web "$lld" || return
  build_wasm_std "$lld" || return
  use_debian_toolchain
}

# build_wasm_std LLD: into the compiler's own folder, where rustc looks for targets.
build_wasm_std() {
  local lld="$1" host folder library linker
  host="$(/usr/bin/rustc -vV | sed -n 's/^host: //p')"
  # The compiler knows its linker by this name only, and Debian doesn't ship it. With the link in place nobody
  # needs an environment variable.
  linker="/usr/lib/rustlib/$host/bin/rust-lld"
  mkdir -p "$(dirname "$linker")"
  ln -sf "/usr/bin/$lld" "$linker"

  note "building the standard library for WebAssembly (about a minute)"
  library="$(/usr/bin/rustc --print sysroot)/lib/rustlib/wasm32-unknown-unknown/lib"
  folder="$(mktemp -d)"
  mkdir "$folder/src"
  printf '[package]\nname = "stdprobe"\nversion = "0.0.0"\nedition = "2024"\n[workspace]\n' >"$folder/Cargo.toml"
  echo 'pub fn probe() {}' >"$folder/src/lib.rs"
  if ! (
    cd "$folder" &&
      RUSTC_BOOTSTRAP=1 RUSTC=/usr/bin/rustc CARGO_TARGET_DIR="$folder/target" \
        /usr/bin/cargo build --quiet --release -Zbuild-std=std,panic_abort --target wasm32-unknown-unknown
  ); then
    rm -rf "$folder"
    return 1
  fi
  rm -rf "$library"
  mkdir -p "$library"
  rm -f "$folder"/target/wasm32-unknown-unknown/release/deps/libstdprobe*
  cp "$folder"/target/wasm32-unknown-unknown/release/deps/*.rlib "$library/"
  rm -rf "$folder"
}

# One compiler for everything, so that nothing is built twice and plain `cargo leptos watch` finds it by itself.
use_debian_toolchain() {
  have rustup || return 0
  rustup toolchain link switchboard-debian /usr 2>/dev/null || true
  rustup override set switchboard-debian --path "$PWD" >/dev/null 2>&1
}
