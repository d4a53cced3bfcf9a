//! What is in the destination already.

use super::*;

fn one_file(path: &str) -> Vec<Packet> {
    let mut said = Vec::new();
    for (slash, _) in path.match_indices('/') {
        said.push(folder(&path[..slash]));
    }
    let id = u32::try_from(said.len()).unwrap();
    said.push(file(path, 3));
    said.extend([
        listed(),
        data(id, "new"),
        data(id, ""),
        packet(Type::Fin, 0, ""),
    ]);
    said
}

#[tokio::test]
async fn symlinks_in_the_destination_are_replaced_and_not_followed() {
    let root = tree(&[
        "outside/f",
        "out/",
        "out/f -> ../outside/f",
        "out/d -> ../outside",
    ]);
    given(&root, one_file("f"), Limits::default())
        .await
        .0
        .unwrap();
    given(&root, one_file("d/f"), Limits::default())
        .await
        .0
        .unwrap();
    let mut said = vec![link("s", "f", SYMLINK), listed(), packet(Type::Fin, 0, "")];
    symlink("../outside", root.path().join("out/s")).unwrap();
    given(&root, said.clone(), Limits::default())
        .await
        .0
        .unwrap();
    assert_eq!(
        fs::read(root.path().join("outside/f")).unwrap(),
        b"outside/f"
    );
    for path in ["out/f", "out/d/f", "out/s"] {
        assert_eq!(fs::read(root.path().join(path)).unwrap(), b"new", "{path}");
    }
    // The destination itself is as the user named it.
    symlink("outside", root.path().join("named")).unwrap();
    said[0] = link("f", "x", SYMLINK);
    let (requests, _asked) = mpsc::channel(8);
    let packets = futures::stream::iter(said.into_iter().map(Ok::<_, String>));
    let named = root.path().join("named");
    let named = export(&named, Existing::Stays);
    receive(&named, packets, requests, Limits::default())
        .await
        .unwrap();
    assert!(root.path().join("outside/f").is_symlink());
}

#[tokio::test]
async fn a_symlink_that_appears_during_the_transfer_is_not_followed() {
    let root = tree(&["outside/", "out/"]);
    let out = root.path().join("out");
    let (to_us, packets) = mpsc::channel(64);
    let (requests, mut asked) = mpsc::channel::<Packet>(64);
    // So many folders that the one in question is not open any more.
    let mut said = vec![folder("d"), file("d/f", 1)];
    said.extend((10..40).map(|i| folder(&format!("e{i}"))));
    for packet in said {
        to_us.send(packet).await.unwrap();
    }
    let daemon = async {
        assert_eq!(asked.recv().await.unwrap().id, 1);
        while !out.join("e39").exists() {
            tokio::time::sleep(std::time::Duration::from_millis(2)).await;
        }
        fs::remove_dir(out.join("d")).unwrap();
        symlink("../outside", out.join("d")).unwrap();
        for packet in [data(1, "x"), data(1, ""), listed()] {
            to_us.send(packet).await.unwrap();
        }
    };
    let export = export(&out, Existing::Stays);
    let receiving = receive(&export, incoming(packets), requests, Limits::default());
    let (received, ()) = tokio::join!(receiving, daemon);
    assert!(matches!(received, Err(ReceiveError::ParentReplaced(path)) if path == "d"));
    assert_eq!(paths(&root.path().join("outside")), [""; 0]);
}

#[tokio::test]
async fn what_is_in_the_way_is_named_and_stays() {
    let root = tree(&["out/d/keep", "out/f"]);
    let rows = [
        (
            one_file("d"),
            "cannot write d: a folder of that name is in the destination",
        ),
        (
            one_file("f/x"),
            "cannot write f: a file of that name is in the destination",
        ),
        (
            vec![link("d", "x", SYMLINK)],
            "cannot write d: a folder of that name is in the destination",
        ),
    ];
    for (said, want) in rows {
        assert_eq!(refused_in(&root, said).await.to_string(), want);
        assert_eq!(paths(root.path()), ["out", "out/d", "out/d/keep", "out/f"]);
    }
}

#[tokio::test]
async fn what_was_there_stays() {
    let root = tree(&["out/d/old", "out/z", "out/d/f", "out/h = out/d/f"]);
    given(&root, one_file("d/f"), Limits::default())
        .await
        .0
        .unwrap();
    assert_eq!(
        paths(&root.path().join("out")),
        ["d", "d/f", "d/old", "h", "z"]
    );
    assert_eq!(fs::read(root.path().join("out/d/f")).unwrap(), b"new");
    // The other name of the file that was replaced is not part of the export.
    assert_eq!(fs::read(root.path().join("out/h")).unwrap(), b"out/d/f");
}

#[tokio::test]
async fn a_daemon_that_takes_no_requests_does_not_stop_its_own_data() {
    let root = tree(&[]);
    let (to_us, packets) = mpsc::channel(1);
    let (requests, mut asked) = mpsc::channel::<Packet>(1);
    let daemon = async {
        for i in 100..300 {
            to_us.send(file(&i.to_string(), 1)).await.unwrap();
        }
        to_us.send(listed()).await.unwrap();
        // All data before the first request is looked at, as far as the numbers are known.
        for id in 0..200 {
            to_us.send(data(id, "x")).await.unwrap();
            to_us.send(data(id, "")).await.unwrap();
        }
        let mut last = Type::Req;
        while last == Type::Req {
            last = asked.recv().await.unwrap().r#type();
        }
        assert_eq!(last, Type::Fin);
        to_us.send(packet(Type::Fin, 0, "")).await.unwrap();
    };
    let out = export(root.path(), Existing::Stays);
    let receiving = receive(&out, incoming(packets), requests, Limits::default());
    let (received, ()) = tokio::join!(receiving, daemon);
    assert_eq!(received.unwrap().files, 200);
}

#[tokio::test]
async fn a_destination_that_cannot_be_made_is_named() {
    let root = tree(&[]);
    let (requests, _asked) = mpsc::channel(8);
    let packets = futures::stream::pending::<Result<Packet, String>>();
    let out = export(&root.path().join("file/out"), Existing::Stays);
    fs::write(root.path().join("file"), "").unwrap();
    let error = receive(&out, packets, requests, Limits::default())
        .await
        .unwrap_err();
    assert!(matches!(error, ReceiveError::Destination { .. }), "{error}");
    assert!(error.to_string().contains("file/out"), "{error}");
}
