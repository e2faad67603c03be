# shellcheck shell=bash
# The three tools that turn the sources into a site. Each is first fetched ready-made and only then built here.

cargo_leptos_version="0.3.11"
binaryen_version="132"
cargo_leptos_releases="https://github.com/leptos-rs/cargo-leptos/releases/download"
wasm_bindgen_releases="https://github.com/wasm-bindgen/wasm-bindgen/releases/download"
binaryen_releases="https://github.com/WebAssembly/binaryen/releases/download"

have_cargo_leptos() {
  local version
  version="$(cargo-leptos --version 2>/dev/null | cut -d' ' -f2)"
  case "$version" in
    "${cargo_leptos_version%.*}".*) at_least "$version" "$cargo_leptos_version" ;;
    *) return 1 ;;
  esac
}

get_cargo_leptos() {
  binstall cargo-leptos "$cargo_leptos_version" && return
  download cargo-leptos \
    "$cargo_leptos_releases/v$cargo_leptos_version/cargo-leptos-$(host_triple).tar.gz" &&
    have_cargo_leptos && return
  note "no ready-made one can be had here; building it (about 6 minutes on two cores)"
  # It only starts other tools, so it is built to be ready soon rather than to run fast. no_downloads makes a
  # missing tool an error that says so, where it would otherwise wait for a download.
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=0 \
    CARGO_PROFILE_RELEASE_CODEGEN_UNITS=16 CARGO_PROFILE_RELEASE_DEBUG=0 \
    install_from_source cargo-leptos "$cargo_leptos_version" --no-default-features --features no_downloads
}

without_cargo_leptos() { say "Install it with \`cargo install cargo-leptos@$cargo_leptos_version\`."; }

have_wasm_bindgen() { [ "$(wasm-bindgen --version 2>/dev/null)" = "wasm-bindgen $(wanted_wasm_bindgen)" ]; }

get_wasm_bindgen() {
  local version host
  version="$(wanted_wasm_bindgen)"
  # Releases for x86-64 Linux are linked with musl and run everywhere.
  host="$(host_triple)"
  host="${host/x86_64-unknown-linux-gnu/x86_64-unknown-linux-musl}"
  binstall wasm-bindgen-cli "$version" && return
  download wasm-bindgen "$wasm_bindgen_releases/$version/wasm-bindgen-$version-$host.tar.gz" &&
    have_wasm_bindgen && return
  note "no ready-made one can be had here; building it (about 3 minutes on two cores)"
  CARGO_PROFILE_RELEASE_LTO=off CARGO_PROFILE_RELEASE_OPT_LEVEL=1 \
    install_from_source wasm-bindgen-cli "$version"
}

without_wasm_bindgen() { say "Install it with \`cargo install wasm-bindgen-cli@$(wanted_wasm_bindgen)\`."; }

# Distributions carry versions that are years old and refuse what today's compiler writes.
have_wasm_opt() {
  local version
  version="$(wasm-opt --version 2>/dev/null | sed 's/^wasm-opt version \([0-9]*\).*/\1/')"
  at_least "${version:-0}" 120
}

# Outside the project, so that every checkout shares it, and linked to where plain `cargo leptos` looks.
get_wasm_opt() {
  local tools="${XDG_DATA_HOME:-$HOME/.local/share}/switchboard/tools"
  mkdir -p "$tools" "$(tool_folder)"
  if have npm &&
    npm install --silent --no-fund --no-audit --prefix "$tools" "binaryen@$binaryen_version" >/dev/null 2>&1; then
    ln -sf "$tools/node_modules/.bin/wasm-opt" "$(tool_folder)/wasm-opt"
    return
  fi
  download wasm-opt "$binaryen_releases/version_$binaryen_version/binaryen-version_$binaryen_version-$(binaryen_host).tar.gz"
}

without_wasm_opt() {
  say "It comes with npm (install Node.js and run this again) or with the package binaryen, version 120 or newer."
}

binaryen_host() {
  case "$(host_triple)" in
    x86_64-*-linux-*) echo x86_64-linux ;;
    aarch64-*-linux-*) echo aarch64-linux ;;
    x86_64-apple-*) echo x86_64-macos ;;
    *) echo arm64-macos ;;
  esac
}

# binstall CRATE VERSION: only what is ready-made; building is left to install_from_source.
binstall() {
  have cargo-binstall || return 1
  within 120 cargo binstall --no-confirm --disable-strategies compile --force "$1@$2" >/dev/null 2>&1
}

# download PROGRAM URL: one program out of an archive. Quiet when it fails: there is a slower way.
download() {
  local program="$1" url="$2" folder found
  have curl && have tar || return 1
  folder="$(mktemp -d)"
  if curl --proto '=https' --connect-timeout 5 --max-time 120 --fail --silent --location "$url" 2>/dev/null |
    tar -xz -C "$folder" 2>/dev/null; then
    found="$(find "$folder" -type f -name "$program" | head -n 1)"
  fi
  if [ -n "${found-}" ]; then
    mkdir -p "$(tool_folder)"
    install -m 755 "$found" "$(tool_folder)/$program"
  fi
  rm -rf "$folder"
  [ -n "${found-}" ]
}

# install_from_source CRATE VERSION FLAGS…: with the lock file it was released with where that works; the one of
# wasm-bindgen-cli names a crate that has been withdrawn. What the crates say of the compiler is not believed: some of
# them name a newer one than they need, and would be refused by a compiler that builds them.
install_from_source() {
  local crate="$1" version="$2" folder
  shift 2
  set -- --version "$version" --force --ignore-rust-version "$@"
  # Kept until it has succeeded, so that an interrupted build goes on where it was.
  folder="$(target_folder)/tools"
  {
    [ "$crate" != wasm-bindgen-cli ] &&
      cargo install "$crate" --locked --target-dir "$folder" "$@"
  } || cargo install "$crate" --target-dir "$folder" "$@" || return
  rm -rf "$folder"
}
