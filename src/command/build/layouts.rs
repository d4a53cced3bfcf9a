//! OCI layouts of this machine that a build reads and writes: caches and images in folders.

use std::collections::HashMap;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use percent_encoding::{CONTROLS, utf8_percent_encode};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::event::Events;
use crate::farm::{Built, Job};
use crate::layout::{self, Access, LayoutError, Lock, Name, Store};
use crate::model::{Digest, Platform, boolean};
use crate::plan::{self, Cache, CacheKind, Exporter, LayoutImage, NamedContext, Sink};
use crate::session::Response;
use crate::solve::{self, Attributes, CacheEntry};

/// The id of the layout with the image: the daemon knows of one only.
const IMAGE: &str = "export";

/// What the daemon reads and writes on this machine, beside files.
pub(super) struct Layouts {
    stores: HashMap<String, Store>,
    imports: Vec<CacheEntry>,
    exports: Vec<CacheEntry>,
    caches: Vec<Written>,
    /// Images that stand for a name, as the frontend is told of them.
    contexts: Attributes,
    image: Option<Store>,
    notes: Vec<String>,
}

/// A cache that the build writes into a folder.
struct Written {
    store: Store,
    attributes: Attributes,
    resets: bool,
    lock: Lock,
}

impl Layouts {
    /// Makes the folders that are missing, and looks up what is there.
    pub(super) fn open(plan: &plan::Build) -> Result<Self> {
        let mut layouts = Self {
            stores: HashMap::new(),
            imports: Vec::new(),
            exports: Vec::new(),
            caches: Vec::new(),
            contexts: Attributes::new(),
            image: None,
            notes: plan.caches.left_out.clone(),
        };
        for cache in &plan.caches.from {
            match &cache.kind {
                CacheKind::Local(folder) => layouts.read(cache, folder, &plan.steps.platforms)?,
                _ => layouts.imports.push(solve::cache_entry(cache)),
            }
        }
        for cache in &plan.caches.to {
            match &cache.kind {
                CacheKind::Local(folder) => layouts.write(cache, folder)?,
                _ => layouts.exports.push(solve::cache_entry(cache)),
            }
        }
        for (name, context) in &plan.inputs.named {
            if let NamedContext::Layout(image) = context {
                layouts.stand_in(name, image)?;
            }
        }
        for output in plan.outputs() {
            if let Exporter::Oci(Sink::Layout(folder)) | Exporter::Docker(Sink::Layout(folder)) =
                &output.exporter
            {
                let store = writable(folder)?;
                layouts.stores.insert(IMAGE.to_owned(), store.clone());
                layouts.image = Some(store);
            }
        }
        Ok(layouts)
    }

    /// Tells the daemon of the caches, and lets it use the layouts. The user is told what it cannot
    /// use.
    pub(super) async fn offer(&self, job: &mut Job, events: &Events) {
        job.build.cache_imports.clone_from(&self.imports);
        job.build.cache_exports.clone_from(&self.exports);
        job.build.attributes.extend(self.contexts.clone());
        let stores = self.stores.iter();
        let stores = stores.map(|(id, store)| (id.clone(), store.clone()));
        job.offer.stores.extend(stores);
        for note in &self.notes {
            events.warning(note).await;
        }
    }

    /// A cache is read by the digest that its index names, under its tag and under those of nodes that
    /// built for one platform. A missing one is none yet.
    fn read(&mut self, cache: &Cache, folder: &Path, platforms: &[Platform]) -> Result<()> {
        let store = Store::new(folder, Access::Read).map_err(|error| unusable(folder, error))?;
        let typed = cache.attributes.get("src").map_or("", String::as_str);
        let id = id(typed);
        let (kind, attributes) = solve::cache_entry(cache);
        let apart = platforms
            .iter()
            .filter_map(|platform| solve::of_platform(&kind, &attributes, platform));
        let mut missing = None;
        let mut found: Vec<String> = Vec::new();
        for mut attributes in std::iter::once(attributes.clone()).chain(apart) {
            match manifest(&store, &attributes) {
                Ok(digest) if found.contains(&digest) => {}
                Ok(digest) => {
                    attributes.insert("src".into(), id.clone());
                    attributes.insert("digest".into(), digest.clone());
                    self.imports.push((kind.clone(), attributes));
                    found.push(digest);
                }
                Err(why) => {
                    missing.get_or_insert(why);
                }
            }
        }
        if let Some(why) = missing.filter(|_| found.is_empty()) {
            let note = format!("--cache-from type=local,src={typed} is left out: {why}");
            self.notes.push(note);
        }
        self.stores.entry(format!("local:{id}")).or_insert(store);
        Ok(())
    }

