//! A path of the API and its methods.

use actix_web::http::{Method, StatusCode, header};
use actix_web::web::{self, JsonConfig};
use actix_web::{FromRequest, Handler, HttpResponse, Resource, Responder, ResponseError};

use super::Problem;

/// A path; methods that it does not have are answered with those that it has.
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
    pub(super) fn takes(mut self, config: JsonConfig) -> Self {
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
