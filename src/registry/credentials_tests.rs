use super::*;

fn credentials(json: &str) -> Credentials {
    Credentials {
        config: Config::parse("the test", json.as_bytes()).unwrap(),
        ..Credentials::default()
    }
}

fn named(user: &str, registry: &str) -> Logins {
    let json =
        format!(r#"{{"auths": {{"{registry}": {{"username": "{user}", "password": "p"}}}}}}"#);
    Logins::from_config(user, json.as_bytes()).unwrap()
}

async fn user(credentials: &Credentials, host: &str) -> String {
    credentials.login(host).await.unwrap().username
}

#[tokio::test]
async fn the_nearest_login_wins() {
    let json = r#"{"auths": {
        "a.example": {"username": "file", "password": "p"},
        "b.example": {"username": "file", "password": "p"},
        "c.example": {"username": "file", "password": "p"},
        "d.example": {"username": "file", "password": "p"}
    }}"#;
    let mut credentials = credentials(json);
    let variable = r#"{"auths": {
        "a.example": {"auth": "dmFyaWFibGU6cA=="}, "b.example": {"auth": "dmFyaWFibGU6cA=="},
        "c.example": {"auth": "dmFyaWFibGU6cA=="}
    }}"#;
    let env = Env::from_variables([(VARIABLE, variable)]);
    credentials.read_variable(&env).unwrap();
    credentials.prefer(vec![
        named("first", "a.example"),
        named("second", "a.example"),
    ]);
    credentials.first.insert(1, named("second", "b.example"));
    assert_eq!(user(&credentials, "a.example").await, "first");
    assert_eq!(user(&credentials, "b.example").await, "second");
    assert_eq!(user(&credentials, "c.example").await, "variable");
    assert_eq!(user(&credentials, "d.example").await, "file");
    assert_eq!(user(&credentials, "e.example").await, "");
}

#[test]
fn a_variable_with_something_else() {
    let read = |text: &str| {
        let mut credentials = Credentials::default();
        let env = Env::from_variables([(VARIABLE, text)]);
        let read = credentials.read_variable(&env);
        assert!(credentials.first.is_empty());
        read
    };
    assert!(read("").is_ok());
    for text in ["x", "7", r#"{"credHelpers": {}}"#, r#"{"auths": 1}"#] {
        let error = read(text).unwrap_err();
        assert!(error.to_string().starts_with("$DOCKER_AUTH_CONFIG is not"));
    }
}

#[tokio::test]
async fn hubs_of_other_names() {
    let json = r#"{"auths": {
        "https://index.docker.io/v1/": {"username": "hub", "password": "p"},
        "registry.scout.docker.com": {"username": "own", "password": "p"}
    }}"#;
    let credentials = credentials(json);
    assert_eq!(user(&credentials, "registry-1.docker.io").await, "hub");
    assert_eq!(user(&credentials, "dhi.io").await, "hub");
    assert_eq!(user(&credentials, "registry.scout.docker.com").await, "own");
    assert_eq!(user(&credentials, "quay.io").await, "");
}

#[test]
fn a_host_has_its_own_helper_or_the_common_one() {
    let json = r#"{"credHelpers": {"a.example": "own", "c.example": ""}, "credsStore": "common"}"#;
    let config = credentials(json).config;
    assert_eq!(config.helper("a.example"), Some("own"));
    assert_eq!(config.helper("b.example"), Some("common"));
    assert_eq!(config.helper("c.example"), None);
    assert_eq!(Config::default().helper("a.example"), None);
    let hub = r#"{"credHelpers": {"https://index.docker.io/v1/": "hub"}}"#;
    assert_eq!(credentials(hub).config.helper(HUB_HOST), Some("hub"));
}

#[test]
fn a_login_is_not_believed_for_ever() {
    let login = Login {
        username: "u".into(),
        ..Login::default()
    };
    let (mut known, then) = (Known::default(), Instant::now());
    known.keep("a", &login, then);
    assert_eq!(known.get("a", then), Some(&login));
    assert_eq!(
        known.get("a", then + Duration::from_secs(289)),
        Some(&login)
    );
    assert_eq!(known.get("a", then + FRESH), None);
    assert_eq!(known.get("b", then), None);
}

#[test]
fn files_that_are_not_there_empty_or_broken() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("config.json");
    let path = folder.path().to_str().unwrap();
    let load = || Credentials::load(&Env::from_variables([("DOCKER_CONFIG", path)]));
    assert!(load().unwrap().config.logins.is_empty());
    std::fs::write(&file, " \n").unwrap();
    assert!(load().unwrap().config.logins.is_empty());
    std::fs::write(&file, "{").unwrap();
    let error = load().unwrap_err().to_string();
    assert!(
        error.ends_with("config.json is no docker config file"),
        "{error}"
    );
    std::fs::remove_file(&file).unwrap();
    std::fs::create_dir(&file).unwrap();
    assert!(load().unwrap_err().to_string().starts_with("cannot read"));
}

#[test]
fn secrets_are_not_shown() {
    let json = r#"{"auths": {"a": {"password": "s3cret"}}}"#;
    assert!(!format!("{:?}", credentials(json)).contains("s3cret"));
}
