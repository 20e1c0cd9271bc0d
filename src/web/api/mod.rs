//! `/api/v1`: everything that the pages do, for programs as well. One resource a file.

mod alarms;
mod audit;
mod capabilities;
mod channels;
mod commands;
mod device_import;
mod device_list;
mod devices;
mod discovered;
mod events;
mod find;
mod gauge;
mod groups;
mod health;
mod overview;
mod readings;
mod readings_csv;
mod retention;
mod rules;
mod schedules;
mod session;
mod settings;
mod tokens;
mod users;

use actix_web::middleware::from_fn;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpResponse, ResponseError};
use utoipa::OpenApi;

use super::guard::guard;
use super::idempotency::once;
use super::{Problem, faults, live, openapi};

/// Everything under `/api/v1`.
pub(super) fn routes(config: &mut ServiceConfig) {
    let api = web::scope("/api/v1")
        // The last is the first that a request meets.
        .wrap(from_fn(once))
        .wrap(from_fn(guard))
        .configure(faults::configure)
        .app_data(web::Data::new(gauge::Heavy::default()))
        .configure(session::routes)
        .configure(tokens::routes)
        .configure(users::routes)
        .configure(audit::routes)
        .configure(openapi::routes)
        .configure(groups::routes)
        .configure(overview::routes)
        .configure(device_import::routes)
        .configure(devices::routes)
        .configure(capabilities::routes)
        .configure(readings::routes)
        .configure(readings_csv::routes)
        .configure(commands::routes)
        .configure(alarms::routes)
        .configure(rules::routes)
        .configure(schedules::routes)
        .configure(channels::routes)
        .configure(retention::routes)
        .configure(health::routes)
        .configure(settings::routes)
        .configure(events::routes)
        .configure(discovered::routes)
        .configure(live::routes)
        .default_service(web::to(nothing));
    config.service(api).configure(openapi::browser);
}

async fn nothing() -> HttpResponse {
    Problem::not_found().error_response()
}

/// What each resource says of itself.
pub(super) fn described() -> Vec<utoipa::openapi::OpenApi> {
    vec![
        openapi::Docs::openapi(),
        session::Docs::openapi(),
        tokens::Docs::openapi(),
        users::Docs::openapi(),
        audit::Docs::openapi(),
        groups::Docs::openapi(),
        overview::Docs::openapi(),
        devices::Docs::openapi(),
        device_import::Docs::openapi(),
        capabilities::Docs::openapi(),
        readings::Docs::openapi(),
        readings_csv::Docs::openapi(),
        commands::Docs::openapi(),
        alarms::Docs::openapi(),
        rules::Docs::openapi(),
        schedules::Docs::openapi(),
        channels::Docs::openapi(),
        retention::Docs::openapi(),
        health::Docs::openapi(),
        settings::Docs::openapi(),
        events::Docs::openapi(),
        discovered::Docs::openapi(),
        live::Docs::openapi(),
    ]
}
