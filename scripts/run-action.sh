#!/usr/bin/env bash
# Runs one Slipway binary: finds it, checks its sha256, and replaces this shell with it.
#
#   run-action.sh NAME [ARGUMENT...]     find it, check it, run it
#   run-action.sh --install NAME...      find and check them, and put them on PATH for the steps that follow
#
# 1. SLIPWAY_BIN_DIR: that binary; where release.lock pins a release, only if its sha256 matches.
# 2. release.lock, in the same commit as this script, names the version, the address and every hash. No API call, no `latest`.
# 3. the tool cache, if the hash matches (checked on every run); else a download over TLS, checked twice, moved into place at once.
# 4. an unreleased commit is built from source.
# A mismatch stops the job; nothing unchecked runs. Works with bash 3.2 (macOS) and Git Bash (Windows).
set -euo pipefail

readonly MAX_ARCHIVE_BYTES=67108864

# fail TITLE WHAT HELP: one annotation and one readable block. All three come from this file or are escaped.
fail() {
  local data="$2"$'\n'"help: $3"
  data=${data//'%'/%25} data=${data//$'\r'/%0D} data=${data//$'\n'/%0A}
  if [ "${GITHUB_ACTIONS:-}" = true ]; then printf '::error title=%s::%s\n' "$1" "$data" >&2; fi
  printf '%s: %s\n  help: %s\n' "$1" "$2" "$3" >&2
  exit "${4:-1}"
}

sha256_of() {
  # Reading standard input keeps Windows' `sha256sum C:\x` from escaping its output.
  local sum
  if command -v sha256sum >/dev/null 2>&1; then sum=$(sha256sum <"$1"); else sum=$(shasum -a 256 <"$1"); fi
  printf '%s' "${sum%% *}"
}

# target_triple: the release target of this runner, or of this machine outside of a runner.
target_triple() {
  local os="${RUNNER_OS:-$(uname -s)}" arch="${RUNNER_ARCH:-$(uname -m)}"
  case "$os/$arch" in
    Linux/X64 | Linux/x86_64) printf x86_64-unknown-linux-musl ;;
    Linux/ARM64 | Linux/aarch64) printf aarch64-unknown-linux-musl ;;
    macOS/X64 | Darwin/x86_64) printf x86_64-apple-darwin ;;
    macOS/ARM64 | Darwin/arm64) printf aarch64-apple-darwin ;;
    Windows/X64 | Windows/ARM64 | MINGW*/x86_64 | MSYS*/x86_64) printf x86_64-pc-windows-msvc ;;
    *) return 1 ;;
  esac
}

# lock_value KEY: the second word of the line that starts with KEY.
lock_value() {
  local key value rest
  while read -r key value rest; do
    if [ "$key" = "$1" ]; then printf '%s' "$value" && return 0; fi
  done <"$lock"
  return 1
}

# lock_hashes NAME TRIPLE: sets archive_sha and binary_sha.
lock_hashes() {
  local key name triple first second rest
  archive_sha='' binary_sha=''
  while read -r key name triple first second rest; do
    if [ "$key" = asset ] && [ "$name" = "$1" ] && [ "$triple" = "$2" ]; then
      archive_sha=$first binary_sha=$second
      return 0
    fi
  done <"$lock"
  return 1
}

# release_triple: the target of this runner, or a failure that names it.
release_triple() {
  target_triple || fail slipway/unknown-platform \
    "there is no Slipway binary for ${RUNNER_OS:-$(uname -s)} on ${RUNNER_ARCH:-$(uname -m)}" \
    "use a Linux, macOS or Windows runner on x64 or arm64, or build the binary and set SLIPWAY_BIN_DIR"
}

# run BINARY [ARGUMENT...]: replaces this shell with the binary, or names it where it is only to be installed.
run() {
  if [ "$mode" = install ]; then printf '%s' "$1" && exit 0; fi
  local binary=$1
  shift
  exec "$binary" "$@"
}

# from_folder DIR: the binary a caller provides.
from_folder() {
  local binary="$1/$name$suffix"
  if [ ! -f "$binary" ]; then
    fail slipway/binary-missing "SLIPWAY_BIN_DIR has no \`$name$suffix\`" "build it there, or unset SLIPWAY_BIN_DIR"
  fi
  if [ "$version" != unreleased ]; then
    local triple
    triple=$(release_triple)
    if ! lock_hashes "$name" "$triple" || [ "$(sha256_of "$binary")" != "$binary_sha" ]; then
      fail slipway/binary-mismatch "\`$name\` in SLIPWAY_BIN_DIR is not the binary of release $version" \
        "unset SLIPWAY_BIN_DIR; if no step of yours set it, another step or action did: find out which before you run this again"
    fi
  fi
  run "$binary" "${arguments[@]+"${arguments[@]}"}"
}

# from_source: an unreleased commit, built where the toolchain is.
from_source() {
  if ! command -v cargo >/dev/null 2>&1; then
    fail slipway/unreleased "this commit of Slipway is not a release, and there is no cargo to build it with" \
      "pin the full SHA of a released commit (see its release notes), or install Rust in a step before"
  fi
  local target="${CARGO_TARGET_DIR:-$root/target}"
  if ! cargo build --quiet --locked --release --manifest-path "$root/Cargo.toml" --target-dir "$target" --package "$name" >&2; then
    fail slipway/build-failed "\`$name\` cannot be built from this commit" "pin the full SHA of a released commit"
  fi
  run "$target/release/$name$suffix" "${arguments[@]+"${arguments[@]}"}"
}

