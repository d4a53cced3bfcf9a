# shellcheck shell=bash
# Self-test of what the second node is for: another architecture, user namespaces; and of
# volumes, on both.

use_nodes() {
  check "a pod runs on the node of arm64, as arm64" arm64_pod_runs
  check "it reaches a pod of the first node" reaches arm64 pod
  check "a pod that tolerates nothing stays away" stays_away
  check "a pod with users of its own runs there" users_are_mapped
  check "and is refused on the first node, with the reason" users_are_refused
  check "a builder there, with users of its own, builds for arm64" builds_arm64
  check "a builder with more emulators builds for s390x" builds_s390x
  check "a claim gets a volume, which outlives its pod" volume_keeps testbed-volume "$TESTBED_NAME"
  check "and so on the other node" volume_keeps arm64-volume "$ARM64_NODE"
  check "a claim of an unknown class waits" unknown_class_waits
}

# run_on NODE NAME IMAGE SPEC COMMAND...: SPEC is JSON, the other fields of the pod.
run_on() {
  local node=$1 name=$2 image=$3 spec=$4
  shift 4
  kubectl_self run "$name" --image "$image" --override-type strategic --overrides \
    "{\"spec\":{\"nodeSelector\":{\"kubernetes.io/hostname\":\"$node\"},
      \"tolerations\":[{\"key\":\"dedicated\",\"operator\":\"Equal\",\"value\":\"builds\"}]$spec}}" "$@"
}

ready() { kubectl_self wait --for condition=Ready "pod/$1" --timeout 30s; }

arm64_pod_runs() {
  kubectl_self run arm64 --image busybox --overrides '{"spec":{
    "nodeSelector":{"kubernetes.io/arch":"arm64"},
    "tolerations":[{"key":"dedicated","operator":"Equal","value":"builds","effect":"NoSchedule"}]
    }}' -- sleep infinity
  ready arm64
  [[ $(kubectl_self get pod arm64 -o 'jsonpath={.spec.nodeName}') == "$ARM64_NODE" ]]
  [[ $(kubectl_self exec arm64 -- uname -m) == aarch64 ]]
}

# `forwards` has put the page there.
reaches() {
  local address
  address=$(kubectl_self get pod "$2" -o 'jsonpath={.status.podIP}')
  [[ $(kubectl_self exec "$1" -- wget -qO- "http://$address/page") == found ]]
}

stays_away() {
  kubectl_self run away --image busybox --overrides \
    '{"spec":{"nodeSelector":{"kubernetes.io/arch":"arm64"}}}' -- sleep infinity
  kubectl_self wait --for 'jsonpath={.status.conditions[?(@.type=="PodScheduled")].reason}=Unschedulable' \
    pod/away --timeout 10s
}

users_are_mapped() {
  run_on "$ARM64_NODE" users "$BUILDKIT_IMAGE" ',"hostUsers":false' --privileged
  ready users
  kubectl_self exec users -- cat /proc/self/uid_map | grep -vE '^ +0 +0 '
}

users_are_refused() {
  run_on "$TESTBED_NAME" refused busybox ',"hostUsers":false' -- sleep infinity
  await 20 refusal_of refused
}

refusal_of() {
  kubectl_self get events --field-selector "involvedObject.name=$1,reason=FailedCreatePodSandBox" \
    -o 'jsonpath={.items[*].message}' | grep -F 'runtime does not support user namespaces'
}

# build_in POD TAG OPTION...: pushes an image with the file /machine.
build_in() {
  local pod=$1 tag=$2
  shift 2
  await 20 kubectl_self exec "$pod" -- buildctl debug workers
  kubectl_self exec -i "$pod" -- sh -c "mkdir -p /src; cat >/src/Dockerfile; buildctl build \
    --frontend dockerfile.v0 --local context=/src --local dockerfile=/src $* \
    --output type=image,name=$REGISTRY/$tag,push=true" <<<$'FROM busybox\nRUN uname -m | cat >/machine'
}

# The daemon need not be told for what: it says that it is of arm64.
builds_arm64() {
  build_in users foreign:arm64
  run_on "$ARM64_NODE" built-arm64 "$REGISTRY/foreign:arm64" '' -- sleep infinity
  ready built-arm64
  [[ $(kubectl_self exec built-arm64 -- cat /machine) == aarch64 ]]
}

builds_s390x() {
  ! emulators | grep -F s390x || return 1
  kubectl_self run emulators --image "$BUILDKIT_IMAGE" --privileged --overrides "{\"spec\":{
    \"initContainers\":[{\"name\":\"install\",\"image\":\"$QEMU_IMAGE\",\"args\":[\"--install\",\"all\"],
      \"securityContext\":{\"privileged\":true}}]}}"
  ready emulators
  emulators | grep -F s390x
  build_in emulators foreign:s390x --opt platform=linux/s390x
  run_on "$TESTBED_NAME" built-s390x "$REGISTRY/foreign:s390x" '' -- sleep infinity
  ready built-s390x
  [[ $(kubectl_self exec built-s390x -- cat /machine) == s390x ]]
}

# All registrations of this testbed.
emulators() {
  # shellcheck disable=SC2016  # expanded by the inner shell
  unshare --mount sh -ec '
    [ -e $1/register ] || mount -t binfmt_misc binfmt_misc $1
    find $1 -name "*.$2"' emulators /proc/sys/fs/binfmt_misc "$TESTBED_NAME"
}

volume_keeps() {
  claim "$1" ""
  run_with_volume "$2" writer "$1"
  kubectl_self exec writer -- sh -c 'echo kept >/data/file'
  kubectl_self delete pod writer --now
  run_with_volume "$2" reader "$1"
  [[ $(kubectl_self exec reader -- cat /data/file) == kept ]]
  kubectl_self delete pod reader --now
  kubectl_self delete pvc "$1"
  await 20 finds_nothing find "$TESTBED_STATE"/volumes* -name "*_$1"
}

# As somebody else than root, whose group may write.
run_with_volume() {
  run_on "$1" "$2" busybox ",\"securityContext\":{\"runAsUser\":1000,\"fsGroup\":1000},
    \"volumes\":[{\"name\":\"data\",\"persistentVolumeClaim\":{\"claimName\":\"$3\"}}],
    \"containers\":[{\"name\":\"$2\",\"volumeMounts\":[{\"name\":\"data\",\"mountPath\":\"/data\"}]}]" \
    -- sleep infinity
  ready "$2"
}

claim() {
  kubectl_self apply -f - <<EOF
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: $1}
spec:
  accessModes: [ReadWriteOnce]
  ${2:+storageClassName: $2}
  resources: {requests: {storage: 1Gi}}
EOF
}

unknown_class_waits() {
  claim waits no-such-class
  await 10 provisioning_failed waits
  [[ $(kubectl_self get pvc waits -o 'jsonpath={.status.phase}') == Pending ]]
}

provisioning_failed() {
  kubectl_self get events --field-selector "involvedObject.name=$1,reason=ProvisioningFailed" \
    -o 'jsonpath={.items[*].message}' | grep -F 'not found'
}
