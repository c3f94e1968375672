//! A page: commands and their output.

use std::mem::take;

/// The mark for text that a page omits.
const LEFT_OUT: char = '…';

/// Commands of a page, and the lines of their output that it shows.
#[derive(Debug, Default)]
pub(crate) struct Run {
    pub(crate) commands: String,
    pub(crate) shown: Vec<String>,
}

impl Run {
    /// Returns whether the commands change nothing and can be repeated.
    pub(crate) fn only_reads(&self) -> bool {
        let reads = |line: &str| line.starts_with("as ") && ![" -d", " -X"].iter().any(|flag| line.contains(flag));
        self.commands.lines().all(reads)
    }

    /// Joins lines that the page breaks: a line that ends with `…` continues in one that begins
    /// with it.
    fn patterns(&self) -> Vec<String> {
        let mut patterns: Vec<String> = Vec::new();
        let says_something = |line: &&String| line.trim().chars().any(|character| character != LEFT_OUT);
        for line in self.shown.iter().filter(says_something) {
            match patterns.last_mut().filter(|last| last.ends_with(LEFT_OUT) && line.starts_with(LEFT_OUT)) {
                Some(last) => last.push_str(line),
                None => patterns.push(line.clone()),
            }
        }
        patterns
    }

    /// Checks the output: it has the lines that the page shows, and the page hides no refusal.
    pub(crate) fn check(&self, output: &[String]) -> Result<(), String> {
        let mut shown = self.patterns().into_iter();
        let mut next = shown.next();
        for line in output {
            if next.as_ref().is_some_and(|pattern| fits(pattern, line)) {
                next = shown.next();
            } else if line.contains("\"/problems/") {
                let shown = next.as_deref().unwrap_or("nothing");
                return Err(format!("printed: {line}\nthe page shows next: {shown}"));
            }
        }
        next.map_or(Ok(()), |missing| Err(format!("missing: {missing}\nprinted:\n{}", output.join("\n"))))
    }
}

/// Returns whether a line matches the line on the page, which may omit parts of it.
fn fits(shown: &str, line: &str) -> bool {
    let Some((first, rest)) = shown.trim().split_once(LEFT_OUT) else { return shown.trim() == line.trim() };
    let (between, last) = rest.rsplit_once(LEFT_OUT).unwrap_or(("", rest));
    let middle = line.trim().strip_prefix(first).and_then(|line| line.strip_suffix(last));
    let found = between.split(LEFT_OUT).try_fold(middle.unwrap_or_default(), |line, part| {
        let at = line.find(part)?;
        line.get(at + part.len()..)
    });
    middle.is_some() && found.is_some()
}

/// A parsed page.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The blocks that are run, in the page's order.
    pub(crate) runs: Vec<Run>,
    /// The lines of the commands that are not run.
    pub(crate) not_run: Vec<String>,
}

impl Page {
    /// Reads the fenced blocks of Markdown.
    pub(crate) fn parse(text: &str) -> Self {
        let (mut page, mut block, mut kind) = (Self::default(), Vec::new(), None);
        for line in text.lines() {
            match (kind, line.strip_prefix("```")) {
                (None, Some(info)) => kind = Some(info),
                (None, None) => {}
                (Some(info), Some("")) => {
                    page.add(info, take(&mut block));
                    kind = None;
                }
                (Some(_), _) => block.push(line.to_owned()),
            }
        }
        assert_eq!(kind, None, "a block does not end");
        page
    }

    fn add(&mut self, kind: &str, lines: Vec<String>) {
        match kind {
            "sh" => self.runs.push(Run { commands: lines.join("\n"), shown: Vec::new() }),
            "text" => self.runs.last_mut().expect("text after commands").shown.extend(lines),
            "shell" => self.not_run.extend(lines),
            // The picture.
            "" => {}
            other => panic!("unknown kind of block: {other:?}"),
        }
    }
}

/// Returns the files that the page links to.
pub(crate) fn links(text: &str) -> Vec<&str> {
    let targets = text.split("](").skip(1).filter_map(|rest| rest.split([')', '#']).next());
    targets.filter(|target| !target.is_empty() && !target.starts_with("https:")).collect()
}

/// Returns the paths in the first column of tables.
pub(crate) fn paths_of_the_table(text: &str) -> Vec<&str> {
    let rows = text.lines().filter_map(|line| line.strip_prefix("| `"));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split("`, `")).map(|path| path.trim_end_matches('`')).collect()
}

#[test]
fn an_ellipsis_matches_anything() {
    for (shown, line, expected) in [
        ("{\"id\":\"…\",\"seq\":1}", "{\"id\":\"x\",\"seq\":1}", true),
        ("{\"id\":\"…\",\"seq\":1}", "{\"id\":\"x\",\"seq\":1,\"more\":2}", false),
        ("{\"id\":\"…\",\"seq\":1,…", "{\"id\":\"x\",\"seq\":1,\"more\":2}", true),
        ("HTTP/1.1 201 Created", "HTTP/1.1 201 Created\r", true),
        ("201", "1201", false),
        ("{\"a\":{…},…}", "{\"a\":{\"b\":{}},\"c\":[{}]}", true),
        ("{\"a\":{…},\"c\":…}", "{\"a\":{\"b\":{}},\"d\":[{}]}", false),
        ("… 201", "HTTP 201", true),
    ] {
        assert_eq!(fits(shown, line), expected, "{shown} {line}");
    }
}

#[test]
fn hidden_refusals_and_missing_lines_are_detected() {
    let run = |shown: &str| Run { commands: String::new(), shown: shown.lines().map(str::to_owned).collect() };
    let output = ["{\"number\":1}", "{\"type\":\"/problems/not-found\"}"].map(str::to_owned);
    assert!(run("{\"number\":1}").check(&output).is_err());
    assert!(run("…\n{\"type\":\"/problems/not-found\"}").check(&output).is_ok());
    assert!(run("{\"type\":\"/problems/not-found\"}\n{\"number\":1}").check(&output).is_err());
}
