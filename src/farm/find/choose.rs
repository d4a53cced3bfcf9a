//! Which builder and which replica take a build.

use ring::digest::{Context, SHA256};

use crate::model::{Builder, BuilderName, Maker, Node, Replica};
use crate::plan::DEFAULT_BUILDER;

/// Why no builder was chosen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoBuilder {
    /// There is none.
    Missing,
    /// There are several.
    Several(Vec<BuilderName>),
}

/// The builder that a name means. No object has the name of a builder of buildx's: there the name
/// of a node means that node, and a name that buildx numbered nodes from means those.
pub(in crate::farm) fn find(there: &[Builder], name: &BuilderName) -> Option<Builder> {
    let wanted = name.as_str();
    let named = there.iter().find(|builder| builder.name == *name);
    let is_numbered = |node: &str| {
        let number = node.strip_prefix(wanted).unwrap_or_default();
        !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit())
    };
    named
        .cloned()
        .or_else(|| with_nodes(there, name, |node| node == wanted))
        .or_else(|| with_nodes(there, name, is_numbered))
}

/// Those nodes of buildx's, as a builder.
fn with_nodes(
    there: &[Builder],
    name: &BuilderName,
    wanted: impl Fn(&str) -> bool,
) -> Option<Builder> {
    let mut theirs = there.iter().filter(|b| b.maker == Maker::Buildx).cloned();
    let first = theirs.next()?;
    let mut nodes = first.nodes;
    nodes.extend(theirs.flat_map(|builder| builder.nodes));
    nodes.retain(|node| wanted(node.name.as_str()));
    let name = name.clone();
    (!nodes.is_empty()).then_some(Builder {
        name,
        nodes,
        ..first
    })
}

/// The builder that is meant where none is named: the only one, else the one with the default name.
pub(super) fn choose_builder(there: &[Builder]) -> Result<&Builder, NoBuilder> {
    let default = || there.iter().find(|b| b.name.as_str() == DEFAULT_BUILDER);
    match there {
        [] => Err(NoBuilder::Missing),
        [only] => Ok(only),
        _ => default().ok_or_else(|| {
            NoBuilder::Several(there.iter().map(|builder| builder.name.clone()).collect())
        }),
    }
}

/// The ready replica that `key` belongs to: the same key finds the same pod, and its cache, as long
/// as that is there; when pods come and go, only the keys of those move (rendezvous hashing).
pub(in crate::farm) fn choose<'a>(node: &'a Node, key: &str) -> Option<&'a Replica> {
    preferred(node.pods.iter().filter(|replica| replica.is_ready()), key)
}

/// The one among `replicas` that `key` belongs to.
pub(in crate::farm) fn preferred<'a>(
    replicas: impl Iterator<Item = &'a Replica>,
    key: &str,
) -> Option<&'a Replica> {
    replicas.max_by_key(|replica| weight(key, &replica.name))
}

fn weight(key: &str, pod: &str) -> Vec<u8> {
    let mut context = Context::new(&SHA256);
    context.update(key.as_bytes());
    context.update(&[0]);
    context.update(pod.as_bytes());
    context.finish().as_ref().to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Connection, LoadBalance, ReplicaState};

    fn named(name: &str) -> Node {
        Node {
            name: name.parse().unwrap(),
            ..node(&[])
        }
    }

    fn node(pods: &[(&str, ReplicaState)]) -> Node {
        Node {
            name: "buildkit0".parse().unwrap(),
            platforms: Vec::new(),
            image: String::new(),
            replicas: 1,
            connection: Connection::Socket,
            socket: None,
            load_balance: LoadBalance::Sticky,
            default_load: false,
            timeout: None,
            pods: pods
                .iter()
                .map(|(name, state)| Replica::new(*name, *name, state.clone()))
                .collect(),
            created: None,
            certificate_ends: None,
            daemon: None,
            trouble: None,
        }
    }

    fn builder(name: &str) -> Builder {
        Builder {
            name: name.parse().unwrap(),
            namespace: "x".into(),
            maker: Maker::Ours,
            nodes: vec![node(&[])],
        }
    }

    #[test]
    fn a_builder_is_found_without_a_name_if_no_other_can_be_meant() {
        let chosen = |names: &[&str]| {
            let there: Vec<Builder> = names.iter().map(|name| builder(name)).collect();
            choose_builder(&there).map(|builder| builder.name.to_string())
        };
        assert_eq!(chosen(&["a"]), Ok("a".into()));
        assert_eq!(chosen(&["a", "buildkit"]), Ok("buildkit".into()));
        assert_eq!(chosen(&[]), Err(NoBuilder::Missing));
        let several = NoBuilder::Several(vec!["a".parse().unwrap(), "b".parse().unwrap()]);
        assert_eq!(chosen(&["a", "b"]), Err(several));
    }

    #[test]
    fn a_node_of_buildx_is_found_by_what_its_user_called_it() {
        let of_buildx = |name: &str, nodes: &[&str]| Builder {
            maker: Maker::Buildx,
            nodes: nodes.iter().map(|name| named(name)).collect(),
            ..builder(name)
        };
        let there = [
            of_buildx("kube", &["kube0", "kube1"]),
            builder("mine"),
            of_buildx("mine1", &["mine1"]),
            of_buildx("v3", &["v3"]),
        ];
        let found = |name: &str| -> Option<Vec<String>> {
            let found = find(&there, &name.parse().unwrap())?;
            assert_eq!(found.name.as_str(), name);
            let nodes = found.nodes.iter();
            Some(nodes.map(|node| node.name.to_string()).collect())
        };
        assert_eq!(found("kube").unwrap(), ["kube0", "kube1"]);
        assert_eq!(found("kube1").unwrap(), ["kube1"]);
        assert_eq!(found("v").unwrap(), ["v3"]);
        assert_eq!(found("mine1").unwrap(), ["mine1"]);
        assert_eq!(found("mine").unwrap(), ["buildkit0"], "ours wins");
        assert_eq!(found("buildkit0"), None, "nodes of ours have a builder");
        assert_eq!(found("kub"), None);
        assert_eq!(found("kube2"), None);
    }

    #[test]
    fn only_ready_pods_are_chosen() {
        let node = node(&[
            ("a", ReplicaState::Terminating),
            ("b", ReplicaState::Ready),
            ("c", ReplicaState::Starting(String::new())),
        ]);
        for key in ["1", "2", "3"] {
            assert_eq!(choose(&node, key).unwrap().name, "b");
        }
    }

    #[test]
    fn keys_spread_and_stay_when_a_pod_goes() {
        let ready = |name: &'static str| (name, ReplicaState::Ready);
        let all = node(&[ready("a"), ready("b"), ready("c"), ready("d")]);
        let fewer = node(&[ready("a"), ready("b"), ready("d")]);
        let mut counts = std::collections::BTreeMap::<&str, u32>::new();
        for key in (0..400).map(|n| n.to_string()) {
            let before = &choose(&all, &key).unwrap().name;
            *counts.entry(before).or_default() += 1;
            if before != "c" {
                assert_eq!(&choose(&fewer, &key).unwrap().name, before);
            }
        }
        assert!(counts.values().all(|count| *count > 60), "{counts:?}");
    }
}
