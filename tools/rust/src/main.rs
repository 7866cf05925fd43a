//! protoc plugin for the Rust SDK: messages and gRPC stubs by tonic's own generator from the descriptors that buf
//! compiled, and the catalogue of error reasons, whose options tonic leaves out.
//!
//! Without an option it writes messages, clients and `reasons.rs`. With `server=SERVICE` it writes the server trait of
//! that one service over the SDK's messages, for tests that script a server.
mod reasons;
mod request;

use std::error::Error;
use std::fs;
use std::io::{Read, Write, stdin, stdout};

use prost::Message;
use prost_types::FileDescriptorSet;
use prost_types::compiler::CodeGeneratorResponse;
use prost_types::compiler::code_generator_response::{Feature, File};
use tonic_prost_build::Config;

use request::Request;

const PACKAGE: &str = "callwire.v1";

fn main() -> Result<(), Box<dyn Error>> {
    let mut input = Vec::new();
    stdin().read_to_end(&mut input)?;
    let request = Request::decode(&*input)?;
    let files = match request.parameter.strip_prefix("server=") {
        Some(service) => vec![stubs(server_of(service, request.descriptors()?))?],
        None => vec![
            stubs(Stubs::Client(request.descriptors()?))?,
            file("reasons.rs", reasons::catalogue(&request.proto_file)?),
        ],
    };
    let response = CodeGeneratorResponse {
        supported_features: Some(Feature::Proto3Optional as u64),
        file: files,
        ..Default::default()
    };
    stdout().write_all(&response.encode_to_vec())?;
    Ok(())
}

enum Stubs {
    Client(FileDescriptorSet),
    Server(FileDescriptorSet),
}

fn server_of(service: &str, mut descriptors: FileDescriptorSet) -> Stubs {
    for file in &mut descriptors.file {
        file.service.retain(|candidate| candidate.name() == service);
    }
    Stubs::Server(descriptors)
}

fn stubs(stubs: Stubs) -> Result<File, Box<dyn Error>> {
    let out = tempfile::tempdir()?;
    let builder = tonic_prost_build::configure()
        .extern_path(".google.rpc", "::tonic_types::pb")
        .out_dir(out.path());
    match stubs {
        Stubs::Client(descriptors) => {
            let mut config = Config::new();
            config.enable_type_names();
            builder
                .build_server(false)
                .compile_fds_with_config(descriptors, config)?
        }
        Stubs::Server(descriptors) => builder
            .build_client(false)
            .extern_path(format!(".{PACKAGE}"), "::callwire::v1")
            .compile_fds(descriptors)?,
    }
    let name = format!("{PACKAGE}.rs");
    let content = fs::read_to_string(out.path().join(&name))?;
    Ok(file(&name, content))
}

fn file(name: &str, content: String) -> File {
    File {
        name: Some(name.to_owned()),
        content: Some(content),
        ..Default::default()
    }
}
