//! A build for several nodes: what each of them is told.

use std::collections::BTreeMap;

use crate::model::{ImageName, InvalidImageName, Platform, boolean};

use super::{Attributes, IMAGE, OCI};

/// An image whose parts several nodes push, and which is put together afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// Its names.
    pub names: Vec<ImageName>,
    /// Whether its registry may lack TLS or a known certificate.
    pub is_insecure: bool,
    /// Whether it is pushed without a tag.
    pub by_digest: bool,
}

/// Why a result cannot come from several nodes.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Indivisible {
    /// Docker's archives have no lists of manifests.
    #[error("-o type={0} cannot be written by several nodes: it cannot hold several platforms")]
    Archive(String),
    /// A folder of blobs would have several writers.
    #[error("-o type={0},tar=false cannot be written by several nodes")]
    Layout(String),
    /// Each node would keep a part of the image.
    #[error("-o type=image without push=true would leave a part of the image on each node")]
    Unpushed,
    /// The exporters' answers do not say which image they are about.
    #[error("several nodes can push only one image output")]
    TwoImages,
    /// The image's name is none.
    #[error(transparent)]
    Name(#[from] InvalidImageName),
}

/// What the image output of a build on several nodes pushes; none if there is no image output.
///
/// # Errors
///
/// Fails if one of the outputs cannot come from several nodes.
pub fn push(exporters: &[(String, Attributes)]) -> Result<Option<Push>, Indivisible> {
    let mut push = None;
    for (kind, attributes) in exporters {
        match kind.as_str() {
            "local" => {}
            IMAGE if !is_set(attributes, "push") => return Err(Indivisible::Unpushed),
            IMAGE if push.is_some() => return Err(Indivisible::TwoImages),
            IMAGE => push = Some(pushed(attributes)?),
            other => match archive(other) {
                None => return Err(Indivisible::Archive(other.to_owned())),
                Some(_) if attributes.get("tar").is_some_and(|tar| !is_yes(tar)) => {
                    return Err(Indivisible::Layout(other.to_owned()));
                }
                Some(_) => {}
            },
        }
    }
    Ok(push)
}

/// What an archive of several nodes is put together of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Archive {
    /// An image as an OCI layout.
    Image,
    /// Files.
    Files,
}

/// The archive that an exporter writes, if several nodes can write it together.
pub fn archive(kind: &str) -> Option<Archive> {
    match kind {
        OCI => Some(Archive::Image),
        "tar" => Some(Archive::Files),
        _ => None,
    }
}

/// The order in which the daemon runs the exporters of a part: it answers with the words of the last
/// one, and which image was pushed must be heard.
pub fn order(exporters: &[(String, Attributes)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..exporters.len()).collect();
    order.sort_by_key(|index| exporters[*index].0 == IMAGE);
    order
}

fn pushed(attributes: &Attributes) -> Result<Push, InvalidImageName> {
    Ok(Push {
        names: names(attributes).collect::<Result<_, _>>()?,
        is_insecure: is_set(attributes, "registry.insecure"),
        by_digest: is_set(attributes, BY_DIGEST),
    })
}

const BY_DIGEST: &str = "push-by-digest";

fn names(attributes: &Attributes) -> impl Iterator<Item = Result<ImageName, InvalidImageName>> {
    let text = attributes.get("name").map_or("", String::as_str);
    let names = text.split(',').filter(|name| !name.trim().is_empty());
    names.map(str::parse)
}

/// Makes of a build the part that one node does: its platforms only, a result that says for which
/// platform each piece is, and an image without a tag.
///
/// # Errors
///
/// Fails if the image's name is none.
pub fn part(
    attributes: &mut Attributes,
    exporters: &mut [(String, Attributes)],
    platforms: &[Platform],
) -> Result<(), InvalidImageName> {
    let platforms: Vec<String> = platforms.iter().map(Platform::to_string).collect();
    attributes.insert("platform".into(), platforms.join(","));
    attributes.insert("multi-platform".into(), "true".into());
    let images = exporters.iter_mut().filter(|(kind, _)| kind == IMAGE);
    for (_, image) in images {
        let mut repositories: Vec<String> = Vec::new();
        for name in names(image) {
            let repository = name?.repository().to_owned();
            if !repositories.contains(&repository) {
                repositories.push(repository);
            }
        }
        image.insert("name".into(), repositories.join(","));
        image.insert(BY_DIGEST.into(), "true".into());
    }
    Ok(())
}