# cache_folder: the first of the runner's tool cache, the job's and the system's folder that can be written.
cache_folder() {
  local candidate
  for candidate in "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}" "${TMPDIR:-/tmp}"; do
    [ -n "$candidate" ] || continue
    candidate="$candidate/slipway/$version/$triple"
    if mkdir -p "$candidate" 2>/dev/null && [ -w "$candidate" ]; then printf '%s' "$candidate" && return 0; fi
  done
  return 1
}

download() {
  local address="$1" file="$2"
  local protocol='=https'
  # A mirror on this machine (tests, an air-gapped runner's proxy) may speak plain HTTP; the hashes decide either way.
  case "$address" in http://127.0.0.1[:/]* | http://localhost[:/]*) protocol='=http,https' ;; esac
  curl --fail --silent --show-error --location --proto "$protocol" --proto-redir '=https' --tlsv1.2 \
    --retry 5 --retry-connrefused --connect-timeout 10 --max-time 300 --max-filesize "$MAX_ARCHIVE_BYTES" \
    --output "$file" "$address"
}

# from_release: the pinned binary, from the cache or the release.
from_release() {
  local triple folder binary url work
  triple=$(release_triple)
  lock_hashes "$name" "$triple" || fail slipway/no-asset "release $version has no \`$name\` for $triple" \
    "build the binary for this platform and set SLIPWAY_BIN_DIR"
  # A read-only cache that already holds the right binary is as good as a writable one.
  if [ -n "${RUNNER_TOOL_CACHE:-}" ]; then
    binary="$RUNNER_TOOL_CACHE/slipway/$version/$triple/$name$suffix"
    if [ -f "$binary" ] && [ "$(sha256_of "$binary")" = "$binary_sha" ]; then run "$binary" "${arguments[@]+"${arguments[@]}"}"; fi
  fi
  folder=$(cache_folder) || fail slipway/no-cache "no folder for the binary can be written" "set RUNNER_TEMP to a writable folder"
  binary="$folder/$name$suffix"
  if [ -f "$binary" ] && [ "$(sha256_of "$binary")" = "$binary_sha" ]; then run "$binary" "${arguments[@]+"${arguments[@]}"}"; fi

  url=${SLIPWAY_MIRROR:-$(lock_value url)}
  work=$(mktemp -d "$folder/.download.XXXXXX")
  # shellcheck disable=SC2064 # the folder's name of now is meant
  trap "rm -rf '${work//\'/\'\\\'\'}'" EXIT
  local archive="$name-$triple.tar.gz"
  download "${url%/}/$archive" "$work/$archive" || fail slipway/download-failed "\`$archive\` of release $version cannot be downloaded" \
    "check the runner's network and proxy (HTTPS_PROXY), or set SLIPWAY_MIRROR or SLIPWAY_BIN_DIR"
  if [ "$(sha256_of "$work/$archive")" != "$archive_sha" ]; then
    fail slipway/archive-mismatch "\`$archive\` is not the file that release $version pinned; nothing of it was run" \
      "do not retry blindly: report it to the maintainers, with the run's link"
  fi
  # GNU tar takes `C:` for a host name, hence the change of folder.
  (cd "$work" && tar -xzf "$archive" "$name$suffix")
  if [ "$(sha256_of "$work/$name$suffix")" != "$binary_sha" ]; then
    fail slipway/binary-mismatch "the binary in \`$archive\` is not the one that release $version pinned; nothing of it was run" \
      "report it to the maintainers, with the run's link"
  fi
  chmod 755 "$work/$name$suffix"
  mv -f "$work/$name$suffix" "$binary"
  rm -rf "$work"
  trap - EXIT
  run "$binary" "${arguments[@]+"${arguments[@]}"}"
}

check_name() {
  case "$1" in
    *[!a-z0-9-]* | '') fail slipway/usage "the name of an action holds a-z, 0-9 and - only" "run-action.sh NAME [ARGUMENT...]" 2 ;;
  esac
}

# resolve: runs (or names) the binary `name`.
resolve() {
  if [ -n "${SLIPWAY_BIN_DIR:-}" ]; then
    from_folder "$SLIPWAY_BIN_DIR"
  elif [ "$version" = unreleased ]; then
    from_source
  else
    from_release
  fi
}

# install NAME...: copies the checked binaries into one folder and puts it on PATH for the steps that follow.
install() {
  local folder="${RUNNER_TEMP:-${TMPDIR:-/tmp}}/slipway-bin" binary
  mkdir -p "$folder"
  for name in "$@"; do
    check_name "$name"
    binary=$(resolve)
    cp -f "$binary" "$folder/.$name.$$" && mv -f "$folder/.$name.$$" "$folder/$name$suffix"
  done
  if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$folder" >>"$GITHUB_PATH"; fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then printf 'version=%s\nbin-dir=%s\n' "$version" "$folder" >>"$GITHUB_OUTPUT"; fi
  printf 'Slipway %s: %s in %s\n' "$version" "$*" "$folder" >&2
}

main() {
  mode=run
  if [ "${1:-}" = --install ]; then mode=install && shift; fi
  if [ $# -lt 1 ]; then fail slipway/usage "no action was named" "run-action.sh NAME [ARGUMENT...]" 2; fi
  root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
  lock="$root/release.lock"
  suffix=''
  case "${RUNNER_OS:-$(uname -s)}" in Windows | MINGW* | MSYS*) suffix=.exe ;; esac
  version=$(lock_value version) || fail slipway/no-lock "release.lock names no version" "check out a complete commit of Slipway"
  if [ "$mode" = install ]; then
    install "$@"
    return
  fi
  name=$1
  shift
  arguments=("$@")
  check_name "$name"
  resolve
}

main "$@"
