# shellcheck shell=bash
# Everything in this folder, for a script that wants all of it.

lib="$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)"
# shellcheck source=scripts/lib/say.sh
. "$lib/say.sh"
# shellcheck source=scripts/lib/project.sh
. "$lib/project.sh"
# shellcheck source=scripts/lib/rust.sh
. "$lib/rust.sh"
# shellcheck source=scripts/lib/debian.sh
. "$lib/debian.sh"
# shellcheck source=scripts/lib/tools.sh
. "$lib/tools.sh"
# shellcheck source=scripts/lib/testing.sh
. "$lib/testing.sh"
