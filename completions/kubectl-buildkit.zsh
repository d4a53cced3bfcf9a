#compdef kubectl-buildkit

autoload -U is-at-least

_kubectl-buildkit() {
    typeset -A opt_args
    typeset -a _arguments_options
    local ret=1

    if is-at-least 5.2; then
        _arguments_options=(-s -S -C)
    else
        _arguments_options=(-s -C)
    fi

    local context curcontext="$curcontext" state line
    _arguments "${_arguments_options[@]}" : \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
":: :_kubectl-buildkit_commands" \
"*::: :->kubectl-buildkit" \
&& ret=0
    case $state in
    (kubectl-buildkit)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:kubectl-buildkit-command-$line[1]:"
        case $line[1] in
            (build)
_arguments "${_arguments_options[@]}" : \
'-f+[Dockerfile\: a path, the URL of a file, or - for standard input \[default\: PATH/Dockerfile\]]:FILE:_files' \
'--file=[Dockerfile\: a path, the URL of a file, or - for standard input \[default\: PATH/Dockerfile\]]:FILE:_files' \
'*--build-context=[What FROM NAME and COPY --from=NAME mean\: a folder, docker-image\://NAME, oci-layout\://FOLDER\[\:TAG\]\[@DIGEST\], a git repository or the URL of a file; may be repeated]:NAME=VALUE:_default' \
'*--secret=[Secret that steps may mount\: id=ID\[,src=FILE|,env=NAME\]; may be repeated]:SECRET:_default' \
'*--ssh=[SSH agent or keys that steps may use\: default or ID\[=SOCKET|KEY\[,KEY\]\]; may be repeated]:AGENT:_default' \
'*--registry-secret=[Secret of the cluster with registry logins, as \[NAMESPACE/\]NAME; may be repeated]:SECRET:_default' \
'*--build-arg=[Value of a build argument; KEY alone takes it from the environment]:KEY[=VALUE]:_default' \
'--target=[Stage of the Dockerfile to build]:STAGE:_default' \
'*--platform=[Platforms to build for, comma-separated; local is that of this machine \[default\: \$DOCKER_DEFAULT_PLATFORM, else the builder'\''s own\]]:PLATFORM:_default' \
'--no-cache=[Do not use the cache]::BOOL:_default' \
'*--no-cache-filter=[Do not use the cache for this stage; may be repeated]:STAGE:_default' \
'--pull=[Look for newer base images in their registries]::BOOL:_default' \
'*--allow=[Allow what a build may not do otherwise\: network.host, security.insecure, device\[=NAME\] or buildx.local.delete; may be repeated]:WHAT:_default' \
'*--add-host=[Address of a host, for the hosts file of steps; may be repeated]:HOST:IP:_default' \
'--network=[Network of steps; host is that of the daemon and has to be allowed there]:MODE:(default none host)' \
'--shm-size=[Size of /dev/shm of steps, for instance 128m]:SIZE:_default' \
'*--ulimit=[Limit of the kernel for each process of steps, for instance nofile=1024\:4096; may be repeated]:NAME=SOFT[:HARD]:_default' \
'--cgroup-parent=[Cgroup on the daemon'\''s machine in which those of steps are made]:CGROUP:_default' \
'*--resource=[Limit of what a step may take\: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus or cpuset-mems; may be repeated]:RESOURCE=LIMIT:_default' \
'-m+[The same as --resource memory=LIMIT]:LIMIT:_default' \
'--memory=[The same as --resource memory=LIMIT]:LIMIT:_default' \
'--memory-swap=[The same as --resource memory-swap=LIMIT]:LIMIT:_default' \
'-c+[The same as --resource cpu-shares=LIMIT]:LIMIT:_default' \
'--cpu-shares=[The same as --resource cpu-shares=LIMIT]:LIMIT:_default' \
'--cpu-period=[The same as --resource cpu-period=LIMIT]:LIMIT:_default' \
'--cpu-quota=[The same as --resource cpu-quota=LIMIT]:LIMIT:_default' \
'--cpuset-cpus=[The same as --resource cpuset-cpus=LIMIT]:LIMIT:_default' \
'--cpuset-mems=[The same as --resource cpuset-mems=LIMIT]:LIMIT:_default' \
'*-t+[Name of the image, as name\:tag; may be repeated]:NAME:_default' \
'*--tag=[Name of the image, as name\:tag; may be repeated]:NAME:_default' \
'--push=[Push the image to its registry]::BOOL:_default' \
'--load=[Load the image into the docker or podman of this machine]::BOOL:_default' \
'*-o+[Where to put the result\: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly\[,dest=PATH,...\]; may be repeated]:OUTPUT:_default' \
'*--output=[Where to put the result\: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly\[,dest=PATH,...\]; may be repeated]:OUTPUT:_default' \
'*--label=[Label of the image; KEY alone is an empty one]:KEY[=VALUE]:_default' \
'--metadata-file=[Write what is known of the result to FILE, as JSON]:FILE:_files' \
'--iidfile=[Write the digest of the image to FILE]:FILE:_files' \
'*--annotation=[Annotation of the image, its index or their descriptors\: \[TYPE\[PLATFORM\],...\:\]KEY=VALUE with index, manifest, index-descriptor or manifest-descriptor; may be repeated]:[TYPE:]KEY=VALUE:_default' \
'*--attest=[Attestation of the image\: type=sbom or type=provenance with its parameters; may be repeated]:type=TYPE[,KEY=VALUE...]:_default' \
'--provenance=[Provenance of the image\: true, false or parameters, for instance mode=max \[default\: mode=min in images\]]:BOOL|KEY=VALUE...:_default' \
'--sbom=[List of what is in the image\: true, false or parameters, for instance generator=IMAGE]:BOOL|KEY=VALUE...:_default' \
'--call=[Ask the frontend instead of building\: check, outline, targets or subrequests.describe, each with ,format=json or ,ignorestatus=true \[default\: build\]]:METHOD:_default' \
'--check=[The same as --call check]::BOOL:_default' \
'(--call)--print=[The same as --call]:METHOD:_default' \
'*--policy=[Rules in Rego for the build'\''s sources, besides DOCKERFILE.rego\: filename=FILE|cwd\://FILE\[,log-level=LEVEL\]\[,reset=true\], or disabled=true]:SPEC:_default' \
'--compress=[No effect\: what is sent is compressed where that helps]::BOOL:_default' \
'--isolation=[No effect\: BuildKit isolates every step]:TECHNOLOGY:_default' \
'*--security-opt=[No effect\: write RUN --security=insecure, and --allow security.insecure]:OPTION:_default' \
'--squash=[No effect\: several stages make a small image]::BOOL:_default' \
'--rm=[No effect\: nothing is left of a step but its result]::BOOL:_default' \
'--force-rm=[No effect\: nothing is left of a step but its result]::BOOL:_default' \
'*--cache-from=[Cache to read\: IMAGE or type=registry|local|gha|s3|azblob\[,KEY=VALUE,...\]; may be repeated]:CACHE:_default' \
'*--cache-to=[Where to write the cache\: IMAGE or type=registry|inline|local|gha|s3|azblob\[,KEY=VALUE,...\]; may be repeated]:CACHE:_default' \
'--progress=[How to show progress]:MODE:(auto tty plain rawjson quiet none)' \
'-q+[Show nothing but the digest of the result]::BOOL:_default' \
'--quiet=[Show nothing but the digest of the result]::BOOL:_default' \
'-D+[Show warnings in full at the end\: what is meant, where it is explained, the lines of the file]::BOOL:_default' \
'--debug=[Show warnings in full at the end\: what is meant, where it is explained, the lines of the file]::BOOL:_default' \
'(--buildkit-host)--builder=[Builder to use \[default\: \$BUILDX_BUILDER, else what \`use\` chose, else the only one in the namespace\]]:NAME:_default' \
'(--buildkit-host)--replica=[Pod of the builder to build on \[default\: as its load balancing chooses\]]:POD:_default' \
'(--buildkit-host)--no-create=[Do not make a builder if there is none]::BOOL:_default' \
'--timeout=[How long to wait for a builder to come up \[default\: what the builder says, else 2m\]]:TIME:_default' \
'--buildkit-host=[Build on the daemon at this address, unix\:///PATH or tcp\://HOST\:PORT, without a cluster \[default\: \$BUILDKIT_HOST\]]:ADDRESS:_default' \
'--tlscacert=[File with the certificate authority of the daemon at a tcp\:// address]:FILE:_files' \
'--tlscert=[File with the client certificate for the daemon at a tcp\:// address]:FILE:_files' \
'--tlskey=[File with the client key for the daemon at a tcp\:// address]:FILE:_files' \
'--tlsservername=[Name that the certificate of the daemon at a tcp\:// address must have \[default\: its host\]]:NAME:_default' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::build_context -- Build context\: a folder, a git repository, the URL of an archive or Dockerfile, or - for either of them on standard input:_default' \
&& ret=0
;;
(b)
_arguments "${_arguments_options[@]}" : \
'-f+[Dockerfile\: a path, the URL of a file, or - for standard input \[default\: PATH/Dockerfile\]]:FILE:_files' \
'--file=[Dockerfile\: a path, the URL of a file, or - for standard input \[default\: PATH/Dockerfile\]]:FILE:_files' \
'*--build-context=[What FROM NAME and COPY --from=NAME mean\: a folder, docker-image\://NAME, oci-layout\://FOLDER\[\:TAG\]\[@DIGEST\], a git repository or the URL of a file; may be repeated]:NAME=VALUE:_default' \
'*--secret=[Secret that steps may mount\: id=ID\[,src=FILE|,env=NAME\]; may be repeated]:SECRET:_default' \
'*--ssh=[SSH agent or keys that steps may use\: default or ID\[=SOCKET|KEY\[,KEY\]\]; may be repeated]:AGENT:_default' \
'*--registry-secret=[Secret of the cluster with registry logins, as \[NAMESPACE/\]NAME; may be repeated]:SECRET:_default' \
'*--build-arg=[Value of a build argument; KEY alone takes it from the environment]:KEY[=VALUE]:_default' \
'--target=[Stage of the Dockerfile to build]:STAGE:_default' \
'*--platform=[Platforms to build for, comma-separated; local is that of this machine \[default\: \$DOCKER_DEFAULT_PLATFORM, else the builder'\''s own\]]:PLATFORM:_default' \
'--no-cache=[Do not use the cache]::BOOL:_default' \
'*--no-cache-filter=[Do not use the cache for this stage; may be repeated]:STAGE:_default' \
'--pull=[Look for newer base images in their registries]::BOOL:_default' \
'*--allow=[Allow what a build may not do otherwise\: network.host, security.insecure, device\[=NAME\] or buildx.local.delete; may be repeated]:WHAT:_default' \
'*--add-host=[Address of a host, for the hosts file of steps; may be repeated]:HOST:IP:_default' \
'--network=[Network of steps; host is that of the daemon and has to be allowed there]:MODE:(default none host)' \
'--shm-size=[Size of /dev/shm of steps, for instance 128m]:SIZE:_default' \
'*--ulimit=[Limit of the kernel for each process of steps, for instance nofile=1024\:4096; may be repeated]:NAME=SOFT[:HARD]:_default' \
'--cgroup-parent=[Cgroup on the daemon'\''s machine in which those of steps are made]:CGROUP:_default' \
'*--resource=[Limit of what a step may take\: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus or cpuset-mems; may be repeated]:RESOURCE=LIMIT:_default' \
'-m+[The same as --resource memory=LIMIT]:LIMIT:_default' \
'--memory=[The same as --resource memory=LIMIT]:LIMIT:_default' \
'--memory-swap=[The same as --resource memory-swap=LIMIT]:LIMIT:_default' \
'-c+[The same as --resource cpu-shares=LIMIT]:LIMIT:_default' \
'--cpu-shares=[The same as --resource cpu-shares=LIMIT]:LIMIT:_default' \
'--cpu-period=[The same as --resource cpu-period=LIMIT]:LIMIT:_default' \
'--cpu-quota=[The same as --resource cpu-quota=LIMIT]:LIMIT:_default' \
'--cpuset-cpus=[The same as --resource cpuset-cpus=LIMIT]:LIMIT:_default' \
'--cpuset-mems=[The same as --resource cpuset-mems=LIMIT]:LIMIT:_default' \
'*-t+[Name of the image, as name\:tag; may be repeated]:NAME:_default' \
'*--tag=[Name of the image, as name\:tag; may be repeated]:NAME:_default' \
'--push=[Push the image to its registry]::BOOL:_default' \
'--load=[Load the image into the docker or podman of this machine]::BOOL:_default' \
'*-o+[Where to put the result\: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly\[,dest=PATH,...\]; may be repeated]:OUTPUT:_default' \
'*--output=[Where to put the result\: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly\[,dest=PATH,...\]; may be repeated]:OUTPUT:_default' \
'*--label=[Label of the image; KEY alone is an empty one]:KEY[=VALUE]:_default' \
'--metadata-file=[Write what is known of the result to FILE, as JSON]:FILE:_files' \
'--iidfile=[Write the digest of the image to FILE]:FILE:_files' \
'*--annotation=[Annotation of the image, its index or their descriptors\: \[TYPE\[PLATFORM\],...\:\]KEY=VALUE with index, manifest, index-descriptor or manifest-descriptor; may be repeated]:[TYPE:]KEY=VALUE:_default' \
'*--attest=[Attestation of the image\: type=sbom or type=provenance with its parameters; may be repeated]:type=TYPE[,KEY=VALUE...]:_default' \
'--provenance=[Provenance of the image\: true, false or parameters, for instance mode=max \[default\: mode=min in images\]]:BOOL|KEY=VALUE...:_default' \
'--sbom=[List of what is in the image\: true, false or parameters, for instance generator=IMAGE]:BOOL|KEY=VALUE...:_default' \
'--call=[Ask the frontend instead of building\: check, outline, targets or subrequests.describe, each with ,format=json or ,ignorestatus=true \[default\: build\]]:METHOD:_default' \
'--check=[The same as --call check]::BOOL:_default' \
'(--call)--print=[The same as --call]:METHOD:_default' \
'*--policy=[Rules in Rego for the build'\''s sources, besides DOCKERFILE.rego\: filename=FILE|cwd\://FILE\[,log-level=LEVEL\]\[,reset=true\], or disabled=true]:SPEC:_default' \
'--compress=[No effect\: what is sent is compressed where that helps]::BOOL:_default' \
'--isolation=[No effect\: BuildKit isolates every step]:TECHNOLOGY:_default' \
'*--security-opt=[No effect\: write RUN --security=insecure, and --allow security.insecure]:OPTION:_default' \
'--squash=[No effect\: several stages make a small image]::BOOL:_default' \
'--rm=[No effect\: nothing is left of a step but its result]::BOOL:_default' \
'--force-rm=[No effect\: nothing is left of a step but its result]::BOOL:_default' \
'*--cache-from=[Cache to read\: IMAGE or type=registry|local|gha|s3|azblob\[,KEY=VALUE,...\]; may be repeated]:CACHE:_default' \
'*--cache-to=[Where to write the cache\: IMAGE or type=registry|inline|local|gha|s3|azblob\[,KEY=VALUE,...\]; may be repeated]:CACHE:_default' \
'--progress=[How to show progress]:MODE:(auto tty plain rawjson quiet none)' \
'-q+[Show nothing but the digest of the result]::BOOL:_default' \
'--quiet=[Show nothing but the digest of the result]::BOOL:_default' \
'-D+[Show warnings in full at the end\: what is meant, where it is explained, the lines of the file]::BOOL:_default' \
'--debug=[Show warnings in full at the end\: what is meant, where it is explained, the lines of the file]::BOOL:_default' \
'(--buildkit-host)--builder=[Builder to use \[default\: \$BUILDX_BUILDER, else what \`use\` chose, else the only one in the namespace\]]:NAME:_default' \
'(--buildkit-host)--replica=[Pod of the builder to build on \[default\: as its load balancing chooses\]]:POD:_default' \
'(--buildkit-host)--no-create=[Do not make a builder if there is none]::BOOL:_default' \
'--timeout=[How long to wait for a builder to come up \[default\: what the builder says, else 2m\]]:TIME:_default' \
'--buildkit-host=[Build on the daemon at this address, unix\:///PATH or tcp\://HOST\:PORT, without a cluster \[default\: \$BUILDKIT_HOST\]]:ADDRESS:_default' \
'--tlscacert=[File with the certificate authority of the daemon at a tcp\:// address]:FILE:_files' \
'--tlscert=[File with the client certificate for the daemon at a tcp\:// address]:FILE:_files' \
'--tlskey=[File with the client key for the daemon at a tcp\:// address]:FILE:_files' \
'--tlsservername=[Name that the certificate of the daemon at a tcp\:// address must have \[default\: its host\]]:NAME:_default' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::build_context -- Build context\: a folder, a git repository, the URL of an archive or Dockerfile, or - for either of them on standard input:_default' \
&& ret=0
;;
(create)
_arguments "${_arguments_options[@]}" : \
'--name=[Name of the builder, as buildx spells it]:NAME:_default' \
'--node=[Name of the node and its Deployment \[default\: the builder'\''s name and a number\]]:NODE:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'*--platform=[Platforms that the node is for, comma-separated \[default\: what the daemon detects\]]:PLATFORM:_default' \
'--image=[Image of the daemon \[default\: moby/buildkit\:buildx-stable-1, with -rootless if --rootless\]]:IMAGE:_default' \
'--replicas=[How many pods \[default\: 1\]]:N:_default' \
'--rootless=[Run the daemon without privileges]::BOOL:_default' \
'--bootstrap=[Wait until the builder takes builds]::BOOL:_default' \
'--timeout=[How long --bootstrap waits; without it, how long builds wait for the builder \[default\: 2m\]]:TIME:_default' \
'--driver=[The driver, for scripts that name it\: there is only this one]:DRIVER:(kubernetes)' \
'*--driver-opt=[Options in buildx'\''s spelling, for instance "nodeselector=disktype=ssd"; may be repeated]:OPTION=VALUE:_default' \
'*--requests=[What each pod asks for, for instance cpu=1,memory=2Gi; also ephemeral-storage]:RESOURCE=AMOUNT:_default' \
'*--limits=[What each pod is held to, for instance cpu=4,memory=8Gi; also ephemeral-storage]:RESOURCE=AMOUNT:_default' \
'*--node-selector=[Run only on cluster nodes with this label; may be repeated]:KEY=VALUE:_default' \
'*--toleration=[Put up with this taint of cluster nodes; may be repeated]:KEY[=VALUE][:EFFECT]:_default' \
'*--affinity=[Run only on cluster nodes whose labels are like this, for instance "disktype in (ssd,nvme)" or "!spot"; may be repeated]:REQUIREMENT:_default' \
'--spread=[Spread the pods over cluster nodes with different values of a label]::hostname|zone|LABEL:_default' \
'--user-namespace=[Give the pods a user namespace of their own, in which the daemon has all privileges]::BOOL:_default' \
'--listen=[Where the daemon'\''s port with mutual TLS listens\: inside the pod, or on its address too \[default\: loopback\]]:WHERE:(loopback pod)' \
'*--patch=[Change any other field of the pod template\: a file, YAML or JSON, a part of the template that is merged in or a list of operations (RFC 6902); may be repeated]:FILE|PATCH:_default' \
'*--label=[Label of the Deployment and its pods; may be repeated]:KEY=VALUE:_default' \
'*--annotation=[Annotation of the Deployment and its pods; may be repeated]:KEY=VALUE:_default' \
'*--env=[Variable of the daemon'\''s environment, for instance a proxy; may be repeated]:NAME=VALUE:_default' \
'--service-account=[Service account of the pods]:NAME:_default' \
'--scheduler-name=[Scheduler of the pods]:NAME:_default' \
'*--image-pull-secret=[Secret with which images are pulled; may be repeated]:NAME:_default' \
'--priority-class=[Priority class of the pods]:NAME:_default' \
'--runtime-class=[Runtime class of the pods]:NAME:_default' \
'--qemu=[Install emulators of other platforms on the cluster nodes, where they stay]::BOOL:_default' \
'--qemu-image=[Image that installs them \[default\: tonistiigi/binfmt\:latest\]]:IMAGE:_default' \
'--memory-cache=[Keep the cache in memory, at most so much of it]:SIZE:_default' \
'--storage=[Keep the cache on a volume of this size for each pod; it outlives the pod]:SIZE:_default' \
'--storage-class=[Storage class of the volumes \[default\: the cluster'\''s\]]:NAME:_default' \
'--default-load=[A build without output goes to the local docker. Loading is not supported yet\: such a build ends before it begins, and says what to type instead]::BOOL:_default' \
'--loadbalance=[Which pod takes a build\: the same for the same build context, any, or the one that runs the fewest \[default\: sticky\]]:HOW:(sticky random least-loaded)' \
'--buildkitd-config=[Configuration file of the daemon, which gets the certificates and keys that it names, too]:FILE:_files' \
'*--buildkitd-flags=[Flags of the daemon, for instance "--debug --oci-worker-net=host"; may be repeated]:FLAGS:_default' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--leave)--append[Add a node to a builder that is there]' \
'(--bootstrap --platform --driver-opt)--leave[Remove the node that --node names, with all that belongs to it]' \
'(--leave)--use[Choose the builder, as the command \`use\` does]' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: buildkit\]:_default' \
&& ret=0
;;
(update)
_arguments "${_arguments_options[@]}" : \
'(--builder)--name=[Name of the builder, as buildx spells it]:NAME:_default' \
'--builder=[Name of the builder, as buildx spells it elsewhere]:NAME:_default' \
'--node=[Change only this node \[default\: all nodes\]]:NODE:_default' \
'*--unset=[Take an option back to its default, or remove one entry of it, for instance "requests.cpu" or "env.A"; may be repeated]:OPTION[.KEY]:_default' \
'--force-conflicts=[Take over fields that others own, for instance kubectl apply or an autoscaler]::BOOL:_default' \
'*--platform=[Platforms that the node is for, comma-separated \[default\: what the daemon detects\]]:PLATFORM:_default' \
'--image=[Image of the daemon \[default\: moby/buildkit\:buildx-stable-1, with -rootless if --rootless\]]:IMAGE:_default' \
'--replicas=[How many pods \[default\: 1\]]:N:_default' \
'--rootless=[Run the daemon without privileges]::BOOL:_default' \
'--bootstrap=[Wait until the builder takes builds]::BOOL:_default' \
'--timeout=[How long --bootstrap waits; without it, how long builds wait for the builder \[default\: 2m\]]:TIME:_default' \
'--driver=[The driver, for scripts that name it\: there is only this one]:DRIVER:(kubernetes)' \
'*--driver-opt=[Options in buildx'\''s spelling, for instance "nodeselector=disktype=ssd"; may be repeated]:OPTION=VALUE:_default' \
'*--requests=[What each pod asks for, for instance cpu=1,memory=2Gi; also ephemeral-storage]:RESOURCE=AMOUNT:_default' \
'*--limits=[What each pod is held to, for instance cpu=4,memory=8Gi; also ephemeral-storage]:RESOURCE=AMOUNT:_default' \
'*--node-selector=[Run only on cluster nodes with this label; may be repeated]:KEY=VALUE:_default' \
'*--toleration=[Put up with this taint of cluster nodes; may be repeated]:KEY[=VALUE][:EFFECT]:_default' \
'*--affinity=[Run only on cluster nodes whose labels are like this, for instance "disktype in (ssd,nvme)" or "!spot"; may be repeated]:REQUIREMENT:_default' \
'--spread=[Spread the pods over cluster nodes with different values of a label]::hostname|zone|LABEL:_default' \
'--user-namespace=[Give the pods a user namespace of their own, in which the daemon has all privileges]::BOOL:_default' \
'--listen=[Where the daemon'\''s port with mutual TLS listens\: inside the pod, or on its address too \[default\: loopback\]]:WHERE:(loopback pod)' \
'*--patch=[Change any other field of the pod template\: a file, YAML or JSON, a part of the template that is merged in or a list of operations (RFC 6902); may be repeated]:FILE|PATCH:_default' \
'*--label=[Label of the Deployment and its pods; may be repeated]:KEY=VALUE:_default' \
'*--annotation=[Annotation of the Deployment and its pods; may be repeated]:KEY=VALUE:_default' \
'*--env=[Variable of the daemon'\''s environment, for instance a proxy; may be repeated]:NAME=VALUE:_default' \
'--service-account=[Service account of the pods]:NAME:_default' \
'--scheduler-name=[Scheduler of the pods]:NAME:_default' \
'*--image-pull-secret=[Secret with which images are pulled; may be repeated]:NAME:_default' \
'--priority-class=[Priority class of the pods]:NAME:_default' \
'--runtime-class=[Runtime class of the pods]:NAME:_default' \
'--qemu=[Install emulators of other platforms on the cluster nodes, where they stay]::BOOL:_default' \
'--qemu-image=[Image that installs them \[default\: tonistiigi/binfmt\:latest\]]:IMAGE:_default' \
'--memory-cache=[Keep the cache in memory, at most so much of it]:SIZE:_default' \
'--storage=[Keep the cache on a volume of this size for each pod; it outlives the pod]:SIZE:_default' \
'--storage-class=[Storage class of the volumes \[default\: the cluster'\''s\]]:NAME:_default' \
'--default-load=[A build without output goes to the local docker. Loading is not supported yet\: such a build ends before it begins, and says what to type instead]::BOOL:_default' \
'--loadbalance=[Which pod takes a build\: the same for the same build context, any, or the one that runs the fewest \[default\: sticky\]]:HOW:(sticky random least-loaded)' \
'--buildkitd-config=[Configuration file of the daemon, which gets the certificates and keys that it names, too]:FILE:_files' \
'*--buildkitd-flags=[Flags of the daemon, for instance "--debug --oci-worker-net=host"; may be repeated]:FLAGS:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(scale)
_arguments "${_arguments_options[@]}" : \
'--replicas=[How many pods each node shall have]:N:_default' \
'--builder=[Name of the builder, as buildx spells it]:NAME:_default' \
'--node=[Only this node \[default\: all nodes\]]:NODE:_default' \
'--wait=[Wait until it is so]::BOOL:_default' \
'--timeout=[How long to wait]:TIME:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(stop)
_arguments "${_arguments_options[@]}" : \
'--builder=[Name of the builder, as buildx spells it]:NAME:_default' \
'--node=[Only this node \[default\: all nodes\]]:NODE:_default' \
'--wait=[Wait until it is so]::BOOL:_default' \
'--timeout=[How long to wait]:TIME:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(start)
_arguments "${_arguments_options[@]}" : \
'--builder=[Name of the builder, as buildx spells it]:NAME:_default' \
'--node=[Only this node \[default\: all nodes\]]:NODE:_default' \
'--wait=[Wait until it is so]::BOOL:_default' \
'--timeout=[How long to wait]:TIME:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(rotate-certs)
_arguments "${_arguments_options[@]}" : \
'--force-conflicts=[Take over fields that others own, for instance kubectl apply]::BOOL:_default' \
'--builder=[Name of the builder, as buildx spells it]:NAME:_default' \
'--node=[Only this node \[default\: all nodes\]]:NODE:_default' \
'--wait=[Wait until it is so]::BOOL:_default' \
'--timeout=[How long to wait]:TIME:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(ls)
_arguments "${_arguments_options[@]}" : \
'--builder=[Builder that is marked with "*" \[default\: \$BUILDX_BUILDER, else what \`use\` chose\]]:NAME:_default' \
'-A+[Look in all namespaces]::BOOL:_default' \
'--all-namespaces=[Look in all namespaces]::BOOL:_default' \
'-l+[Show only nodes whose labels this selector matches, for instance team=a]:SELECTOR:_default' \
'--selector=[Show only nodes whose labels this selector matches, for instance team=a]:SELECTOR:_default' \
'-o+[Form of the output; templates and columns are kubectl'\''s]:FORM:(table wide json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Form of the output; templates and columns are kubectl'\''s]:FORM:(table wide json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--timeout=[How long all daemons together may take to answer \[default\: 5s, less if there are many\]]:TIME:_default' \
'--no-headers=[Leave out the line with the names of the columns]::BOOL:_default' \
'--no-trunc=[Show all platforms, and cut nothing to the width of the terminal]::BOOL:_default' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-w[Show builders again whenever they change, until Ctrl-C]' \
'--watch[Show builders again whenever they change, until Ctrl-C]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(list)
_arguments "${_arguments_options[@]}" : \
'--builder=[Builder that is marked with "*" \[default\: \$BUILDX_BUILDER, else what \`use\` chose\]]:NAME:_default' \
'-A+[Look in all namespaces]::BOOL:_default' \
'--all-namespaces=[Look in all namespaces]::BOOL:_default' \
'-l+[Show only nodes whose labels this selector matches, for instance team=a]:SELECTOR:_default' \
'--selector=[Show only nodes whose labels this selector matches, for instance team=a]:SELECTOR:_default' \
'-o+[Form of the output; templates and columns are kubectl'\''s]:FORM:(table wide json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Form of the output; templates and columns are kubectl'\''s]:FORM:(table wide json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--timeout=[How long all daemons together may take to answer \[default\: 5s, less if there are many\]]:TIME:_default' \
'--no-headers=[Leave out the line with the names of the columns]::BOOL:_default' \
'--no-trunc=[Show all platforms, and cut nothing to the width of the terminal]::BOOL:_default' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-w[Show builders again whenever they change, until Ctrl-C]' \
'--watch[Show builders again whenever they change, until Ctrl-C]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(inspect)
_arguments "${_arguments_options[@]}" : \
'--builder=[Name of the builder, as buildx spells it]:NAME:_default' \
'--bootstrap=[Start the builder if it is stopped, and wait until all its pods take builds]::BOOL:_default' \
'--timeout=[How long --bootstrap waits \[default\: what the builder says, else 2m\]; without it, how long the daemons may take to answer \[default\: 5s\]]:TIME:_default' \
'-o+[Form of the output; templates and columns are kubectl'\''s]:FORM:(text json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Form of the output; templates and columns are kubectl'\''s]:FORM:(text json yaml name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
'::name -- Name of the builder \[default\: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace\]:_default' \
&& ret=0
;;
(rm)
_arguments "${_arguments_options[@]}" : \
'-f+[For scripts that say it\: nothing is asked anyway]::BOOL:_default' \
'--force=[For scripts that say it\: nothing is asked anyway]::BOOL:_default' \
'--keep-state=[Keep the volumes with the caches\: a builder of the same name finds them again]::BOOL:_default' \
'--wait=[Wait until all pods are gone]::BOOL:_default' \
'--timeout=[How long to wait]:TIME:_default' \
'--dry-run=[Change nothing\: "client" shows what would be sent, "server" what the cluster would make of it]::WHERE:((none\:"It is"
client\:"What would be sent is shown"
server\:"What the cluster would make of it is shown"))' \
'-o+[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Show the objects\: the whole of them as yaml or json, their names, or what a template of kubectl'\''s makes of them]:FORM:(yaml json name jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'()--all-inactive[Remove all builders of the namespace that are stopped or cannot come up]' \
'(--dry-run -o --output)--diff[Change nothing\: show the difference; exit code 0 if there is none, 1 if there is one]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
'*::names -- Names of the builders:_default' \
&& ret=0
;;
(use)
_arguments "${_arguments_options[@]}" : \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'()--unset[Choose none]' \
'--default[As without it\: the choice is the kube context'\''s default]' \
'--global[Refused\: a builder belongs to one cluster]' \
'-h[Print help]' \
'--help[Print help]' \
'::name -- Name of the builder:_default' \
&& ret=0
;;
(completion)
_arguments "${_arguments_options[@]}" : \
'--dir=[The folder \[default\: that of the plugin\]]:DIR:_files' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'(--uninstall)--install[Put the file for kubectl into a folder on PATH]' \
'--uninstall[Take the file for kubectl away]' \
'-h[Print help (see more with '\''--help'\'')]' \
'--help[Print help (see more with '\''--help'\'')]' \
':shell -- For whom:((kubectl\:"kubectl, for \`kubectl buildkit\`"
bash\:"GNU bash"
zsh\:"zsh"
fish\:"fish"
powershell\:"PowerShell\: commands and flags only"
elvish\:"elvish\: commands and flags only"))' \
&& ret=0
;;
(config)
_arguments "${_arguments_options[@]}" : \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
":: :_kubectl-buildkit__subcmd__config_commands" \
"*::: :->config" \
&& ret=0

    case $state in
    (config)
        words=($line[1] "${words[@]}")
        (( CURRENT += 1 ))
        curcontext="${curcontext%:*:*}:kubectl-buildkit-config-command-$line[1]:"
        case $line[1] in
            (view)
