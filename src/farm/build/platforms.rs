//! Which nodes of a builder build for which platforms.

use crate::model::{Node, NodeName, Platform};

/// A node, and the platforms that it builds for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Share {
    pub(super) node: NodeName,
    pub(super) platforms: Vec<Platform>,
}

/// How the platforms of a build fall on the nodes of its builder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Division {
    /// Each platform on one node; nodes without any are left out.
    Shares(Vec<Share>),
    /// What was declared is not enough: the daemons have to be asked what they detected.
    Ask,
    /// No node is for these.
    Nobody(Vec<Platform>),
}

/// How well a node fits a platform, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Fit {
    /// Its user says that it is for the platform. What is named first is what a node is for most of
    /// all, so `linux/arm64` beats the second of `linux/amd64,linux/arm64`.
    Declared(usize),
    /// The platform of its processor.
    Native,
    /// An older platform that processors of its kind run too.
    Related,
    /// A platform that it emulates.
    Emulated,
}

/// Divides `platforms` among `nodes`, which are in the order of their names.
///
/// A builder with one node has no choice, and without platforms the first node builds for its own.
pub(super) fn divide(platforms: &[Platform], nodes: &[Node]) -> Division {
    if nodes.len() < 2 || platforms.is_empty() {
        let all = |node: &Node| Share {
            node: node.name.clone(),
            platforms: platforms.to_vec(),
        };
        return Division::Shares(nodes.iter().take(1).map(all).collect());
    }
    let were_asked = nodes.iter().all(|node| node.daemon.is_some());
    let mut chosen: Vec<(&Node, &Platform)> = Vec::new();
    let mut nobody = Vec::new();
    for platform in platforms {
        match best(platform, nodes) {
            Some((Fit::Declared(_), node)) => chosen.push((node, platform)),
            _ if !were_asked => return Division::Ask,
            Some((_, node)) => chosen.push((node, platform)),
            None => nobody.push(platform.clone()),
        }
    }
    if !nobody.is_empty() {
        return Division::Nobody(nobody);
    }
    let share = |node: &Node| Share {
        node: node.name.clone(),
        platforms: chosen
            .iter()
            .filter(|(other, _)| other.name == node.name)
            .map(|(_, platform)| (*platform).clone())
            .collect(),
    };
    let shares = nodes.iter().map(share);
    Division::Shares(shares.filter(|s| !s.platforms.is_empty()).collect())
}

/// The node that fits a platform best; of equals, the first.
fn best<'a>(platform: &Platform, nodes: &'a [Node]) -> Option<(Fit, &'a Node)> {
    let fits = nodes
        .iter()
        .filter_map(|node| Some((fit(node, platform)?, node)));
    fits.min_by_key(|(fit, _)| *fit)
}

fn fit(node: &Node, platform: &Platform) -> Option<Fit> {
    if let Some(place) = node.platforms.iter().position(|p| p == platform) {
        return Some(Fit::Declared(place));
    }
    let detected = &node.daemon.as_ref()?.platforms;
    let native = detected.first().filter(|_| detected.contains(platform))?;
    let related = [("amd64", "386"), ("arm64", "arm")];
    Some(if native.os() != platform.os() {
        Fit::Emulated
    } else if native.architecture() == platform.architecture() {
        Fit::Native
    } else if related.contains(&(native.architecture(), platform.architecture())) {
        Fit::Related
    } else {
        Fit::Emulated
    })
}

