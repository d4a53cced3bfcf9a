# shellcheck shell=bash
# The registries as BuildKit must know them: both are plain http, and what a Dockerfile
# calls docker.io is looked for in the testbed's own.

buildkitd_toml() {
  cat <<EOF
[registry."docker.io"]
  mirrors = ["$REGISTRY"]
[registry."$REGISTRY"]
  http = true
[registry."$AUTH_REGISTRY"]
  http = true
EOF
}
