"""How the two tools are driven. What they read and write of their own is in the bench's folder."""

import json
import os

import cluster
import farm
import inside
import measure

COMMAND_SECONDS = 600


class Tool:
    def __init__(self, folder, namespace, link, kubeconfig):
        self.namespace = namespace
        self.link = link
        self.folder = folder / link / self.name
        home = self.folder / "home"
        home.mkdir(parents=True)
        self.env = {
            "PATH": os.environ["PATH"], "HOME": str(home), "DOCKER_CONFIG": str(home / "docker"),
            "KUBECONFIG": str(kubeconfig), "BUILDX_NO_DEFAULT_ATTESTATIONS": "1",
            **self.own_env(home),
        }
        # Shorter than any name that Kubernetes would cut; both links share the builder.
        self.builder = f"main-{self.name}"

    def run(self, what, *arguments):
        name = f"{what}, {self.name}, {self.link}"
        command = [self.program(), *map(str, arguments)]
        return measure.run(name, command, self.env, COMMAND_SECONDS, self.folder, self.before())

    def before(self):
        return ()

    def build(self, what, context, *more):
        return self.run(what, "build", "--builder", self.builder, *self.place(), "--progress", "plain", *more, context)

    def complete(self, what, *words):
        """Asks what the last word could become, as a shell's script does."""
        return self.run(what, "__complete", *words)

    def list(self, what):
        return self.run(what, "ls", *self.place())

    def with_farm(self):
        """This tool with many builders and nothing else, in a namespace of its own."""
        namespace = f"{self.namespace}-{self.name}-{self.link}"
        other = type(self)(self.folder.parent.parent / "farm", namespace, self.link, self.env["KUBECONFIG"])
        farm.make(namespace, other.deployment(self.namespace))
        return other


class Plugin(Tool):
    name = "plugin"

    def own_env(self, home):
        return {}

    def program(self):
        return os.environ["BENCH_PLUGIN"]

    def place(self):
        return ("-n", self.namespace)

    def prepare(self):
        self.create("preparation", self.builder)

    def create(self, what, name, replicas=1):
        return self.run(what, "create", *self.place(), "--name", name, "--bootstrap", "--replicas", replicas)

    def deployment(self, _):
        """The Deployment of a builder that is called many-000."""
        shown = self.run("farm", "create", "-n", self.namespace, farm.builder_name(0),
                         "--dry-run=client", "-o", "json")
        return json.loads(shown.output)["items"][-1]

    def remove(self, name):
        self.run("removal", "rm", *self.place(), "--wait=false", name)

    def is_up(self, name):
        lines = self.list("check").output.splitlines()
        return any(name in line for line in lines) and any("v0." in line for line in lines)


class Inside(Plugin):
    """The plugin in a pod, and a daemon that listens on its pod's address."""

    def prepare(self):
        self.builder = "main-inside"
        inside.make(self.namespace, self.folder.parent.parent)
        self.run("preparation", "create", *self.place(), "--name", self.builder, "--listen", "pod", "--bootstrap")

    def before(self):
        return inside.before(self.namespace, self.env)


class Buildx(Tool):
    name = "buildx"

    def own_env(self, home):
        return {"BUILDX_CONFIG": str(home / "buildx"), "BUILDX_METADATA_PROVENANCE": "disabled"}

    def program(self):
        return os.environ["BENCH_BUILDX"]

    def place(self):
        return ()

    def prepare(self):
        self.create("preparation", self.builder)

    def create(self, what, name, replicas=1):
        return self.run(what, "create", "--driver", "kubernetes", "--driver-opt",
                        f"namespace={self.namespace},replicas={replicas}", "--name", name, "--bootstrap")

    def deployment(self, main):
        """The Deployment of a builder that is called many-000; all of them are known to the tool."""
        for number in range(farm.BUILDERS):
            self.run("farm", "create", "--driver", "kubernetes", "--driver-opt", f"namespace={self.namespace}",
                     "--name", farm.builder_name(number))
        there = cluster.kubectl("get", "deployment", "-n", main, f"{self.builder}0", "-o", "json")
        return farm.cleaned(json.loads(there.replace(f"{self.builder}0", farm.builder_name(0) + "0")))

    def remove(self, name):
        self.run("removal", "rm", name)

    def is_up(self, name):
        return any(name in line and "running" in line for line in self.list("check").output.splitlines())
