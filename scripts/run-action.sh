#!/usr/bin/env bash
# Runs one Slipway binary: finds it, checks its sha256, and replaces this shell with it.
#
#   run-action.sh NAME [ARGUMENT...]     find it, check it, run it
#   run-action.sh --install NAME...      find and check them, and put them on PATH for the steps that follow;
#                                        INPUT_VERIFY_ATTESTATION=true asks GitHub who built them, too
#
# 1. SLIPWAY_BIN_DIR: that binary; where release.lock pins a release, only if its sha256 matches.
# 2. release.lock, in the same commit as this script, names the version, the address and every hash. No API call, no `latest`.
# 3. the tool cache, if the hash matches (checked on every run); else a download over TLS, checked twice, moved into place at once.
# 4. an unreleased commit is built from source.
# A mismatch stops the job; nothing unchecked runs. Works with bash 3.2 (macOS) and Git Bash (Windows).
set -euo pipefail

readonly MAX_ARCHIVE_KIB=65536
readonly ATTEMPTS=5

# fail TITLE WHAT HELP [CODE]: one annotation and one readable block. WHAT may hold anything; the others come from this file.
fail() {
  local what="${2//[$'\r\n']/ }"
  what=${what//'##['/'# #['}
  local data="$what"$'\n'"help: $3"
  data=${data//'%'/%25} data=${data//$'\r'/%0D} data=${data//$'\n'/%0A}
  if [ "${GITHUB_ACTIONS:-}" = true ]; then printf '::error title=%s::%s\n' "$1" "$data" >&2; fi
  printf '%s: %s\n  help: %s\n' "$1" "$what" "$3" >&2
  exit "${4:-1}"
}

# Whether GitHub is asked for the attestation of what is downloaded.
attest=false

# The folder of a download under way; removed however this script ends.
work=''
clean_up() {
  if [ -n "$work" ]; then rm -rf "$work"; fi
  work=''
}

# has_hash FILE SHA256: whether the file has it. An unreadable file or an empty hash never does.
has_hash() {
  local sum
  [ -f "$1" ] && [ -n "$2" ] || return 1
  # Reading standard input keeps Windows' `sha256sum C:\x` from escaping its output.
  if command -v sha256sum >/dev/null 2>&1; then sum=$(sha256sum <"$1"); else sum=$(shasum -a 256 <"$1"); fi
  [ "${sum%% *}" = "$2" ]
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
  while read -r key value rest || [ -n "$key" ]; do
    if [ "$key" = "$1" ] && [ -n "$value" ]; then printf '%s' "$value" && return 0; fi
  done <"$lock"
  return 1
}

# lock_hashes NAME TRIPLE: sets archive_sha and binary_sha.
lock_hashes() {
  local key name triple first second rest
  archive_sha='' binary_sha=''
  while read -r key name triple first second rest || [ -n "$key" ]; do
    if [ "$key" = asset ] && [ "$name" = "$1" ] && [ "$triple" = "$2" ]; then
      if [ "${#first}/${#second}" != 64/64 ]; then return 1; fi
      archive_sha=$first binary_sha=$second
      return 0
    fi
  done <"$lock"
  return 1
}

# pinned: sets triple and the hashes of the binary `name`.
pinned() {
  command -v sha256sum >/dev/null 2>&1 || command -v shasum >/dev/null 2>&1 ||
    fail slipway/no-sha256 "neither sha256sum nor shasum is on this runner, so nothing can be checked" "install GNU coreutils"
  triple=$(target_triple) || fail slipway/unknown-platform \
    "there is no Slipway binary for ${RUNNER_OS:-$(uname -s)} on ${RUNNER_ARCH:-$(uname -m)}" \
    "use a Linux, macOS or Windows runner on x64 or arm64"
  lock_hashes "$name" "$triple" || fail slipway/no-asset "release $version has no \`$name\` for $triple" \
    "pin the full SHA of a released commit that has it"
}

# from_folder DIR: the binary a caller provides.
from_folder() {
  binary="$1/$name$suffix"
  if [ ! -f "$binary" ]; then
    fail slipway/binary-missing "SLIPWAY_BIN_DIR has no \`$name$suffix\`" "build it there, or unset SLIPWAY_BIN_DIR"
  fi
  if [ "$version" = unreleased ]; then return; fi
  pinned
  has_hash "$binary" "$binary_sha" || fail slipway/binary-mismatch \
    "\`$name\` in SLIPWAY_BIN_DIR is not the binary of release $version" \
    "unset SLIPWAY_BIN_DIR; if no step of yours set it, another step or action did: find out which before you run this again"
}

# from_source: an unreleased commit, built where the toolchain is.
from_source() {
  [ ! -d "$root/crates" ] || [ -f "$root/crates/$name/src/main.rs" ] || fail slipway/usage "there is no tool \`$name\`" \
    "the tools are the folders of crates/ that are also below actions/; actions such as ecs-rollback are commands of a tool" 2
  command -v cargo >/dev/null 2>&1 || fail slipway/unreleased \
    "this commit of Slipway is not a release, and there is no cargo to build it with" \
    "pin the full SHA of a released commit (see its release notes), or install Rust in a step before"
  local target="${CARGO_TARGET_DIR:-$root/target}"
  case "$target" in /* | [A-Za-z]:*) ;; *) target="$PWD/$target" ;; esac
  # In Slipway's own folder: the toolchain file and the cargo configuration of the caller's project are not ours.
  (
    cd "$root" && unset CARGO_BUILD_TARGET &&
      cargo build --quiet --locked --release --target-dir "$target" --package "$name" >&2
  ) || fail slipway/build-failed "\`$name\` cannot be built from this commit" "pin the full SHA of a released commit"
  binary="$target/release/$name$suffix"
}

# writable_folder BELOW BASE...: makes BELOW in the first base that can be written. No shared folder such as /tmp is
# among the bases: another user could own it and swap the binary between the check and the start.
writable_folder() {
  local below="$1" base
  shift
  for base in "$@"; do
    if [ -n "$base" ] && mkdir -p "$base/$below" 2>/dev/null && [ -w "$base/$below" ]; then
      printf '%s' "$base/$below" && return 0
    fi
  done
  return 1
}

# own_cache: the folder of this user's caches, outside of a runner.
own_cache() {
  if [ -n "${XDG_CACHE_HOME:-}" ]; then printf '%s' "$XDG_CACHE_HOME"; elif [ -n "${HOME:-}" ]; then printf '%s' "$HOME/.cache"; fi
}

# fetch ADDRESS FILE PROTOCOLS: one attempt, into the current folder; prints the HTTP status. The limit on the file's size
# holds where the server does not say how long the file is. A stalled transfer ends after 30 seconds.
fetch() {
  ulimit -c 0 2>/dev/null || true
  ulimit -f "$MAX_ARCHIVE_KIB" 2>/dev/null || true
  curl --fail --silent --show-error --location --proto "$3" --proto-redir '=https' --tlsv1.2 --write-out '%{http_code}' \
    --connect-timeout 10 --speed-limit 1024 --speed-time 30 --max-time 300 --max-filesize "$((MAX_ARCHIVE_KIB * 1024))" \
    --output "$2" "$1"
}

# download ADDRESS FILE: into the folder `work`, with a few attempts where a further one can help. curl's own --retry does
# not know lost connections in the versions that are still about.
download() {
  local protocols='=https' attempt=1 status code
  # A mirror on this machine (tests, an air-gapped runner's proxy) may speak plain HTTP; the hashes decide either way.
  case "$1" in
    *@*) ;;
    http://127.0.0.1[:/]* | http://localhost[:/]*) protocols='=http,https' ;;
  esac
  while :; do
    status=0
    code=$(cd "$work" && fetch "$1" "$2" "$protocols") || status=$?
    case "$status/$code" in
      0/*) return 0 ;;
      22/408 | 22/429 | 22/5*) ;;
      # Another status, a wrong address, no such protocol, a full disk, a wrong certificate, a file that is too long.
      22/* | 1/* | 3/* | 23/* | 60/* | 63/* | 127/* | 153/*) return 1 ;;
    esac
    if [ "$attempt" -ge "$ATTEMPTS" ]; then return 1; fi
    sleep "$((2 * attempt - 1))"
    attempt=$((attempt + 1))
  done
}

# attested ARCHIVE: GitHub's own word that the release workflow made this file from the source that release.lock names.
attested() {
  local repository commit said line status=0
  command -v gh >/dev/null 2>&1 || fail slipway/no-gh \
    "gh is not on this runner, so the attestation of \`$1\` cannot be verified" \
    "install GitHub's command line (https://cli.github.com), or leave \`verify-attestation\` out: the sha256 decides in any case"
  if ! repository=$(lock_value repository) || ! commit=$(lock_value commit); then
    fail slipway/no-attestation "release.lock does not say where $version was built" "pin the full SHA of a released commit"
  fi
  said=$(GH_TOKEN="${INPUT_GITHUB_TOKEN:-${GH_TOKEN:-${GITHUB_TOKEN:-}}}" gh attestation verify "$work/$1" --repo "$repository" \
    --signer-workflow "$repository/.github/workflows/release.yml" --source-digest "$commit" --source-ref refs/heads/main \
    --deny-self-hosted-runners 2>&1) || status=$?
  if [ "$status" = 0 ]; then return; fi
  # Text from outside: no line of it may start a workflow command.
  while IFS= read -r line; do printf '  gh: %s\n' "${line//'##['/'# #['}" >&2; done <<<"${said//$'\r'/ }"
  fail slipway/attestation-mismatch "gh does not confirm that $repository built \`$1\` from $commit; nothing of it was run" \
    "check that \`github-token\` is set and the network is there; if they are, report it to the maintainers, with the run's link"
}

# unpack ARCHIVE MEMBER: writes the one member to the file `binary`, all in the folder `work`. Through a pipe, so that neither a link nor
# a path in the archive means anything; from within the folder, because GNU tar takes `C:` for a host name.
unpack() {
  (cd "$work" && { tar -xzOf "$1" "$2" >binary 2>/dev/null || tar -xzOf "$1" "./$2" >binary; })
}

# from_release: the pinned binary, from the cache or the release.
from_release() {
  local folder archive url
  pinned
  # A read-only cache that already holds the right binary is as good as a writable one. What is attested is the archive, so
  # that is fetched anew where an attestation is asked for.
  for folder in "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}" "$(own_cache)"; do
    binary="$folder/slipway/$version/$triple/$name$suffix"
    if [ -n "$folder" ] && [ "$attest" = false ] && has_hash "$binary" "$binary_sha"; then return; fi
  done
  folder=$(writable_folder "slipway/$version/$triple" "${RUNNER_TOOL_CACHE:-}" "${RUNNER_TEMP:-}" "$(own_cache)") ||
    fail slipway/no-cache "no folder for the binary can be written" "set RUNNER_TOOL_CACHE to a writable folder"
  binary="$folder/$name$suffix"
  archive="$name-$triple.tar.gz"
  # mktemp puts random characters in place of the six X.
  work=$(mktemp -d "$folder/.download.XXXXXX") || fail slipway/no-cache "no folder can be made in $folder" "free some disk space"
  url=${SLIPWAY_MIRROR:-$(lock_value url || true)}
  download "${url%/}/$archive" "$archive" || fail slipway/download-failed "\`$archive\` of release $version cannot be downloaded" \
    "check the runner's network and proxy (HTTPS_PROXY), or set SLIPWAY_MIRROR (https) or SLIPWAY_BIN_DIR"
  has_hash "$work/$archive" "$archive_sha" || fail slipway/archive-mismatch \
    "\`$archive\` is not the file that release $version pinned; nothing of it was run" \
    "do not retry blindly: report it to the maintainers, with the run's link"
  if [ "$attest" = true ]; then attested "$archive"; fi
  if ! unpack "$archive" "$name$suffix" || ! has_hash "$work/binary" "$binary_sha"; then
    fail slipway/binary-mismatch "the binary in \`$archive\` is not the one that release $version pinned; nothing of it was run" \
      "report it to the maintainers, with the run's link"
  fi
  keep "$work/binary"
  clean_up
}

# keep FILE: moves the checked file to `binary`, at once. A run at the same time may have been faster (and Windows moves
# nothing over a program that runs), so what counts is what is there afterwards.
keep() {
  chmod 755 "$1"
  if [ -L "$binary" ]; then rm -f "$binary"; fi
  mv -f "$1" "$binary" 2>/dev/null || true
  has_hash "$binary" "$binary_sha" || fail slipway/no-cache "\`$binary\` cannot be written" "remove it and run this again"
}

check_name() {
  # Spelled out: what `a-z` holds depends on the locale.
  case "$1" in
    *[!abcdefghijklmnopqrstuvwxyz0123456789-]* | -* | '')
      fail slipway/usage "the name of an action holds a-z, 0-9 and - only" "run-action.sh NAME [ARGUMENT...]" 2
      ;;
  esac
}

# resolve NAME: sets `binary` to the checked binary.
resolve() {
  name=$1
  if [ -n "${SLIPWAY_BIN_DIR:-}" ]; then
    from_folder "$SLIPWAY_BIN_DIR"
  elif [ "$version" = unreleased ]; then
    from_source
  else
    from_release
  fi
}

# attestation: sets attest as INPUT_VERIFY_ATTESTATION asks. What has no attestation is refused, not passed over.
attestation() {
  case "${INPUT_VERIFY_ATTESTATION:-}" in
    true | True | TRUE) attest=true ;;
    '' | false | False | FALSE) return ;;
    *) fail slipway/usage "\`verify-attestation\` is \`$INPUT_VERIFY_ATTESTATION\`" "write \`true\` or \`false\`" 2 ;;
  esac
  if [ "$version" = unreleased ]; then
    fail slipway/no-attestation "this commit of Slipway is not a release, so nothing was attested" \
      "pin the full SHA of a released commit, or leave \`verify-attestation\` out"
  fi
  if [ -n "${SLIPWAY_BIN_DIR:-}" ]; then
    fail slipway/no-attestation "SLIPWAY_BIN_DIR provides binaries, and what is attested are the release's archives" \
      "unset SLIPWAY_BIN_DIR, or leave \`verify-attestation\` out"
  fi
}

# install NAME...: copies the checked binaries into one folder and puts it on PATH for the steps that follow.
install() {
  local folder each copy
  for each in "$@"; do check_name "$each"; done
  attestation
  folder=$(writable_folder slipway-bin "${RUNNER_TEMP:-}" "$(own_cache)") ||
    fail slipway/no-folder "no folder for the binaries can be written" "set RUNNER_TEMP to a writable folder"
  for each in "$@"; do
    resolve "$each"
    copy="$folder/.$name.$$"
    if ! cp -f "$binary" "$copy" || ! chmod 755 "$copy" || ! mv -f "$copy" "$folder/$name$suffix"; then
      rm -f "$copy"
      fail slipway/no-folder "\`$name\` cannot be copied to $folder" "free some disk space"
    fi
    # The copy is what will run.
    if [ "$version" != unreleased ] && ! has_hash "$folder/$name$suffix" "$binary_sha"; then
      rm -f "$folder/$name$suffix"
      fail slipway/binary-mismatch "\`$name\` changed while it was copied to $folder" "find out what else writes there"
    fi
  done
  if [ -n "${GITHUB_PATH:-}" ]; then printf '%s\n' "$folder" >>"$GITHUB_PATH"; fi
  if [ -n "${GITHUB_OUTPUT:-}" ]; then printf 'version=%s\nbin-dir=%s\n' "$version" "$folder" >>"$GITHUB_OUTPUT"; fi
  printf 'Slipway %s: %s in %s\n' "$version" "$*" "$folder" >&2
}

main() {
  local mode=run
  if [ "${1:-}" = --install ]; then mode=install && shift; fi
  if [ $# -lt 1 ]; then fail slipway/usage "no action was named" "run-action.sh NAME [ARGUMENT...]" 2; fi
  root=${BASH_SOURCE[0]}
  case "$root" in */*) root=${root%/*} ;; *) root=. ;; esac
  root=$(CDPATH='' cd -- "$root/.." && pwd -P)
  lock="$root/release.lock"
  suffix=''
  case "${RUNNER_OS:-$(uname -s)}" in Windows | MINGW* | MSYS*) suffix=.exe ;; esac
  version=$(lock_value version) || fail slipway/no-lock "release.lock names no version" "check out a complete commit of Slipway"
  trap clean_up EXIT
  if [ "$mode" = install ]; then
    install "$@"
    return
  fi
  check_name "$1"
  resolve "$1"
  shift
  # Git Bash would turn `/index.html` into a Windows path, in arguments and in inputs.
  if [ -n "$suffix" ]; then export MSYS2_ARG_CONV_EXCL='*' MSYS2_ENV_CONV_EXCL='INPUT_'; fi
  exec "$binary" "$@"
}

main "$@"
