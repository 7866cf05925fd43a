//! protoc's request with the descriptors left encoded, since decoding them drops the options that Callwire defines.
use prost::{DecodeError, Message};
use prost_types::{FileDescriptorProto, FileDescriptorSet};

/// `google.protobuf.compiler.CodeGeneratorRequest`, as far as it is needed.
#[derive(Clone, PartialEq, Message)]
pub struct Request {
    #[prost(string, tag = "2")]
    pub parameter: String,
    /// Each an encoded `FileDescriptorProto`, imports first.
    #[prost(bytes = "vec", repeated, tag = "15")]
    pub proto_file: Vec<Vec<u8>>,
}

impl Request {
    pub fn descriptors(&self) -> Result<FileDescriptorSet, DecodeError> {
        let file = self
            .proto_file
            .iter()
            .map(|bytes| FileDescriptorProto::decode(bytes.as_slice()));
        Ok(FileDescriptorSet {
            file: file.collect::<Result<_, _>>()?,
        })
    }
}
