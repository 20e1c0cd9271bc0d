//! How requests are taken in: what cannot be read is answered with a problem, whichever handler it is for.

use std::fmt::Display;

use actix_web::error::{JsonPayloadError, PathError, QueryPayloadError};
use actix_web::http::{Method, StatusCode, header};
use actix_web::{FromRequest, HttpResponse, ResponseError};
use actix_web::{Handler, HttpRequest, Resource, Responder, web};

use super::Problem;

/// Bytes of a body at most.
pub(super) const MAX_BODY: usize = 1 << 20;

/// Bytes of a device file at most.
pub(super) const MAX_IMPORT: usize = 16 << 20;

/// Bodies in JSON of at most `most` bytes.
pub(super) fn json(most: usize) -> web::JsonConfig {
    web::JsonConfig::default()
        .limit(most)
        .error_handler(|error, _| unreadable(&error).into())
}

/// What stands behind the `?`.
pub(super) fn query() -> web::QueryConfig {
    web::QueryConfig::default().error_handler(|error, _| {
        let QueryPayloadError::Deserialize(why) = &error else {
            return Problem::malformed("The query cannot be read.").into();
        };
        Problem::malformed(format!("The query cannot be read: {why}.")).into()
    })
}

/// What stands in the path: what is no number names nothing.
pub(super) fn path() -> web::PathConfig {
    web::PathConfig::default().error_handler(|_: PathError, _| Problem::not_found().into())
}

fn unreadable(error: &JsonPayloadError) -> Problem {
    match error {
        JsonPayloadError::OverflowKnownLength { limit, .. }
        | JsonPayloadError::Overflow { limit } => Problem::too_large(*limit),
        JsonPayloadError::ContentType => Problem::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "The body has to be JSON, and Content-Type has to say so: application/json.",
        ),
        JsonPayloadError::Deserialize(why) if why.is_data() => {
            Problem::invalid(format!("The body does not fit: {}.", place(why)))
        }
        JsonPayloadError::Deserialize(why) => {
            Problem::malformed(format!("The body is no JSON: {}.", place(why)))
        }
        _ => Problem::malformed("The body did not come whole."),
    }
}

fn place(why: &impl Display) -> String {
    why.to_string()
}

/// A path of the API; methods that it does not have are answered with those that it has.
pub(super) struct At {
    resource: Resource,
    allowed: Vec<&'static str>,
}

pub(super) fn at(path: &str) -> At {
    At {
        resource: Resource::new(path),
        allowed: Vec::new(),
    }
}

macro_rules! method {
    ($name:ident, $method:ident) => {
        pub(super) fn $name<F, Args>(mut self, handler: F) -> Self
        where
            F: Handler<Args>,
            Args: FromRequest + 'static,
            F::Output: Responder + 'static,
        {
            self.allowed.push(stringify!($method));
            let route = web::method(Method::$method).to(handler);
            self.resource = self.resource.route(route);
            self
        }
    };
}

impl At {
    method!(get, GET);
    method!(post, POST);
    method!(put, PUT);
    method!(patch, PATCH);
    method!(delete, DELETE);

    /// Bodies of other sizes than usual.
    pub(super) fn takes(mut self, config: web::JsonConfig) -> Self {
        self.resource = self.resource.app_data(config);
        self
    }

    pub(super) fn done(self) -> Resource {
        let allowed = self.allowed.join(", ");
        self.resource.default_service(web::to(move || {
            let allowed = allowed.clone();
            async move { not_allowed(&allowed) }
        }))
    }
}

fn not_allowed(allowed: &str) -> HttpResponse {
    let detail = format!("This path takes {allowed}.");
    let problem = Problem::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", detail);
    let mut response = problem.error_response();
    if let Ok(value) = header::HeaderValue::from_str(allowed) {
        response.headers_mut().insert(header::ALLOW, value);
    }
    response
}

/// What no path of the API is for.
pub(super) async fn nothing_here(_: HttpRequest) -> HttpResponse {
    Problem::not_found().error_response()
}
