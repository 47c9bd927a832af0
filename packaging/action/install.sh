#!/usr/bin/env bash
# Puts the program into a folder: that of the release, where this source is a release and the sums agree, else compiled. Called by
# action.yml.
#
# SOURCE      this source
# INTO        the folder; the program goes into its bin/
# SERVER      where repositories are, such as https://github.com
# REPOSITORY  owner/name of the action; empty where it is not from a repository of its own
# REF         the tag, branch or commit that the action is used at
# RUNNER_OS, RUNNER_ARCH
set -euo pipefail

version=$(sed -n 's/^version = "\(.*\)"/\1/p' "$SOURCE/Cargo.toml" | sed -n 1p)
case $RUNNER_OS-$RUNNER_ARCH in
  Linux-X64) target=x86_64-unknown-linux-musl ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl ;;
  macOS-X64) target=x86_64-apple-darwin ;;
  macOS-ARM64) target=aarch64-apple-darwin ;;
  Windows-X64) target=x86_64-pc-windows-msvc ;;
  *) target= ;;
esac
program=xsim pack=tar.gz
[ "$RUNNER_OS" != Windows ] || program=xsim.exe pack=zip
command -v sha256sum >/dev/null || sha256sum() { shasum -a 256 "$@"; }

# Whether what the action is used at is the release of its version: its tag, a shorter one that moves with it, or its commit.
is_release() {
  case v$version in "$REF" | "$REF".*) return 0 ;; esac
  local tagged
  tagged=$(git ls-remote "$SERVER/$REPOSITORY" "refs/tags/v$version" "refs/tags/v$version^{}") || return 1
  case $'\n'$tagged in *$'\n'"$REF"$'\t'*) return 0 ;; esac
  return 1
}

download() {
  local from=$SERVER/$REPOSITORY/releases/download/v$version name=xsim-$version-$target.$pack
  local folder
  folder=$(mktemp -d)
  curl --fail --silent --show-error --location --retry 3 --output "$folder/$name" "$from/$name" || return 1
  curl --fail --silent --show-error --location --retry 3 --output "$folder/SHA256SUMS" "$from/SHA256SUMS" || return 1
  # What is there and is not what was released is no reason to go on.
  (cd "$folder" && grep -F "  $name" SHA256SUMS | sha256sum --check --status) || {
    echo "::error::$from/$name is not what SHA256SUMS says"
    exit 1
  }
  if [ "$pack" = zip ]; then unzip -q "$folder/$name" -d "$folder"; else tar -xzf "$folder/$name" -C "$folder"; fi
  mkdir -p "$INTO/bin"
  mv "$folder/xsim-$version-$target/$program" "$INTO/bin/$program"
  rm -rf "$folder"
}

if [ -n "$REPOSITORY" ] && [ -n "$target" ] && [ -n "$REF" ] && is_release && download; then
  echo "xsim $version, as released for $target"
else
  echo "xsim $version, compiled from $SOURCE: no release of it is there for $RUNNER_OS on $RUNNER_ARCH"
  cargo install --locked --path "$SOURCE" --root "$INTO"
fi
