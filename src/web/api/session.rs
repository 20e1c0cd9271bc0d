//! In, out, and who I am.

use actix_web::http::StatusCode;
use actix_web::web::{self, ServiceConfig};
use actix_web::{HttpMessage, HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use utoipa::OpenApi;

use crate::accounts::{
    AccountError, Caller, Entered, Entering, LinkInfo, Role, Scope, Via, csrf_token,
};
use crate::notify::hub_name;
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::finish::to_the_end;
use crate::web::guard::{SessionCookie, no_cookie, session_cookie, session_secret};
use crate::web::origin::source;
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(
    log_in,
    set_up,
    show_link,
    enter,
    log_out,
    me,
    change_me,
    change_password
))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut ServiceConfig) {
    config
        .service(at("/login").post(log_in).done())
        .service(at("/logout").post(log_out).done())
        .service(at("/setup").post(set_up).done())
        .service(at("/setup/{token}").get(show_link).done())
        .service(at("/enter").post(enter).done())
        .service(at("/me").get(me).patch(change_me).done())
        .service(at("/me/password").post(change_password).done());
}

/// Who the caller is.
#[derive(Serialize, utoipa::ToSchema)]
struct Me {
    id: i64,
    name: String,
    role: Role,
    /// By name; of an administrator all that there are.
    groups: Vec<String>,
    /// To be sent as X-CSRF-Token with every change; empty with a token.
    csrf: String,
    via: ViaName,
    /// Of a token.
    scope: Option<Scope>,
    /// en, es, or empty: as the browser says.
    language: String,
    hub: HubName,
    /// When the session or token ends; a session's end moves with its use.
    expires_ms: i64,
}

#[derive(Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
enum ViaName {
    Session,
    Token,
}

#[derive(Serialize, utoipa::ToSchema)]
struct HubName {
    name: String,
    version: &'static str,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct LogIn {
    name: String,
    password: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct SetUp {
    token: String,
    password: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct EnterBy {
    token: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeMe {
    language: String,
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangePassword {
    old: String,
    new: String,
}

/// Logs in with name and password.
#[utoipa::path(post, path = "/login", tag = "session", request_body = LogIn, responses(
    (status = 200, description = "Logged in; the cookie is set", body = Me),
))]
async fn log_in(
    request: HttpRequest,
    site: web::Data<Site>,
    body: Body<LogIn>,
) -> Result<HttpResponse, Problem> {
    let LogIn { name, password } = body.into_inner();
    let entering = entering(&request, &site);
    let accounts = site.accounts.clone();
    let entered =
        to_the_end(async move { accounts.log_in(&name, password, entering).await }).await?;
    Ok(welcome(&site, entered))
}

/// Sets the password of a one-time link's user, and logs in.
#[utoipa::path(post, path = "/setup", tag = "session", request_body = SetUp, responses(
    (status = 200, description = "The password is set; the cookie as well", body = Me),
))]
async fn set_up(
    request: HttpRequest,
    site: web::Data<Site>,
    body: Body<SetUp>,
) -> Result<HttpResponse, Problem> {
    let SetUp { token, password } = body.into_inner();
    let entering = entering(&request, &site);
    let accounts = site.accounts.clone();
    let entered =
        to_the_end(async move { accounts.set_up(&token, password, entering).await }).await?;
    Ok(welcome(&site, entered))
}

/// What a one-time link is for, while it works.
#[utoipa::path(get, path = "/setup/{token}", tag = "session", params(("token" = String, Path)), responses(
    (status = 200, description = "It works", body = LinkInfo),
))]
async fn show_link(
    site: web::Data<Site>,
    token: web::Path<String>,
) -> Result<web::Json<LinkInfo>, Problem> {
    Ok(web::Json(site.accounts.link_info(&token).await?))
}

/// Logs in by a one-time link without a password.
#[utoipa::path(post, path = "/enter", tag = "session", request_body = EnterBy, responses(
    (status = 200, description = "Logged in; the cookie is set", body = Me),
))]
async fn enter(
    request: HttpRequest,
    site: web::Data<Site>,
    body: Body<EnterBy>,
) -> Result<HttpResponse, Problem> {
    let entering = entering(&request, &site);
    let (accounts, token) = (site.accounts.clone(), body.into_inner().token);
    let entered = to_the_end(async move { accounts.enter_by(&token, entering).await }).await?;
    Ok(welcome(&site, entered))
}

/// Ends this session.
#[utoipa::path(post, path = "/logout", tag = "session", responses(
    (status = 204, description = "Logged out"),
))]
async fn log_out(caller: Caller, site: web::Data<Site>) -> Result<HttpResponse, Problem> {
    needs_session(&caller)?;
    let accounts = site.accounts.clone();
    to_the_end(async move { accounts.log_out(&caller).await }).await?;
    let mut response = HttpResponse::NoContent().finish();
    let _ = response.add_cookie(&no_cookie(&site.settings));
    Ok(response)
}

