//! Examples of every command, as help and manual pages show them. A test parses each.

/// A line that somebody may type, and what for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Example {
    /// What it is for.
    pub purpose: &'static str,
    /// What is typed behind the program's name.
    pub words: &'static str,
}

const fn example(purpose: &'static str, words: &'static str) -> Example {
    Example { purpose, words }
}

/// The examples of the command that `path` leads to, for instance `config set`.
pub fn examples(path: &str) -> &'static [Example] {
    let mut all = EXAMPLES.iter();
    all.find(|(command, _)| *command == path)
        .map_or(&[], |(_, examples)| examples)
}

const EXAMPLES: &[(&str, &[Example])] = &[
    ("", ROOT),
    ("build", BUILD),
    ("create", CREATE),
    ("update", UPDATE),
    ("scale", SCALE),
    ("stop", STOP),
    ("start", START),
    ("rotate-certs", ROTATE_CERTS),
    ("ls", LS),
    ("inspect", INSPECT),
    ("rm", RM),
    ("use", USE),
    ("config", CONFIG),
    ("config view", CONFIG_VIEW),
    ("config set", CONFIG_SET),
    ("config unset", CONFIG_UNSET),
    ("completion", COMPLETION),
    ("version", VERSION),
    ("options", OPTIONS),
];

const ROOT: &[Example] = &[
    example(
        "Build the current folder on the cluster, and push the image",
        "build -t registry.example/you/app --push .",
    ),
    example(
        "Make a builder called \"team\", and wait until it takes builds",
        "create team --bootstrap",
    ),
    example("List the builders", "ls"),
];

const BUILD: &[Example] = &[
    example(
        "Build the current folder and push the image",
        "build -t registry.example/you/app:1.0 --push .",
    ),
    example(
        "Build for two platforms, on the nodes that have them",
        "build --platform linux/amd64,linux/arm64 -t registry.example/you/app --push .",
    ),
    example(
        "Build one stage of another Dockerfile, and take its files",
        "build -f docker/Dockerfile --target dist -o out .",
    ),
    example(
        "Load the image into the docker or podman of this machine",
        "build -t app --load .",
    ),
    example(
        "Keep the cache in a registry, where other machines find it",
        "build --cache-from type=registry,ref=registry.example/you/cache \\\n    \
         --cache-to type=registry,ref=registry.example/you/cache,mode=max .",
    ),
    example(
        "Give a step a secret and the keys of the SSH agent",
        "build --secret id=npm,src=.npmrc --ssh default .",
    ),
    example(
        "Build a git repository",
        "build https://github.com/you/app.git#main",
    ),
    example("Check the Dockerfile, and build nothing", "build --check ."),
];

const CREATE: &[Example] = &[
    example(
        "Make a builder called \"team\", and wait until it takes builds",
        "create team --bootstrap",
    ),
    example(
        "Make one of three pods, each with a volume for its cache",
        "create team --replicas 3 --storage 50Gi --requests cpu=2,memory=4Gi",
    ),
    example(
        "Make one without privileges, on nodes that are meant for it",
        "create team --rootless --node-selector pool=builds --toleration dedicated=builds",
    ),
    example(
        "Add a node for another platform",
        "create team --append --node arm --platform linux/arm64 \\\n    \
         --node-selector kubernetes.io/arch=arm64",
    ),
    example(
        "Write the objects to a file instead, for GitOps",
        "create team --dry-run=client -o yaml",
    ),
];

const UPDATE: &[Example] = &[
    example(
        "Give the pods of a builder more memory",
        "update team --limits memory=8Gi",
    ),
    example(
        "See what would change",
        "update team --image moby/buildkit:v0.34.2 --diff",
    ),
    example(
        "Take settings back to their defaults",
        "update team --unset limits.memory,node-selector",
    ),
    example("Take over a builder that docker buildx made", "update kube"),
];

const SCALE: &[Example] = &[
    example(
        "Have four pods, and wait until they take builds",
        "scale team --replicas 4 --wait",
    ),
    example(
        "Scale one node of a builder",
        "scale team --node arm --replicas 2",
    ),
];

const STOP: &[Example] = &[example("Stop a builder for the night", "stop team")];

const START: &[Example] = &[example(
    "Start it again, and wait until it takes builds",
    "start team --wait",
)];

const ROTATE_CERTS: &[Example] = &[example(
    "Give a builder new certificates, and wait until all pods have them",
    "rotate-certs team --wait",
)];

const LS: &[Example] = &[
    example("List the builders", "ls"),
    example("List those of all namespaces", "ls -A"),
    example(
        "List those of a team, with their pods",
        "ls -l team=a -o wide",
    ),
];

const INSPECT: &[Example] = &[
    example("Show all about a builder", "inspect team"),
    example(
        "Start a builder if it is stopped, and wait for its pods",
        "inspect team --bootstrap",
    ),
    example("For a program", "inspect team -o json"),
];

const RM: &[Example] = &[
    example("Remove a builder", "rm team"),
    example(
        "Remove it, and keep the volumes with its cache",
        "rm team --keep-state",
    ),
    example(
        "Remove all builders that are stopped or cannot come up",
        "rm --all-inactive",
    ),
];

const USE: &[Example] = &[
    example("Choose a builder", "use team"),
    example("Choose none", "use --unset"),
];

const CONFIG: &[Example] = &[
    example("Show what counts here", "config view"),
    example(
        "Show plain progress, whatever the terminal can do",
        "config set build.progress plain",
    ),
];

const CONFIG_VIEW: &[Example] = &[
    example("Show what counts here", "config view"),
    example(
        "Show what would count in another kube context",
        "config view --context prod",
    ),
    example("For a program", "config view -o json"),
];

const CONFIG_SET: &[Example] = &[
    example(
        "Show plain progress, whatever the terminal can do",
        "config set build.progress plain",
    ),
    example(
        "Use one builder in a kube context, in one of its namespaces",
        "config set builder team --context prod -n builds",
    ),
    example(
        "Make all builders without privileges",
        "config set create.rootless true",
    ),
    example(
        "Read two caches",
        "config set build.cache-from registry.example/a registry.example/b",
    ),
];

const CONFIG_UNSET: &[Example] = &[
    example("Take a default back", "config unset build.progress"),
    example(
        "Take one of a kube context back",
        "config unset builder --context prod",
    ),
];

const COMPLETION: &[Example] = &[
    example(
        "Complete `kubectl buildkit` in every shell that completes kubectl",
        "completion kubectl --install",
    ),
    example("Print what bash reads", "completion bash"),
];

const VERSION: &[Example] = &[
    example("Show the version", "version"),
    example("For a program", "version -o json"),
];

const OPTIONS: &[Example] = &[example(
    "Show the flags that every command takes",
    "options",
)];
