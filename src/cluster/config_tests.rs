use std::fs;
use std::path::Path;

use tempfile::TempDir;

use super::*;

fn kubeconfig(name: &str, namespace: &str) -> String {
    format!(
        "apiVersion: v1
kind: Config
current-context: {name}
clusters: [{{name: {name}, cluster: {{server: 'https://{name}:6443', certificate-authority: {name}.crt}}}}]
users: [{{name: {name}, user: {{tokenFile: {name}.token}}}}]
contexts: [{{name: {name}, context: {{cluster: {name}, user: {name}, namespace: '{namespace}'}}}}]
"
    )
}

fn write(folder: &Path, name: &str, namespace: &str) -> String {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap();
    let pem = rcgen::generate_simple_self_signed([name.to_owned()]).unwrap();
    fs::write(path.join(format!("{name}.crt")), pem.cert.pem()).unwrap();
    fs::write(path.join("config"), kubeconfig(name, namespace)).unwrap();
    path.join("config").to_str().unwrap().to_owned()
}

async fn resolved(args: &KubeArgs, env: &Env) -> Target {
    resolve(args, env).await.unwrap()
}

#[tokio::test]
async fn files_are_merged_first_wins_and_missing_ones_are_skipped() {
    let folder = TempDir::new().unwrap();
    let (a, b) = (
        write(folder.path(), "a", "team"),
        write(folder.path(), "b", ""),
    );
    let list = format!("/nowhere/x::{a}:{b}");
    let env = Env::from_variables([("KUBECONFIG", &list)]);

    let first = resolved(&KubeArgs::default(), &env).await;
    assert_eq!(first.origin, Origin::Context("a".into()));
    assert_eq!(first.config.cluster_url, "https://a:6443");
    assert_eq!(first.config.default_namespace, "team");
    let token = folder.path().join("a/a.token");
    assert_eq!(first.config.auth_info.token_file.as_deref(), token.to_str());

    let args = KubeArgs {
        context: Some("b".into()),
        ..KubeArgs::default()
    };
    let second = resolved(&args, &env).await;
    assert_eq!(second.config.cluster_url, "https://b:6443");
    assert_eq!(second.config.default_namespace, "default");
}

#[tokio::test]
async fn flags_win() {
    let folder = TempDir::new().unwrap();
    let path = write(folder.path(), "a", "team");
    let args = KubeArgs {
        kubeconfig: Some(path.into()),
        namespace: Some("mine".into()),
        server: Some("https://other:1".into()),
        token: Some("t".into()),
        impersonate: Some("jane".into()),
        impersonate_groups: vec!["devs".into()],
        insecure_skip_tls_verify: true,
        request_timeout: Some(Duration::from_secs(3)),
        ..KubeArgs::default()
    };
    let config = resolved(&args, &Env::default()).await.config;
    assert_eq!(config.cluster_url, "https://other:1");
    assert_eq!(config.default_namespace, "mine");
    assert!(config.auth_info.token.is_some() && config.auth_info.token_file.is_none());
    assert_eq!(config.auth_info.impersonate.as_deref(), Some("jane"));
    assert!(config.accept_invalid_certs && config.root_cert.is_none());
    assert_eq!(config.connect_timeout, Some(Duration::from_secs(3)));
}

#[tokio::test]
async fn what_is_not_there_is_named_with_what_is() {
    let folder = TempDir::new().unwrap();
    let path = write(folder.path(), "a", "");
    let args = KubeArgs {
        kubeconfig: Some(path.clone().into()),
        context: Some("prod".into()),
        ..KubeArgs::default()
    };
    let error = resolve(&args, &Env::default()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("no kube context \"prod\" in {path}")
    );
    assert_eq!(error.hint_text(), Some("choose one with --context: a"));
    assert_eq!(error.kind(), Kind::Usage);

    let args = KubeArgs {
        kubeconfig: Some(path.into()),
        user: Some("joe".into()),
        ..KubeArgs::default()
    };
    let error = resolve(&args, &Env::default()).await.unwrap_err();
    assert!(error.to_string().starts_with("no user \"joe\" in /"));
}

#[tokio::test]
async fn no_configuration_at_all() {
    let env = Env::from_variables([("HOME", "/nowhere")]);
    let error = resolve(&KubeArgs::default(), &env).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "no cluster: there is no kubeconfig at /nowhere/.kube/config"
    );
    assert!(error.hint_text().unwrap().contains("--kubeconfig"));
}