_arguments "${_arguments_options[@]}" : \
'--all=[Show what is built in, too]::BOOL:_default' \
'--raw=[Show secrets\: without this, passwords, keys and tokens are REDACTED]::BOOL:_default' \
'-o+[Form of the output]:FORM:(text json yaml jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Form of the output]:FORM:(text json yaml jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
(set)
_arguments "${_arguments_options[@]}" : \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
':key -- The flag\: COMMAND.FLAG, or FLAG for every command that has it:_default' \
'*::values -- The value; several for a flag that may be repeated:_default' \
&& ret=0
;;
(unset)
_arguments "${_arguments_options[@]}" : \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'-h[Print help]' \
'--help[Print help]' \
'*::keys -- The flags, as `config view` shows them:_default' \
&& ret=0
;;
        esac
    ;;
esac
;;
(version)
_arguments "${_arguments_options[@]}" : \
'-o+[Form of the output; templates and columns are kubectl'\''s]:FORM:(text json yaml jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--output=[Form of the output; templates and columns are kubectl'\''s]:FORM:(text json yaml jsonpath= jsonpath-file= custom-columns= custom-columns-file=)' \
'--kubeconfig=[Kubeconfig file to use instead of \$KUBECONFIG or ~/.kube/config]:FILE:_files' \
'--context=[Kube context to use]:NAME:_default' \
'--cluster=[Cluster entry of the kubeconfig to use]:NAME:_default' \
'--user=[User entry of the kubeconfig to use]:NAME:_default' \
'-n+[Namespace to work in]:NAME:_default' \
'--namespace=[Namespace to work in]:NAME:_default' \
'--as=[User to impersonate]:USER:_default' \
'*--as-group=[Group to impersonate; may be repeated]:GROUP:_default' \
'-s+[Address of the API server]:URL:_default' \
'--server=[Address of the API server]:URL:_default' \
'--token=[Bearer token for the API server]:TOKEN:_default' \
'--certificate-authority=[File with the certificate authority of the API server]:FILE:_files' \
'--client-certificate=[File with the client certificate for the API server]:FILE:_files' \
'--client-key=[File with the client key for the API server]:FILE:_files' \
'--tls-server-name=[Name that the API server'\''s certificate must have]:NAME:_default' \
'--insecure-skip-tls-verify=[Do not check the API server'\''s certificate]::BOOL:_default' \
'--request-timeout=[How long one request to the API server may take, for instance 10s; 0 means no limit]:TIME:_default' \
'--client[Show only the version of this program\: ask no cluster]' \
'-h[Print help]' \
'--help[Print help]' \
&& ret=0
;;
        esac
    ;;
esac
}

