# shellcheck shell=bash
# One authority, a certificate for each component as a real cluster has it, and two
# people: an administrator, and a viewer who may look and not touch.

make_pki() {
  [[ ! -e $PKI/complete ]] || {
    cmp -s pki.sh "$PKI/complete" ||
      die "the testbed '$TESTBED_NAME' was made by another version of these scripts: take it down first"
    return 0
  }
  rm -rf "$PKI"
  mkdir -p "$PKI" "$LOGS"
  make_certificates >"$LOGS/pki.log" 2>&1
  cp pki.sh "$PKI/complete"
}

make_certificates() (
  umask 077
  cd "$PKI" || exit
  openssl ecparam -name prime256v1 -genkey -noout -out ca.key
  openssl req -x509 -new -key ca.key -subj /CN=kubectl-buildkit-testbed -days 365 -out ca.crt
  openssl genrsa -out service-accounts.key 2048
  openssl rsa -in service-accounts.key -pubout -out service-accounts.pub
  certificate apiserver "/CN=kube-apiserver" \
    "subjectAltName=IP:127.0.0.1,IP:$NODE_IP,IP:$FIRST_SERVICE_IP,DNS:localhost,DNS:kubernetes.default.svc"
  certificate apiserver-kubelet-client "/O=system:masters/CN=kube-apiserver-kubelet-client"
  certificate controller-manager "/CN=system:kube-controller-manager"
  certificate scheduler "/CN=system:kube-scheduler"
  certificate kubelet "/O=system:nodes/CN=system:node:$NODE"
  certificate kubelet-arm64 "/O=system:nodes/CN=system:node:$ARM64_NODE"
  certificate provisioner "/O=system:masters/CN=local-path-provisioner"
  certificate admin "/O=system:masters/CN=admin"
  certificate viewer "/CN=viewer"
)

# certificate NAME SUBJECT [EXTENSION]: signed by the authority, in the current folder.
certificate() {
  local name=$1 subject=$2 extension=${3:-extendedKeyUsage=clientAuth}
  openssl ecparam -name prime256v1 -genkey -noout -out "$name.key"
  openssl req -new -key "$name.key" -subj "$subject" -out "$name.csr"
  openssl x509 -req -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days 365 \
    -extfile <(echo "$extension") -out "$name.crt"
}

make_kubeconfigs() {
  local user
  for user in controller-manager scheduler kubelet kubelet-arm64 provisioner; do
    kubeconfig "$user:$user" >"$PKI/$user.kubeconfig"
  done
  kubeconfig "$CONTEXT:admin" "$CONTEXT-viewer:viewer" >"$KUBECONFIG_FILE.new"
  mv "$KUBECONFIG_FILE.new" "$KUBECONFIG_FILE"
}

# kubeconfig CONTEXT:USER...: the first context is the current one.
kubeconfig() {
  local pair
  cat <<EOF
apiVersion: v1
kind: Config
current-context: ${1%%:*}
clusters:
- name: $CONTEXT
  cluster: {server: "$API_URL", certificate-authority-data: $(base64 -w0 "$PKI/ca.crt")}
contexts:
EOF
  for pair in "$@"; do
    echo "- {name: ${pair%%:*}, context: {cluster: $CONTEXT, user: ${pair#*:}}}"
  done
  echo "users:"
  for pair in "$@"; do
    cat <<EOF
- name: ${pair#*:}
  user:
    client-certificate-data: $(base64 -w0 "$PKI/${pair#*:}.crt")
    client-key-data: $(base64 -w0 "$PKI/${pair#*:}.key")
EOF
  done
}
