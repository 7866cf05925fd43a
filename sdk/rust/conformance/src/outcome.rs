//! How a case ended, in the words of the protocol.
use callwire::{Code, Error};
use serde_json::{Map, Value, json};

pub fn of_error(error: &Error) -> Value {
    let metadata: Map<String, Value> = error
        .metadata()
        .iter()
        .map(|(key, value)| (key.clone(), json!(value)))
        .collect();
    json!({
        "outcome": "error",
        "code": code_name(error.code()),
        "reason": error.reason(),
        "message": error.message(),
        "metadata": if metadata.is_empty() { Value::Null } else { metadata.into() },
        "retry_after_ms": error.retry_after().map(|wait| wait.as_millis() as u64),
    })
}

/// A request that the driver could not read.
pub fn of_bad_case(message: &str) -> Value {
    json!({ "outcome": "error", "code": "CASE", "message": message })
}

pub fn code_name(code: Code) -> &'static str {
    match code {
        Code::Ok => "OK",
        Code::Cancelled => "CANCELLED",
        Code::Unknown => "UNKNOWN",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::DeadlineExceeded => "DEADLINE_EXCEEDED",
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::PermissionDenied => "PERMISSION_DENIED",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::Aborted => "ABORTED",
        Code::OutOfRange => "OUT_OF_RANGE",
        Code::Unimplemented => "UNIMPLEMENTED",
        Code::Internal => "INTERNAL",
        Code::Unavailable => "UNAVAILABLE",
        Code::DataLoss => "DATA_LOSS",
        Code::Unauthenticated => "UNAUTHENTICATED",
    }
}
