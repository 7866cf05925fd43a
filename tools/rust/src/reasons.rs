//! The catalogue of error reasons as Rust: which of them can succeed later without a change of the request.
use std::error::Error;
use std::fmt::Write;

use prost_reflect::DescriptorPool;

const ENUM: &str = "callwire.v1.ErrorReason";
const PREFIX: &str = "ERROR_REASON_";
const RETRYABLE: &str = "callwire.v1.retryable";

pub fn catalogue(proto_files: &[Vec<u8>]) -> Result<String, Box<dyn Error>> {
    let mut pool = DescriptorPool::new();
    for file in proto_files {
        pool.decode_file_descriptor_proto(file.as_slice())?;
    }
    let reasons = pool
        .get_enum_by_name(ENUM)
        .ok_or("the catalogue's enum is missing")?;
    let option = pool
        .get_extension_by_name(RETRYABLE)
        .ok_or("the option `retryable` is missing")?;

    let mut code = String::from(
        "// This file is @generated from callwire/v1/error.proto.\n\
         /// Whether a request that failed for this reason can succeed later unchanged; `None` for an unknown reason.\n\
         pub(crate) fn retryable(reason: &str) -> Option<bool> {\n    match reason {\n",
    );
    for value in reasons.values().filter(|value| value.number() != 0) {
        let reason = value
            .name()
            .strip_prefix(PREFIX)
            .ok_or("a reason lacks the enum's prefix")?;
        let options = value.options();
        let retryable = options.get_extension(&option);
        writeln!(
            code,
            "        {reason:?} => Some({}),",
            retryable.as_bool().unwrap_or_default()
        )?;
    }
    code.push_str("        _ => None,\n    }\n}\n");
    Ok(code)
}
