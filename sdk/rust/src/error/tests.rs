use tonic_types::ErrorDetails;

use super::*;

fn error(code: Code, domain: &str, reason: &str, retry_after: Option<Duration>) -> Error {
    let mut details = ErrorDetails::new();
    details.set_error_info(
        reason,
        domain,
        [("epoch".to_owned(), "0a1b2c3d".to_owned())],
    );
    if retry_after.is_some() {
        details.set_retry_info(retry_after);
    }
    Status::with_error_details(code, "said by the test", details).into()
}

#[test]
fn a_reason_of_the_catalogue_decides() {
    assert!(error(Code::Unavailable, DOMAIN, "OVERLOADED", None).retryable());
    assert!(!error(Code::Internal, DOMAIN, "INTERNAL", None).retryable());
    assert!(!error(Code::FailedPrecondition, DOMAIN, "EPOCH_MISMATCH", None).retryable());
}

#[test]
fn retry_info_makes_a_reason_retryable() {
    let asked = Some(Duration::from_millis(1500));
    let error = error(Code::FailedPrecondition, DOMAIN, "EPOCH_MISMATCH", asked);
    assert!(error.retryable());
    assert_eq!(error.retry_after(), asked);
}

#[test]
fn an_unknown_reason_is_judged_by_its_code() {
    assert!(error(Code::Unavailable, DOMAIN, "OF_TOMORROW", None).retryable());
    assert!(!error(Code::InvalidArgument, DOMAIN, "OF_TOMORROW", None).retryable());
}

#[test]
fn a_reason_of_another_domain_is_not_ours() {
    let error = error(Code::Unavailable, "elsewhere", "INTERNAL", None);
    assert_eq!((error.reason(), error.retryable()), (None, true));
    assert!(error.metadata().is_empty());
}

#[test]
fn the_parts_of_a_status_are_kept() {
    let error = error(Code::FailedPrecondition, DOMAIN, "EPOCH_MISMATCH", None);
    assert_eq!(error.code(), Code::FailedPrecondition);
    assert_eq!(error.reason(), Some("EPOCH_MISMATCH"));
    assert_eq!(error.message(), "said by the test");
    assert_eq!(error.metadata()["epoch"], "0a1b2c3d");
    assert_eq!(
        error.to_string(),
        "FailedPrecondition EPOCH_MISMATCH: said by the test"
    );
}

#[test]
fn codes_without_a_reason_decide() {
    let retryable = |code| Error::from(Status::new(code, "")).retryable();
    for code in [
        Code::Cancelled,
        Code::Unknown,
        Code::DeadlineExceeded,
        Code::ResourceExhausted,
        Code::Aborted,
        Code::Internal,
        Code::Unavailable,
    ] {
        assert!(retryable(code), "{code:?}");
    }
    for code in [
        Code::InvalidArgument,
        Code::NotFound,
        Code::AlreadyExists,
        Code::PermissionDenied,
        Code::FailedPrecondition,
        Code::OutOfRange,
        Code::Unimplemented,
        Code::DataLoss,
        Code::Unauthenticated,
    ] {
        assert!(!retryable(code), "{code:?}");
    }
}

#[test]
fn an_error_of_this_crate_survives_its_way_through_tonic() {
    let own = Error::local(Code::Unauthenticated, "the provider failed");
    let status = Status::from_error(Box::new(own));
    let error = Error::from(status);
    assert_eq!(
        (error.code(), error.message()),
        (Code::Unauthenticated, "the provider failed")
    );
}

#[test]
fn fields_at_fault_are_named() {
    let mut details = ErrorDetails::with_error_info("EMPTY_FILTER", DOMAIN, []);
    details.add_bad_request_violation("filters[\"q\"]", "has no condition");
    let error = Error::from(Status::with_error_details(
        Code::InvalidArgument,
        "",
        details,
    ));
    assert_eq!(error.field_violations()[0].field, "filters[\"q\"]");
}
