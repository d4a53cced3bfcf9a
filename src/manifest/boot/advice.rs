//! What to do about what keeps a node from coming up.

use k8s_openapi::api::core::v1::{Container, Node, Pod};

use crate::manifest::pod_spec::CONTAINER;
use crate::manifest::secret::daemon_secret_name;
use crate::manifest::workload::Workload;
use crate::model::{BuilderName, NodeName};

use super::obstacle::{Obstacle, obstacle};
use super::problem::Problem;
use super::verdict::Why;

/// What an advice is about, and what is known of its surroundings.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The builder.
    pub builder: &'a BuilderName,
    /// Its node.
    pub node: &'a NodeName,
    /// Its namespace.
    pub namespace: &'a str,
    /// What runs its pods.
    pub workload: Option<&'a Workload>,
    /// The pod that is in trouble.
    pub pod: Option<&'a Pod>,
    /// The cluster's nodes, if they may be listed.
    pub nodes: Option<&'a [Node]>,
    /// The names of the cluster's storage classes, if they may be listed.
    pub classes: Option<&'a [String]>,
}

/// What to tell of a trouble beside Kubernetes' own message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Advice {
    /// What it means; none where the message says it all.
    pub summary: Option<String>,
    /// What to type or check.
    pub hint: String,
}

/// What to do about `why`.
pub fn advice(why: &Why, about: &About<'_>) -> Advice {
    let problem = why.problem();
    let known = match &problem {
        Problem::Unschedulable => about.unschedulable(&why.trouble.message),
        Problem::Crash | Problem::OutOfMemory | Problem::Silent => {
            Some(about.daemon(&problem, why.container()))
        }
        Problem::StorageClass(_) | Problem::NoStorageClass => Some(about.storage(&problem)),
        _ => about.image(&problem, why.container()),
    };
    let known = known
        .or_else(|| about.allowance(&problem))
        .or_else(|| about.refusal(&problem))
        .or_else(|| about.place(&problem));
    let (summary, hint) = match known {
        Some((summary, hint)) => (Some(summary), hint),
        None => (None, about.look(why)),
    };
    Advice { summary, hint }
}

/// What a trouble means, and what to do about it.
type Known = (String, String);

