use std::collections::BTreeMap;
use std::fs;
use std::future::Future;
use std::io::{self, Write as _};
use std::os::unix;
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};
use std::thread;
use std::time::Duration;

use aws_sdk_dynamodb::Client as Dynamo;
use aws_sdk_dynamodb::config::{BehaviorVersion, Credentials, Region};
use aws_sdk_dynamodb::types::AttributeValue;
use aws_sdk_sqs::Client as Sqs;
use aws_sdk_sqs::types::QueueAttributeName;
use local::http::Client;
use local::mails::Mail;
use local::template::Template;
use local::{DatabaseLocation, FunctionsMode, Stack, StackOptions, Start};
use serde_json::{Value, json};
use support::dynamodb::{DynamoDb, second_engine};
use support::wire::Wire;

use super::Caller;
use super::people::Accounts;
use super::table::{Item, partition_begins, sort_key_begins};

/// A help desk for one test: in memory, on free ports, with a real process of each function.
pub(crate) struct Desk {
    pub(crate) stack: Stack,
    wire: Wire,
    client: Client,
    dynamodb: Dynamo,
    pub(super) accounts: Accounts,
}

impl Desk {
    /// Starts a desk with one process of each function.
    pub(crate) async fn open() -> Self {
        Self::with_instances(1).await
    }

    /// Starts a desk with this many processes of each function, which can serve as many requests at
    /// the same time.
    pub(crate) async fn with_instances(instances: usize) -> Self {
        Self::with(instances, |options| options).await
    }

    /// Starts a desk with this many processes of each function and the usual options as modified by
    /// `change`.
    pub(crate) async fn with(instances: usize, change: impl FnOnce(StackOptions) -> StackOptions) -> Self {
        let mut options = change(StackOptions::for_tests(endpoints::root(), binaries(), instances));
        if let Some(url) = second_engine() {
            let in_memory = options.database == DatabaseLocation::Memory;
            assert!(in_memory, "start with embedded_only: this would test the embedded engine again");
            options.engine = Some(Arc::new(DynamoDb::at(&url)));
        }
        // Always, because it lets a function do only what template.yaml grants it.
        let wire = Wire::default();
        if let FunctionsMode::Binaries { proxy, start, .. } = &mut options.functions {
            *proxy = Some(Arc::new(wire.clone()));
            // Most tests call a few of the functions.
            *start = Start::OnFirstCall;
        }
        let stack = Stack::start(options).await.unwrap_or_else(|error| panic!("{error}"));
        let dynamodb = dynamodb_at(stack.dynamodb_url());
        Self { stack, wire, client: Client::default(), dynamodb, accounts: Accounts::Stored }
    }

    /// Starts a desk and returns it with the wire between its functions and the services.
    pub(crate) async fn with_wire(instances: usize, change: impl FnOnce(&mut StackOptions)) -> (Self, Wire) {
        let desk = Self::with(instances, |mut options| {
            change(&mut options);
            options
        });
        let desk = desk.await;
        let wire = desk.wire.clone();
        (desk, wire)
    }

    /// Returns the wire between the desk's functions and the services.
    pub(crate) const fn wire(&self) -> &Wire {
        &self.wire
    }

    /// Returns a caller who is not signed in.
    pub(crate) fn anyone(&self) -> Caller {
        Caller::anonymous(self.client.clone(), &self.stack)
    }

    /// Returns everything in the table in a form that can be compared, because a refused request
    /// must not change it. Leaves out notifications, because earlier ones may still be on their
    /// way, the counters of attempts and of limits, because a failed one counts, the secret of the
    /// log, which the first refusal creates, and the days on which API tokens were used, because a
    /// refused use is one.
    pub(crate) async fn stored(&self) -> Vec<String> {
        let of_notifications =
            |item: &Item| ["INBOX#", "MAIL#", "PREFERENCES", "TOLD"].iter().any(|prefix| sort_key_begins(item, prefix));
        self.stored_except(of_notifications).await
    }

    /// Returns the same as [`Desk::stored`] and the notifications, for when none is on its way.
    pub(crate) async fn stored_with_notifications(&self) -> Vec<String> {
        self.stored_except(|_| false).await
    }

    async fn stored_except(&self, left_out: impl Fn(&Item) -> bool) -> Vec<String> {
        let of_attempts = |item: &Item| {
            ["ATTEMPTS#", "SECRET#", "SPENT#", "TOKEN_USE#"].iter().any(|prefix| partition_begins(item, prefix))
        };
        let items = self.items(|item| !of_attempts(item) && !left_out(item)).await;
        let mut stored: Vec<String> = items.into_iter().map(|item| written(&AttributeValue::M(item))).collect();
        stored.sort_unstable();
        stored
    }