(( $+functions[_kubectl-buildkit_commands] )) ||
_kubectl-buildkit_commands() {
    local commands; commands=(
'build:Build an image' \
'b:Build an image' \
'create:Create a builder, or add a node to one' \
'update:Change the settings of a builder' \
'scale:Set how many pods a builder has' \
'stop:Stop a builder\: no pods until it is started or used again' \
'start:Start a builder that was stopped, with as many pods as before' \
'rotate-certs:Give a builder new certificates' \
'ls:List builders' \
'list:List builders' \
'inspect:Show one builder in full\: its nodes, pods and daemons' \
'rm:Remove builders and all that belongs to them' \
'use:Choose the builder that is meant where none is named' \
'completion:Print what makes a shell complete commands' \
'config:Show and set defaults for flags' \
'version:Show versions\: of this program, of Kubernetes, of builders' \
    )
    _describe -t commands 'kubectl-buildkit commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__build_commands] )) ||
_kubectl-buildkit__subcmd__build_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit build commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__completion_commands] )) ||
_kubectl-buildkit__subcmd__completion_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit completion commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__config_commands] )) ||
_kubectl-buildkit__subcmd__config_commands() {
    local commands; commands=(
'view:Show the defaults that count here, and where each comes from' \
'set:Set a default' \
'unset:Take defaults back' \
    )
    _describe -t commands 'kubectl-buildkit config commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__config__subcmd__set_commands] )) ||
_kubectl-buildkit__subcmd__config__subcmd__set_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit config set commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__config__subcmd__unset_commands] )) ||
_kubectl-buildkit__subcmd__config__subcmd__unset_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit config unset commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__config__subcmd__view_commands] )) ||
_kubectl-buildkit__subcmd__config__subcmd__view_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit config view commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__create_commands] )) ||
_kubectl-buildkit__subcmd__create_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit create commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__inspect_commands] )) ||
_kubectl-buildkit__subcmd__inspect_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit inspect commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__ls_commands] )) ||
_kubectl-buildkit__subcmd__ls_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit ls commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__rm_commands] )) ||
_kubectl-buildkit__subcmd__rm_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit rm commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__rotate-certs_commands] )) ||
_kubectl-buildkit__subcmd__rotate-certs_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit rotate-certs commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__scale_commands] )) ||
_kubectl-buildkit__subcmd__scale_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit scale commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__start_commands] )) ||
_kubectl-buildkit__subcmd__start_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit start commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__stop_commands] )) ||
_kubectl-buildkit__subcmd__stop_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit stop commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__update_commands] )) ||
_kubectl-buildkit__subcmd__update_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit update commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__use_commands] )) ||
_kubectl-buildkit__subcmd__use_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit use commands' commands "$@"
}
(( $+functions[_kubectl-buildkit__subcmd__version_commands] )) ||
_kubectl-buildkit__subcmd__version_commands() {
    local commands; commands=()
    _describe -t commands 'kubectl-buildkit version commands' commands "$@"
}

if [ "$funcstack[1]" = "_kubectl-buildkit" ]; then
    _kubectl-buildkit "$@"
else
    compdef _kubectl-buildkit kubectl-buildkit
fi
