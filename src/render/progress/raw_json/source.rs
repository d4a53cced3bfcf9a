//! Source files, places in them, and the graph of steps that a file was read by. Each warning brings
//! them along; only `rawjson` shows the graph.

use std::collections::BTreeMap;

use prost::Message as _;
use serde::Serialize;

use super::go::{base64, is_false, is_zero};
use crate::event::{SourceInfo, SourceRange};
use crate::proto::pb;

/// Graphs may name files, and those graphs. A frontend has one inside of a warning.
const DEPTH: usize = 4;

/// A source file.
#[derive(Serialize)]
pub(super) struct Info {
    #[serde(skip_serializing_if = "String::is_empty")]
    filename: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    data: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    definition: Option<Definition>,
    #[serde(skip_serializing_if = "String::is_empty")]
    language: String,
}

#[derive(Serialize)]
struct Definition {
    #[serde(rename = "def", skip_serializing_if = "Vec::is_empty")]
    steps: Vec<String>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    metadata: BTreeMap<String, Metadata>,
    #[serde(rename = "Source", skip_serializing_if = "Option::is_none")]
    source: Option<Source>,
}

#[derive(Serialize)]
struct Metadata {
    #[serde(skip_serializing_if = "is_false")]
    ignore_cache: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    description: BTreeMap<String, String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    export_cache: Option<ExportCache>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    caps: BTreeMap<String, bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    progress_group: Option<Group>,
    #[serde(skip_serializing_if = "Option::is_none")]
    linux_resources: Option<Resources>,
}

#[derive(Serialize)]
struct ExportCache {
    #[serde(rename = "Value", skip_serializing_if = "is_false")]
    value: bool,
}

#[derive(Serialize)]
struct Group {
    #[serde(skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "is_false")]
    weak: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Resources {
    #[serde(skip_serializing_if = "is_zero")]
    memory: i64,
    #[serde(skip_serializing_if = "is_zero")]
    memory_swap: i64,
    #[serde(skip_serializing_if = "is_zero")]
    cpu_shares: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cpu_period: u64,
    #[serde(skip_serializing_if = "is_zero")]
    cpu_quota: i64,
    #[serde(skip_serializing_if = "String::is_empty")]
    cpuset_cpus: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    cpuset_mems: String,
}

#[derive(Serialize)]
struct Source {
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    locations: BTreeMap<String, Locations>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    infos: Vec<Info>,
}

#[derive(Serialize)]
struct Locations {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    #[serde(skip_serializing_if = "is_zero")]
    source_index: i32,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    ranges: Vec<Range>,
}

impl From<&SourceInfo> for Info {
    fn from(info: &SourceInfo) -> Self {
        Self {
            filename: info.filename.clone(),
            data: base64(&info.data),
            definition: definition(&info.definition, DEPTH),
            language: info.language.clone(),
        }
    }
}

/// The graph in `bytes`; none if there is none, or no graph that can be understood.
fn definition(bytes: &[u8], depth: usize) -> Option<Definition> {
    let depth = depth.checked_sub(1).filter(|_| !bytes.is_empty())?;
    let definition = pb::Definition::decode(bytes).ok()?;
    let metadata = definition.metadata.into_iter();
    Some(Definition {
        steps: definition.def.iter().map(base64).collect(),
        metadata: metadata.map(|(step, m)| (step, m.into())).collect(),
        source: definition.source.map(|source| of_source(source, depth)),
    })
}

fn of_source(source: pb::Source, depth: usize) -> Source {
    let locations = source.locations.into_iter();
    let infos = source.infos.into_iter();
    Source {
        locations: locations.map(|(step, l)| (step, l.into())).collect(),
        infos: infos
            .map(|info| Info {
                filename: info.filename,
                data: base64(&info.data),
                definition: definition(&info.definition, depth),
                language: info.language,
            })
            .collect(),
    }
}

impl From<pb::OpMetadata> for Metadata {
    fn from(metadata: pb::OpMetadata) -> Self {
        Self {
            ignore_cache: metadata.ignore_cache,
            description: metadata.description.into_iter().collect(),
            export_cache: metadata
                .export_cache
                .map(|cache| ExportCache { value: cache.value }),
            caps: metadata.caps.into_iter().collect(),
            progress_group: metadata.progress_group.map(|group| Group {
                id: group.id,
                name: group.name,
                weak: group.weak,
            }),
            linux_resources: metadata.linux_resources.map(Into::into),
        }
    }
}

impl From<pb::LinuxResources> for Resources {
    fn from(resources: pb::LinuxResources) -> Self {
        Self {
            memory: resources.memory,
            memory_swap: resources.memory_swap,
            cpu_shares: resources.cpu_shares,
            cpu_period: resources.cpu_period,
            cpu_quota: resources.cpu_quota,
            cpuset_cpus: resources.cpuset_cpus,
            cpuset_mems: resources.cpuset_mems,
        }
    }
}

impl From<pb::Locations> for Locations {
    fn from(locations: pb::Locations) -> Self {
        let locations = locations.locations.into_iter();
        Self {
            locations: locations.map(Into::into).collect(),
        }
    }
}

impl From<pb::Location> for Location {
    fn from(location: pb::Location) -> Self {
        let ranges = location.ranges.into_iter().map(SourceRange::from);
        Self {
            source_index: location.source_index,
            ranges: ranges.map(|range| Range::from(&range)).collect(),
        }
    }
}

/// A place in a source file.
#[derive(Serialize)]
pub(super) struct Range {
    start: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    #[serde(skip_serializing_if = "is_zero")]
    line: i32,
    #[serde(skip_serializing_if = "is_zero")]
    character: i32,
}

impl From<&SourceRange> for Range {
    fn from(range: &SourceRange) -> Self {
        Self {
            start: Position {
                line: range.start_line,
                character: range.start_column,
            },
            end: Position {
                line: range.end_line,
                character: range.end_column,
            },
        }
    }
}
