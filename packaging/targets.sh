# shellcheck shell=bash disable=SC2034  # for the files that source this one
# The platforms that a release is for. Sourced; works with the bash 3.2 of macOS too.

RELEASE_TARGETS="
  x86_64-unknown-linux-musl
  aarch64-unknown-linux-musl
  x86_64-apple-darwin
  aarch64-apple-darwin
  x86_64-pc-windows-msvc
  aarch64-pc-windows-msvc
"

# platform_of TARGET: the same in the words of Go and Kubernetes, as in `linux-amd64`.
platform_of() {
  local os arch
  case $1 in
    *-linux-*) os=linux ;;
    *-darwin) os=darwin ;;
    *-windows-*) os=windows ;;
    *) die "no release is made for $1" ;;
  esac
  case $1 in
    x86_64-*) arch=amd64 ;;
    aarch64-*) arch=arm64 ;;
    *) die "no release is made for $1" ;;
  esac
  echo "$os-$arch"
}

# program_of TARGET: what the program's file is called there.
program_of() {
  case $1 in
    *-windows-*) echo kubectl-buildkit.exe ;;
    *) echo kubectl-buildkit ;;
  esac
}

host_target() { rustc -vV | sed -n 's/^host: //p'; }

# When the sources were last changed: the time in everything that is packed.
source_date() {
  echo "${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
}

version() { sed -n 's/^version = "\(.*\)"$/\1/p' Cargo.toml | head -n 1; }

die() {
  echo "error: $*" >&2
  exit 1
}