    /// Returns a client of the desk's table.
    pub(crate) const fn dynamodb(&self) -> &Dynamo {
        &self.dynamodb
    }

    /// Returns a client of the desk's queues.
    pub(crate) fn sqs(&self) -> Sqs {
        let config = aws_sdk_sqs::Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(local::REGION))
            .credentials_provider(Credentials::new("test", "test", None, None, "test"))
            .endpoint_url(self.stack.sqs_url())
            .http_client(aws_smithy_http_client::Builder::new().build_http())
            .build();
        Sqs::from_conf(config)
    }

    /// Opens a ticket for this caller and returns its number.
    pub(crate) async fn ticket(&self, requester: &Caller) -> u64 {
        let body = json!({"title": "The printer jams", "description": "Every second page."});
        let ticket = requester.post("/v1/tickets", body).await.expect(201);
        ticket.body["number"].as_u64().unwrap()
    }

    /// Returns the notifications of a caller, newest first, as (event type, ticket, reason),
    /// without those of new tickets, which all technicians share.
    pub(crate) async fn notifications_of(&self, caller: &Caller) -> Vec<(String, u64, String)> {
        let mut items = caller.all_pages("/v1/notifications", 100).await;
        items.retain(|item| item["reason"] != "new_ticket");
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let row = |item: &Value| {
            let event = &item["event"];
            (text(&event["type"]), event["ticket"].as_u64().unwrap_or_default(), text(&item["reason"]))
        };
        items.iter().map(row).collect()
    }

    /// Waits for this many tokens mailed to the address and returns them.
    pub(crate) async fn mailed_tokens(&self, email: &str, count: usize) -> Vec<String> {
        eventually("the mails are sent", async || {
            let tokens = self.tokens_mailed_to(email);
            (tokens.len() >= count).then_some(tokens)
        })
        .await
    }

    /// Returns the tokens mailed to the address so far, oldest first.
    pub(crate) fn tokens_mailed_to(&self, email: &str) -> Vec<String> {
        let mails = self.stack.mails().all().into_iter().filter(|mail| mail.to == email);
        let token = |text: &str| text.split("#token=").nth(1)?.split_whitespace().next().map(str::to_owned);
        mails.filter_map(|mail| token(&mail.text)).collect()
    }

    /// Waits until no message is waiting, in flight or delayed, so that everything that could still
    /// arrive has arrived.
    pub(crate) async fn wait_until_idle(&self) {
        self.wait_until_drained(&["EventsQueue", "AccountsQueue", "EmailQueue", "WebhooksQueue"]).await;
    }

    /// Waits like [`Desk::wait_until_idle`], but only for these queues.
    pub(crate) async fn wait_until_drained(&self, queues: &[&str]) {
        let sqs = self.sqs();
        eventually("the queues are empty", async || {
            for queue in queues.iter().map(|id| self.stack.queue_url(id).unwrap()) {
                let request = sqs.get_queue_attributes().queue_url(queue).attribute_names(QueueAttributeName::All);
                let attributes = request.send().await.unwrap().attributes.unwrap();
                let counts =
                    attributes.iter().filter(|(name, _)| name.as_str().starts_with("ApproximateNumberOfMessages"));
                if counts.into_iter().any(|(_, count)| count != "0") {
                    return None;
                }
            }
            Some(())
        })
        .await;
    }

    /// Returns the mails about tickets to this address, oldest first.
    pub(crate) fn mails_to(&self, email: &str) -> Vec<Mail> {
        let about_tickets = |mail: &Mail| mail.to == email && mail.subject.starts_with("[#");
        self.stack.mails().all().into_iter().filter(about_tickets).collect()
    }

    /// Waits for a mail to this address and returns the token of its `List-Unsubscribe`.
    pub(crate) async fn unsubscribe_token(&self, email: &str) -> String {
        eventually("a mail is sent", async || {
            let mail = self.mails_to(email).pop()?;
            let (_, link) = mail.headers.into_iter().find(|(name, _)| name == "List-Unsubscribe")?;
            Some(link.trim_end_matches('>').rsplit('/').next()?.to_owned())
        })
        .await
    }

    /// Waits for this many mails with links that verify an address, and returns the tokens in them.
    pub(crate) async fn email_tokens(&self, email: &str, count: usize) -> Vec<String> {
        eventually("the links are mailed", async || {
            let mails = self.stack.mails().all().into_iter().filter(|mail| mail.to == email);
            let token = |text: &str| Some(text.split("/email/verify/").nth(1)?.split_whitespace().next()?.to_owned());
            let tokens: Vec<String> = mails.filter_map(|mail| token(&mail.text)).collect();
            (tokens.len() >= count).then_some(tokens)
        })
        .await
    }

    /// Waits for a mail with a link that verifies an address, and returns the newest token.
    pub(crate) async fn email_token(&self, email: &str) -> String {
        self.email_tokens(email, 1).await.pop().unwrap()
    }

    /// Asks for another address of an account, and returns the token that verifies it.
    pub(crate) async fn begin_email_change(&self, admin: &Caller, user: &str, email: &str) -> String {
        let body = json!({"email": email});
        admin.send_json(http::Method::PATCH, &format!("/v1/users/{user}"), body).await.expect(200);
        self.email_token(email).await
    }

    /// Gives an account another address, which is verified with the mailed link.
    pub(crate) async fn change_email(&self, admin: &Caller, user: &str, email: &str) {
        let token = self.begin_email_change(admin, user, email).await;
        self.anyone().post_empty(&format!("/v1/auth/email/verify/{token}")).await.expect(204);
    }

    /// Fails if the process of any function ended unexpectedly.
    #[track_caller]
    pub(crate) fn assert_no_process_died(&self) {
        let exits = self.stack.instances().unwrap().all_unexpected_exits();
        assert!(exits.is_empty(), "processes ended unexpectedly: {exits:?}");
    }
}

