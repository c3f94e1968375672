//! `GET /`, `GET /app/{page}`, `GET /app/{page}/{item}` and `GET /assets/{file}`: serves the console,
//! which is one page at all its addresses, and the files that it loads.

use api::{Problem, Reply, Request};
use console::{Content, File};
use edges::Fatal;
use edges::config::Config;

#[tokio::main(flavor = "current_thread")]
pub(crate) async fn main() -> Result<(), Fatal> {
    let config = Config::from_env();
    api::serve_queries(&config, (), serve).await
}

async fn serve((): &(), request: Request) -> api::Result<Reply> {
    // The page reads the query of its address itself.
    if request.path().starts_with("/assets/") {
        request.query(&[])?;
    }
    let File { media_type, content, is_immutable, headers } = console::file(request.path()).ok_or(Problem::NotFound)?;
    let reply = match content {
        Content::Text(text) => Reply::text(media_type, text.into()),
        Content::Bytes(bytes) => Reply::bytes(media_type, None, bytes),
        Content::Compressed { brotli, gzip } => {
            let (encoding, bytes) = if request.takes_encoding("br") { ("br", brotli) } else { ("gzip", gzip) };
            Reply::bytes(media_type, Some(encoding), bytes).with_header("vary", "Accept-Encoding".to_owned())
        }
    };
    let reply = if is_immutable { reply.kept_forever() } else { reply };
    Ok(headers.iter().fold(reply, |reply, (name, value)| reply.with_header(name, (*value).to_owned())))
}
