//! `cargo regenerate`: writes every file that is derived from the endpoints.

use std::process::ExitCode;

fn main() -> ExitCode {
    let written = endpoints::generate::outputs(&endpoints::root()).and_then(|files| endpoints::generate::write(&files));
    match written {
        Ok(paths) if paths.is_empty() => println!("Everything is up to date."),
        Ok(paths) => paths.iter().for_each(|path| println!("{path}")),
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}
