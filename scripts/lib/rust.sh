# shellcheck shell=bash
# Rust with the WebAssembly target, and a C compiler for the libraries that bring C with them.

have_c_compiler() { have cc || have gcc || have clang; }

get_c_compiler() { return 1; }

without_c_compiler() {
  say "SQLite and the TLS library are compiled from C. Install a C compiler:" \
    "\`apt-get install build-essential\`, \`dnf install gcc\` or \`xcode-select --install\`."
}

have_rust() { have cargo && rust_is_new_enough && wasm_works; }

rust_is_new_enough() {
  local version
  version="$(rustc --version 2>/dev/null | cut -d' ' -f2)"
  at_least "${version%%-*}" "$(wanted_rust).0"
}

# Compiles a few bytes rather than looking for files: this also notices a target that was made for another compiler.
wasm_works() {
  local folder result=0
  folder="$(mktemp -d)"
  echo 'pub fn probe() -> String { String::new() }' >"$folder/probe.rs"
  rustc --target wasm32-unknown-unknown --crate-type cdylib --out-dir "$folder" "$folder/probe.rs" \
    >/dev/null 2>&1 || result=1
  rm -rf "$folder"
  return "$result"
}

get_rust() {
  if have rustup && rust_is_new_enough; then
    note "trying \`rustup target add wasm32-unknown-unknown\` (seconds)"
    within 180 rustup target add wasm32-unknown-unknown >/dev/null 2>&1 || true
    if wasm_works; then return; fi
  fi
  if is_debian_root; then get_rust_from_debian; fi
}

without_rust() {
  if ! have cargo; then
    say "Install Rust with rustup, see https://rustup.rs, then open a new shell."
  elif ! rust_is_new_enough; then
    say "$(rustc --version) is older than $(wanted_rust): run \`rustup update stable\`."
  else
    say "This Rust can't compile to WebAssembly: run \`rustup target add wasm32-unknown-unknown\`," \
      "or install that target with the package manager that Rust came from."
  fi
}

have_rust_components() { cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1; }

get_rust_components() { within 180 rustup component add clippy rustfmt; }

without_rust_components() { say "Run \`rustup component add clippy rustfmt\`."; }
