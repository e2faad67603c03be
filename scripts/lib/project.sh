# shellcheck shell=bash
# What the project itself says: where it is, where it builds, which versions it wants.

# Everything below, and every script that reads this file, works in the project's folder.
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1

tool_folder() { echo "${CARGO_HOME:-$HOME/.cargo}/bin"; }

# A shell that was opened before rustup was installed doesn't know its folder yet.
case ":$PATH:" in
  *":$(tool_folder):"*) ;;
  *) PATH="$(tool_folder):$PATH" ;;
esac
export PATH

wanted_rust() { sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml; }

# The command line tool and the library must be of the very same version.
wanted_wasm_bindgen() {
  awk '/^name = "wasm-bindgen"$/ { getline; gsub(/version = |"/, ""); print; exit }' Cargo.lock
}

# Never assumed to be ./target: cargo's own settings may send it elsewhere.
target_folder() {
  cargo metadata --no-deps --format-version 1 | sed -n 's/.*"target_directory":"\([^"]*\)".*/\1/p'
}

host_triple() { rustc -vV | sed -n 's/^host: //p'; }

is_debian_root() { [ "$(id -u)" = 0 ] && have apt-get && [ -f /etc/debian_version ]; }

# --no-remove: nothing that somebody installed is ever traded for what we want.
apt_install() {
  export DEBIAN_FRONTEND=noninteractive
  apt-get update -qq || true
  apt-get install -qq -y --no-remove "$@" >/dev/null
}
