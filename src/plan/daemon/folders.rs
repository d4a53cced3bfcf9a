//! `tlsconfigdir`: folders with the certificates of a registry, which the daemon would look for in
//! its own pod. What is in them becomes `ca` and `keypair`.

use toml::{Table, Value};

use super::kind::Role;
use super::reader::{Reader, join};

const AUTHORITY: &str = ".crt";
const CERTIFICATE: &str = ".cert";

/// Replaces the folders of every registry by their files.
pub(super) fn replace(config: &mut Table, reader: &mut Reader<'_>) {
    let Some(registries) = config.get_mut("registry").and_then(Value::as_table_mut) else {
        return;
    };
    for (host, registry) in registries.iter_mut() {
        let path = join(&join("registry", host), "tlsconfigdir");
        let Some(registry) = registry.as_table_mut() else {
            continue;
        };
        let Some(Value::Array(folders)) = registry.remove("tlsconfigdir") else {
            continue;
        };
        let folders = folders.iter().filter_map(Value::as_str);
        for (index, folder) in folders.enumerate() {
            one(registry, folder, &format!("{path}[{index}]"), reader);
        }
    }
}

fn one(registry: &mut Table, folder: &str, setting: &str, reader: &mut Reader<'_>) {
    let place = reader.place(setting);
    let mut names = match reader.files.list(&reader.folder.join(folder)) {
        Ok(names) => names,
        Err(error) => {
            let problem = format!("cannot read the folder {folder:?}: {error}");
            let instead = "names of folders are relative to the folder of the configuration";
            reader.fault(place, setting, problem, instead);
            return;
        }
    };
    names.sort();
    let mut is_empty = true;
    for name in &names {
        let path = format!("{}/{name}", folder.trim_end_matches('/'));
        if name.ends_with(AUTHORITY) {
            is_empty = false;
            let file = reader.file(Role::Authority, &path, place, setting);
            if let Some(file) = file {
                add(registry, "ca", Value::String(file));
            }
        } else if let Some(base) = path.strip_suffix(CERTIFICATE) {
            is_empty = false;
            let certificate = reader.file(Role::Certificate, &path, place, setting);
            let key = reader.file(Role::Key, &format!("{base}.key"), place, setting);
            if let (Some(certificate), Some(key)) = (certificate, key) {
                let pair = [
                    ("cert".to_owned(), Value::String(certificate)),
                    ("key".to_owned(), Value::String(key)),
                ];
                add(
                    registry,
                    "keypair",
                    Value::Table(pair.into_iter().collect()),
                );
            }
        }
    }
    if is_empty {
        let note = format!("{setting}: {folder:?} holds no .crt and no .cert file");
        reader.notes.push((place, note));
    }
}

fn add(registry: &mut Table, name: &str, value: Value) {
    match registry.get_mut(name) {
        Some(Value::Array(list)) => list.push(value),
        _ => {
            registry.insert(name.to_owned(), Value::Array(vec![value]));
        }
    }
}
