# shellcheck shell=bash
# How the scripts speak: one line per step, with the time it took.

# Whole milliseconds; only seconds where bash is too old to know better, as on macOS.
now_ms() {
  local instant="${EPOCHREALTIME-}"
  if [ -n "$instant" ]; then
    instant="${instant//[^0-9]/}"
    echo $((instant / 1000))
  else
    echo $(($(date +%s) * 1000))
  fi
}

# took START_MS: "0.4 s", "3 min 12 s".
took() {
  local ms=$(($(now_ms) - $1))
  if [ "$ms" -lt 60000 ]; then
    printf '%d.%d s' $((ms / 1000)) $((ms % 1000 / 100))
  else
    printf '%d min %02d s' $((ms / 60000)) $((ms / 1000 % 60))
  fi
}

# Each argument is a line.
say() { printf '%s\n' "$@"; }

# Lines of advice below a step.
note() { printf '%s\n' "$@" | sed 's/^/    /'; }

stop() {
  printf '\n' >&2
  printf '%s\n' "$@" >&2
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }

# within SECONDS COMMAND…: gives up after that time where the system can count it (macOS cannot).
within() {
  local seconds="$1"
  shift
  if have timeout; then timeout --kill-after=5 "$seconds" "$@"; else "$@"; fi
}

# at_least HAVE WANT: compares dotted version numbers.
at_least() {
  [ "$(printf '%s\n%s\n' "$2" "$1" | sort -t. -k1,1n -k2,2n -k3,3n | head -n 1)" = "$2" ]
}

checksum() {
  if have sha256sum; then sha256sum; else shasum -a 256; fi
}

# ensure NAME THING: asks have_THING; if it isn't there calls get_THING and asks again; still missing, stops with
# the advice of without_THING. The getters may fail in any way they like: only the second look counts.
ensure() {
  local name="$1" thing="$2" start
  start="$(now_ms)"
  if "have_$thing"; then
    printf '  %-34s there    %s\n' "$name" "$(took "$start")"
    return
  fi
  printf '  %-34s missing, fetching it\n' "$name"
  "get_$thing" || true
  hash -r
  if ! "have_$thing"; then
    stop "$name: still missing." "$("without_$thing")"
  fi
  printf '  %-34s ready    %s\n' "$name" "$(took "$start")"
}
