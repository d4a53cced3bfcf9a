//! What a build reads: what is looked at here before a daemon is asked, and what that daemon is told.

use std::collections::HashMap;
use std::ffi::OsString;
use std::io::Cursor;
use std::path::PathBuf;

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _};

use crate::cli::InputArgs;
use crate::env::Env;
use crate::error::{Error, Result};
use crate::files::Texts;
use crate::plan::{Context, Dockerfile, Inputs, NamedContext};
use crate::session::{Fetch, Folder, Source, Upload};
use crate::solve::{self, Attributes};

use super::archive;
use super::identity::Identity;

/// What a build reads, as the daemon is told of it and may ask for it.
pub(super) struct Read {
    /// What the frontend is told.
    pub(super) attributes: Attributes,
    /// The folders that it may ask for.
    pub(super) folders: HashMap<String, Folder>,
    /// What comes on standard input, if it is the build context.
    pub(super) upload: Option<Upload>,
    /// The Dockerfile, if the daemon downloads it.
    pub(super) fetch: Option<Fetch>,
    /// The same for builds of the same build context.
    pub(super) shared_key: String,
}

/// What came on standard input.
enum Standard {
    /// Nobody looked.
    Unused,
    Archive(Upload),
    Dockerfile(Bytes),
}

/// The largest Dockerfile that BuildKit reads.
const MOST: u64 = 16 << 20;

/// A folder of this name that is there counts more than the repository, as in buildx.
pub(super) fn folder_before_url(args: &InputArgs, env: &Env) -> Option<OsString> {
    let text = args.build_context.as_ref()?.to_str()?;
    (text.starts_with("github.com/") && env.absolute(text).is_dir())
        .then(|| format!("./{text}").into())
}

/// Looks at what can be known before a daemon is asked.
pub(super) async fn read(inputs: &Inputs, identity: &Identity, env: &Env) -> Result<Read> {
    let standard = standard_input(inputs).await?;
    let (upload, text) = match standard {
        Standard::Unused => (None, None),
        Standard::Archive(upload) => (Some(upload), None),
        Standard::Dockerfile(text) => (None, Some(text)),
    };
    let url = upload.as_ref().map(Upload::url);
    let mut attributes = solve::input_attributes(inputs, url.as_deref());
    for (name, folder) in named_folders(inputs) {
        let key = Identity::of_folder(folder).shared_key(env);
        attributes.insert(format!("sharedkey:localdir:{name}"), key);
    }
    Ok(Read {
        attributes,
        folders: folders(inputs, upload.is_some(), text),
        upload,
        fetch: fetch(&inputs.dockerfile),
        shared_key: identity.shared_key(env),
    })
}

fn fetch(dockerfile: &Dockerfile) -> Option<Fetch> {
    let Dockerfile::Url(url) = dockerfile else {
        return None;
    };
    Some(Fetch {
        url: url.clone(),
        folder: solve::DOCKERFILE.to_owned(),
        name: solve::DOCKERFILE_NAME.to_owned(),
    })
}

fn named_folders(inputs: &Inputs) -> impl Iterator<Item = (&String, &PathBuf)> {
    inputs
        .named
        .iter()
        .filter_map(|(name, context)| match context {
            NamedContext::Folder(folder) => Some((name, folder)),
            _ => None,
        })
}

fn folders(inputs: &Inputs, is_archive: bool, text: Option<Bytes>) -> HashMap<String, Folder> {
    let context = match &inputs.context {
        Context::Folder(folder) => Some(Source::Disk(folder.clone())),
        Context::StandardInput if !is_archive => Some(Source::Memory(Texts::new())),
        Context::StandardInput | Context::Remote(_) => None,
    };
    let dockerfile = match (&inputs.dockerfile, text, &inputs.context) {
        (_, Some(text), _) => Some(Source::Memory(Texts::from([(
            solve::DOCKERFILE_NAME.to_owned(),
            text,
        )]))),
        (Dockerfile::File { folder, .. }, ..)
        | (Dockerfile::InContext(_), _, Context::Folder(folder)) => {
            Some(Source::Disk(folder.clone()))
        }
        _ => None,
    };
    let named = named_folders(inputs).map(|(name, folder)| {
        let source = Source::Disk(folder.clone());
        (
            solve::local_name(name),
            Folder {
                source,
                is_context: true,
            },
        )
    });
    let one = |name: &str, source: Option<Source>, is_context: bool| {
        source.map(|source| (name.to_owned(), Folder { source, is_context }))
    };
    named
        .chain(one(solve::CONTEXT, context, true))
        .chain(one(solve::DOCKERFILE, dockerfile, false))
        .collect()
}

