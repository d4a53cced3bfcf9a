//! `tunnel own|raw up|down NAMESPACE POD PORT MIB`: bytes to or from a port of a pod, through this plugin's
//! tunnel, or through the least that can be written over the same port-forward: frames made beforehand, and
//! nothing looked at that comes back.

use std::env::args;
use std::error::Error;

use bytes::Bytes;
use futures::{SinkExt as _, StreamExt};
use kube::Client;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio_tungstenite::tungstenite::Message;

use kubectl_buildkit::cli::KubeArgs;
use kubectl_buildkit::cluster::{Cluster, OpenError};
use kubectl_buildkit::env::Env;

const BLOCK: usize = 128 * 1024;
const BLOCKS_PER_MIB: usize = (1 << 20) / BLOCK;
/// What a port-forward sends first on each of its two channels: the channel and the port.
const PREFACE: usize = 3;

type Outcome = Result<(), Box<dyn Error>>;

/// Where the bytes go to, or come from.
struct End {
    namespace: String,
    pod: String,
    port: u16,
    blocks: usize,
}

#[tokio::main]
async fn main() -> Outcome {
    let words: Vec<String> = args().skip(1).filter(|word| word != "--bench").collect();
    let [way, direction, namespace, pod, port, mib] = &words[..] else {
        return Err("usage: tunnel own|raw up|down NAMESPACE POD PORT MIB".into());
    };
    let end = End {
        namespace: namespace.clone(),
        pod: pod.clone(),
        port: port.parse()?,
        blocks: mib.parse::<usize>()? * BLOCKS_PER_MIB,
    };
    match (way.as_str(), direction.as_str()) {
        ("own", "up") => own_up(&end).await,
        ("own", "down") => own_down(&end).await,
        ("raw", "up") => raw_up(&end).await,
        ("raw", "down") => raw_down(&end).await,
        _ => Err(format!("no such way: {way} {direction}").into()),
    }
}

async fn own(end: &End) -> Result<kubectl_buildkit::cluster::Tunnel, Box<dyn Error>> {
    let args = KubeArgs {
        namespace: Some(end.namespace.clone()),
        ..KubeArgs::default()
    };
    let cluster = Cluster::find(&args, &Env::read()?).await?;
    match cluster.forward(&end.pod, end.port).await {
        Ok(tunnel) => Ok(tunnel),
        Err(OpenError::Forbidden(error) | OpenError::Failed(error)) => Err(error.into()),
    }
}

async fn own_up(end: &End) -> Outcome {
    let mut tunnel = own(end).await?;
    let block = vec![7; BLOCK];
    for _ in 0..end.blocks {
        tunnel.write_all(&block).await?;
    }
    // The pod says one byte when it has all.
    tunnel.read_u8().await?;
    Ok(())
}

async fn own_down(end: &End) -> Outcome {
    let mut tunnel = own(end).await?;
    let mut block = vec![0; BLOCK];
    for _ in 0..end.blocks {
        tunnel.read_exact(&mut block).await?;
    }
    Ok(())
}

async fn raw(end: &End) -> Result<kube::client::Connection, Box<dyn Error>> {
    let End {
        namespace,
        pod,
        port,
        ..
    } = end;
    let path = format!("/api/v1/namespaces/{namespace}/pods/{pod}/portforward?ports={port}");
    let client = Client::try_default().await?;
    Ok(client
        .connect(http::Request::get(path).body(Vec::new())?)
        .await?)
}

async fn raw_up(end: &End) -> Outcome {
    let (mut sink, mut stream) = raw(end).await?.into_stream().split();
    let mut frame = vec![7; 1 + BLOCK];
    frame[0] = 0;
    let frame = Bytes::from(frame);
    for _ in 0..end.blocks {
        sink.feed(Message::Binary(frame.clone())).await?;
    }
    sink.flush().await?;
    take(&mut stream, 1).await
}

async fn raw_down(end: &End) -> Outcome {
    let (_sink, mut stream) = raw(end).await?.into_stream().split();
    take(&mut stream, end.blocks * BLOCK).await
}

/// Takes frames until so many bytes came on the channel of data.
async fn take<S>(stream: &mut S, bytes: usize) -> Outcome
where
    S: StreamExt<Item = Result<Message, tokio_tungstenite::tungstenite::Error>> + Unpin,
{
    let mut taken = 0;
    while taken < bytes {
        let message = stream.next().await.ok_or("the connection ended")??;
        if let Message::Binary(frame) = message
            && frame.len() != PREFACE
        {
            taken += frame.len() - 1;
        }
    }
    Ok(())
}
