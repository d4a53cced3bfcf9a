//! What the daemon fetches itself: git repositories, and files on web servers.

/// What the daemon fetches itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Remote {
    /// A git repository.
    Git(GitUrl),
    /// A file at `http://` or `https://`: an archive, or a Dockerfile.
    File(String),
}

/// A git repository, as BuildKit reads its URL: `URL#REF:FOLDER`, or `URL?branch=B&subdir=FOLDER`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitUrl {
    text: String,
    /// How the daemon gets there.
    pub transport: Transport,
    /// Its host, with the port if one is written.
    pub host: String,
    repository: String,
    folder: String,
    /// Whether it says with `?key=value` what it means, which old frontends do not read.
    pub has_query: bool,
}

/// How a repository is reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// HTTP, with or without TLS.
    Http,
    /// SSH.
    Ssh,
    /// Git's own, without encryption.
    Git,
}

impl Remote {
    /// What `text` names if it is something remote. Whatever the query asks for is left to the daemon:
    /// newer ones know more.
    pub fn recognise(text: &str) -> Option<Self> {
        if text.starts_with("./") || text.starts_with("../") {
            return None;
        }
        if text.starts_with(GITHUB) {
            let parts = Parts::of_url("https", text)?;
            return Some(Self::Git(GitUrl::new(text, Transport::Http, &parts)));
        }
        let parts = Parts::new(text)?;
        let git = |transport| Some(Self::Git(GitUrl::new(text, transport, &parts)));
        match parts.scheme.as_str() {
            "ssh" => git(Transport::Ssh),
            "git" => git(Transport::Git),
            "http" | "https" if parts.path.strip_suffix(".git").is_some() => git(Transport::Http),
            "http" | "https" if is_web(text) => Some(Self::File(text.to_owned())),
            _ => None,
        }
    }

    /// The text that the daemon is told.
    pub fn text(&self) -> &str {
        match self {
            Self::Git(git) => &git.text,
            Self::File(text) => text,
        }
    }

    /// The repository and the folder in it, the same in all spellings; the text of what is no
    /// repository.
    pub fn identity(&self) -> String {
        match self {
            Self::Git(git) => in_repository(&git.repository, &git.folder),
            Self::File(text) => text.clone(),
        }
    }

    /// Whether the daemon needs the user's SSH agent to get there.
    pub fn needs_ssh(&self) -> bool {
        matches!(self, Self::Git(git) if git.transport == Transport::Ssh)
    }
}

impl Remote {
    /// How to write it as a named context, if not as it is: BuildKit reads fewer spellings there.
    pub(super) fn spelling_for_a_name(&self) -> Option<String> {
        let text = self.text();
        let known = ["http://", "https://", "git://", "git@"];
        if known.iter().any(|start| text.starts_with(start)) {
            return None;
        }
        if text.starts_with(GITHUB) {
            let (url, rest) = text.split_at(text.find(['#', '?']).unwrap_or(text.len()));
            let url = url.trim_end_matches('/');
            let url = url.strip_suffix(".git").unwrap_or(url);
            return Some(format!("https://{url}.git{rest}"));
        }
        Some("git@HOST:PATH, git://HOST/PATH or https://HOST/PATH.git".to_owned())
    }
}

/// A repository that may be written without a scheme.
const GITHUB: &str = "github.com/";

/// Whether `text` is a URL of a web server, as BuildKit asks that: in lower case.
pub(super) fn is_web(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// A folder in a repository, as one text.
pub fn in_repository(repository: &str, folder: &str) -> String {
    if folder.is_empty() {
        return repository.to_owned();
    }
    format!("{repository}#:{folder}")
}

/// The repository that a URL of git's names, the same for all ways to get there: `host/path`. None if
/// it is a folder of this machine.
pub fn repository(url: &str) -> Option<String> {
    let parts = Parts::new(url)?;
    (parts.scheme != "file" && !parts.host.is_empty()).then(|| parts.repository())
}

impl GitUrl {
    fn new(text: &str, transport: Transport, parts: &Parts) -> Self {
        let behind_ref = parts.fragment.split_once(':').map(|(_, folder)| folder);
        let mut pairs = parts.query.split('&').filter_map(|p| p.split_once('='));
        let asked = pairs.find_map(|(key, value)| (key == "subdir").then_some(value));
        let folder = behind_ref.or(asked).unwrap_or_default();
        Self {
            text: text.to_owned(),
            transport,
            host: parts.host.to_owned(),
            repository: parts.repository(),
            folder: folder.trim_matches('/').to_owned(),
            has_query: !parts.query.is_empty(),
        }
    }
}

/// The parts of a URL, or of `user@host:path`, which is SSH.
struct Parts<'a> {
    scheme: String,
    host: &'a str,
    path: &'a str,
    query: &'a str,
    fragment: &'a str,
}

