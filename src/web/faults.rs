//! Requests that cannot be read, in the words of the API.

use actix_web::error::{JsonPayloadError, QueryPayloadError};
use actix_web::http::StatusCode;
use actix_web::web::{JsonConfig, PathConfig, PayloadConfig, QueryConfig, ServiceConfig};

use super::Problem;

/// Bytes of a body at most; what may be longer says so itself.
pub(super) const BODY: usize = 1 << 20;

/// And of those.
pub(super) const LARGEST: usize = 16 << 20;

pub(super) fn configure(config: &mut ServiceConfig) {
    config
        .app_data(json_config(BODY))
        .app_data(PayloadConfig::new(LARGEST))
        .app_data(QueryConfig::default().error_handler(|error, _| query(&error).into()))
        // What is no id is the id of nothing.
        .app_data(PathConfig::default().error_handler(|_, _| Problem::not_found().into()));
}

pub(super) fn json_config(bytes: usize) -> JsonConfig {
    JsonConfig::default()
        .limit(bytes)
        .error_handler(|error, _| json(&error).into())
}

fn json(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::Overflow { limit }
        | JsonPayloadError::OverflowKnownLength { limit, .. } => Problem::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body has more than {limit} bytes."),
        ),
        JsonPayloadError::ContentType => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body has to be JSON, with Content-Type: application/json.",
        ),
        JsonPayloadError::Deserialize(error) if error.is_data() => Problem::invalid(format!(
            "The body is JSON, but not as it should be: {error}."
        )),
        JsonPayloadError::Deserialize(error) => {
            Problem::malformed(format!("The body is no JSON: {error}."))
        }
        other => Problem::malformed(format!("The body cannot be read: {other}.")),
    }
}

fn query(error: &QueryPayloadError) -> Problem {
    match error {
        QueryPayloadError::Deserialize(why) => {
            Problem::malformed(format!("What stands behind the ? cannot be read: {why}."))
        }
        _ => Problem::malformed("What stands behind the ? cannot be read."),
    }
}
