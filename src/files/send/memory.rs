//! The sender of a small folder that is only in memory: a Dockerfile that came on standard input, or
//! nothing at all.

use std::collections::BTreeMap;

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::serve::PIECE;
use super::{Batch, GRACE, SendError, Sent};
use crate::files::{StreamError, farewell, last_words, packet};
use crate::proto::fsutil::packet::Type;
use crate::proto::fsutil::{Packet, Stat};

/// Files by their names, which have no folders in them.
pub type Texts = BTreeMap<String, Bytes>;

/// Offers `texts` and serves what `requests` asks for. Nothing is selected: there is nothing here that
/// nobody wants.
pub async fn send_texts<S, E>(
    texts: &Texts,
    requests: S,
    packets: mpsc::Sender<Batch>,
) -> Result<Sent, SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
    E: Into<StreamError>,
{
    let outcome = transfer(texts, requests, &packets).await;
    if let Err(error) = &outcome
        && !error.is_known()
    {
        // Whether it arrives or not, the caller hears the error.
        _ = timeout(GRACE, packets.send(vec![farewell(error)])).await;
    }
    outcome
}

async fn transfer<S, E>(
    texts: &Texts,
    mut requests: S,
    packets: &mpsc::Sender<Batch>,
) -> Result<Sent, SendError>
where
    S: Stream<Item = Result<Packet, E>> + Send + Unpin,
    E: Into<StreamError>,
{
    let mut offers: Batch = texts.iter().map(offer).collect();
    offers.push(packet(Type::Stat, 0, ""));
    // Nobody listens any more if a send fails, and that is noticed where requests are read.
    _ = packets.send(offers).await;
    let mut wanted: Vec<Option<&Bytes>> = texts.values().map(Some).collect();
    let mut sent = Sent {
        files: texts.len() as u64,
        ..Sent::default()
    };
    loop {
        let request = requests.next().await.ok_or(SendError::EndedEarly)?;
        let request = request.map_err(|error| SendError::Stream(error.into()))?;
        match request.r#type() {
            Type::Req => {
                let index = usize::try_from(request.id).unwrap_or(usize::MAX);
                let text = wanted.get_mut(index).and_then(Option::take);
                let text = text.ok_or(SendError::BadRequest(request.id))?;
                sent.requested += 1;
                sent.bytes += text.len() as u64;
                for piece in text.chunks(PIECE) {
                    let data = packet(Type::Data, request.id, text.slice_ref(piece));
                    _ = packets.send(vec![data]).await;
                }
                _ = packets.send(vec![packet(Type::Data, request.id, "")]).await;
            }
            Type::Fin => break,
            Type::Err => return Err(SendError::Peer(last_words(&request))),
            Type::Stat | Type::Data => return Err(SendError::Unexpected(request.r#type)),
        }
    }
    _ = packets.send(vec![packet(Type::Fin, 0, "")]).await;
    Ok(sent)
}

fn offer((name, text): (&String, &Bytes)) -> Packet {
    let mut offer = packet(Type::Stat, 0, "");
    offer.stat = Some(Stat {
        path: Bytes::copy_from_slice(name.as_bytes()),
        mode: 0o644,
        size: i64::try_from(text.len()).unwrap_or(i64::MAX),
        ..Stat::default()
    });
    offer
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn exchange(texts: &Texts, requests: Vec<Packet>) -> (Result<Sent, SendError>, Batch) {
        let (sender, mut receiver) = mpsc::channel(64);
        let requests = futures::stream::iter(requests.into_iter().map(Ok::<_, StreamError>));
        let outcome = send_texts(texts, requests, sender).await;
        let mut packets = Batch::new();
        while let Some(batch) = receiver.recv().await {
            packets.extend(batch);
        }
        (outcome, packets)
    }

    #[tokio::test]
    async fn what_is_asked_for_is_served_in_pieces() {
        let large = Bytes::from(vec![b'x'; PIECE + 1]);
        let texts = Texts::from([
            ("b".to_owned(), Bytes::from_static(b"b")),
            ("a".to_owned(), large.clone()),
        ]);
        let requests = vec![packet(Type::Req, 0, ""), packet(Type::Fin, 0, "")];
        let (outcome, packets) = exchange(&texts, requests).await;
        let want = Sent {
            files: 2,
            requested: 1,
            bytes: PIECE as u64 + 1,
        };
        assert_eq!(outcome.unwrap(), want);
        let paths: Vec<_> = packets.iter().filter_map(|p| p.stat.as_ref()).collect();
        assert_eq!(&paths[0].path[..], b"a");
        assert_eq!(&paths[1].path[..], b"b");
        let pieces = packets.iter().filter(|p| p.r#type() == Type::Data);
        let pieces: Vec<&[u8]> = pieces.map(|p| &p.data[..]).collect();
        assert_eq!(pieces.concat(), large);
        assert!(pieces.last().unwrap().is_empty(), "the end of the file");
        assert_eq!(packets.last().unwrap().r#type(), Type::Fin);
    }

    #[tokio::test]
    async fn nothing_is_a_folder_too() {
        let (outcome, packets) = exchange(&Texts::new(), vec![packet(Type::Fin, 0, "")]).await;
        assert_eq!(outcome.unwrap(), Sent::default());
        assert_eq!(packets.len(), 2);
    }

    #[tokio::test]
    async fn what_is_not_there_is_refused() {
        let twice = vec![packet(Type::Req, 0, ""), packet(Type::Req, 0, "")];
        let texts = Texts::from([("a".to_owned(), Bytes::new())]);
        for (requests, id) in [(vec![packet(Type::Req, 1, "")], 1), (twice, 0)] {
            let (outcome, packets) = exchange(&texts, requests).await;
            assert!(matches!(outcome, Err(SendError::BadRequest(bad)) if bad == id));
            assert_eq!(packets.last().unwrap().r#type(), Type::Err);
        }
        let (outcome, _) = exchange(&texts, Vec::new()).await;
        assert!(matches!(outcome, Err(SendError::EndedEarly)));
    }
}