impl<'a> Parts<'a> {
    fn new(text: &'a str) -> Option<Self> {
        match text.split_once("://") {
            Some((scheme, rest)) if is_scheme(scheme) => {
                Self::of_url(&scheme.to_ascii_lowercase(), rest)
            }
            _ => Self::of_scp(text),
        }
    }

    fn of_url(scheme: &str, rest: &'a str) -> Option<Self> {
        let (rest, fragment) = cut(rest, '#');
        let (rest, query) = cut(rest, '?');
        let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let host = authority
            .rsplit_once('@')
            .map_or(authority, |(_, host)| host);
        let known = ["http", "https", "ssh", "git", "file"];
        known.contains(&scheme).then(|| Self {
            scheme: scheme.to_owned(),
            host,
            path,
            query,
            fragment,
        })
    }

    fn of_scp(text: &'a str) -> Option<Self> {
        let (rest, fragment) = cut(text, '#');
        let (rest, query) = cut(rest, '?');
        let (user, rest) = rest.split_once('@')?;
        let (host, path) = rest.split_once(':')?;
        let is_word = |text: &str, more: [char; 2]| {
            let mut letters = text.chars();
            !text.is_empty() && letters.all(|c| c.is_ascii_alphanumeric() || more.contains(&c))
        };
        (is_word(user, ['-', '_']) && is_word(host, ['-', '.'])).then(|| Self {
            scheme: "ssh".to_owned(),
            host,
            path,
            query,
            fragment,
        })
    }

    /// `host/path`, without what differs between the ways to get there.
    fn repository(&self) -> String {
        let port = match self.scheme.as_str() {
            "http" => ":80",
            "https" => ":443",
            "ssh" => ":22",
            _ => ":9418",
        };
        let host = self.host.strip_suffix(port).unwrap_or(self.host);
        let path = self.path.trim_matches('/');
        let path = path.strip_suffix(".git").unwrap_or(path);
        format!("{}/{path}", host.to_ascii_lowercase())
    }
}

fn is_scheme(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric())
}

