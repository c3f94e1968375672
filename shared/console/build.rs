//! Writes the table of what the console consists of: what `npm run build` left in dist/, or, if
//! nothing is there, a page that says how to build it.
#![expect(clippy::disallowed_methods, reason = "Cargo tells a build script everything in variables")]

use std::error::Error;
use std::ffi::OsStr;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, io};

type Result<T> = std::result::Result<T, Box<dyn Error>>;

/// The one asset whose name does not change with its content. It is there without a build, too.
const ICON: &str = "icon.svg";

/// The endings of the compressed copies that the build writes beside an asset.
const COPIES: [&str; 2] = ["br", "gz"];

/// The media types of assets, by the ending of their names.
const MEDIA_TYPES: [(&str, &str); 8] = [
    ("css", "text/css; charset=utf-8"),
    ("js", "text/javascript; charset=utf-8"),
    ("json", "application/json"),
    ("png", "image/png"),
    ("svg", "image/svg+xml"),
    ("txt", "text/plain; charset=utf-8"),
    ("webp", "image/webp"),
    ("woff2", "font/woff2"),
];

fn main() -> Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?);
    let (dist, placeholder) = (root.join("dist"), root.join("placeholder/index.html"));
    let source_of_icon = root.join("page/public/assets").join(ICON);
    create_if_missing(&dist);
    for watched in [&dist, &placeholder, &source_of_icon] {
        println!("cargo::rerun-if-changed={}", watched.display());
    }
    let built = dist.join("index.html");
    let table = if built.is_file() {
        table(true, &built, &dist.join("assets").join(ICON), &assets(&dist.join("assets"))?)?
    } else {
        if env::var("PROFILE")? == "release" {
            println!(
                "cargo::warning=console-serve gets a page that says that the console is not built. Build the \
                 console first: npm --prefix shared/console ci && npm --prefix shared/console run build"
            );
        }
        table(false, &placeholder, &source_of_icon, &[])?
    };
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("table.rs"), table)?;
    Ok(())
}

/// Creates the folder, because Cargo runs this script each time if what it watches is missing. With
/// an old date, because Cargo would take it as changed since the script began.
fn create_if_missing(dist: &Path) {
    if dist.exists() {
        return;
    }
    let created = fs::create_dir(dist).and_then(|()| File::open(dist)?.set_modified(SystemTime::UNIX_EPOCH));
    if let Err(error) = created {
        println!("cargo::warning=Cannot create {}: {error}. This is built again each time.", dist.display());
    }
}

/// Returns the rows of the table, for all assets but the icon, in the order of their names.
fn assets(folder: &Path) -> Result<Vec<String>> {
    let mut paths = fs::read_dir(folder)?.map(|entry| Ok(entry?.path())).collect::<io::Result<Vec<_>>>()?;
    paths.sort();
    let is_asset = |path: &&PathBuf| !COPIES.contains(&ending(path)) && path.file_name() != Some(OsStr::new(ICON));
    paths.iter().filter(is_asset).map(|path| row(path)).collect()
}

fn row(path: &Path) -> Result<String> {
    let name = path.file_name().and_then(OsStr::to_str).ok_or("an asset's name is not UTF-8")?;
    if !has_hash(name) {
        return Err(format!("The name of {name} has no hash, and browsers would keep it forever.").into());
    }
    let media_type = MEDIA_TYPES.iter().find(|(known, _)| *known == ending(path)).map(|(_, media_type)| media_type);
    let media_type = media_type.ok_or_else(|| format!("{name} is of a kind whose media type is unknown."))?;
    let [brotli, gzip] = COPIES.map(|copy| PathBuf::from(format!("{}.{copy}", path.display())));
    let content = match (brotli.is_file(), gzip.is_file()) {
        (true, true) => format!("Compressed {{ brotli: {}, gzip: {} }}", bytes_of(&brotli)?, bytes_of(&gzip)?),
        (false, false) => format!("Bytes({})", bytes_of(path)?),
        _ => return Err(format!("{name} has one of the copies .br and .gz and lacks the other.").into()),
    };
    Ok(format!("({name:?}, {media_type:?}, Content::{content})"))
}

fn ending(path: &Path) -> &str {
    path.extension().and_then(OsStr::to_str).unwrap_or_default()
}

/// Returns whether the name ends in a hash as Vite writes it: `keys.svelte-B7PI925R.js`.
fn has_hash(name: &str) -> bool {
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    let is_of_hash = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let Some((rest, hash)) = stem.len().checked_sub(8).and_then(|at| stem.split_at_checked(at)) else { return false };
    rest.len() > 1 && rest.ends_with('-') && hash.bytes().all(|byte| is_of_hash(&byte))
}

fn bytes_of(path: &Path) -> Result<String> {
    Ok(format!("include_bytes!({})", literal(path)?))
}

/// Returns the path as Rust writes a text.
fn literal(path: &Path) -> Result<String> {
    let path = path.to_str().ok_or_else(|| format!("{} is not UTF-8", path.display()))?;
    Ok(format!("{path:?}"))
}

fn table(is_built: bool, page: &Path, icon: &Path, assets: &[String]) -> Result<String> {
    let mut table = format!(
        "/// Whether the page is there, and not the one that says how to build it.\n\
         pub const IS_BUILT: bool = {is_built};\n\
         const PAGE: &str = include_str!({});\n\
         const ICON: &str = include_str!({});\n\
         const ASSETS: [(&str, &str, Content); {}] = [\n",
        literal(page)?,
        literal(icon)?,
        assets.len()
    );
    for asset in assets {
        let _infallible = writeln!(table, "    {asset},");
    }
    Ok(table + "];\n")
}
