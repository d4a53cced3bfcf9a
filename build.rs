//! Generates the wire's messages and services from `src/proto/*.proto`; needs no `protoc`.

use std::error::Error;
use std::path::Path;

const FOLDER: &str = "src/proto";

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo::rerun-if-changed={FOLDER}");
    let mut files: Vec<_> = Path::new(FOLDER)
        .read_dir()?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "proto")
        })
        .collect();
    files.sort();
    let descriptors = protox::compile(&files, [FOLDER])?;
    tonic_prost_build::configure()
        .bytes(".")
        .compile_well_known_types(false)
        .include_file("packages.rs")
        .compile_fds(descriptors)?;
    Ok(())
}
