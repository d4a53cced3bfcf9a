# Print an optspec for argparse to handle cmd's options that are independent of any subcommand.
function __fish_kubectl_buildkit_global_optspecs
    string join \n kubeconfig= context= cluster= user= n/namespace= as= as-group= s/server= token= certificate-authority= client-certificate= client-key= tls-server-name= insecure-skip-tls-verify= request-timeout= h/help
end

function __fish_kubectl_buildkit_needs_command
    # Figure out if the current invocation already has a command.
    set -l cmd (commandline -opc)
    set -e cmd[1]
    argparse -s (__fish_kubectl_buildkit_global_optspecs) -- $cmd 2>/dev/null
    or return
    if set -q argv[1]
        # Also print the command, so this can be used to figure out what it is.
        echo $argv[1]
        return 1
    end
    return 0
end

function __fish_kubectl_buildkit_using_subcommand
    set -l cmd (__fish_kubectl_buildkit_needs_command)
    test -z "$cmd"
    and return 1
    contains -- $cmd[1] $argv
end

complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "build" -d 'Build an image'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "b" -d 'Build an image'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "create" -d 'Create a builder, or add a node to one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "update" -d 'Change the settings of a builder'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "scale" -d 'Set how many pods a builder has'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "stop" -d 'Stop a builder: no pods until it is started or used again'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "start" -d 'Start a builder that was stopped, with as many pods as before'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "rotate-certs" -d 'Give a builder new certificates'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "ls" -d 'List builders'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "list" -d 'List builders'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "inspect" -d 'Show one builder in full: its nodes, pods and daemons'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "rm" -d 'Remove builders and all that belongs to them'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "use" -d 'Choose the builder that is meant where none is named'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "completion" -d 'Print what makes a shell complete commands'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "config" -d 'Show and set defaults for flags'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_needs_command" -f -a "version" -d 'Show versions: of this program, of Kubernetes, of builders'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s f -l file -d 'Dockerfile: a path, the URL of a file, or - for standard input [default: PATH/Dockerfile]' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l build-context -d 'What FROM NAME and COPY --from=NAME mean: a folder, docker-image://NAME, oci-layout://FOLDER[:TAG][@DIGEST], a git repository or the URL of a file; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l secret -d 'Secret that steps may mount: id=ID[,src=FILE|,env=NAME]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l ssh -d 'SSH agent or keys that steps may use: default or ID[=SOCKET|KEY[,KEY]]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l registry-secret -d 'Secret of the cluster with registry logins, as [NAMESPACE/]NAME; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l build-arg -d 'Value of a build argument; KEY alone takes it from the environment' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l target -d 'Stage of the Dockerfile to build' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l platform -d 'Platforms to build for, comma-separated; local is that of this machine [default: $DOCKER_DEFAULT_PLATFORM, else the builder\'s own]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l no-cache -d 'Do not use the cache' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l no-cache-filter -d 'Do not use the cache for this stage; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l pull -d 'Look for newer base images in their registries' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l allow -d 'Allow what a build may not do otherwise: network.host, security.insecure, device[=NAME] or buildx.local.delete; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l add-host -d 'Address of a host, for the hosts file of steps; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l network -d 'Network of steps; host is that of the daemon and has to be allowed there' -r -f -a "default\t''
none\t''
host\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l shm-size -d 'Size of /dev/shm of steps, for instance 128m' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l ulimit -d 'Limit of the kernel for each process of steps, for instance nofile=1024:4096; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cgroup-parent -d 'Cgroup on the daemon\'s machine in which those of steps are made' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l resource -d 'Limit of what a step may take: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus or cpuset-mems; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s m -l memory -d 'The same as --resource memory=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l memory-swap -d 'The same as --resource memory-swap=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s c -l cpu-shares -d 'The same as --resource cpu-shares=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cpu-period -d 'The same as --resource cpu-period=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cpu-quota -d 'The same as --resource cpu-quota=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cpuset-cpus -d 'The same as --resource cpuset-cpus=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cpuset-mems -d 'The same as --resource cpuset-mems=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s t -l tag -d 'Name of the image, as name:tag; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l push -d 'Push the image to its registry' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l load -d 'Load the image into the docker or podman of this machine' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s o -l output -d 'Where to put the result: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly[,dest=PATH,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l label -d 'Label of the image; KEY alone is an empty one' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l metadata-file -d 'Write what is known of the result to FILE, as JSON' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l iidfile -d 'Write the digest of the image to FILE' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l annotation -d 'Annotation of the image, its index or their descriptors: [TYPE[PLATFORM],...:]KEY=VALUE with index, manifest, index-descriptor or manifest-descriptor; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l attest -d 'Attestation of the image: type=sbom or type=provenance with its parameters; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l provenance -d 'Provenance of the image: true, false or parameters, for instance mode=max [default: mode=min in images]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l sbom -d 'List of what is in the image: true, false or parameters, for instance generator=IMAGE' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l call -d 'Ask the frontend instead of building: check, outline, targets or subrequests.describe, each with ,format=json or ,ignorestatus=true [default: build]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l check -d 'The same as --call check' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l print -d 'The same as --call' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l policy -d 'Rules in Rego for the build\'s sources, besides DOCKERFILE.rego: filename=FILE|cwd://FILE[,log-level=LEVEL][,reset=true], or disabled=true' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l compress -d 'No effect: what is sent is compressed where that helps' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l isolation -d 'No effect: BuildKit isolates every step' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l security-opt -d 'No effect: write RUN --security=insecure, and --allow security.insecure' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l squash -d 'No effect: several stages make a small image' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l rm -d 'No effect: nothing is left of a step but its result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l force-rm -d 'No effect: nothing is left of a step but its result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cache-from -d 'Cache to read: IMAGE or type=registry|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cache-to -d 'Where to write the cache: IMAGE or type=registry|inline|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l progress -d 'How to show progress' -r -f -a "auto\t''
tty\t''
plain\t''
rawjson\t''
quiet\t''
none\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s q -l quiet -d 'Show nothing but the digest of the result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s D -l debug -d 'Show warnings in full at the end: what is meant, where it is explained, the lines of the file' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l builder -d 'Builder to use [default: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l replica -d 'Pod of the builder to build on [default: as its load balancing chooses]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l no-create -d 'Do not make a builder if there is none' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l timeout -d 'How long to wait for a builder to come up [default: what the builder says, else 2m]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l buildkit-host -d 'Build on the daemon at this address, unix:///PATH or tcp://HOST:PORT, without a cluster [default: $BUILDKIT_HOST]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l tlscacert -d 'File with the certificate authority of the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l tlscert -d 'File with the client certificate for the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l tlskey -d 'File with the client key for the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l tlsservername -d 'Name that the certificate of the daemon at a tcp:// address must have [default: its host]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand build" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s f -l file -d 'Dockerfile: a path, the URL of a file, or - for standard input [default: PATH/Dockerfile]' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l build-context -d 'What FROM NAME and COPY --from=NAME mean: a folder, docker-image://NAME, oci-layout://FOLDER[:TAG][@DIGEST], a git repository or the URL of a file; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l secret -d 'Secret that steps may mount: id=ID[,src=FILE|,env=NAME]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l ssh -d 'SSH agent or keys that steps may use: default or ID[=SOCKET|KEY[,KEY]]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l registry-secret -d 'Secret of the cluster with registry logins, as [NAMESPACE/]NAME; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l build-arg -d 'Value of a build argument; KEY alone takes it from the environment' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l target -d 'Stage of the Dockerfile to build' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l platform -d 'Platforms to build for, comma-separated; local is that of this machine [default: $DOCKER_DEFAULT_PLATFORM, else the builder\'s own]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l no-cache -d 'Do not use the cache' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l no-cache-filter -d 'Do not use the cache for this stage; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l pull -d 'Look for newer base images in their registries' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l allow -d 'Allow what a build may not do otherwise: network.host, security.insecure, device[=NAME] or buildx.local.delete; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l add-host -d 'Address of a host, for the hosts file of steps; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l network -d 'Network of steps; host is that of the daemon and has to be allowed there' -r -f -a "default\t''
none\t''
host\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l shm-size -d 'Size of /dev/shm of steps, for instance 128m' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l ulimit -d 'Limit of the kernel for each process of steps, for instance nofile=1024:4096; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cgroup-parent -d 'Cgroup on the daemon\'s machine in which those of steps are made' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l resource -d 'Limit of what a step may take: memory, memory-swap, cpu-shares, cpu-period, cpu-quota, cpuset-cpus or cpuset-mems; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s m -l memory -d 'The same as --resource memory=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l memory-swap -d 'The same as --resource memory-swap=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s c -l cpu-shares -d 'The same as --resource cpu-shares=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cpu-period -d 'The same as --resource cpu-period=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cpu-quota -d 'The same as --resource cpu-quota=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cpuset-cpus -d 'The same as --resource cpuset-cpus=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cpuset-mems -d 'The same as --resource cpuset-mems=LIMIT' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s t -l tag -d 'Name of the image, as name:tag; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l push -d 'Push the image to its registry' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l load -d 'Load the image into the docker or podman of this machine' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s o -l output -d 'Where to put the result: PATH, - or type=local|tar|oci|docker|image|registry|cacheonly[,dest=PATH,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l label -d 'Label of the image; KEY alone is an empty one' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l metadata-file -d 'Write what is known of the result to FILE, as JSON' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l iidfile -d 'Write the digest of the image to FILE' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l annotation -d 'Annotation of the image, its index or their descriptors: [TYPE[PLATFORM],...:]KEY=VALUE with index, manifest, index-descriptor or manifest-descriptor; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l attest -d 'Attestation of the image: type=sbom or type=provenance with its parameters; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l provenance -d 'Provenance of the image: true, false or parameters, for instance mode=max [default: mode=min in images]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l sbom -d 'List of what is in the image: true, false or parameters, for instance generator=IMAGE' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l call -d 'Ask the frontend instead of building: check, outline, targets or subrequests.describe, each with ,format=json or ,ignorestatus=true [default: build]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l check -d 'The same as --call check' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l print -d 'The same as --call' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l policy -d 'Rules in Rego for the build\'s sources, besides DOCKERFILE.rego: filename=FILE|cwd://FILE[,log-level=LEVEL][,reset=true], or disabled=true' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l compress -d 'No effect: what is sent is compressed where that helps' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l isolation -d 'No effect: BuildKit isolates every step' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l security-opt -d 'No effect: write RUN --security=insecure, and --allow security.insecure' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l squash -d 'No effect: several stages make a small image' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l rm -d 'No effect: nothing is left of a step but its result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l force-rm -d 'No effect: nothing is left of a step but its result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cache-from -d 'Cache to read: IMAGE or type=registry|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cache-to -d 'Where to write the cache: IMAGE or type=registry|inline|local|gha|s3|azblob[,KEY=VALUE,...]; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l progress -d 'How to show progress' -r -f -a "auto\t''
tty\t''
plain\t''
rawjson\t''
quiet\t''
none\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s q -l quiet -d 'Show nothing but the digest of the result' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s D -l debug -d 'Show warnings in full at the end: what is meant, where it is explained, the lines of the file' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l builder -d 'Builder to use [default: $BUILDX_BUILDER, else what `use` chose, else the only one in the namespace]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l replica -d 'Pod of the builder to build on [default: as its load balancing chooses]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l no-create -d 'Do not make a builder if there is none' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l timeout -d 'How long to wait for a builder to come up [default: what the builder says, else 2m]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l buildkit-host -d 'Build on the daemon at this address, unix:///PATH or tcp://HOST:PORT, without a cluster [default: $BUILDKIT_HOST]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l tlscacert -d 'File with the certificate authority of the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l tlscert -d 'File with the client certificate for the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l tlskey -d 'File with the client key for the daemon at a tcp:// address' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l tlsservername -d 'Name that the certificate of the daemon at a tcp:// address must have [default: its host]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand b" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l name -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l node -d 'Name of the node and its Deployment [default: the builder\'s name and a number]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l platform -d 'Platforms that the node is for, comma-separated [default: what the daemon detects]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l image -d 'Image of the daemon [default: moby/buildkit:buildx-stable-1, with -rootless if --rootless]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l replicas -d 'How many pods [default: 1]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l rootless -d 'Run the daemon without privileges' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l bootstrap -d 'Wait until the builder takes builds' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l timeout -d 'How long --bootstrap waits; without it, how long builds wait for the builder [default: 2m]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l driver -d 'The driver, for scripts that name it: there is only this one' -r -f -a "kubernetes\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l driver-opt -d 'Options in buildx\'s spelling, for instance "nodeselector=disktype=ssd"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l requests -d 'What each pod asks for, for instance cpu=1,memory=2Gi; also ephemeral-storage' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l limits -d 'What each pod is held to, for instance cpu=4,memory=8Gi; also ephemeral-storage' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l node-selector -d 'Run only on cluster nodes with this label; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l toleration -d 'Put up with this taint of cluster nodes; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l affinity -d 'Run only on cluster nodes whose labels are like this, for instance "disktype in (ssd,nvme)" or "!spot"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l spread -d 'Spread the pods over cluster nodes with different values of a label' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l user-namespace -d 'Give the pods a user namespace of their own, in which the daemon has all privileges' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l listen -d 'Where the daemon\'s port with mutual TLS listens: inside the pod, or on its address too [default: loopback]' -r -f -a "loopback\t''
pod\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l patch -d 'Change any other field of the pod template: a file, YAML or JSON, a part of the template that is merged in or a list of operations (RFC 6902); may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l label -d 'Label of the Deployment and its pods; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l annotation -d 'Annotation of the Deployment and its pods; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l env -d 'Variable of the daemon\'s environment, for instance a proxy; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l service-account -d 'Service account of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l scheduler-name -d 'Scheduler of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l image-pull-secret -d 'Secret with which images are pulled; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l priority-class -d 'Priority class of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l runtime-class -d 'Runtime class of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l qemu -d 'Install emulators of other platforms on the cluster nodes, where they stay' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l qemu-image -d 'Image that installs them [default: tonistiigi/binfmt:latest]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l memory-cache -d 'Keep the cache in memory, at most so much of it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l storage -d 'Keep the cache on a volume of this size for each pod; it outlives the pod' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l storage-class -d 'Storage class of the volumes [default: the cluster\'s]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l default-load -d 'A build without output goes to the local docker. Loading is not supported yet: such a build ends before it begins, and says what to type instead' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l loadbalance -d 'Which pod takes a build: the same for the same build context, any, or the one that runs the fewest [default: sticky]' -r -f -a "sticky\t''
random\t''
least-loaded\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l buildkitd-config -d 'Configuration file of the daemon, which gets the certificates and keys that it names, too' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l buildkitd-flags -d 'Flags of the daemon, for instance "--debug --oci-worker-net=host"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l append -d 'Add a node to a builder that is there'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l leave -d 'Remove the node that --node names, with all that belongs to it'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l use -d 'Choose the builder, as the command `use` does'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand create" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l name -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l builder -d 'Name of the builder, as buildx spells it elsewhere' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l node -d 'Change only this node [default: all nodes]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l unset -d 'Take an option back to its default, or remove one entry of it, for instance "requests.cpu" or "env.A"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l force-conflicts -d 'Take over fields that others own, for instance kubectl apply or an autoscaler' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l platform -d 'Platforms that the node is for, comma-separated [default: what the daemon detects]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l image -d 'Image of the daemon [default: moby/buildkit:buildx-stable-1, with -rootless if --rootless]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l replicas -d 'How many pods [default: 1]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l rootless -d 'Run the daemon without privileges' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l bootstrap -d 'Wait until the builder takes builds' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l timeout -d 'How long --bootstrap waits; without it, how long builds wait for the builder [default: 2m]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l driver -d 'The driver, for scripts that name it: there is only this one' -r -f -a "kubernetes\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l driver-opt -d 'Options in buildx\'s spelling, for instance "nodeselector=disktype=ssd"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l requests -d 'What each pod asks for, for instance cpu=1,memory=2Gi; also ephemeral-storage' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l limits -d 'What each pod is held to, for instance cpu=4,memory=8Gi; also ephemeral-storage' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l node-selector -d 'Run only on cluster nodes with this label; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l toleration -d 'Put up with this taint of cluster nodes; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l affinity -d 'Run only on cluster nodes whose labels are like this, for instance "disktype in (ssd,nvme)" or "!spot"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l spread -d 'Spread the pods over cluster nodes with different values of a label' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l user-namespace -d 'Give the pods a user namespace of their own, in which the daemon has all privileges' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l listen -d 'Where the daemon\'s port with mutual TLS listens: inside the pod, or on its address too [default: loopback]' -r -f -a "loopback\t''
pod\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l patch -d 'Change any other field of the pod template: a file, YAML or JSON, a part of the template that is merged in or a list of operations (RFC 6902); may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l label -d 'Label of the Deployment and its pods; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l annotation -d 'Annotation of the Deployment and its pods; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l env -d 'Variable of the daemon\'s environment, for instance a proxy; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l service-account -d 'Service account of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l scheduler-name -d 'Scheduler of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l image-pull-secret -d 'Secret with which images are pulled; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l priority-class -d 'Priority class of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l runtime-class -d 'Runtime class of the pods' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l qemu -d 'Install emulators of other platforms on the cluster nodes, where they stay' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l qemu-image -d 'Image that installs them [default: tonistiigi/binfmt:latest]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l memory-cache -d 'Keep the cache in memory, at most so much of it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l storage -d 'Keep the cache on a volume of this size for each pod; it outlives the pod' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l storage-class -d 'Storage class of the volumes [default: the cluster\'s]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l default-load -d 'A build without output goes to the local docker. Loading is not supported yet: such a build ends before it begins, and says what to type instead' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l loadbalance -d 'Which pod takes a build: the same for the same build context, any, or the one that runs the fewest [default: sticky]' -r -f -a "sticky\t''
random\t''
least-loaded\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l buildkitd-config -d 'Configuration file of the daemon, which gets the certificates and keys that it names, too' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l buildkitd-flags -d 'Flags of the daemon, for instance "--debug --oci-worker-net=host"; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand update" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l replicas -d 'How many pods each node shall have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l builder -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l node -d 'Only this node [default: all nodes]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l wait -d 'Wait until it is so' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l timeout -d 'How long to wait' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand scale" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l builder -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l node -d 'Only this node [default: all nodes]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l wait -d 'Wait until it is so' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l timeout -d 'How long to wait' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand stop" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l builder -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l node -d 'Only this node [default: all nodes]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l wait -d 'Wait until it is so' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l timeout -d 'How long to wait' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand start" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l force-conflicts -d 'Take over fields that others own, for instance kubectl apply' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l builder -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l node -d 'Only this node [default: all nodes]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l wait -d 'Wait until it is so' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l timeout -d 'How long to wait' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rotate-certs" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l builder -d 'Builder that is marked with "*" [default: $BUILDX_BUILDER, else what `use` chose]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s A -l all-namespaces -d 'Look in all namespaces' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s l -l selector -d 'Show only nodes whose labels this selector matches, for instance team=a' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s o -l output -d 'Form of the output; templates and columns are kubectl\'s' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l timeout -d 'How long all daemons together may take to answer [default: 5s, less if there are many]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l no-headers -d 'Leave out the line with the names of the columns' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l no-trunc -d 'Show all platforms, and cut nothing to the width of the terminal' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s w -l watch -d 'Show builders again whenever they change, until Ctrl-C'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand ls" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l builder -d 'Builder that is marked with "*" [default: $BUILDX_BUILDER, else what `use` chose]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s A -l all-namespaces -d 'Look in all namespaces' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s l -l selector -d 'Show only nodes whose labels this selector matches, for instance team=a' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s o -l output -d 'Form of the output; templates and columns are kubectl\'s' -r -f -a "table\t''
wide\t''
json\t''
yaml\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l timeout -d 'How long all daemons together may take to answer [default: 5s, less if there are many]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l no-headers -d 'Leave out the line with the names of the columns' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l no-trunc -d 'Show all platforms, and cut nothing to the width of the terminal' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s w -l watch -d 'Show builders again whenever they change, until Ctrl-C'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand list" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l builder -d 'Name of the builder, as buildx spells it' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l bootstrap -d 'Start the builder if it is stopped, and wait until all its pods take builds' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l timeout -d 'How long --bootstrap waits [default: what the builder says, else 2m]; without it, how long the daemons may take to answer [default: 5s]' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -s o -l output -d 'Form of the output; templates and columns are kubectl\'s' -r -f -a "text\t''
json\t''
yaml\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand inspect" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -s f -l force -d 'For scripts that say it: nothing is asked anyway' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l keep-state -d 'Keep the volumes with the caches: a builder of the same name finds them again' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l wait -d 'Wait until all pods are gone' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l timeout -d 'How long to wait' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l dry-run -d 'Change nothing: "client" shows what would be sent, "server" what the cluster would make of it' -r -f -a "none\t'It is'
client\t'What would be sent is shown'
server\t'What the cluster would make of it is shown'"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -s o -l output -d 'Show the objects: the whole of them as yaml or json, their names, or what a template of kubectl\'s makes of them' -r -f -a "yaml\t''
json\t''
name\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l all-inactive -d 'Remove all builders of the namespace that are stopped or cannot come up'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -l diff -d 'Change nothing: show the difference; exit code 0 if there is none, 1 if there is one'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand rm" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l unset -d 'Choose none'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l default -d 'As without it: the choice is the kube context\'s default'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -l global -d 'Refused: a builder belongs to one cluster'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand use" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l dir -d 'The folder [default: that of the plugin]' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l install -d 'Put the file for kubectl into a folder on PATH'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -l uninstall -d 'Take the file for kubectl away'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand completion" -s h -l help -d 'Print help (see more with \'--help\')'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -f -a "view" -d 'Show the defaults that count here, and where each comes from'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -f -a "set" -d 'Set a default'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and not __fish_seen_subcommand_from view set unset" -f -a "unset" -d 'Take defaults back'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l all -d 'Show what is built in, too' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l raw -d 'Show secrets: without this, passwords, keys and tokens are REDACTED' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -s o -l output -d 'Form of the output' -r -f -a "text\t''
json\t''
yaml\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from view" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from set" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand config; and __fish_seen_subcommand_from unset" -s h -l help -d 'Print help'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -s o -l output -d 'Form of the output; templates and columns are kubectl\'s' -r -f -a "text\t''
json\t''
yaml\t''
jsonpath=\t''
jsonpath-file=\t''
custom-columns=\t''
custom-columns-file=\t''"
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l kubeconfig -d 'Kubeconfig file to use instead of $KUBECONFIG or ~/.kube/config' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l context -d 'Kube context to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l cluster -d 'Cluster entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l user -d 'User entry of the kubeconfig to use' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -s n -l namespace -d 'Namespace to work in' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l as -d 'User to impersonate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l as-group -d 'Group to impersonate; may be repeated' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -s s -l server -d 'Address of the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l token -d 'Bearer token for the API server' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l certificate-authority -d 'File with the certificate authority of the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l client-certificate -d 'File with the client certificate for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l client-key -d 'File with the client key for the API server' -r -F
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l tls-server-name -d 'Name that the API server\'s certificate must have' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l insecure-skip-tls-verify -d 'Do not check the API server\'s certificate' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l request-timeout -d 'How long one request to the API server may take, for instance 10s; 0 means no limit' -r
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -l client -d 'Show only the version of this program: ask no cluster'
complete -c kubectl-buildkit -n "__fish_kubectl_buildkit_using_subcommand version" -s h -l help -d 'Print help'
