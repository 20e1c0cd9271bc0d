//! `/api/v1`: everything that the pages do, for programs as well. One resource a file.

pub(super) mod discovered;
pub(super) mod events;
pub(super) mod session;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, ResponseError};

use super::guard::guard;
use super::{Problem, faults, live};

/// Everything under `/api/v1`.
pub(super) fn routes(config: &mut ServiceConfig) {
    let api = web::scope("/api/v1")
        .wrap(from_fn(guard))
        .configure(faults::configure)
        .configure(session::routes)
        .configure(events::routes)
        .configure(discovered::routes)
        .service(web::resource("/live").route(web::get().to(live::live)))
        .default_service(web::to(nothing));
    config.service(api);
}

async fn nothing() -> HttpResponse {
    Problem::not_found().error_response()
}
