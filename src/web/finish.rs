//! What was begun is finished though whoever asked has gone: a handler is dropped with its connection.

use std::future::Future;

use crate::accounts::AccountError;

/// # Errors
/// Those of the work.
pub(super) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, AccountError>> + Send + 'static,
) -> Result<T, AccountError> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|_| {
        Err(AccountError::Conflict(
            "The hub broke this off; look whether it was done.".into(),
        ))
    })
}
