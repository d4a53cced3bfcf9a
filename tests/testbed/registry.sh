# shellcheck shell=bash
# Two registries on the bridge's address, which the host, the pods and containerd all
# reach: one for everybody, one that wants a password. Plain http: certificates of
# registries are not what is tested here.

start_registries() {
  make_password
  write_registry_config registry "$REGISTRY" ""
  write_registry_config auth-registry "$AUTH_REGISTRY" \
    "auth: {htpasswd: {realm: testbed, path: $TESTBED_STATE/auth-registry.htpasswd}}"
  start registry docker-registry serve "$TESTBED_STATE/registry.yml"
  start auth-registry docker-registry serve "$TESTBED_STATE/auth-registry.yml"
}

await_registries() {
  healthy_within 10 registry registry_healthy
  healthy_within 10 auth-registry auth_registry_healthy
}

registry_healthy() { curl -fsS -m 2 -o /dev/null "http://$REGISTRY/v2/"; }

auth_registry_healthy() {
  curl -fsS -m 2 -o /dev/null -u "$AUTH_USER:$(auth_password)" "http://$AUTH_REGISTRY/v2/"
}

auth_password() { cat "$TESTBED_STATE/auth-registry.password"; }

# Perl, because every Debian has it and its crypt knows bcrypt, all that the registry reads.
make_password() {
  [[ ! -s $TESTBED_STATE/auth-registry.htpasswd ]] || return 0
  (umask 077 && openssl rand -hex 12 >"$TESTBED_STATE/auth-registry.password")
  # shellcheck disable=SC2016  # Perl's variables
  perl -e 'printf "%s:%s\n", $ARGV[0], crypt($ARGV[1], "\$2y\$05\$" . $ARGV[2])' \
    "$AUTH_USER" "$(auth_password)" "$(openssl rand -hex 11)" \
    >"$TESTBED_STATE/auth-registry.htpasswd"
}

write_registry_config() {
  local name=$1 address=$2 auth=$3
  cat >"$TESTBED_STATE/$name.yml" <<EOF
version: 0.1
log: {accesslog: {disabled: true}}
storage:
  filesystem: {rootdirectory: $TESTBED_STATE/$name}
  delete: {enabled: true}
http: {addr: "$address", secret: $TESTBED_NAME}
$auth
EOF
}
