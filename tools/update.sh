#!/bin/sh
# Writes requirements.txt, bench-requirements.txt and package-lock.json anew: every package pinned, every file by hash, no registry named.
# Needs Python 3, npm, and the registries your pip and npm are set up for. Run it from anywhere after a change to
# requirements.in, bench-requirements.in or of a package.json.
set -eu
cd "$(dirname "$0")"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

python3 -m venv "$scratch/venv"
"$scratch/venv/bin/pip" install --quiet pip-tools==7.6.2
for list in requirements bench-requirements; do
  "$scratch/venv/bin/pip-compile" --quiet --generate-hashes --strip-extras --no-header --no-annotate \
    --no-emit-index-url --no-emit-trusted-host --no-emit-find-links --output-file="$scratch/$list.txt" "$list.in"
  {
    echo "# Written by tools/update.sh from $list.in; do not edit."
    cat "$scratch/$list.txt"
  } > "$list.txt"
done

for folder in . prism; do
  (cd "$folder" && npm install --package-lock-only --ignore-scripts --no-audit --no-fund --silent)
done
python3 - <<'PYTHON'
import json, pathlib
for path in pathlib.Path("package-lock.json"), pathlib.Path("prism/package-lock.json"):
    lock = json.loads(path.read_text())
    for package in lock["packages"].values():
        package.pop("resolved", None)
    path.write_text(json.dumps(lock, indent=2) + "\n")
PYTHON