    /// Lets an image of a folder stand for a name. The daemon is told of its digest only.
    fn stand_in(&mut self, name: &str, image: &LayoutImage) -> Result<()> {
        let folder = &image.folder;
        let failed = || Error::usage(format!("{}: no image for {name}", folder.display()));
        let store = Store::new(folder, Access::Read).map_err(|error| unusable(folder, error))?;
        let digest = match &image.digest {
            Some(digest) => digest.clone(),
            None => found(image)
                .map_err(|error| failed().because(error))?
                .ok_or_else(|| {
                    failed()
                        .hint("write the tag of one of them: oci-layout://FOLDER:TAG")
                        .because(format!(
                            "its index has several images, and none is {}",
                            image.name()
                        ))
                })?,
        };
        store
            .blob(&digest)
            .map_err(|error| failed().because(error))?;
        let id = format!("layout{}", self.contexts.len());
        let told = format!("oci-layout://{id}@{digest}");
        self.contexts.insert(format!("context:{name}"), told);
        self.stores.insert(format!("oci:{id}"), store);
        Ok(())
    }

    fn write(&mut self, cache: &Cache, folder: &Path) -> Result<()> {
        let (kind, mut attributes) = solve::cache_entry(cache);
        let reset = attributes.get("reset").map_or("false", String::as_str);
        let Some(resets) = boolean(reset) else {
            let text = format!("--cache-to type=local: reset={reset} is no boolean");
            return Err(Error::usage(text).hint("write reset=true or reset=false"));
        };
        let store = writable(folder)?;
        let lock = Lock::of_export(folder).map_err(|error| unusable(folder, error))?;
        let id = id(attributes.get("dest").map_or("", String::as_str));
        attributes.insert("dest".into(), id.clone());
        self.stores.insert(format!("local:{id}"), store.clone());
        self.exports.push((kind, attributes.clone()));
        self.caches.push(Written {
            store,
            attributes,
            resets,
            lock,
        });
        Ok(())
    }

    /// Gives names to what the daemon wrote, if it built at all.
    pub(super) async fn publish(self, built: Option<&Built>, events: &Events) -> Result<()> {
        let Some(built) = built else {
            return Ok(());
        };
        let whole = [(&[][..], &built.outcome.response)];
        let parts = built.parts.iter();
        let parts: Vec<_> = parts
            .map(|part| (&part.platforms[..], &part.response))
            .collect();
        let answers = if parts.is_empty() { &whole[..] } else { &parts };
        if let Some(store) = &self.image {
            name_image(store, &built.outcome.response)?;
        }
        for cache in &self.caches {
            for (platforms, response) in answers {
                name_cache(cache, platforms, response)?;
            }
        }
        for Written {
            store,
            resets,
            lock,
            ..
        } in self.caches
        {
            drop(lock);
            if resets && let Some(why) = swept(&store) {
                events.warning(why).await;
            }
        }
        Ok(())
    }
}

/// What the daemon calls a folder: as it was typed, but for what cannot be a header.
fn id(typed: &str) -> String {
    utf8_percent_encode(typed, CONTROLS).to_string()
}

fn unusable(folder: &Path, error: LayoutError) -> Error {
    Error::usage(format!("{}: this folder cannot be used", folder.display()))
        .hint("name another one, or make it yours")
        .because(error)
}

