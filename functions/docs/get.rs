//! `GET /openapi.json`, `GET /docs` and `GET /docs/{asset}`: serves the contract of the API, and a
//! page that shows it.

use api::{Problem, Reply, Request};
use edges::Fatal;
use edges::config::Config;
use reference::{Content, File};

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve(&config, (), get).await
}

async fn get((): &(), request: Request) -> api::Result<Reply> {
    let File { media_type, content, is_immutable, policy } =
        reference::file(request.path()).ok_or(Problem::NotFound)?;
    let reply = match content {
        Content::Text(text) => Reply::text(media_type, text),
        Content::Gzip(bytes) => Reply::bytes(media_type, Some("gzip"), bytes),
    };
    let reply = if is_immutable { reply.kept_forever() } else { reply };
    Ok(policy.into_iter().fold(reply, |reply, policy| reply.with_header("content-security-policy", policy.to_owned())))
}