fn cut(text: &str, at: char) -> (&str, &str) {
    text.split_once(at).unwrap_or((text, ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn git(text: &str) -> GitUrl {
        match Remote::recognise(text) {
            Some(Remote::Git(git)) => git,
            other => panic!("{text}: {other:?}"),
        }
    }

    /// How it is reached, what is typed, what it is.
    const REPOSITORIES: &str = "\
http https://example.com/foo.git example.com/foo
http http://example.com/foo.git example.com/foo
http HTTPS://example.com/foo.git example.com/foo
http https://example.com/foo.git#deadbeef example.com/foo
http https://example.com/foo.git#release/1.2 example.com/foo
http https://foo:bar@github.com/moby/buildkit.git github.com/moby/buildkit
http https://example.com:443/foo.git example.com/foo
http https://example.com:8443/foo.git example.com:8443/foo
http https://github.com/foo/bar.git#baz/qux:quux/quuz github.com/foo/bar#:quux/quuz
http https://github.com/docker/docker.git#:myfolder github.com/docker/docker#:myfolder
http https://a.example/b.git?ref=v1.0.0&subdir=/subdir a.example/b#:subdir
http https://a.example/b.git?tag=v1 a.example/b
git git://example.com/foo example.com/foo
git git://host.xz:1234/path/to/repo.git host.xz:1234/path/to/repo
http github.com/moby/buildkit github.com/moby/buildkit
http github.com/moby/buildkit#master github.com/moby/buildkit
http github.com/moby/buildkit?tag=v1.0.0 github.com/moby/buildkit
ssh git@github.com:moby/buildkit github.com/moby/buildkit
ssh git@github.com:moby/buildkit.git github.com/moby/buildkit
ssh git@github.com:moby/buildkit.git#v1.0.0:hack github.com/moby/buildkit#:hack
ssh git@github.com:moby/buildkit.git?subdir=/subdir#v1 github.com/moby/buildkit#:subdir
ssh other_user@example.com:/srv/x.git example.com/srv/x
ssh ssh://git@GitHub.com:22/moby/buildkit.git github.com/moby/buildkit
ssh ssh://root@host:2222/root/foo.git host:2222/root/foo
";

    #[test]
    fn repositories() {
        let word = |transport| match transport {
            Transport::Http => "http",
            Transport::Ssh => "ssh",
            Transport::Git => "git",
        };
        for line in REPOSITORIES.lines() {
            let [transport, text, identity] = line.split(' ').collect::<Vec<_>>()[..] else {
                panic!("{line}")
            };
            let found = git(text);
            assert_eq!(word(found.transport), transport, "{text}");
            let remote = Remote::Git(found);
            assert_eq!(remote.identity(), identity, "{text}");
            assert_eq!(remote.text(), text);
            assert_eq!(remote.needs_ssh(), transport == "ssh", "{text}");
        }
    }

    #[test]
    fn files() {
        for text in [
            "https://example.com/",
            "https://example.com/foo",
            "https://example.com/foo.git/",
            "https://example.com/foo.git.bar",
            "http://github.com/docker/docker.git:#branch",
            "https://github.com/moby/buildkit",
            "http://example.com/x.tar.gz?token=a.git",
        ] {
            let file = Some(Remote::File(text.to_owned()));
            assert_eq!(Remote::recognise(text), file, "{text}");
        }
    }

    #[test]
    fn folders_and_what_is_nothing() {
        for text in [
            "",
            ".",
            "-",
            ".git",
            "./.git",
            "./git@github.com:a/b",
            "../github.com/a/b",
            "custom.xyz/moby/buildkit.git",
            "hack/dockerfiles",
            "a@b",
            "a/b@c:d",
            "docker-image://alpine",
            "oci-layout:///x",
            "httpx://github.com/moby/buildkit",
            "file:///srv/x.git",
            " https://example.com/repo.git",
            "HTTP://example.com/x",
        ] {
            assert_eq!(Remote::recognise(text), None, "{text}");
        }
    }

    #[test]
    fn spellings_for_a_name() {
        let spelling = |text| Remote::recognise(text).unwrap().spelling_for_a_name();
        for text in [
            "https://a.example/x",
            "git://a.example/x",
            "git@a.example:x",
        ] {
            assert_eq!(spelling(text), None, "{text}");
        }
        let whole = |text| spelling(text).unwrap();
        assert_eq!(
            whole("github.com/a/b#c:d"),
            "https://github.com/a/b.git#c:d"
        );
        assert_eq!(whole("github.com/a/b.git"), "https://github.com/a/b.git");
        assert!(whole("ssh://git@a.example/x").starts_with("git@HOST:PATH"));
        assert!(whole("me@a.example:x").starts_with("git@HOST:PATH"));
    }

    #[test]
    fn what_a_query_says() {
        assert!(git("https://example.com/a.git?ref=x").has_query);
        assert!(!git("https://example.com/a.git#x?y=z").has_query);
        assert_eq!(git("https://example.com:5/a.git").host, "example.com:5");
    }

    #[test]
    fn one_repository_by_all_ways() {
        for url in [
            "git@github.com:a/b.git",
            "https://github.com/a/b",
            "https://token:secret@github.com/a/b.git",
            "ssh://git@github.com:22/a/b.git/",
            "git://GitHub.com:9418/a/b",
        ] {
            assert_eq!(repository(url).as_deref(), Some("github.com/a/b"), "{url}");
        }
        for url in ["/srv/git/b.git", "../b", "file:///srv/b.git", ""] {
            assert_eq!(repository(url), None, "{url}");
        }
        assert_eq!(in_repository("a/b", ""), "a/b");
        assert_eq!(in_repository("a/b", "c/d"), "a/b#:c/d");
    }
}
