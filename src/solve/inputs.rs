//! What the Dockerfile frontend is told of what a build reads.

use std::collections::BTreeSet;

use crate::plan::{Context, Dockerfile, Inputs, NamedContext, Remote};

use super::{Attributes, CONTEXT, DOCKERFILE};

/// What a Dockerfile is called that has no name of its own.
pub const DOCKERFILE_NAME: &str = "Dockerfile";

/// An old frontend of the daemon hands a build that needs these on to the one that `# syntax` names.
const NAMED_CONTEXTS: &str = "moby.buildkit.frontend.contexts+forward";
const GIT_QUERY: &str = "moby.buildkit.frontend.gitquerystring";

/// The name under which the frontend asks for a named folder.
pub fn local_name(name: &str) -> String {
    if name == CONTEXT || name == DOCKERFILE {
        return format!("_{name}");
    }
    name.to_owned()
}

/// What the frontend is told of `inputs`. `archive` is the address of what comes on standard input,
/// if that is the build context.
pub fn input_attributes(inputs: &Inputs, archive: Option<&str>) -> Attributes {
    let mut attributes = Attributes::new();
    let mut capabilities = BTreeSet::new();
    let remote = match &inputs.context {
        Context::Folder(_) => None,
        Context::StandardInput => archive,
        Context::Remote(remote) => Some(remote.text()),
    };
    if let Some(remote) = remote {
        attributes.insert(CONTEXT.to_owned(), remote.to_owned());
    }
    if let Context::Remote(remote) = &inputs.context
        && has_query(remote)
    {
        capabilities.insert(GIT_QUERY.to_owned());
    }
    let (name, is_apart) = match &inputs.dockerfile {
        Dockerfile::InContext(name) => (name.as_str(), false),
        Dockerfile::File { name, .. } => (name.as_str(), true),
        Dockerfile::StandardInput | Dockerfile::Url(_) => (DOCKERFILE_NAME, true),
    };
    attributes.insert("filename".to_owned(), name.to_owned());
    // Without it, the Dockerfile of a remote context is looked for there.
    if is_apart && remote.is_some() {
        attributes.insert("dockerfilekey".to_owned(), DOCKERFILE.to_owned());
    }
    for (name, context) in &inputs.named {
        capabilities.insert(NAMED_CONTEXTS.to_owned());
        let value = match context {
            NamedContext::Folder(_) => format!("local:{}", local_name(name)),
            NamedContext::Image(image) => image.clone(),
            // By its digest, once its folder was looked into.
            NamedContext::Layout(_) => continue,
            NamedContext::Remote(remote) => {
                if has_query(remote) {
                    capabilities.insert(format!("{GIT_QUERY}+forward"));
                }
                remote.text().to_owned()
            }
        };
        attributes.insert(format!("context:{name}"), value);
    }
    if !capabilities.is_empty() {
        let names: Vec<String> = capabilities.into_iter().collect();
        attributes.insert("frontend.caps".to_owned(), names.join(","));
    }
    attributes
}

fn has_query(remote: &Remote) -> bool {
    matches!(remote, Remote::Git(git) if git.has_query)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn told(context: Context, dockerfile: Dockerfile, archive: Option<&str>) -> String {
        let inputs = Inputs {
            context,
            dockerfile,
            named: BTreeMap::new(),
        };
        let attributes = input_attributes(&inputs, archive);
        let pairs = attributes
            .iter()
            .map(|(key, value)| format!("{key}={value}"));
        pairs.collect::<Vec<_>>().join(" ")
    }

    fn remote(text: &str) -> Remote {
        Remote::recognise(text).unwrap()
    }

    fn file() -> Dockerfile {
        Dockerfile::File {
            folder: "/b".into(),
            name: "my".into(),
        }
    }

    #[test]
    fn where_the_dockerfile_is_looked_for() {
        let folder = || Context::Folder("/a".into());
        let git = || Context::Remote(remote("https://a.example/b.git"));
        let inside = || Dockerfile::InContext("Dockerfile".into());
        let rows = [
            (folder(), inside(), None, "filename=Dockerfile"),
            (folder(), file(), None, "filename=my"),
            (
                folder(),
                Dockerfile::StandardInput,
                None,
                "filename=Dockerfile",
            ),
            (
                git(),
                Dockerfile::InContext("deploy/my".into()),
                None,
                "context=https://a.example/b.git filename=deploy/my",
            ),
            (
                git(),
                file(),
                None,
                "context=https://a.example/b.git dockerfilekey=dockerfile filename=my",
            ),
            (
                git(),
                Dockerfile::Url("https://a.example/d".into()),
                None,
                "context=https://a.example/b.git dockerfilekey=dockerfile filename=Dockerfile",
            ),
            (
                Context::StandardInput,
                inside(),
                Some("http://buildkit-session/x"),
                "context=http://buildkit-session/x filename=Dockerfile",
            ),
            (
                Context::StandardInput,
                file(),
                Some("http://buildkit-session/x"),
                "context=http://buildkit-session/x dockerfilekey=dockerfile filename=my",
            ),
            (
                Context::StandardInput,
                inside(),
                None,
                "filename=Dockerfile",
            ),
        ];
        for (context, dockerfile, archive, want) in rows {
            assert_eq!(told(context, dockerfile, archive), want);
        }
    }

    #[test]
    fn contexts_with_names() {
        let inputs = Inputs {
            context: Context::Remote(remote("https://a.example/b.git?ref=x")),
            dockerfile: Dockerfile::InContext("Dockerfile".into()),
            named: BTreeMap::from([
                ("context".into(), NamedContext::Folder("/c".into())),
                ("src".into(), NamedContext::Folder("/s".into())),
                (
                    "alpine".into(),
                    NamedContext::Image("docker-image://busybox".into()),
                ),
                (
                    "git".into(),
                    NamedContext::Remote(remote("https://a.example/g.git?tag=y")),
                ),
            ]),
        };
        let attributes = input_attributes(&inputs, None);
        let of = |key: &str| attributes[key].as_str();
        assert_eq!(of("context:context"), "local:_context");
        assert_eq!(of("context:src"), "local:src");
        assert_eq!(of("context:alpine"), "docker-image://busybox");
        assert_eq!(of("context:git"), "https://a.example/g.git?tag=y");
        assert_eq!(
            of("frontend.caps"),
            "moby.buildkit.frontend.contexts+forward,\
             moby.buildkit.frontend.gitquerystring,\
             moby.buildkit.frontend.gitquerystring+forward"
        );
    }
}