impl About<'_> {
    /// To give the node other settings.
    fn update(&self, flags: &str) -> String {
        let Self {
            builder,
            node,
            namespace,
            ..
        } = self;
        format!("kubectl buildkit update {builder} --node {node} -n {namespace} {flags}")
    }

    /// Where Kubernetes tells more.
    fn look(&self, why: &Why) -> String {
        let namespace = self.namespace;
        match (&why.pod, self.workload) {
            (Some(pod), _) => format!("see: kubectl describe pod {pod} -n {namespace}"),
            (None, Some(Workload::StatefulSet(set))) => {
                let name = set.metadata.name.as_deref().unwrap_or_default();
                format!("see: kubectl describe statefulset {name} -n {namespace}")
            }
            (None, _) => format!("see: kubectl describe replicasets -n {namespace}"),
        }
    }

    fn unschedulable(&self, message: &str) -> Option<Known> {
        Some(match obstacle(self.pod?, message, self.nodes)? {
            Obstacle::NoNodes => (
                "the cluster has no nodes".to_owned(),
                "see: kubectl get nodes".to_owned(),
            ),
            Obstacle::Label(label, others) => {
                let summary = format!("no cluster node has the label {label}");
                match others.first() {
                    Some(other) => (
                        format!("{summary}; there are {}", others.join(", ")),
                        self.update(&format!("--node-selector {other}")),
                    ),
                    None => (summary, self.unset(&label)),
                }
            }
            Obstacle::Labels(labels) => {
                let s = if labels.len() == 1 { "" } else { "s" };
                let first = labels.first().map(String::as_str).unwrap_or_default();
                let all = labels.join(",");
                (
                    format!("no cluster node that takes pods has the label{s} {all}"),
                    self.unset(first),
                )
            }
            Obstacle::Taints(taints) => {
                let s = if taints.len() == 1 { "" } else { "s" };
                let flags: Vec<String> = taints
                    .iter()
                    .map(|taint| format!("--toleration {taint}"))
                    .collect();
                (
                    format!(
                        "the cluster nodes that fit have the taint{s} {}, which it does not tolerate",
                        taints.join(", ")
                    ),
                    self.update(&flags.join(" ")),
                )
            }
            Obstacle::Unwell(nodes, taint) => unwell(&nodes, &taint),
            Obstacle::Resource { name, asked, most } => self.resource(&name, asked, most),
        })
    }

    /// To do without a label of cluster nodes.
    fn unset(&self, label: &str) -> String {
        let key = label.split('=').next().unwrap_or_default();
        format!(
            "{}; or give a node the label: kubectl label node NODE {label}",
            self.update(&format!("--unset node-selector.{key}"))
        )
    }

    fn resource(&self, name: &str, asked: Option<String>, most: Option<String>) -> Known {
        let asks = asked.map_or_else(|| name.to_owned(), |asked| format!("{name}={asked}"));
        let summary = match most {
            Some(most) => format!("it asks for {asks}, and no cluster node has more than {most}"),
            None => format!("it asks for {asks}, and no cluster node has so much free"),
        };
        (summary, self.update(&format!("--requests {name}=LESS")))
    }

    fn daemon(&self, problem: &Problem, name: &str) -> Known {
        let (namespace, pod) = (self.namespace, self.pod_name());
        let container = match name {
            CONTAINER => String::new(),
            name => format!(" -c {name}"),
        };
        let logs = format!("see: kubectl logs {pod} -n {namespace}{container}");
        match problem {
            Problem::OutOfMemory => {
                let limit = self.container(name).and_then(|container| {
                    let limits = container.resources.as_ref()?.limits.as_ref()?;
                    Some(format!(" of {}", limits.get("memory")?.0))
                });
                (
                    format!(
                        "it needs more memory than its limit{}",
                        limit.unwrap_or_default()
                    ),
                    self.update("--limits memory=MORE"),
                )
            }
            Problem::Silent => ("the daemon does not answer".to_owned(), logs),
            _ => (
                format!("{name} ends again and again"),
                format!("{logs} --previous"),
            ),
        }
    }

    fn pod_name(&self) -> &str {
        self.pod
            .and_then(|pod| pod.metadata.name.as_deref())
            .unwrap_or_default()
    }

    /// A container of the pods, as they are wanted or as this one is.
    fn container(&self, name: &str) -> Option<&Container> {
        let template = self.workload.and_then(Workload::template);
        let spec = match self.pod {
            Some(pod) => pod.spec.as_ref(),
            None => template.and_then(|template| template.spec.as_ref()),
        }?;
        let all = spec
            .containers
            .iter()
            .chain(spec.init_containers.iter().flatten());
        all.into_iter().find(|container| container.name == name)
    }

    fn image(&self, problem: &Problem, name: &str) -> Option<Known> {
        let flag = match name {
            CONTAINER => "--image IMAGE",
            _ => "--qemu-image IMAGE",
        };
        let image = self.container(name).and_then(|c| c.image.as_deref());
        let image = image.map_or_else(
            || "the image".to_owned(),
            |image| format!("image {image:?}"),
        );
        let other = self.update(flag);
        let (namespace, with) = (self.namespace, self.update("--image-pull-secret NAME"));
        let known = match problem {
            Problem::ImageName => (format!("{image} is no name of an image"), other),
            Problem::ImageMissing => (
                format!("there is no {image}"),
                format!("push it, or choose another one: {other}"),
            ),
            Problem::ImageDenied => (
                format!("the registry does not let the cluster pull {image}"),
                format!(
                    "kubectl create secret docker-registry NAME -n {namespace} \
                     --docker-server=HOST --docker-username=USER --docker-password=…, then: {with}"
                ),
            ),
            Problem::NotADaemon => (format!("{image} starts no daemon"), other),
            Problem::ImagePlatform => (
                format!("{image} is not for the platform of the cluster node"),
                format!("{other}; or --node-selector kubernetes.io/arch=ARCH"),
            ),
            Problem::RegistryName => (
                format!("the registry of {image} does not exist, or the cluster does not know it"),
                other,
            ),
            Problem::RegistryTrust => (
                format!("the cluster node does not trust the registry of {image}"),
                format!("have its certificate authority added on the cluster nodes; or: {other}"),
            ),
            Problem::ImagePull => (
                format!("{image} cannot be pulled just now"),
                "Kubernetes tries again by itself; see whether the cluster nodes reach the registry"
                    .to_owned(),
            ),
            _ => return None,
        };
        Some(known)
    }

    /// What the namespace allows.
    fn allowance(&self, problem: &Problem) -> Option<Known> {
        let namespace = self.namespace;
        let known = match problem {
            Problem::QuotaUsed(name) => (
                format!("quota {name:?} is used up"),
                format!(
                    "see what uses it up: kubectl describe resourcequota {name} -n {namespace}"
                ),
            ),
            Problem::QuotaSmall(name) => (
                format!("a pod asks for more than quota {name:?} allows at all"),
                format!("see it: kubectl describe resourcequota {name} -n {namespace}"),
            ),
            Problem::QuotaDemands(name, resources) => (
                format!("quota {name:?} takes only pods that say what they need"),
                self.update(&demands(resources)),
            ),
            Problem::LimitRange => (
                "a limit range of the namespace forbids it".to_owned(),
                format!(
                    "see it: kubectl describe limitrange -n {namespace}; {}",
                    self.update("--requests RESOURCE=AMOUNT --limits RESOURCE=AMOUNT")
                ),
            ),
            _ => return None,
        };
        Some(known)
    }

    /// What else the API server holds against the pods.
    fn refusal(&self, problem: &Problem) -> Option<Known> {
        let namespace = self.namespace;
        let known = match problem {
            Problem::PodSecurity(level) => self.pod_security(level),
            Problem::ServiceAccount(name) => (
                format!("there is no service account {name:?}"),
                format!("kubectl create serviceaccount {name} -n {namespace}, then try again"),
            ),
            Problem::PriorityClass(name) => (
                format!("there is no priority class {name:?}"),
                format!(
                    "see those that exist: kubectl get priorityclasses; {}",
                    self.update("--priority-class NAME")
                ),
            ),
            Problem::RuntimeClass(name) => (
                format!("there is no runtime class {name:?}"),
                format!(
                    "see those that exist: kubectl get runtimeclasses; {}",
                    self.update("--runtime-class NAME")
                ),
            ),
            Problem::Denied(name) => (
                format!("the cluster's policy {name:?} does not allow it"),
                "ask who runs the cluster, or do what the policy says".to_owned(),
            ),
            Problem::WebhookDown(name) => (
                format!("the cluster's webhook {name:?} does not answer"),
                "ask who runs it: kubectl get validatingwebhookconfigurations,\
                 mutatingwebhookconfigurations"
                    .to_owned(),
            ),
            Problem::NamespaceEnds => (
                format!("namespace {namespace:?} is being deleted"),
                "choose another one with -n".to_owned(),
            ),
            _ => return None,
        };
        Some(known)
    }

    fn pod_security(&self, level: &str) -> Known {
        let is_privileged = self.container(CONTAINER).is_none_or(|container| {
            let context = container.security_context.as_ref();
            context.and_then(|context| context.privileged) == Some(true)
        });
        let mode = if is_privileged {
            "a privileged daemon needs level \"privileged\", as does a rootless one"
        } else {
            "a rootless daemon needs level \"privileged\" too: no seccomp and AppArmor profiles"
        };
        let namespace = self.namespace;
        (
            format!("Pod Security level {level:?} forbids it; {mode}"),
            format!(
                "kubectl label --overwrite namespace {namespace} \
                 pod-security.kubernetes.io/enforce=privileged, then try again"
            ),
        )
    }

    fn storage(&self, problem: &Problem) -> Known {
        let summary = match problem {
            Problem::StorageClass(name) => format!("there is no storage class {name:?}"),
            _ => "the cluster has no default storage class".to_owned(),
        };
        let there = match self.classes {
            Some([]) => "the cluster has none".to_owned(),
            Some(names) => format!("there are {}", names.join(", ")),
            None => "see those that exist: kubectl get storageclasses".to_owned(),
        };
        let Self {
            builder, namespace, ..
        } = self;
        (
            summary,
            format!(
                "{there}; kubectl buildkit rm {builder} -n {namespace}, then create it with \
                 --storage-class NAME"
            ),
        )
    }

    /// What is missing where the pod is to run.
    fn place(&self, problem: &Problem) -> Option<Known> {
        let Self {
            builder,
            node,
            namespace,
            ..
        } = self;
        let known = match problem {
            Problem::Missing("secret", name) if *name == daemon_secret_name(node) => (
                format!("its certificates are gone: there is no secret {name:?}"),
                format!(
                    "kubectl buildkit create {builder} -n {namespace}, with the settings that it \
                     has, makes new ones"
                ),
            ),
            Problem::Missing(kind, name) => (
                format!("there is no {kind} {name:?}"),
                format!("make it in namespace {namespace}: kubectl create {kind} --help"),
            ),
            Problem::Scheduler => (
                "its scheduler does not run, or has not looked at it yet".to_owned(),
                self.update("--scheduler-name NAME"),
            ),
            Problem::Volume => (
                "its volume cannot be made just now".to_owned(),
                format!("see: kubectl describe persistentvolumeclaims -n {namespace}"),
            ),
            Problem::UserNamespaces => (
                "the cluster node's container runtime has no user namespaces".to_owned(),
                "they need containerd 2 and runc 1.2 or newer; without them: hostUsers must be true"
                    .to_owned(),
            ),
            Problem::RuntimeHandler(name) => (
                format!("the cluster node's container runtime has no handler {name:?}"),
                self.update("--runtime-class NAME"),
            ),
            _ => return None,
        };
        Some(known)
    }
}