/// Who I am, and what I may.
#[utoipa::path(get, path = "/me", tag = "session", responses(
    (status = 200, description = "The caller", body = Me),
))]
async fn me(
    request: HttpRequest,
    caller: Caller,
    site: web::Data<Site>,
) -> Result<web::Json<Me>, Problem> {
    let session = request.extensions().get::<SessionCookie>().cloned();
    let me = Me::of(&caller, &site, session.as_ref());
    Ok(web::Json(me.ok_or_else(over)?))
}

/// Changes how the pages are shown to me.
#[utoipa::path(patch, path = "/me", tag = "session", request_body = ChangeMe, responses(
    (status = 200, description = "Changed", body = Me),
))]
async fn change_me(
    request: HttpRequest,
    caller: Caller,
    site: web::Data<Site>,
    body: Body<ChangeMe>,
) -> Result<web::Json<Me>, Problem> {
    needs_session(&caller)?;
    let language = body.into_inner().language;
    site.accounts.set_language(caller.user, language).await?;
    me(request, caller, site).await
}

/// Changes my password; my other sessions end.
#[utoipa::path(post, path = "/me/password", tag = "session", request_body = ChangePassword, responses(
    (status = 204, description = "Changed; the cookie is another"),
))]
async fn change_password(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<ChangePassword>,
) -> Result<HttpResponse, Problem> {
    needs_session(&caller)?;
    let ChangePassword { old, new } = body.into_inner();
    let accounts = site.accounts.clone();
    let changed =
        to_the_end(async move { accounts.change_password(&caller, old, new).await }).await;
    let secret = changed.map_err(|error| match error {
        // The caller is who it is: no 401, which would send a page to the login.
        AccountError::WrongPassword => {
            Problem::invalid("The old password is wrong.").at("/old", "This is not the password.")
        }
        AccountError::Invalid { text, .. } => Problem::invalid(text.clone()).at("/new", text),
        other => other.into(),
    })?;
    let mut response = HttpResponse::NoContent().finish();
    let cookie = session_cookie(secret.as_str().to_owned(), &site.settings);
    let _ = response.add_cookie(&cookie);
    Ok(response)
}

/// # Errors
/// `Forbidden` for a token: what is about the user itself is not for programs.
pub(super) fn needs_session(caller: &Caller) -> Result<(), Problem> {
    match caller.via {
        Via::Session(_) => Ok(()),
        Via::Token(..) => Err(Problem::forbidden(
            "A token cannot manage users, tokens or passwords.",
        )),
    }
}

fn over() -> Problem {
    Problem::unauthenticated("This session is over. Log in again.")
}

fn entering(request: &HttpRequest, site: &Site) -> Entering {
    let agent = request.headers().get(actix_web::http::header::USER_AGENT);
    let agent = agent.and_then(|agent| agent.to_str().ok());
    Entering {
        from: source(request),
        agent: agent.unwrap_or_default().to_owned(),
        before: session_secret(request, &site.settings),
    }
}

fn welcome(site: &Site, entered: Entered) -> HttpResponse {
    let cookie = SessionCookie {
        secret: entered.secret.as_str().to_owned(),
        expires_ms: entered.expires_ms,
    };
    let me = Me::of(&entered.caller, site, Some(&cookie));
    let mut response = HttpResponse::build(StatusCode::OK).json(me);
    let _ = response.add_cookie(&session_cookie(cookie.secret, &site.settings));
    response
}

impl Me {
    /// `None`: the session was ended meanwhile.
    fn of(caller: &Caller, site: &Site, session: Option<&SessionCookie>) -> Option<Self> {
        let (language, expires_ms) = {
            let book = site.accounts.read();
            let language = book.user(caller.user)?.language.clone();
            let expires_ms = match (&caller.via, session) {
                (Via::Session(_), session) => session?.expires_ms,
                (Via::Token(id, _), _) => {
                    let own = book.tokens_of(caller.user);
                    own.iter().find(|token| token.id == *id)?.expires_ms
                }
            };
            (language, expires_ms)
        };
        let registry = site.registry.read();
        let seen = registry.groups().filter(|(id, _)| caller.sees(*id));
        let groups = seen.map(|(_, name)| name.to_string()).collect();
        let (via, scope) = match caller.via {
            Via::Session(_) => (ViaName::Session, None),
            Via::Token(_, scope) => (ViaName::Token, Some(scope)),
        };
        Some(Self {
            id: caller.user,
            name: caller.name.to_string(),
            role: caller.role,
            groups,
            csrf: session.map_or_else(String::new, |session| csrf_token(&session.secret)),
            via,
            scope,
            language,
            hub: HubName {
                name: hub_name(&site.settings.notify),
                version: env!("CARGO_PKG_VERSION"),
            },
            expires_ms,
        })
    }
}