#[tokio::test]
async fn a_server_alone_is_enough() {
    let args = KubeArgs {
        server: Some("http://127.0.0.1:8001".into()),
        ..KubeArgs::default()
    };
    let target = resolved(&args, &Env::default()).await;
    assert_eq!(target.origin, Origin::Flags);
    assert_eq!(target.config.cluster_url, "http://127.0.0.1:8001");
}

#[tokio::test]
async fn a_plugin_that_must_ask_needs_a_terminal() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config");
    let text = kubeconfig("a", "").replace(
        "{tokenFile: a.token}",
        "{exec: {apiVersion: client.authentication.k8s.io/v1, command: login, interactiveMode: Always}}",
    );
    fs::write(&path, text.replace(", certificate-authority: a.crt", "")).unwrap();
    let args = KubeArgs {
        kubeconfig: Some(path),
        ..KubeArgs::default()
    };
    let error = resolve(&args, &Env::default()).await.unwrap_err();
    assert!(error.to_string().contains("\"login\""), "{error}");
    let mut env = Env::default();
    env.stdin_is_terminal = true;
    let exec = resolved(&args, &env).await.config.auth_info.exec.unwrap();
    assert_eq!(exec.interactive_mode, Some(ExecInteractiveMode::Always));
}

/// What the API server gets when a credential plugin made the credentials.
#[tokio::test]
async fn a_credential_plugin_makes_the_token() {
    use k8s_openapi::api::core::v1::Secret;
    use std::os::unix::fs::PermissionsExt;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    let folder = TempDir::new().unwrap();
    let plugin = folder.path().join("login");
    let answer = r#"{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":{"token":"from-the-plugin"}}"#;
    fs::write(&plugin, format!("#!/bin/sh\necho '{answer}'\n")).unwrap();
    fs::set_permissions(&plugin, fs::Permissions::from_mode(0o755)).unwrap();

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // The command is relative to its file.
    let text = kubeconfig("a", "team")
        .replace("https://a:6443", &format!("http://{address}"))
        .replace(", certificate-authority: a.crt", "")
        .replace(
            "{tokenFile: a.token}",
            "{exec: {apiVersion: client.authentication.k8s.io/v1, command: ./login, interactiveMode: IfAvailable}}",
        );
    let path = folder.path().join("config");
    fs::write(&path, text).unwrap();

    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = vec![0; 4096];
        let length = stream.read(&mut request).await.unwrap();
        let body = r#"{"metadata":{},"items":[]}"#;
        let head = format!("HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n", body.len());
        stream.write_all((head + body).as_bytes()).await.unwrap();
        String::from_utf8_lossy(&request[..length]).into_owned()
    });
    let args = KubeArgs {
        kubeconfig: Some(path),
        ..KubeArgs::default()
    };
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cluster = crate::cluster::Cluster::find(&args, &Env::default())
        .await
        .unwrap();
    assert!(cluster.list::<Secret>("a=b").await.unwrap().is_empty());
    let request = server.await.unwrap().to_lowercase();
    assert!(request.contains("authorization: bearer from-the-plugin"));
}

#[tokio::test]
async fn a_credential_plugin_that_fails_speaks_for_itself() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("config");
    let find = async |exec: &str| {
        let text = kubeconfig("a", "team")
            .replace(", certificate-authority: a.crt", "")
            .replace("{tokenFile: a.token}", exec);
        fs::write(&path, text).unwrap();
        let args = KubeArgs {
            kubeconfig: Some(path.clone()),
            ..KubeArgs::default()
        };
        let _ = rustls::crypto::ring::default_provider().install_default();
        crate::cluster::Cluster::find(&args, &Env::default())
            .await
            .unwrap_err()
    };
    let fails = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: sh, \
         args: [-c, 'echo session expired >&2; exit 1'], env: [{name: A, value: hidden}]}}";
    let error = find(fails).await;
    assert_eq!(error.kind(), Kind::Cluster);
    assert_eq!(
        error.to_string(),
        "the credential plugin \"sh\" failed for the cluster of kube context \"a\""
    );
    assert_eq!(error.causes(), ["session expired"]);
    assert!(!format!("{error:?}").contains("hidden"));

    let missing = "{exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-program}}";
    let error = find(missing).await;
    assert!(error.to_string().contains("\"no-such-program\""), "{error}");
    assert!(
        error.causes()[0].contains("No such file"),
        "{:?}",
        error.causes()
    );
}
