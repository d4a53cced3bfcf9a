//! Objects of a real git, signed by it with `gpg.format=ssh`.

use super::*;

const COMMIT: &[u8] = include_bytes!("testdata/commit");
const COMMIT_NAME: &str = "bc9a9493502c5d5388a4035b6c6df5a683057304";
const TAG: &[u8] = include_bytes!("testdata/tag");
const TAG_NAME: &str = "a29909fb204afe4e6f127b88e6cb4224f23d2f8b";
const KEY: &str = include_str!("testdata/key.pub");
const OTHER: &str = include_str!("testdata/other.pub");

#[test]
fn what_a_policy_sees_of_a_commit_and_a_tag() {
    let commit = Object::read(COMMIT, COMMIT_NAME).unwrap().value();
    let key = "SHA256:";
    assert_eq!(commit["tree"], "aaff74984cccd156a469afa7d9ab10e4777beb24");
    assert_eq!(commit["parents"], Value::Null);
    assert_eq!(
        commit["author"],
        json!({"name": "Ada x L", "email": "ada@example.com", "when": "2023-11-14T23:43:20+01:30"})
    );
    assert_eq!(commit["committer"]["when"], "2023-11-14T22:13:21Z");
    assert_eq!(commit["message"], "first\n\nbody");
    let fingerprint = commit["sshSignature"]["pubKey"].as_str().unwrap();
    assert!(fingerprint.starts_with(key), "{fingerprint}");
    let tag = Object::read(TAG, TAG_NAME).unwrap().value();
    assert_eq!(tag["object"], COMMIT_NAME);
    assert_eq!(tag["type"], "commit");
    assert_eq!(tag["tag"], "v1");
    assert_eq!(tag["message"], "tagged");
    assert_eq!(tag["tagger"]["when"], "2023-11-14T17:13:22-05:00");
    assert_eq!(tag["sshSignature"], commit["sshSignature"]);
}

#[test]
fn a_signature_is_of_its_key_and_its_text() {
    for (raw, name) in [(COMMIT, COMMIT_NAME), (TAG, TAG_NAME)] {
        let object = Object::read(raw, name).unwrap();
        object.verify(KEY).unwrap();
        object.verify(&format!("# who\n\n{KEY}")).unwrap();
        let forged = object.verify(OTHER).unwrap_err();
        assert!(forged.is_decided(), "{forged}");
        let no_key = object.verify("hello").unwrap_err();
        assert!(!no_key.is_decided(), "{no_key}");
        let text = String::from_utf8(raw.to_vec()).unwrap();
        let changed = text.replace("Ada", "Eve");
        let name = hash(kind_of(raw), changed.as_bytes(), 40);
        let changed = Object::read(changed.as_bytes(), &name).unwrap();
        assert!(changed.verify(KEY).unwrap_err().is_decided());
    }
}

fn kind_of(raw: &[u8]) -> &'static str {
    if raw == TAG { "tag" } else { "commit" }
}

#[test]
fn an_object_is_what_its_name_says() {
    for (raw, name, reason) in [
        (COMMIT, TAG_NAME, "another git object"),
        (COMMIT, "", "another git object"),
        (&b"tree x\n\n"[..], "", "without \"author\""),
        (b"object x\n\n", "", "without \"type\""),
        (b"tree \xff\n\n", "", "no text"),
    ] {
        let name = match (raw.len() < 20, raw.starts_with(b"object")) {
            (false, _) => name.to_owned(),
            (true, true) => hash("tag", raw, 40),
            (true, false) => hash("commit", raw, 40),
        };
        let error = Object::read(raw, &name).unwrap_err().to_string();
        assert!(error.contains(reason), "{error}");
    }
}

#[test]
fn what_has_no_signature_or_another_kind_of_one() {
    let plain = "tree a\nauthor A <a> 1 +0000\ncommitter A <a> 1 +0000\n\nx\n";
    let pgp = plain.replace(
        "\n\n",
        "\ngpgsig -----BEGIN PGP SIGNATURE-----\n x\n -----END PGP SIGNATURE-----\n\n",
    );
    let read = |text: &str| Object::read(text.as_bytes(), &hash("commit", text.as_bytes(), 64));
    let unsigned = read(plain).unwrap().verify(KEY).unwrap_err();
    assert!(unsigned.is_decided());
    let pgp = read(&pgp).unwrap().verify(KEY).unwrap_err();
    assert!(matches!(pgp, ObjectError::Pgp) && !pgp.is_decided());
}

#[test]
fn actors_as_git_writes_them() {
    for (text, shown) in [
        (
            "A <a@b> 0 +0000",
            json!({"name": "A", "email": "a@b", "when": "1970-01-01T00:00:00Z"}),
        ),
        ("A <a@b> x +0000", json!({"name": "A", "email": "a@b"})),
        ("A <a@b> 0 0000", json!({"name": "A", "email": "a@b"})),
        ("<a@b>", json!({"email": "a@b"})),
        (" nobody ", json!({"name": "nobody"})),
        ("", json!({})),
    ] {
        assert_eq!(actor(text), shown, "{text}");
    }
}
