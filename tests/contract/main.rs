//! `cargo unseen`: lists the documented answers of the API that no test has seen since
//! `target/answers-seen.txt` was removed. Run it after `cargo test`.

use std::path::Path;
use std::process::ExitCode;

use contract::{Contract, coverage};

fn main() -> ExitCode {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let gaps = Contract::read(&root).and_then(|contract| {
        let file = coverage::file(&root);
        let seen = std::fs::read_to_string(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        Ok(coverage::gaps(&contract, &seen))
    });
    match gaps {
        Ok(gaps) if gaps.is_empty() => {
            println!("The tests have seen every documented answer, or its excuse says why not.");
            ExitCode::SUCCESS
        }
        Ok(gaps) => {
            for gap in gaps {
                println!("{gap}");
            }
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}
