//! Who calls, as AWS's Security Token Service answers it: `GetCallerIdentity`, which needs no permission and is asked as a form.

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, header};

use crate::ids::ACCOUNT;

/// The role that everyone has who calls the practice contact center.
const ROLE: &str = "connect-desk-practice";

pub(crate) fn is_asked(request: &Request<Bytes>) -> bool {
    request.method() == Method::POST
        && request.uri().path() == "/"
        && request.body().split(|byte| *byte == b'&').any(|pair| pair == b"Action=GetCallerIdentity")
}

pub(crate) fn answer(request_id: &str) -> Response<Bytes> {
    let body = format!(
        "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
         <Arn>arn:aws:sts::{ACCOUNT}:assumed-role/{ROLE}/practice</Arn><UserId>AROAPRACTICE:practice</UserId>\
         <Account>{ACCOUNT}</Account></GetCallerIdentityResult><ResponseMetadata><RequestId>{request_id}</RequestId>\
         </ResponseMetadata></GetCallerIdentityResponse>"
    );
    let mut response = Response::new(Bytes::from(body));
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("text/xml"));
    response
}
