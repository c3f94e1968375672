//! Uploads to a URL that AWS signed in advance, and that is a secret for as long as it is valid.

use std::fmt;

use aws_smithy_runtime_api::client::http::HttpConnector as _;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_types::body::SdkBody;

use super::{Service, connector};
use crate::clock;

/// The maximum number of tries of an upload, including the first. With the waits between them they
/// bridge a few seconds.
const ATTEMPTS_MAX: u32 = 10;

/// The reason why nothing was uploaded. It never contains the URL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UploadError {
    NotAUrl,
    Unreachable,
    Refused(u16),
}

impl fmt::Display for UploadError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAUrl => formatter.write_str("the address is not a URL"),
            Self::Unreachable => formatter.write_str("the address cannot be reached"),
            Self::Refused(status) => write!(formatter, "it was refused with {status}"),
        }
    }
}

impl std::error::Error for UploadError {}

/// Uploads a text to the URL, and tries again if that fails. Sends no content type, because the
/// signature covers an empty one.
///
/// # Errors
/// Fails with the reason of the last try.
pub async fn upload(url: &str, text: &str) -> Result<(), UploadError> {
    let mut failed = UploadError::NotAUrl;
    for tried in 0..ATTEMPTS_MAX {
        clock::pause_before(tried).await;
        match put(url, text).await {
            Ok(()) => return Ok(()),
            Err(UploadError::NotAUrl) => return Err(UploadError::NotAUrl),
            Err(error) => failed = error,
        }
    }
    Err(failed)
}

async fn put(url: &str, text: &str) -> Result<(), UploadError> {
    let mut request = HttpRequest::new(SdkBody::from(text));
    request.set_method("PUT").map_err(|_| UploadError::NotAUrl)?;
    request.set_uri(url).map_err(|_| UploadError::NotAUrl)?;
    // The URL is one of S3, whose certificates have the same roots as those of the other services.
    let connector = connector(Service::Ssm).map_err(|_| UploadError::Unreachable)?;
    let response = connector.call(request).await.map_err(|_| UploadError::Unreachable)?;
    let status = response.status();
    if status.is_success() { Ok(()) } else { Err(UploadError::Refused(status.as_u16())) }
}
