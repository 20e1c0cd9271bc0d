//! `/api/v1`: everything that the pages do, for programs as well. One resource a file.

use actix_web::web::{self, ServiceConfig};

/// Everything under `/api/v1`.
pub(super) fn routes(config: &mut ServiceConfig) {
    config.service(web::scope("/api/v1"));
}