fn dynamodb_at(url: &str) -> Dynamo {
    let config = aws_sdk_dynamodb::Config::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new(local::REGION))
        .credentials_provider(Credentials::new("test", "test", None, None, "test"))
        .endpoint_url(url)
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .build();
    Dynamo::from_conf(config)
}

/// Returns a folder with a binary for each function: links, named after the functions, to the one
/// binary of all functions. The folder is beside that binary, so each build profile has its own,
/// and a link that exists leads to the binary of this profile.
fn binaries() -> &'static Path {
    static FOLDER: LazyLock<PathBuf> = LazyLock::new(|| {
        let binary = Path::new(env!("CARGO_BIN_EXE_functions"));
        let folder = binary.with_file_name("functions-by-name");
        let from_folder = Path::new("..").join(binary.file_name().unwrap());
        fs::create_dir_all(&folder).unwrap();
        let template = Template::read(&endpoints::root().join("template.yaml")).unwrap();
        for function in &template.functions {
            let link = folder.join(&function.binary);
            match unix::fs::symlink(&from_folder, &link) {
                Err(error) if error.kind() != io::ErrorKind::AlreadyExists => panic!("{}: {error}", link.display()),
                _created_or_exists => {}
            }
        }
        folder
    });
    &FOLDER
}

/// Returns whether the test is skipped because it only works on the embedded engine. Prints that
/// directly to standard error, because the output of passing tests is hidden.
pub(crate) fn embedded_only(why: &str) -> bool {
    if second_engine().is_none() {
        return false;
    }
    let thread = thread::current();
    let test = thread.name().unwrap_or_default();
    writeln!(io::stderr(), "{test}: not run on the second engine: {why}").unwrap();
    true
}

/// Formats a value so that equal values have equal texts, with maps sorted by name.
fn written(value: &AttributeValue) -> String {
    match value {
        AttributeValue::M(map) => {
            let sorted: BTreeMap<&String, String> = map.iter().map(|(name, value)| (name, written(value))).collect();
            format!("{sorted:?}")
        }
        AttributeValue::L(list) => format!("{:?}", list.iter().map(written).collect::<Vec<_>>()),
        other => format!("{other:?}"),
    }
}

/// Fails with the differences if a refused call changed anything.
#[track_caller]
pub(crate) fn assert_unchanged(before: &[String], after: &[String], call: &str) {
    let gone: Vec<&String> = before.iter().filter(|item| !after.contains(item)).collect();
    let new: Vec<&String> = after.iter().filter(|item| !before.contains(item)).collect();
    assert!(gone.is_empty() && new.is_empty(), "{call} was refused but changed {gone:#?} to {new:#?}");
}

/// The first pause between two looks. It doubles up to the longest, because a look may take more of
/// the processor than what it waits for.
const FIRST_PAUSE: Duration = Duration::from_millis(10);
const LONGEST_PAUSE: Duration = Duration::from_millis(160);

/// Polls `look` until it finds something and returns that. Locally an event takes milliseconds, a
/// retry after a killed consumer up to a visibility timeout (template.yaml: 60 s).
pub(crate) async fn eventually<T, Fut: Future<Output = Option<T>>>(what: &str, mut look: impl FnMut() -> Fut) -> T {
    let polls = async {
        let mut pause = FIRST_PAUSE;
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(LONGEST_PAUSE);
        }
    };
    match tokio::time::timeout(Duration::from_secs(90), polls).await {
        Ok(found) => found,
        Err(elapsed) => panic!("{what}: {elapsed} (90 s)"),
    }
}
