//! The description of the API (OpenAPI 3.1), gathered from the resources, and a page to browse it.

use std::sync::OnceLock;

use actix_web::web::{self, Bytes};
use actix_web::{HttpResponse, http::header};
use utoipa::openapi::path::{HttpMethod, Operation, ParameterBuilder, ParameterIn, PathItem};
use utoipa::openapi::schema::{ObjectBuilder, SchemaType, Type};
use utoipa::openapi::security::{
    ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityRequirement, SecurityScheme,
};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi as Description, Ref, RefOr, Required, ResponseBuilder,
    Server,
};
use utoipa::{OpenApi, ToSchema};
use utoipa_swagger_ui::{Config, SwaggerUi};

use super::at::at;
use super::page::Limit;
use super::{Problem, api};
use crate::accounts::Caller;

/// Where the API is.
const BASE: &str = "/api/v1";

#[derive(OpenApi)]
#[openapi(paths(describe), components(schemas(Problem, Limit)))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config.service(at("/openapi.json").get(describe).done());
}

/// A page to browse the description and try it. Its files hold no secret; what they show is asked for with the
/// browser's session.
pub(super) fn browser(config: &mut web::ServiceConfig) {
    // The other layout brings a bar with a drawn name, which needs an inline style: the policy of
    // `security` allows none, and nothing else here wants one.
    let shown = Config::new([format!("{BASE}/openapi.json")])
        .use_base_layout()
        .validator_url("none");
    config
        .route("/api/docs", web::get().to(into_folder))
        .service(SwaggerUi::new("/api/docs/{_:.*}").config(shown));
}

/// Its files are named relative to the folder.
async fn into_folder() -> HttpResponse {
    HttpResponse::PermanentRedirect()
        .insert_header((header::LOCATION, "/api/docs/"))
        .finish()
}

/// This description.
#[utoipa::path(get, path = "/openapi.json", tag = "hub",
    responses((status = 200, description = "OpenAPI 3.1", body = serde_json::Value)))]
async fn describe(_: Caller) -> HttpResponse {
    static JSON: OnceLock<Bytes> = OnceLock::new();
    let json = JSON.get_or_init(|| {
        let json = description().to_json().unwrap_or_default();
        json.into()
    });
    HttpResponse::Ok()
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(json.clone())
}

/// Everything that the resources say of themselves, and what holds for all of them.
pub(super) fn description() -> Description {
    let mut all = Description::default();
    for resource in api::described() {
        all.merge(resource);
    }
    all.info = InfoBuilder::new()
        .title("Device hub")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .build();
    all.servers = Some(vec![Server::new(BASE)]);
    for (path, item) in &mut all.paths.paths {
        for (method, operation) in operations(item) {
            complete(path, &method, operation);
        }
    }
    secure(&mut all);
    all
}

const ABOUT: &str = "Times are Unix milliseconds. Lists come in pages: `next` of one is `cursor` of the next. Refusals are problem \
details (RFC 9457) whose `code` stays the same. A browser's session needs `X-CSRF-Token` (from `GET /me`) with every change; programs \
send a token. `Idempotency-Key` on a POST lets it be sent again without being done again.";

fn operations(item: &mut PathItem) -> Vec<(HttpMethod, &mut Operation)> {
    let all = [
        (HttpMethod::Get, item.get.as_mut()),
        (HttpMethod::Post, item.post.as_mut()),
        (HttpMethod::Put, item.put.as_mut()),
        (HttpMethod::Patch, item.patch.as_mut()),
        (HttpMethod::Delete, item.delete.as_mut()),
    ];
    let there = all.into_iter();
    there
        .filter_map(|(method, operation)| Some((method, operation?)))
        .collect()
}

/// Ways in, for those who are nobody yet.
fn is_open(path: &str) -> bool {
    path == "/login" || path == "/enter" || path.starts_with("/setup")
}

/// What can happen to any request of this sort.
fn complete(path: &str, method: &HttpMethod, operation: &mut Operation) {
    let verb = verb(method);
    let name = path.replace(['/', '{', '}', '.'], "_");
    operation.operation_id = Some(format!("{verb}{}", name.trim_end_matches('_')));
    let changes = *method != HttpMethod::Get;
    let mut can = vec![
        ("400", "It cannot be read (malformed)"),
        ("401", "Nobody is logged in, or the token is wrong"),
        ("403", "Role, scope, CSRF token or origin do not allow it"),
        ("422", "It can be read, but is wrong (invalid)"),
        ("429", "Too many requests; Retry-After says when"),
        ("500", "A fault of the hub's"),
        ("503", "Not now; Retry-After says when"),
        (
            "404",
            "There is no such thing here, or it is not yours to see",
        ),
    ];
    if operation.request_body.is_some() {
        can.push(("413", "The body is too large"));
        can.push(("415", "The body is not JSON"));
    }
    if *method == HttpMethod::Post {
        can.push((
            "409",
            "As things stand it cannot be, or a request with this Idempotency-Key is under way",
        ));
        operation
            .parameters
            .get_or_insert_default()
            .push(idempotency_key().into());
    }
    for (status, description) in can {
        let known = &mut operation.responses.responses;
        known
            .entry(status.to_owned())
            .or_insert_with(|| problem(description));
    }
    // All of the hub's refusals are of one type, whatever the resource says of its own.
    for (status, response) in &mut operation.responses.responses {
        if let (true, RefOr::T(own)) = (status.starts_with(['4', '5']), &*response) {
            *response = problem(&own.description.clone());
        }
    }
    if !is_open(path) {
        let none: [&str; 0] = [];
        let token = SecurityRequirement::new("token", none);
        let session = SecurityRequirement::new("session", none);
        let session = if changes {
            session.add("csrf", none)
        } else {
            session
        };
        operation.security = Some(vec![token, session]);
    }
}

fn verb(method: &HttpMethod) -> &'static str {
    match method {
        HttpMethod::Get => "get",
        HttpMethod::Post => "post",
        HttpMethod::Put => "put",
        HttpMethod::Patch => "patch",
        HttpMethod::Delete => "delete",
        _ => "other",
    }
}

fn problem(description: &str) -> RefOr<utoipa::openapi::Response> {
    let schema = Ref::from_schema_name(Problem::name());
    let content = ContentBuilder::new().schema(Some(schema)).build();
    ResponseBuilder::new()
        .description(description)
        .content("application/problem+json", content)
        .into()
}

fn idempotency_key() -> utoipa::openapi::path::Parameter {
    let text = ObjectBuilder::new()
        .schema_type(SchemaType::new(Type::String))
        .min_length(Some(1))
        .max_length(Some(128))
        .pattern(Some("^[!-~]+$"));
    ParameterBuilder::new()
        .name("Idempotency-Key")
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(
            "The same request with the same key is done once; further ones get its answer for 24 hours",
        ))
        .schema(Some(text))
        .build()
}

fn secure(all: &mut Description) {
    let components = all.components.get_or_insert_default();
    let session = ApiKeyValue::with_description("hub_session", "Set by POST /login");
    let csrf = ApiKeyValue::with_description("X-CSRF-Token", "`csrf` of GET /me");
    let schemes = [
        (
            "token",
            SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)),
        ),
        ("session", SecurityScheme::ApiKey(ApiKey::Cookie(session))),
        ("csrf", SecurityScheme::ApiKey(ApiKey::Header(csrf))),
    ];
    for (name, scheme) in schemes {
        components.add_security_scheme(name, scheme);
    }
}
