//! The one error of the crate, and the one way from whatever a call failed with to it.
use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::StatusExt;

use crate::{BoxError, reasons};

const DOMAIN: &str = "callwire";

/// Why a call failed or a subscription ended. Cheap to clone.
#[derive(Clone)]
pub struct Error(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    code: Code,
    reason: Option<String>,
    message: String,
    metadata: HashMap<String, String>,
    retry_after: Option<Duration>,
    field_violations: Vec<FieldViolation>,
    retryable: bool,
    is_local: bool,
    source: Option<BoxError>,
}

/// What is wrong with one field of a refused request.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct FieldViolation {
    /// The field's path, such as `filters["q"].queue_ids[0]`.
    pub field: String,
    /// What is wrong with it.
    pub description: String,
}

impl Error {
    /// The gRPC status code. A checkpoint that cannot be read or written has `DataLoss`, a wrong URL or option
    /// `InvalidArgument`, a credential provider that fails `Unauthenticated`.
    pub fn code(&self) -> Code {
        self.0.code
    }

    /// The reason from Callwire's catalogue, such as `CURSOR_EXPIRED`; `None` when no gateway gave one.
    pub fn reason(&self) -> Option<&str> {
        self.0.reason.as_deref()
    }

    /// What went wrong, for an engineer.
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What the reason carries, such as `oldest_cursor` or `epoch`.
    pub fn metadata(&self) -> &HashMap<String, String> {
        &self.0.metadata
    }

    /// How long the gateway asks to wait before the next attempt.
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// Whether the same request can succeed later without being changed.
    pub fn retryable(&self) -> bool {
        self.0.retryable
    }

    /// The fields at fault, when the request was refused because of fields.
    pub fn field_violations(&self) -> &[FieldViolation] {
        &self.0.field_violations
    }

    /// Whether it was made on this side and no gateway said it.
    pub(crate) fn is_local(&self) -> bool {
        self.0.is_local
    }

    /// This error, with what else went wrong while its consequences were dealt with.
    pub(crate) fn and_then(&self, other: &Self) -> Self {
        let inner = &self.0;
        Self(Arc::new(Inner {
            code: inner.code,
            reason: inner.reason.clone(),
            message: format!("{}; moreover: {}", inner.message, other.message()),
            metadata: inner.metadata.clone(),
            retry_after: inner.retry_after,
            field_violations: inner.field_violations.clone(),
            retryable: inner.retryable,
            is_local: inner.is_local,
            source: Some(Box::new(self.clone())),
        }))
    }

    /// A failure on this side that no attempt can mend.
    pub(crate) fn local(code: Code, message: impl Into<String>) -> Self {
        Self::new(code, message.into(), false, None)
    }

    /// As `local`, with what caused it.
    pub(crate) fn caused(code: Code, message: impl fmt::Display, cause: BoxError) -> Self {
        let message = format!("{message}: {}", chain(cause.as_ref()));
        Self::new(code, message, false, Some(cause))
    }

    /// The way to the gateway is broken, or it fell silent.
    pub(crate) fn cut(message: impl Into<String>, cause: Option<BoxError>) -> Self {
        let message = match &cause {
            Some(cause) => format!("{}: {}", message.into(), chain(cause.as_ref())),
            None => message.into(),
        };
        Self::new(Code::Unavailable, message, true, cause)
    }

    /// A deadline that passed on this side, with the last failure before it.
    pub(crate) fn too_late(deadline: Duration, last: Option<Self>) -> Self {
        let message = match &last {
            Some(last) => {
                format!("no success within {deadline:?}; the last attempt failed: {last}")
            }
            None => format!("no answer within {deadline:?}"),
        };
        Self::new(
            Code::DeadlineExceeded,
            message,
            true,
            last.map(BoxError::from),
        )
    }

    fn new(code: Code, message: String, retryable: bool, source: Option<BoxError>) -> Self {
        Self(Arc::new(Inner {
            code,
            reason: None,
            message,
            metadata: HashMap::new(),
            retry_after: None,
            field_violations: Vec::new(),
            retryable,
            is_local: true,
            source,
        }))
    }

    pub(crate) fn from_status(status: Status) -> Self {
        if let Some(own) = own_error(&status) {
            return own.clone();
        }
        let details = status.get_error_details();
        let info = details.error_info().filter(|info| info.domain == DOMAIN);
        let reason = info.map(|info| info.reason.clone());
        let retry_after = details
            .retry_info()
            .map(|info| info.retry_delay.unwrap_or_default());
        let violations = details.bad_request().map(|bad| &bad.field_violations);
        let field_violations = violations
            .into_iter()
            .flatten()
            .map(|violation| FieldViolation {
                field: violation.field.clone(),
                description: violation.description.clone(),
            });
        Self(Arc::new(Inner {
            code: status.code(),
            retryable: retryable(status.code(), reason.as_deref(), retry_after),
            message: message(&status),
            metadata: info.map(|info| info.metadata.clone()).unwrap_or_default(),
            field_violations: field_violations.collect(),
            reason,
            retry_after,
            is_local: false,
            source: Some(Box::new(status)),
        }))
    }
}

/// A reason that this version does not know is judged by its code.
fn retryable(code: Code, reason: Option<&str>, retry_after: Option<Duration>) -> bool {
    let by_reason = reason.and_then(reasons::retryable);
    match by_reason {
        Some(retryable) => retryable || retry_after.is_some(),
        None => is_transient(code) || (reason.is_some() && retry_after.is_some()),
    }
}

/// Codes that say, without a reason of Callwire, that the way to the gateway is the trouble. A cancellation is never
/// this side's own: who cancels here drops the call and sees no status.
fn is_transient(code: Code) -> bool {
    matches!(
        code,
        Code::Unavailable
            | Code::ResourceExhausted
            | Code::Aborted
            | Code::DeadlineExceeded
            | Code::Internal
            | Code::Unknown
            | Code::Cancelled
    )
}

/// An error of this crate that travelled through tonic inside a status.
fn own_error(status: &Status) -> Option<&Error> {
    let mut cause = status.source();
    while let Some(error) = cause {
        if let Some(own) = error.downcast_ref::<Error>() {
            return Some(own);
        }
        cause = error.source();
    }
    None
}

/// A transport's own message is as little as "transport error"; its causes say more.
fn message(status: &Status) -> String {
    match status.source() {
        Some(cause) => format!("{}: {}", status.message(), chain(cause)),
        None => status.message().to_owned(),
    }
}

fn chain(error: &(dyn StdError + 'static)) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        let more = error.to_string();
        if !text.ends_with(&more) {
            text = format!("{text}: {more}");
        }
        cause = error.source();
    }
    text
}

impl fmt::Display for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.reason {
            Some(reason) => write!(formatter, "{:?} {reason}: {}", self.0.code, self.0.message),
            None => write!(formatter, "{:?}: {}", self.0.code, self.0.message),
        }
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, formatter)
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|cause| cause as _)
    }
}

impl From<Status> for Error {
    /// Reads `ErrorInfo`, `RetryInfo` and `BadRequest` of a status, such as one that a raw stub returned.
    fn from(status: Status) -> Self {
        Self::from_status(status)
    }
}

#[cfg(test)]
mod tests;
