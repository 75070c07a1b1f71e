//! What an answer of AWS means.

use aws_runtime::retries::classifiers::THROTTLING_ERRORS;
use connect_desk::systems::aws::{Answer, Doubt, sort_error, unauthenticated};

#[test]
fn a_wrong_clock_and_expired_credentials_are_told_from_everything_else() {
    let clock = "Signature expired: 20261120T091000Z is now earlier than 20261120T091500Z";
    let token = "The security token included in the request is expired";
    for (code, message, told) in [
        ("InvalidSignatureException", clock, "clock_skewed"),
        ("AccessDeniedException", "Signature not yet current: 20261120T092000Z", "clock_skewed"),
        ("RequestTimeTooSkewed", "", "clock_skewed"),
        ("ExpiredTokenException", "", "credentials_expired"),
        ("InvalidRequestException", token, "credentials_expired"),
        ("UnrecognizedClientException", token, "credentials_expired"),
        ("UnrecognizedClientException", "The security token is invalid", "unauthenticated"),
    ] {
        let Answer::Unauthenticated { code: name } =
            sort_error(403, code, message, &["InvalidRequestException"])
        else {
            panic!("{code} {message}")
        };
        assert_eq!(unauthenticated(&name).code, told, "{code} {message}");
    }
}

#[test]
fn a_missing_permission_is_told_from_a_state_that_has_the_same_error() {
    let user = "User: arn:aws:sts::1:assumed-role/desk/d is not authorized to perform: connect:PutUserStatus on resource: r";
    let state = "The agent isn't signed in.";
    const DENIED: &str = "AccessDeniedException";
    for (declared, message, is_permission) in [
        (&[][..], user, true),
        (&[], state, true),
        (&[], "", true),
        (&[DENIED], user, true),
        (&[DENIED], "", true),
        (&[DENIED], state, false),
    ] {
        let (code, message) = (DENIED.to_owned(), message.to_owned());
        let told = sort_error(403, DENIED, &message, declared);
        let meant = match is_permission {
            true => Answer::NotAllowed { code, message },
            false => Answer::Refused { code, message },
        };
        assert_eq!(told, meant, "{declared:?}");
    }
}

#[test]
fn only_what_is_known_to_be_a_refusal_is_one() {
    let sorted =
        |status, code| sort_error(status, code, "", &["InvalidRequestException", "LimitExceededException"]);
    let failed = |status, code: &str| Answer::Unknown(Doubt::Failed { status, code: code.to_owned() });
    for (status, code) in
        [(400, "InvalidRequestException"), (429, "LimitExceededException"), (400, "ValidationException")]
    {
        assert_eq!(sorted(status, code), Answer::Refused { code: code.to_owned(), message: String::new() });
    }
    for code in THROTTLING_ERRORS.iter().filter(|code| **code != "LimitExceededException") {
        assert_eq!(sorted(400, code), Answer::Throttled, "{code}");
        assert_eq!(sorted(503, code), Answer::Throttled, "{code}");
    }
    assert_eq!(sort_error(400, "LimitExceededException", "", &[]), Answer::Throttled);
    for (status, code) in [
        (500, "InvalidRequestException"),
        (400, "InvalidParameterException"),
        (400, "RequestTimeout"),
        (408, "RequestTimeoutException"),
        (400, "RequestAbortedException"),
        (418, "Teapot"),
        (429, ""),
        (403, ""),
        (404, ""),
        (302, "AccessDeniedException"),
        (503, "ServiceUnavailable"),
    ] {
        assert_eq!(sorted(status, code), failed(status, code));
    }
}