fn writable(folder: &Path) -> Result<Store> {
    Store::new(folder, Access::Write).map_err(|error| unusable(folder, error))
}

/// The manifest of a cache that is there, or why it is not.
fn manifest(store: &Store, attributes: &Attributes) -> Result<String, String> {
    let given = attributes.get("digest").filter(|digest| !digest.is_empty());
    let digest = given
        .cloned()
        .map_or_else(|| named(store.folder(), attributes), Ok)?;
    let parsed: Digest = digest.parse().map_err(|error| format!("{error}"))?;
    store.blob(&parsed).map_err(|error| causes(&error))?;
    Ok(digest)
}

/// The image that is meant: what has the name, else the only one that is there.
fn found(image: &LayoutImage) -> Result<Option<Digest>, LayoutError> {
    let folder = &image.folder;
    let descriptor = match layout::find(folder, image.name())? {
        None => layout::only(folder)?,
        found => found,
    };
    let digest = descriptor.as_ref().and_then(|d| d["digest"].as_str());
    Ok(digest.and_then(|digest| digest.parse().ok()))
}

/// The digest of what has the cache's tag.
fn named(folder: &Path, attributes: &Attributes) -> Result<String, String> {
    let tag = solve::cache_tag(attributes, &[]);
    let found = layout::find(folder, &tag).map_err(|error| causes(&error))?;
    let found = found.ok_or_else(|| format!("its index has no tag {tag}"))?;
    Ok(found["digest"].as_str().unwrap_or_default().to_owned())
}

fn causes(error: &LayoutError) -> String {
    match std::error::Error::source(error) {
        Some(cause) => format!("{error}: {cause}"),
        None => error.to_string(),
    }
}

/// Names the manifest of a cache. There is none if its export failed and that was to be ignored.
fn name_cache(cache: &Written, platforms: &[Platform], response: &Response) -> Result<()> {
    let Some(text) = response.get(solve::CACHE_MANIFEST) else {
        return Ok(());
    };
    let tag = solve::cache_tag(&cache.attributes, platforms);
    name(&cache.store, text.as_bytes(), &[Name::Tag(tag)]).map_err(|error| {
        error.hint(
            "write one cache to one folder in one build: several --cache-to are answered as one",
        )
    })
}

fn name_image(store: &Store, response: &Response) -> Result<()> {
    let Some(text) = response.get(solve::DESCRIPTOR) else {
        return Ok(());
    };
    let names = response.get("image.name").map_or("", String::as_str);
    let names = names.split(',').filter(|name| !name.is_empty());
    let mut names: Vec<Name> = names.map(|name| Name::Image(name.to_owned())).collect();
    if names.is_empty() {
        names.push(Name::Tag(solve::DEFAULT_TAG.to_owned()));
    }
    name(store, &BASE64.decode(text).unwrap_or_default(), &names).map_err(|error| {
        error.hint("let the folder be the last -o: several outputs are answered as one")
    })
}

/// Names what the daemon says that it wrote, if it did.
fn name(store: &Store, descriptor: &[u8], names: &[Name]) -> Result<()> {
    let folder = store.folder();
    let failed = || Error::usage(format!("{} gets no new name", folder.display()));
    let descriptor: Value =
        serde_json::from_slice(descriptor).map_err(|error| failed().because(error))?;
    let digest = descriptor["digest"].as_str().unwrap_or_default();
    let digest: Digest = digest.parse().map_err(|error| failed().because(error))?;
    store
        .blob(&digest)
        .map_err(|error| failed().because(error))?;
    layout::put(folder, &descriptor, names).map_err(|error| failed().because(error))
}

/// Removes what has no name any more. What cannot be removed is no failure of the build.
fn swept(store: &Store) -> Option<String> {
    let why = match layout::sweep(store) {
        Ok(Some(_)) => return None,
        Ok(None) => "another build writes there".to_owned(),
        Err(error) => causes(&error),
    };
    let folder = store.folder().display();
    Some(format!("{folder} keeps its old blobs: {why}"))
}
