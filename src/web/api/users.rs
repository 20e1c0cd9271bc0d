//! Users, for those who may manage them.

use actix_web::{HttpResponse, web};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, OpenApi, ToSchema};

use super::find::answer;
use crate::accounts::{Caller, Role};
use crate::admin::{Request, Response, UserInfo, UserRequest, UserResponse};
use crate::web::at::at;
use crate::web::body::Body;
use crate::web::page::{Limit, List, Place};
use crate::web::{Problem, Site};

#[derive(OpenApi)]
#[openapi(paths(list, add, show, change, remove, reset))]
pub(super) struct Docs;

pub(super) fn routes(config: &mut web::ServiceConfig) {
    config
        .service(at("/users").get(list).post(add).done())
        .service(
            at("/users/{id}")
                .get(show)
                .patch(change)
                .delete(remove)
                .done(),
        )
        .service(at("/users/{id}/reset").post(reset).done());
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ListQuery {
    /// `next` of the page before.
    cursor: Option<String>,
    limit: Option<Limit>,
}

/// The users that the caller may see, in the order in which they were made.
#[utoipa::path(get, path = "/users", tag = "users", params(ListQuery),
    responses((status = 200, description = "A page of users", body = List<UserInfo>)))]
async fn list(
    caller: Caller,
    site: web::Data<Site>,
    query: web::Query<ListQuery>,
) -> Result<web::Json<List<UserInfo>>, Problem> {
    let after = Place::number(query.cursor.as_deref())?.unwrap_or(0);
    let listed = ask(&caller, &site, UserRequest::List).await?;
    let mut users = answer!(listed, UserResponse::Users(users) => users)?;
    users.retain(|user| user.id > after);
    let limit = query.limit.unwrap_or_default();
    Ok(web::Json(List::cut(users, limit, |user| {
        Place::Number(user.id)
    })))
}

/// A user to be made.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewUser {
    /// Letters, digits and . _ - @ +
    #[schema(min_length = 1, max_length = 64)]
    name: String,
    role: Role,
    /// By name; of an administrator: none.
    #[serde(default)]
    groups: Vec<String>,
}

/// A user, and where the first password is set.
#[derive(Serialize, ToSchema)]
struct MadeUser {
    user: UserInfo,
    /// Works once; it is shown in this answer and never again.
    link: String,
    link_expires_ms: i64,
}

/// Makes a user.
#[utoipa::path(post, path = "/users", tag = "users", request_body = NewUser,
    responses((status = 201, description = "The user is made", body = MadeUser),
        (status = 409, description = "There is one of that name", body = Problem)))]
async fn add(
    caller: Caller,
    site: web::Data<Site>,
    body: Body<NewUser>,
) -> Result<HttpResponse, Problem> {
    let NewUser { name, role, groups } = body.into_inner();
    let made = ask(&caller, &site, UserRequest::Add { name, role, groups }).await?;
    let made = answer!(made, UserResponse::Added(made) => *made)?;
    Ok(HttpResponse::Created().json(MadeUser {
        user: made.user,
        link: made.link.url,
        link_expires_ms: made.link.expires_ms,
    }))
}

/// A user.
#[utoipa::path(get, path = "/users/{id}", tag = "users", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The user", body = UserInfo)))]
async fn show(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<UserInfo>, Problem> {
    let name = named(&caller, &site, *id)?;
    told(ask(&caller, &site, UserRequest::Show { name }).await?)
}

/// What is to be others; what is not named stays.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChangeUser {
    role: Option<Role>,
    groups: Option<Vec<String>>,
    disabled: Option<bool>,
}

/// Changes role, groups, or whether the user may log in. In effect at once, in open sessions as well.
#[utoipa::path(patch, path = "/users/{id}", tag = "users", params(("id" = i64, Path, minimum = 1)), request_body = ChangeUser,
    responses((status = 200, description = "The user as it is now", body = UserInfo),
        (status = 409, description = "The last administrator stays", body = Problem)))]
async fn change(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
    body: Body<ChangeUser>,
) -> Result<web::Json<UserInfo>, Problem> {
    let name = named(&caller, &site, *id)?;
    let ChangeUser {
        role,
        groups,
        disabled,
    } = body.into_inner();
    let asked = UserRequest::Change {
        name,
        role,
        groups,
        disabled,
    };
    told(ask(&caller, &site, asked).await?)
}

/// Removes a user, with sessions and tokens.
#[utoipa::path(delete, path = "/users/{id}", tag = "users", params(("id" = i64, Path, minimum = 1)),
    responses((status = 204, description = "The user is gone"),
        (status = 409, description = "The last administrator stays", body = Problem)))]
async fn remove(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<HttpResponse, Problem> {
    let name = named(&caller, &site, *id)?;
    site.ask(&caller, Request::User(UserRequest::Remove { name }))
        .await?;
    Ok(HttpResponse::NoContent().finish())
}

/// Where a user sets another password.
#[derive(Serialize, ToSchema)]
struct ResetLink {
    /// Works once; it is shown in this answer and never again.
    link: String,
    expires_ms: i64,
}

/// Makes a one-time link to set the password; earlier ones work no more.
#[utoipa::path(post, path = "/users/{id}/reset", tag = "users", params(("id" = i64, Path, minimum = 1)),
    responses((status = 200, description = "The link", body = ResetLink),
        (status = 409, description = "The user is disabled", body = Problem)))]
async fn reset(
    caller: Caller,
    site: web::Data<Site>,
    id: web::Path<i64>,
) -> Result<web::Json<ResetLink>, Problem> {
    let name = named(&caller, &site, *id)?;
    let made = ask(&caller, &site, UserRequest::Reset { name }).await?;
    let link = answer!(made, UserResponse::Link(link) => link)?;
    Ok(web::Json(ResetLink {
        link: link.url,
        expires_ms: link.expires_ms,
    }))
}

async fn ask(caller: &Caller, site: &Site, asked: UserRequest) -> Result<UserResponse, Problem> {
    let answer = site.ask(caller, Request::User(asked)).await?;
    answer!(answer, Response::User(answer) => *answer)
}

fn told(answer: UserResponse) -> Result<web::Json<UserInfo>, Problem> {
    answer!(answer, UserResponse::User(user) => web::Json(*user))
}

/// Names stay with their users. Who may not manage anybody is told so, whether there is such a user or not.
fn named(caller: &Caller, site: &Site, id: i64) -> Result<String, Problem> {
    crate::accounts::may_manage(Some(caller))?;
    let book = site.accounts.read();
    let user = book.user(id).ok_or_else(Problem::not_found)?;
    Ok(user.name.to_string())
}