/// What a node builds for, in words.
pub(super) fn offer(node: &Node) -> String {
    let detected = node.daemon.iter().flat_map(|daemon| &daemon.platforms);
    let mut names: Vec<String> = Vec::new();
    for platform in node.platforms.iter().chain(detected) {
        let name = platform.to_string();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    format!("{}: {}", node.name, names.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Connection, Daemon, LoadBalance};

    /// Of Linux, comma-separated.
    fn platforms(text: &str) -> Vec<Platform> {
        let words = text.split(',').filter(|word| !word.is_empty());
        words
            .map(|word| format!("linux/{word}").parse().unwrap())
            .collect()
    }

    /// `declared|detected`; the second may be absent.
    fn node(name: &str, text: &str) -> Node {
        let (declared, detected) = match text.split_once('|') {
            Some((declared, detected)) => (declared, Some(detected)),
            None => (text, None),
        };
        Node {
            name: name.parse().unwrap(),
            platforms: platforms(declared),
            image: String::new(),
            replicas: 1,
            connection: Connection::Socket,
            socket: None,
            load_balance: LoadBalance::Sticky,
            default_load: false,
            timeout: None,
            pods: Vec::new(),
            created: None,
            certificate_ends: None,
            daemon: detected.map(|detected| Daemon {
                platforms: platforms(detected),
                ..Daemon::default()
            }),
            trouble: None,
        }
    }

    fn nodes(texts: &[&str]) -> Vec<Node> {
        let pairs = ["node-a", "node-b", "node-c"].iter().zip(texts);
        pairs.map(|(name, text)| node(name, text)).collect()
    }

    /// `a=linux/amd64 b=linux/arm64`, `ask`, or `nobody: linux/riscv64`.
    fn divided(wanted: &str, texts: &[&str]) -> String {
        let join = |list: &[Platform]| {
            let names: Vec<String> = list.iter().map(ToString::to_string).collect();
            names.join(",").replace("linux/", "")
        };
        match divide(&platforms(wanted), &nodes(texts)) {
            Division::Ask => "ask".into(),
            Division::Nobody(list) => format!("nobody: {}", join(&list)),
            Division::Shares(shares) => {
                let share = |share: &Share| format!("{}={}", share.node, join(&share.platforms));
                let shares = shares.iter().map(share).collect::<Vec<_>>();
                shares.join(" ").replace("node-", "")
            }
        }
    }

    #[test]
    fn platforms_find_their_nodes() {
        let (amd64, arm64) = ("|amd64,amd64/v2,386,arm64", "|arm64,arm/v7,arm/v6,amd64");
        let table: &[(&str, &[&str], &str)] = &[
            // No choice.
            ("", &["amd64", "arm64"], "a="),
            ("", &["", ""], "a="),
            ("arm64,riscv64", &[""], "a=arm64,riscv64"),
            ("arm64", &[], ""),
            // Declared: nobody is asked.
            ("amd64,arm64", &["amd64", "arm64"], "a=amd64 b=arm64"),
            ("arm64,amd64", &["amd64", "arm64"], "a=amd64 b=arm64"),
            ("arm64", &["amd64", "arm64"], "b=arm64"),
            ("amd64,arm64", &["amd64,arm64", "s390x"], "a=amd64,arm64"),
            ("arm64", &["amd64,arm64", "arm64"], "b=arm64"),
            ("amd64", &["amd64", "amd64"], "a=amd64"),
            ("arm64/v8", &["amd64", "aarch64"], "b=arm64"),
            // Not enough is declared.
            ("amd64,arm64", &["amd64", ""], "ask"),
            ("amd64", &["", ""], "ask"),
            ("amd64/v2", &["amd64", "arm64"], "ask"),
            ("amd64,arm64", &[amd64, ""], "ask"),
            // Detected: native beats related beats emulated, whatever the order.
            ("amd64,arm64", &[amd64, arm64], "a=amd64 b=arm64"),
            ("amd64,arm64", &[arm64, amd64], "a=arm64 b=amd64"),
            ("amd64/v2", &["amd64|amd64,amd64/v2", arm64], "a=amd64/v2"),
            ("386", &["|arm64,386", amd64], "b=386"),
            ("arm/v7", &["|amd64,arm/v7", arm64], "b=arm/v7"),
            ("arm/v7", &["|amd64,arm/v7", "|arm64"], "a=arm/v7"),
            ("s390x", &["|amd64", "|arm64,s390x"], "b=s390x"),
            // Declared beats detected, even native.
            ("arm64", &["arm64|amd64,arm64", arm64], "a=arm64"),
            // Of equals the first.
            ("amd64", &[amd64, amd64, arm64], "a=amd64"),
            // Nobody's.
            ("amd64,riscv64", &[amd64, arm64], "nobody: riscv64"),
            (
                "mips64le,riscv64",
                &[amd64, "|"],
                "nobody: mips64le,riscv64",
            ),
        ];
        for (wanted, nodes, expected) in table {
            assert_eq!(divided(wanted, nodes), *expected, "{wanted} on {nodes:?}");
        }
    }

    #[test]
    fn an_offer_names_each_platform_once() {
        let node = node("node-a", "arm64|amd64,arm64");
        assert_eq!(offer(&node), "node-a: linux/arm64, linux/amd64");
    }
}
