//! What went wrong, for programs and people: problem details (RFC 9457).

use std::fmt;

use actix_web::http::{StatusCode, header};
use actix_web::{HttpResponse, ResponseError};
use serde::Serialize;

use crate::accounts::{AccountError, Denied};
use crate::admin::{AdminError, Response};
use crate::refusal::RefusalKind;
use crate::storage::StorageError;

/// A refusal or failure, as the API answers it.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct Problem {
    /// Says no more than `code`: `about:blank`, as RFC 9457, section 4.2.1 has it.
    #[serde(rename = "type")]
    kind: &'static str,
    /// The status in words.
    title: &'static str,
    status: u16,
    /// A sentence for people.
    detail: String,
    /// For programs; stays the same.
    code: &'static str,
    /// What is wrong with single members of the request.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<Fault>,
    #[serde(skip)]
    retry_after: Option<u64>,
}

/// One member of a request that was not taken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Fault {
    /// RFC 6901.
    pub pointer: String,
    pub detail: String,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status: status.as_u16(),
            detail: detail.into(),
            code,
            errors: Vec::new(),
            retry_after: None,
        }
    }

    /// 404, the same for what there is not and for what is another group's.
    pub fn not_found() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "not_found",
            "There is no such thing here, or it is not yours to see.",
        )
    }

    pub fn invalid(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", detail)
    }

    pub fn malformed(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    pub fn unauthenticated(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated", detail)
    }

    pub fn forbidden(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden", detail)
    }

    pub fn conflict(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, "conflict", detail)
    }

    /// 503: it may be tried again.
    pub fn unavailable(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", detail)
    }

    /// 503: too much is under way.
    pub fn busy(seconds: u64, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", detail);
        problem.retry_after = Some(seconds);
        problem
    }

    /// 413.
    pub fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("The body is larger than the {limit} bytes that are taken here."),
        )
    }

    /// 500: a fault of the hub's, whose reason stands in its log.
    pub fn internal() -> Self {
        Self::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            "internal",
            "The hub could not do this; its log says why.",
        )
    }

    /// What the service layer refused.
    pub fn refused(kind: RefusalKind, text: &str) -> Self {
        match kind {
            RefusalKind::NotFound => Self::not_found(),
            RefusalKind::Conflict => Self::conflict(sentence(text)),
            RefusalKind::Forbidden => Self::forbidden(sentence(text)),
            RefusalKind::Invalid => Self::invalid(sentence(text)),
            RefusalKind::Busy => Self::busy(1, sentence(text)),
            RefusalKind::Unavailable => Self::unavailable(sentence(text)).retry_after(5),
            RefusalKind::Storage => {
                log::warn!("a request was not carried out error={text:?}");
                let detail = "The hub could not read or store it just now; nothing was changed.";
                Self::unavailable(detail).retry_after(5)
            }
        }
    }

    /// 429, with how many seconds to stay away.
    pub fn throttled(seconds: u64, detail: impl Into<String>) -> Self {
        let mut problem = Self::new(StatusCode::TOO_MANY_REQUESTS, "throttled", detail);
        problem.retry_after = Some(seconds);
        problem
    }

    #[must_use]
    pub fn retry_after(mut self, seconds: u64) -> Self {
        self.retry_after = Some(seconds);
        self
    }

    /// Names the member that is wrong; `pointer` by RFC 6901, such as `/name`.
    #[must_use]
    pub fn at(mut self, pointer: &str, detail: impl Into<String>) -> Self {
        self.errors.push(Fault {
            pointer: pointer.to_owned(),
            detail: detail.into(),
        });
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}: {}", self.status, self.code, self.detail)
    }
}

impl ResponseError for Problem {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        if let Some(seconds) = self.retry_after {
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
        }
        let body = serde_json::to_string(self).unwrap_or_default();
        response.content_type("application/problem+json").body(body)
    }
}

/// As a page shows it: the service layer writes for the end of a line.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence = match letters.next() {
        Some(first) => first.to_uppercase().chain(letters).collect(),
        None => String::new(),
    };
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

impl From<AdminError> for Problem {
    fn from(error: AdminError) -> Self {
        if let AdminError::Account(error) = error {
            return error.into();
        }
        match Response::from(error) {
            Response::Refused { kind, error, .. } => Self::refused(kind, &error),
            _ => Self::internal(),
        }
    }
}

impl From<StorageError> for Problem {
    fn from(error: StorageError) -> Self {
        Self::refused(RefusalKind::Storage, &error.to_string())
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unseen => Self::not_found(),
            Denied::Forbidden => Self::forbidden("Your role does not allow this."),
        }
    }
}

impl From<AccountError> for Problem {
    fn from(error: AccountError) -> Self {
        match error {
            AccountError::Invalid { pointer, text } => {
                Self::invalid(text.clone()).at(pointer, text)
            }
            AccountError::Unknown => Self::not_found(),
            AccountError::Forbidden(text) => Self::forbidden(text),
            AccountError::Conflict(text) => Self::conflict(text),
            AccountError::WrongPassword => Self::unauthenticated("Name or password is wrong."),
            AccountError::Throttled(seconds) => Self::throttled(
                seconds,
                format!("Too many wrong passwords. Try again in {seconds} seconds."),
            ),
            AccountError::Busy => Self::new(
                StatusCode::SERVICE_UNAVAILABLE,
                "busy",
                "Too many are logging in at once. Try again in a moment.",
            )
            .retry_after(1),
            AccountError::Storage(error) => {
                log::error!("accounts could not be changed error={error}");
                Self::unavailable(
                    "The hub cannot store anything at the moment. Nothing was changed.",
                )
            }
        }
    }
}
