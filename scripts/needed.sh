# needed CHECK WHAT PACKAGE...: installs Debian's packages if the command CHECK fails, and ends with WHAT is needed if it still
# does.
as_root() { if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi; }

needed() {
  local check=$1 what=$2
  shift 2
  if ! "$check" && command -v apt-get >/dev/null; then
    as_root apt-get update -qq
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
  fi
  "$check" || { echo "test: $what on the PATH" >&2; exit 1; }
}
