//! What a user has open: sessions, and tokens of programs.

use std::collections::BTreeSet;

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{OpenApi, ToSchema};

use super::session::needs_session;
use crate::accounts::{Actor, Caller, NewToken, Note, Scope, Token, Via};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::finish::to_the_end;
use crate::web::page::List;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(sessions, end_session, tokens, add_token, remove_token))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/me/sessions").get(sessions).done())
        .service(at("/me/sessions/{id}").delete(end_session).done())
        .service(at("/me/tokens").get(tokens).post(add_token).done())
        .service(at("/me/tokens/{id}").delete(remove_token).done());
}

/// A browser that is logged in.
#[derive(Serialize, ToSchema)]
struct SessionInfo {
    id: i64,
    created_ms: i64,
    seen_ms: i64,
    expires_ms: i64,
    /// The address that logged in.
    from: String,
    /// What the browser called itself.
    agent: String,
    /// The one that asks.
    current: bool,
}

/// My sessions, the oldest first.
#[utoipa::path(get, path = "/me/sessions", tag = "session",
    responses((status = 200, description = "The sessions", body = List<SessionInfo>)))]
async fn sessions(
    caller: Caller,
    site: web::Data<Site>,
) -> Result<web::Json<List<SessionInfo>>, Problem> {
    needs_session(&caller)?;
    let own = site.accounts.read().sessions_of(caller.user);
    let shown = own.iter().map(|session| SessionInfo {
        id: session.id,
        created_ms: session.created_ms,
        seen_ms: session.seen_ms(),
        expires_ms: site.accounts.session_ends(session),
        from: session.from.clone(),
        agent: session.agent.clone(),
        current: caller.via == Via::Session(session.id),
    });
    Ok(web::Json(List::whole(shown.collect())))
}

/// Ends one of my sessions.
#[utoipa::path(delete, path = "/me/sessions/{id}", tag = "session", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "It is over")))]
async fn end_session(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    needs_session(&caller)?;
    let id = id.into_inner();
    to_the_end(async move {
        site.accounts.end_session(caller.user, id).await?;
        note(&caller, &site, "user.session_end", format!("session {id}")).await;
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// A token, without its secret.
#[derive(Serialize, ToSchema)]
struct TokenInfo {
    id: i64,
    name: String,
    scope: Scope,
    /// By name; null: all that its owner has.
    groups: Option<Vec<String>>,
    created_ms: i64,
    expires_ms: i64,
    used_ms: Option<i64>,
}

/// My tokens, the oldest first.
#[utoipa::path(get, path = "/me/tokens", tag = "session",
    responses((status = 200, description = "The tokens", body = List<TokenInfo>)))]
async fn tokens(
    caller: Caller,
    site: web::Data<Site>,
) -> Result<web::Json<List<TokenInfo>>, Problem> {
    needs_session(&caller)?;
    let own = site.accounts.read().tokens_of(caller.user);
    let shown = own.iter().map(|token| info(&site, token));
    Ok(web::Json(List::whole(shown.collect())))
}

/// A token to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AddToken {
    #[schema(min_length = 1, max_length = 128)]
    name: String,
    scope: Scope,
    /// By name; null, or not said: all that I have, those to come included.
    groups: Option<Vec<String>>,
    /// Within the next 366 days.
    expires_ms: i64,
}

/// A token that was made.
#[derive(Serialize, ToSchema)]
struct MadeToken {
    #[serde(flatten)]
    info: TokenInfo,
    /// For `Authorization: Bearer`; it is shown in this answer and never again.
    token: String,
}

/// Makes a token.
#[utoipa::path(post, path = "/me/tokens", tag = "session", request_body = AddToken,
    responses((status = 201, description = "The token is made", body = MadeToken),
        (status = 409, description = "You have one of that name, or too many", body = Problem)))]
async fn add_token(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<AddToken>,
) -> Result<HttpResponse, Problem> {
    needs_session(&caller)?;
    let asked = body.into_inner();
    let groups: Option<BTreeSet<_>> = asked
        .groups
        .map(|names| {
            let registry = site.registry.read();
            let found = names.iter().map(|name| registry.group_named(name));
            found.collect::<Option<_>>().ok_or_else(Problem::not_found)
        })
        .transpose()?;
    let new = NewToken {
        name: asked.name,
        scope: asked.scope,
        groups,
        expires_ms: asked.expires_ms,
    };
    let made = to_the_end(async move {
        let (token, secret) = site.accounts.add_token(&caller, new).await?;
        let target = format!("token {} {}", token.name, token.scope.name());
        note(&caller, &site, "user.token_add", target).await;
        Ok(MadeToken {
            info: info(&site, &token),
            token: secret.as_str().to_owned(),
        })
    });
    Ok(HttpResponse::Created().json(made.await?))
}

/// Takes a token back: it works no more.
#[utoipa::path(delete, path = "/me/tokens/{id}", tag = "session", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "It is gone")))]
async fn remove_token(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    needs_session(&caller)?;
    let id = id.into_inner();
    to_the_end(async move {
        let name = site.accounts.remove_token(caller.user, id).await?;
        note(&caller, &site, "user.token_remove", format!("token {name}")).await;
        Ok(())
    })
    .await?;
    Ok(HttpResponse::NoContent().finish())
}

fn info(site: &Site, token: &Token) -> TokenInfo {
    let registry = site.registry.read();
    let name = |group: &crate::registry::GroupId| {
        let there = registry.has_group(*group);
        there.then(|| registry.group_name(*group).to_string())
    };
    TokenInfo {
        id: token.id,
        name: token.name.clone(),
        scope: token.scope,
        groups: token
            .groups
            .as_ref()
            .map(|groups| groups.iter().filter_map(name).collect()),
        created_ms: token.created_ms,
        expires_ms: token.expires_ms,
        used_ms: token.used_ms(),
    }
}

async fn note(caller: &Caller, site: &Site, action: &'static str, target: String) {
    let groups = {
        let registry = site.registry.read();
        let own = caller.groups.iter().flat_map(|groups| groups.iter());
        own.map(|group| (group.0, registry.group_name(*group).to_string()))
            .collect()
    };
    let note = Note {
        action,
        target,
        detail: String::new(),
        groups,
    };
    site.accounts.note(&Actor::from(caller), note).await;
}
