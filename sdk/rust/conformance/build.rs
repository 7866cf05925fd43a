//! Compiles the contract to descriptors, by the buf that `npm ci` brought, for ProtoJSON.
use std::env;
use std::path::Path;
use std::process::Command;

fn main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..");
    let programs = root.join("node_modules/.bin");
    let inherited = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths([programs].into_iter().chain(env::split_paths(&inherited)))
        .expect("a PATH of folders");
    let out =
        Path::new(&env::var_os("OUT_DIR").expect("cargo's OUT_DIR")).join("descriptors.binpb");
    let status = Command::new("buf")
        .args(["build", "proto", "--as-file-descriptor-set", "--output"])
        .arg(&out)
        .current_dir(&root)
        .env("PATH", path)
        .status()
        .expect("buf, from npm ci");
    assert!(status.success(), "buf build failed");
    println!("cargo:rerun-if-changed=../../../proto");
    println!("cargo:rerun-if-changed=build.rs");
}
