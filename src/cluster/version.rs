//! Which Kubernetes this is.

use crate::error::Result;
use crate::model::KubernetesVersion;

use super::Cluster;
use super::failure::Request;

impl Cluster {
    /// The version of the API server.
    pub async fn version(&self) -> Result<KubernetesVersion> {
        let request = Request {
            verb: "get",
            resource: "/version".to_owned(),
            name: None,
        };
        let info = self.ask(&request, self.client.apiserver_version()).await?;
        Ok(KubernetesVersion {
            git_version: info.git_version,
            platform: info.platform,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::super::fake::cluster;
    use serde_json::json;

    #[tokio::test]
    async fn the_server_says_what_it_is() {
        let cluster = cluster(|request| async move {
            assert_eq!(request.uri().path(), "/version");
            let info = json!({"major": "1", "minor": "34+", "gitVersion": "v1.34.4+k3s1",
                "gitCommit": "", "gitTreeState": "", "buildDate": "", "goVersion": "",
                "compiler": "", "platform": "linux/arm64"});
            (200, info)
        });
        let version = cluster.version().await.unwrap();
        assert_eq!(version.git_version, "v1.34.4+k3s1");
        assert_eq!(version.platform, "linux/arm64");
    }
}