/// Whether an attribute is set, as the daemon reads it: also by its mere name.
fn is_set(attributes: &BTreeMap<String, String>, key: &str) -> bool {
    attributes.get(key).is_some_and(|value| is_yes(value))
}

fn is_yes(value: &str) -> bool {
    value.is_empty() || boolean(value) == Some(true)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exporter(kind: &str, pairs: &[(&str, &str)]) -> (String, Attributes) {
        let pairs = pairs
            .iter()
            .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        (kind.to_owned(), pairs.collect())
    }

    #[test]
    fn what_several_nodes_can_make_together() {
        let image = |pairs: &[(&str, &str)]| exporter("image", pairs);
        let pushed = [("push", "true"), ("name", "a.example/x:1,b.example/y")];
        let push_of = |exporters: &[_]| push(exporters);
        assert_eq!(push_of(&[]), Ok(None));
        assert_eq!(push_of(&[exporter("local", &[])]), Ok(None));
        let found = push_of(&[exporter("local", &[]), image(&pushed)])
            .unwrap()
            .unwrap();
        let names: Vec<&str> = found.names.iter().map(ImageName::as_str).collect();
        assert_eq!(names, ["a.example/x:1", "b.example/y"]);
        assert!(!found.is_insecure && !found.by_digest);
        let insecure = image(&[("push", ""), ("name", "x"), ("registry.insecure", "true")]);
        assert!(push_of(&[insecure]).unwrap().unwrap().is_insecure);

        assert_eq!(push_of(&[image(&[])]), Err(Indivisible::Unpushed));
        assert_eq!(
            push_of(&[image(&[("push", "false")])]),
            Err(Indivisible::Unpushed)
        );
        assert_eq!(
            push_of(&[image(&pushed), image(&pushed)]),
            Err(Indivisible::TwoImages)
        );
        for kind in ["oci", "tar"] {
            assert_eq!(push_of(&[exporter(kind, &[("tar", "true")])]), Ok(None));
            let refused = push_of(&[exporter(kind, &[("tar", "false")])]).unwrap_err();
            assert_eq!(refused, Indivisible::Layout(kind.to_owned()));
        }
        let refused = push_of(&[exporter("docker", &[])]).unwrap_err();
        assert_eq!(refused, Indivisible::Archive("docker".to_owned()));
        let of = |kinds: [&str; 3]| order(&kinds.map(|kind| exporter(kind, &[])));
        assert_eq!(of(["image", "oci", "local"]), [1, 2, 0]);
        assert_eq!(of(["oci", "image", "tar"]), [0, 2, 1]);
        assert!(push_of(&[image(&[("push", "true"), ("name", "A")])]).is_err());
    }

    #[test]
    fn a_part_has_its_platforms_and_no_tag() {
        let mut attributes =
            Attributes::from([("platform".into(), "linux/amd64,linux/arm64".into())]);
        let name = "a.example/x:1,a.example/x:2,b.example:5000/y";
        let mut exporters = [
            exporter("image", &[("push", "true"), ("name", name)]),
            exporter("local", &[]),
        ];
        let platforms = [
            "linux/arm64".parse().unwrap(),
            "linux/arm/v7".parse().unwrap(),
        ];
        part(&mut attributes, &mut exporters, &platforms).unwrap();
        assert_eq!(attributes["platform"], "linux/arm64,linux/arm/v7");
        assert_eq!(attributes["multi-platform"], "true");
        assert_eq!(exporters[0].1["name"], "a.example/x,b.example:5000/y");
        assert_eq!(exporters[0].1["push-by-digest"], "true");
        assert_eq!(exporters[1], exporter("local", &[]));
    }
}
