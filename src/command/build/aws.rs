//! The keys of S3 in the files that AWS' own programs read.

use std::fs;
use std::io;
use std::path::Path;

use crate::plan::Caches;

/// Adds the keys in the user's files to caches that need them. Without any, the daemon looks for its
/// own.
pub(super) fn add_keys(caches: &mut Caches) {
    let Some(files) = caches.aws.clone() else {
        return;
    };
    let mut text = |file: &Path| match fs::read_to_string(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => {
            let file = file.display();
            let note = format!("caches of type=s3 get no keys from {file}: {error}");
            caches.left_out.push(note);
            String::new()
        }
        text => text.unwrap_or_default(),
    };
    let (credentials, config) = (text(&files.credentials), text(&files.config));
    if let Some(keys) = files.keys(&credentials, &config) {
        caches.add_aws_keys(&keys);
    }
}