async fn standard_input(inputs: &Inputs) -> Result<Standard> {
    let input = tokio::io::stdin();
    match (&inputs.context, &inputs.dockerfile) {
        (Context::StandardInput, dockerfile) => {
            let is_named = *dockerfile != Dockerfile::InContext(solve::DOCKERFILE_NAME.into());
            context(input, is_named).await
        }
        (_, Dockerfile::StandardInput) => dockerfile(input).await.map(Standard::Dockerfile),
        _ => Ok(Standard::Unused),
    }
}

/// An archive, or the Dockerfile of a build without any other file. `is_named` if the Dockerfile is
/// elsewhere.
async fn context(
    mut input: impl AsyncRead + Send + Unpin + 'static,
    is_named: bool,
) -> Result<Standard> {
    let head = head(&mut input).await.map_err(unreadable)?;
    let start = archive::start(&head);
    let input = Cursor::new(head.clone()).chain(input);
    match start {
        Some(start) => {
            let upload = Upload::new(Cursor::new(start).chain(input));
            let upload = upload.map_err(|error| {
                Error::usage("the build context cannot be given an identity").because(error)
            })?;
            Ok(Standard::Archive(upload))
        }
        None if head.is_empty() => Err(Error::usage("nothing came on standard input")
            .hint("pipe an archive or a Dockerfile into it: tar c . | kubectl buildkit build -")),
        None if is_named => Err(Error::usage(
            "what came on standard input is no archive, and -f names the Dockerfile already",
        )
        .hint(
            "pipe a tar archive, plain or compressed with gzip, bzip2, xz or zstd; or leave -f out",
        )),
        None => dockerfile(input).await.map(Standard::Dockerfile),
    }
}

/// As many of the first bytes as tell what it is.
async fn head(input: &mut (impl AsyncRead + Unpin)) -> std::io::Result<Bytes> {
    let mut head = BytesMut::with_capacity(archive::HEAD);
    let mut first = input.take(archive::HEAD as u64);
    while first.read_buf(&mut head).await? > 0 {}
    Ok(head.freeze())
}

/// All of a Dockerfile.
async fn dockerfile(input: impl AsyncRead + Unpin) -> Result<Bytes> {
    let mut text = Vec::new();
    let mut input = input.take(MOST + 1);
    input.read_to_end(&mut text).await.map_err(unreadable)?;
    let what = match &text[..] {
        text if text.len() as u64 > MOST => "it is larger than 16 MiB",
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "it is UTF-16",
        text if text.contains(&0) => "it has zero bytes in it",
        text if text.trim_ascii().is_empty() => "it is empty",
        _ => return Ok(text.into()),
    };
    Err(Error::usage(format!(
        "what came on standard input is no Dockerfile: {what}"
    ))
    .hint("pipe a text in UTF-8, or name a file with -f"))
}

fn unreadable(error: std::io::Error) -> Error {
    Error::usage("cannot read standard input").because(error)
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn read(input: &'static [u8], is_named: bool) -> Result<Standard> {
        context(input, is_named).await
    }

    fn refused(outcome: Result<Standard>) -> String {
        match outcome {
            Ok(_) => panic!("it was taken"),
            Err(error) => error.to_string(),
        }
    }

    #[tokio::test]
    async fn what_comes_on_standard_input_is_told_by_its_first_bytes() {
        let gzip = read(b"\x1f\x8b\x08rest", true).await.unwrap();
        assert!(matches!(gzip, Standard::Archive(_)));
        let text = read(b"FROM scratch\n", false).await.unwrap();
        assert!(matches!(text, Standard::Dockerfile(text) if text == "FROM scratch\n"));
        assert!(refused(read(b"", false).await).contains("nothing came"));
        let both = refused(read(b"FROM scratch\n", true).await);
        assert!(both.contains("-f names the Dockerfile already"), "{both}");
    }

    #[tokio::test]
    async fn texts_that_are_no_dockerfile() {
        let rows: [(&[u8], &str); 4] = [
            (b"", "empty"),
            (b" \n\t", "empty"),
            (b"\xff\xfeF\0R\0", "UTF-16"),
            (b"FROM\0x", "zero bytes"),
        ];
        for (text, what) in rows {
            let error = dockerfile(text).await.unwrap_err().to_string();
            assert!(error.contains(what), "{error}");
        }
        let large = vec![b'#'; (16 << 20) + 1];
        let error = dockerfile(&large[..]).await.unwrap_err().to_string();
        assert!(error.contains("16 MiB"), "{error}");
        let with_mark = b"\xef\xbb\xbfFROM scratch\n";
        assert_eq!(dockerfile(&with_mark[..]).await.unwrap(), &with_mark[..]);
    }
}
