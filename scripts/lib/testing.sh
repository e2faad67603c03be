# shellcheck shell=bash
# What only the tests need: the browser suite's packages, a browser, and PostgreSQL's server programs.

have_node() { have node && have npm && at_least "$(node --version | tr -d v)" 20.19.0; }

get_node() { return 1; }

without_node() { say "The browser tests need Node.js 20.19 or newer with npm: https://nodejs.org"; }

# npm writes a copy of the lock file into the folder it installs, which is newer exactly when it is up to date.
have_packages() {
  [ -f end2end/node_modules/.package-lock.json ] &&
    [ ! end2end/package-lock.json -nt end2end/node_modules/.package-lock.json ]
}

get_packages() {
  (cd end2end && PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 npm ci --loglevel error >/dev/null) && touch end2end/node_modules/.package-lock.json
}

without_packages() { say "\`npm ci\` in end2end/ says why; it fetches what package-lock.json names."; }

have_browser() { [ -n "$(browser_path)" ]; }

# The one that Playwright brings, else one of the system; end2end/playwright.config.ts looks in the same order.
browser_path() {
  (
    cd end2end && node --input-type=module <<'JS'
import { existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";
const names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];
const found = [
  chromium.executablePath(),
  ...names.flatMap((name) => process.env.PATH.split(delimiter).map((folder) => join(folder, name))),
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
].find((path) => existsSync(path));
if (found) console.log(found);
JS
  ) 2>/dev/null
}

get_browser() {
  note "downloading Chromium with Playwright (about a minute)"
  (cd end2end && within 300 npx playwright install chromium >/dev/null 2>&1) || true
  if ! have_browser && is_debian_root; then
    note "that download can't be had here; installing Debian's Chromium (1 to 2 minutes)"
    apt_install chromium
  fi
}

without_browser() { say "Run \`npx playwright install chromium\` in end2end/, or install Chromium or Chrome."; }

# Python's packages are kept outside the project, so that every checkout shares them, and apart from anybody else's.
schemathesis_folder() {
  echo "${XDG_DATA_HOME:-$HOME/.local/share}/switchboard/tools/schemathesis-$(schemathesis_packages | checksum | cut -c1-12)"
}

schemathesis_packages() { cat tests/schemathesis/requirements.txt; }

schemathesis_program() { echo "$(schemathesis_folder)/bin/schemathesis"; }

have_schemathesis() { [ -x "$(schemathesis_program)" ]; }

get_schemathesis() {
  local folder
  folder="$(schemathesis_folder)"
  note "installing it for Python (about half a minute)"
  if ! python3 -c 'import ensurepip, venv' >/dev/null 2>&1 && is_debian_root; then apt_install python3-venv; fi
  # A half-made one would look ready: the program is there only when all of it is.
  rm -rf "$folder"
  python3 -m venv "$folder" && "$folder/bin/pip" install --quiet --disable-pip-version-check \
    --requirement tests/schemathesis/requirements.txt || { rm -rf "$folder"; return 1; }
}

without_schemathesis() {
  say "The API is tried with schemathesis, which needs Python 3.10 or newer with venv:" \
    "\`apt-get install python3-venv\`, or https://www.python.org."
}

have_postgres() { [ -n "$(postgres_folder)" ]; }

# Distributions keep the server's programs out of PATH.
postgres_folder() {
  local folder
  for folder in "$(dirname "$(command -v initdb || echo /nowhere/initdb)")" \
    /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql*/bin /usr/local/opt/postgresql*/bin; do
    if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
      echo "$folder"
      return
    fi
  done
}

get_postgres() {
  is_debian_root || return 1
  note "installing Debian's PostgreSQL (about a minute); the tests start throw-away servers of their own"
  apt_install postgresql
}

without_postgres() {
  say "Every database test also runs on PostgreSQL. Install its server programs (initdb, pg_ctl):" \
    "\`apt-get install postgresql\`, \`dnf install postgresql-server\` or \`brew install postgresql\`."
}
