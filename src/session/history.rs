//! What the daemon keeps of a build that is over: its provenance.

use bytes::{Bytes, BytesMut};

use crate::proto::content::ReadContentRequest;
use crate::proto::content::content_client::ContentClient;
use crate::proto::control::{BuildHistoryRecord, BuildHistoryRequest, BuildResultInfo, Descriptor};

use super::client::Client;
use super::dial::MAX_MESSAGE;
use super::failure::Failure;

/// The provenance of a result, as the daemon wrote it down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Provenance {
    /// The platform of the result; none if it is for the daemon's own.
    pub platform: Option<String>,
    /// What kind of statement it is, for instance `https://slsa.dev/provenance/v1`.
    pub predicate_type: String,
    /// The statement, in JSON.
    pub document: Bytes,
}

/// The largest document that is taken: one of a build of hundreds of steps has a few MiB.
const MAX_DOCUMENT: usize = 64 << 20;

const STATEMENT: &str = "application/vnd.in-toto+json";
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";
const PROVENANCE: &str = "https://slsa.dev/provenance/";

impl Client {
    /// The provenance of the results of a build that is over; nothing if the daemon keeps no history.
    ///
    /// # Errors
    ///
    /// Fails if the daemon has it and does not give it.
    pub async fn provenance(&self, reference: &str) -> Result<Vec<Provenance>, Failure> {
        let request = BuildHistoryRequest {
            r#ref: reference.to_owned(),
            early_exit: true,
            ..BuildHistoryRequest::default()
        };
        let mut events = match self.control().listen_build_history(request).await {
            Ok(events) => events.into_inner(),
            Err(status) if status.code() == tonic::Code::Unimplemented => return Ok(Vec::new()),
            Err(status) => return Err(status.into()),
        };
        let mut found = Vec::new();
        while let Some(event) = events.message().await? {
            for (platform, descriptor, predicate_type) in event.record.iter().flat_map(statements) {
                found.push(Provenance {
                    platform: platform.map(str::to_owned),
                    predicate_type: predicate_type.to_owned(),
                    document: self.blob(descriptor).await?,
                });
            }
        }
        Ok(found)
    }

    /// A blob of the daemon's own.
    async fn blob(&self, descriptor: &Descriptor) -> Result<Bytes, Failure> {
        let request = ReadContentRequest {
            digest: descriptor.digest.clone(),
            ..ReadContentRequest::default()
        };
        let mut content =
            ContentClient::new(self.channel.clone()).max_decoding_message_size(MAX_MESSAGE);
        let mut chunks = content.read(request).await?.into_inner();
        let mut blob = BytesMut::new();
        while let Some(chunk) = chunks.message().await? {
            blob.extend_from_slice(&chunk.data);
            if blob.len() > MAX_DOCUMENT {
                let text = format!("{} is larger than 64 MiB", descriptor.digest);
                return Err(Failure::local(text));
            }
        }
        Ok(blob.freeze())
    }
}

/// The provenance statements of a record: those of each platform, or that of the only result.
fn statements(record: &BuildHistoryRecord) -> Vec<(Option<&str>, &Descriptor, &str)> {
    if record.results.is_empty() {
        let only = record.result.as_ref().and_then(statement);
        return only.map(|(d, kind)| (None, d, kind)).into_iter().collect();
    }
    let mut found: Vec<_> = record
        .results
        .iter()
        .filter_map(|(platform, result)| {
            let (descriptor, kind) = statement(result)?;
            Some((Some(platform.as_str()), descriptor, kind))
        })
        .collect();
    found.sort_by_key(|(platform, ..)| *platform);
    found
}

fn statement(result: &BuildResultInfo) -> Option<(&Descriptor, &str)> {
    result.attestations.iter().find_map(|attestation| {
        let kind = attestation.annotations.get(PREDICATE_TYPE)?;
        let is_provenance = attestation.media_type == STATEMENT && kind.starts_with(PROVENANCE);
        is_provenance.then_some((attestation, kind.as_str()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attestation(media_type: &str, kind: &str, digest: &str) -> Descriptor {
        Descriptor {
            media_type: media_type.to_owned(),
            digest: digest.to_owned(),
            size: 1,
            annotations: [(PREDICATE_TYPE.to_owned(), kind.to_owned())].into(),
        }
    }

    #[test]
    fn each_platform_has_its_statement() {
        let result = |digest: &str| BuildResultInfo {
            attestations: vec![
                attestation(STATEMENT, "https://spdx.dev/Document", "sbom"),
                attestation("text/plain", "https://slsa.dev/provenance/v1", "text"),
                attestation(STATEMENT, "https://slsa.dev/provenance/v1", digest),
            ],
        };
        let mut record = BuildHistoryRecord {
            r#ref: "x".into(),
            result: Some(result("one")),
            ..BuildHistoryRecord::default()
        };
        let found = |record: &BuildHistoryRecord| {
            let found = statements(record).into_iter();
            found
                .map(|(platform, d, _)| (platform.map(str::to_owned), d.digest.clone()))
                .collect::<Vec<_>>()
        };
        assert_eq!(found(&record), [(None, "one".to_owned())]);
        record.results = [("b".to_owned(), result("2")), ("a".to_owned(), result("1"))].into();
        let of = |platform: &str, digest: &str| (Some(platform.to_owned()), digest.to_owned());
        assert_eq!(found(&record), [of("a", "1"), of("b", "2")]);
        assert!(found(&BuildHistoryRecord::default()).is_empty());
    }
}
