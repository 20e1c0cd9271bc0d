//! The dashboard's pages, which the build made from `static/`; they are part of the binary.

use actix_web::http::header;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpRequest, HttpResponse};
use rust_embed::{Embed, EmbeddedFile};

/// A debug build reads them from this folder as it runs, so that pages can be worked on without a new binary.
#[derive(Embed)]
#[folder = "static/dist/"]
struct Pages;

/// Names carry a hash of what is inside: such a file never changes.
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// `/` and `/assets/...`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .route("/", web::get().to(index))
        .route("/favicon.ico", web::get().to(icon))
        .route("/assets/{name}", web::get().to(asset));
}

async fn index(request: HttpRequest) -> HttpResponse {
    // Asked for anew each time, and answered in short if it is the same: an update of the hub shows at the next visit.
    answer(&request, "index.html", "no-cache")
}

async fn icon() -> HttpResponse {
    HttpResponse::NoContent().finish()
}

async fn asset(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    answer(&request, &format!("assets/{name}"), FOR_EVER)
}

fn answer(request: &HttpRequest, path: &str, caching: &'static str) -> HttpResponse {
    let Some(file) = Pages::get(path) else {
        return HttpResponse::NotFound()
            .content_type("text/plain; charset=utf-8")
            .body("There is no such page.\n");
    };
    let tag = format!("\"{}\"", hex::encode(file.metadata.sha256_hash()));
    let mut response = if has(request, header::IF_NONE_MATCH, &tag) {
        HttpResponse::NotModified()
    } else {
        HttpResponse::Ok()
    };
    response
        .insert_header((header::ETAG, tag.clone()))
        .insert_header((header::CACHE_CONTROL, caching))
        .insert_header((header::VARY, "Accept-Encoding"));
    if has(request, header::IF_NONE_MATCH, &tag) {
        return response.finish();
    }
    response.content_type(media_type(path));
    // Compressed once, by the build.
    let packed = Pages::get(&format!("{path}.gz"));
    match packed.filter(|_| has(request, header::ACCEPT_ENCODING, "gzip")) {
        Some(packed) => response
            .insert_header((header::CONTENT_ENCODING, "gzip"))
            .body(bytes(packed)),
        None => response.body(bytes(file)),
    }
}

fn bytes(file: EmbeddedFile) -> Vec<u8> {
    file.data.into_owned()
}

/// Whether one of the header's values, without its parameters, is this one.
fn has(request: &HttpRequest, name: header::HeaderName, wanted: &str) -> bool {
    let mut values = request.headers().get_all(name);
    values.any(|value| {
        let mut items = value.to_str().unwrap_or_default().split(',');
        items.any(|item| item.split(';').next().map(str::trim) == Some(wanted))
    })
}

fn media_type(path: &str) -> &'static str {
    match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("html") => "text/html; charset=utf-8",
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "webmanifest" | "map") => "application/json",
        _ => "application/octet-stream",
    }
}