fn unwell(nodes: &[String], taint: &str) -> Known {
    let (names, takes) = match nodes {
        [] => ("the cluster nodes that fit".to_owned(), "take"),
        [one] => (format!("cluster node {one}"), "takes"),
        all => (format!("cluster nodes {}", all.join(", ")), "take"),
    };
    let illness = taint.rsplit_once('/').map_or(taint, |(_, name)| name);
    let (why, hint) = match illness {
        "unschedulable" => (
            "cordoned",
            format!(
                "kubectl uncordon {}",
                nodes.first().map_or("NODE", String::as_str)
            ),
        ),
        other => (other, "see: kubectl describe nodes".to_owned()),
    };
    (format!("{names} {takes} no pods now ({why})"), hint)
}

/// The flags that a quota asks for: `requests.cpu` and `cpu` are one.
fn demands(resources: &[String]) -> String {
    let of = |resource: &String| match resource.strip_prefix("limits.") {
        Some(name) => format!("--limits {name}=AMOUNT"),
        None => format!(
            "--requests {}=AMOUNT",
            resource.strip_prefix("requests.").unwrap_or(resource)
        ),
    };
    let flags: Vec<String> = resources.iter().map(of).collect();
    flags.join(" ")
}

#[cfg(test)]
#[path = "advice_tests.rs"]
mod tests;
