# shellcheck shell=bash
# etcd, the API server, the controllers and the scheduler, on loopback ports.

start_etcd() {
  start etcd etcd --name "$TESTBED_NAME" --data-dir "$TESTBED_STATE/etcd" --unsafe-no-fsync \
    --listen-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --advertise-client-urls "http://127.0.0.1:$ETCD_PORT" \
    --listen-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
    --initial-advertise-peer-urls "http://127.0.0.1:$ETCD_PEER_PORT" \
    --initial-cluster "$TESTBED_NAME=http://127.0.0.1:$ETCD_PEER_PORT"
}

etcd_healthy() { curl -fsS -m 2 -o /dev/null "http://127.0.0.1:$ETCD_PORT/health"; }

# Without endpoint reconciler: the only address that the API server has is a loopback
# one, which no Endpoints object may hold.
start_apiserver() {
  start kube-apiserver "$KUBERNETES_BIN/kube-apiserver" \
    --etcd-servers "http://127.0.0.1:$ETCD_PORT" \
    --bind-address 127.0.0.1 --secure-port "$API_PORT" --advertise-address "$NODE_IP" \
    --endpoint-reconciler-type none --service-cluster-ip-range "$SERVICE_RANGE" \
    --client-ca-file "$PKI/ca.crt" \
    --tls-cert-file "$PKI/apiserver.crt" --tls-private-key-file "$PKI/apiserver.key" \
    --kubelet-client-certificate "$PKI/apiserver-kubelet-client.crt" \
    --kubelet-client-key "$PKI/apiserver-kubelet-client.key" \
    --kubelet-preferred-address-types InternalIP \
    --service-account-issuer https://kubernetes.default.svc \
    --service-account-key-file "$PKI/service-accounts.pub" \
    --service-account-signing-key-file "$PKI/service-accounts.key" \
    --authorization-mode Node,RBAC --enable-admission-plugins NodeRestriction \
    --allow-privileged=true
}

apiserver_healthy() { curl -fsS -m 2 -o /dev/null --cacert "$PKI/ca.crt" "$API_URL/readyz"; }

start_controllers() {
  start kube-controller-manager "$KUBERNETES_BIN/kube-controller-manager" \
    --kubeconfig "$PKI/controller-manager.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1 --secure-port "$CONTROLLER_PORT" \
    --cert-dir "$TESTBED_STATE/controller-manager" \
    --service-account-private-key-file "$PKI/service-accounts.key" \
    --root-ca-file "$PKI/ca.crt" --use-service-account-credentials
  start kube-scheduler "$KUBERNETES_BIN/kube-scheduler" \
    --kubeconfig "$PKI/scheduler.kubeconfig" --leader-elect=false \
    --bind-address 127.0.0.1 --secure-port "$SCHEDULER_PORT"
}

controllers_healthy() { curl -fsSk -m 2 -o /dev/null "https://127.0.0.1:$CONTROLLER_PORT/healthz"; }

scheduler_healthy() { curl -fsSk -m 2 -o /dev/null "https://127.0.0.1:$SCHEDULER_PORT/healthz"; }

kubectl_admin() { "$TESTBED_BIN/kubectl" --kubeconfig "$KUBECONFIG_FILE" "$@"; }

# What tests rely on: the mark by which they know that this cluster may be used, and
# a user who is told "forbidden".
make_objects() {
  kubectl_admin apply --server-side --validate=false -f - >/dev/null <<EOF
apiVersion: v1
kind: ConfigMap
metadata: {name: kubectl-buildkit-testbed, namespace: kube-system}
data: {id: $(cat "$TESTBED_STATE/id")}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRoleBinding
metadata: {name: kubectl-buildkit-testbed-viewer}
roleRef: {apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: view}
subjects: [{apiGroup: rbac.authorization.k8s.io, kind: User, name: viewer}]
EOF
}

# Without it the first pods of a new cluster are refused.
default_account_exists() { kubectl_admin get serviceaccount default; }
