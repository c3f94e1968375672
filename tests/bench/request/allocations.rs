//! Counts allocations.

use std::path::Path;

use super::cases::{Case, Desk};
use super::invoke;
use super::process::Function;

/// Runs a program and prints its allocations at its end.
const DHAT: [&str; 3] = ["valgrind", "--tool=dhat", "--dhat-out-file=/dev/null"];
/// The number of invocations of the short run and the long run.
const RUNS: [usize; 2] = [20, 70];

/// Returns the number of allocations of one invocation and their size in bytes, or `None` if
/// valgrind is not installed or the program starts another.
pub(crate) fn count(case: &Case, directory: &Path, desk: &mut Desk) -> Option<(u64, u64)> {
    let path = std::env::var_os("PATH")?;
    let installed = std::env::split_paths(&path).any(|directory| directory.join(DHAT[0]).exists());
    if !installed {
        return None;
    }
    let program = directory.join(case.function);
    let [short, long] = RUNS.map(|invocations| {
        let mut function = Function::start(&program, &DHAT, desk.variables());
        invoke(case, &mut function, desk, invocations);
        total(&function.end())
    });
    let ((short, short_bytes), (long, long_bytes)) = (short?, long?);
    let invocations = u64::try_from(RUNS[1] - RUNS[0]).unwrap();
    Some(((long - short) / invocations, (long_bytes - short_bytes) / invocations))
}

/// Reads the blocks and the bytes in DHAT's line of totals: `==1== Total:     5,436 bytes in 67
/// blocks`.
fn total(output: &str) -> Option<(u64, u64)> {
    let (_, line) = output.lines().find_map(|line| line.split_once("Total:"))?;
    let mut numbers = line.split(' ').filter_map(|word| word.replace(',', "").parse().ok());
    let (bytes, blocks) = (numbers.next()?, numbers.next()?);
    Some((blocks, bytes))
}
