//! The form of the file. Whoever changes its meaning raises `VERSION`.

use serde::{Deserialize, Serialize};

/// The version of the form; a program leaves files of a newer one alone.
pub(super) const VERSION: u32 = 1;
/// What is kept, so that machines which make a builder for each run do not collect for ever.
const MOST_CLUSTERS: usize = 50;
const MOST_BUILDERS: usize = 100;

/// All that is remembered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Content {
    pub(super) version: u32,
    /// The one that changed last comes first.
    #[serde(default)]
    clusters: Vec<Known>,
}

/// What is remembered of one cluster.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Known {
    /// The address of its API server.
    server: String,
    /// The kube context through which it was reached; empty if there was none.
    context: String,
    /// The builder that is meant where none is named.
    #[serde(rename = "use", skip_serializing_if = "Option::is_none")]
    pub(super) chosen: Option<Entry>,
    /// Where builders were seen; the newest comes first.
    pub(super) builders: Vec<Entry>,
}

/// A builder and its namespace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) name: String,
    pub(super) namespace: String,
}

impl Default for Content {
    fn default() -> Self {
        Self {
            version: VERSION,
            clusters: Vec::new(),
        }
    }
}

impl Content {
    fn place(&self, server: &str, context: &str) -> Option<usize> {
        self.clusters
            .iter()
            .position(|known| known.server == server && known.context == context)
    }

    /// What is known of a cluster.
    pub(super) fn of(&self, server: &str, context: &str) -> Known {
        let place = self.place(server, context);
        place.map_or_else(Known::default, |place| self.clusters[place].clone())
    }

    /// Changes what is known of a cluster.
    pub(super) fn change(&mut self, server: &str, context: &str, edit: impl FnOnce(&mut Known)) {
        let mut known = match self.place(server, context) {
            Some(place) => self.clusters.remove(place),
            None => Known {
                server: server.to_owned(),
                context: context.to_owned(),
                ..Known::default()
            },
        };
        edit(&mut known);
        if known.chosen.is_some() || !known.builders.is_empty() {
            self.clusters.insert(0, known);
            self.clusters.truncate(MOST_CLUSTERS);
        }
    }
}

impl Known {
    /// Notes where a builder is.
    pub(super) fn see(&mut self, entry: Entry) {
        self.builders.retain(|known| known.name != entry.name);
        self.builders.insert(0, entry);
        self.builders.truncate(MOST_BUILDERS);
    }

    /// Whether the builder is remembered at that very place.
    pub(super) fn mentions(&self, entry: &Entry) -> bool {
        self.chosen.as_ref() == Some(entry) || self.builders.contains(entry)
    }

    /// Forgets that a builder was seen at that very place.
    pub(super) fn miss(&mut self, entry: &Entry) {
        self.builders.retain(|known| known != entry);
    }

    /// Forgets a builder at that very place.
    pub(super) fn forget(&mut self, entry: &Entry) {
        self.miss(entry);
        self.chosen.take_if(|chosen| chosen == entry);
    }
}
