//! `cargo local demo`: runs the main path step by step. README.md shows what it prints.

use super::admin::{Admin, random};
use super::steps::{Api, ApiRequest, show};
use super::{DATA, MAILS, workspace};
use http::Method;
use local::{Error, Result, Stack, StackOptions, tools};
use serde_json::{Value, json};
use std::time::Duration;
use tokio::time::{Instant, sleep};

/// How long to wait for a notification.
const NOTIFIED_WITHIN: Duration = Duration::from_secs(30);
const POLL_EVERY: Duration = Duration::from_millis(100);

/// Runs the demo against the stack at `url`. If none runs there, starts a new one in memory.
pub(crate) async fn run(url: &str) -> Result<()> {
    let api = Api::new(url);
    if api.answers().await {
        println!("Using the help desk at {url}.");
        let path = workspace().join(DATA).join("admin.json");
        let admin = Admin::read(&path)?.ok_or_else(|| {
            Error::new(format!(
                "A help desk runs at {url}, but {DATA}/admin.json with its admin's password is missing. \
                 Restart `cargo local`: it creates another admin."
            ))
        })?;
        let path = workspace().join(DATA).join(MAILS);
        let mails = std::fs::read_to_string(&path)
            .map_err(|error| Error::new(format!("Cannot read {DATA}/{MAILS}, which `cargo local` writes: {error}.")))?;
        return Story { api, admin, mails }.play().await;
    }
    println!("No help desk runs at {url}. Starting a new one in memory.");
    let stack = start().await?;
    let played = match Admin::create(&stack).await {
        Ok(admin) => {
            let (api, mails) = (Api::new(stack.base_url()), stack.mails_url().to_owned());
            Story { api, admin, mails }.play().await
        }
        Err(error) => Err(error),
    };
    stack.stop().await;
    played
}

async fn start() -> Result<Stack> {
    let workspace = workspace();
    tools::build_functions(&workspace).await?;
    // Cargo builds the functions into the directory of this program.
    let program = std::env::current_exe()
        .map_err(|error| Error::new(format!("Cannot find the path of this program: {error}.")))?;
    let directory = program.parent().ok_or_else(|| Error::new("The path of this program has no directory."))?;
    Stack::start(StackOptions::for_tests(workspace, directory, 1)).await
}

struct Story {
    api: Api,
    admin: Admin,
    /// The address of the mails.
    mails: String,
}

/// A person in the demo.
struct Person {
    id: String,
    email: String,
    password: String,
}

impl Story {
    async fn play(&self) -> Result<()> {
        let requester = self.register("Rita").await?;
        let technician = self.register("Theo").await?;
        let admin = self.sign_in("The admin", &self.admin.email, &self.admin.password).await?;
        let path = format!("/v1/users/{}/role", technician.id);
        let role = json!({ "role": "technician" });
        let request = ApiRequest { method: &Method::PUT, ..ApiRequest::post(&path, Some(&admin), &role) };
        self.api.step("The admin makes Theo a technician", request).await?;
        let rita = self.sign_in("Rita", &requester.email, &requester.password).await?;
        let theo = self.sign_in("Theo", &technician.email, &technician.password).await?;

        let ticket = json!({ "title": "The printer is on fire", "description": "Second floor, beside the kitchen." });
        let ticket = self.post("Rita opens a ticket", "/v1/tickets", &rita, &ticket).await?;
        let number = ticket["number"].as_u64().ok_or_else(|| Error::new("The new ticket has no number."))?;
        self.command("Theo takes it", &format!("{number}/assign"), &theo, &json!({}), "in_progress").await?;
        let comments = format!("/v1/tickets/{number}/comments");
        self.post("Theo asks a question", &comments, &theo, &json!({ "body": "Is it still burning?" })).await?;
        self.post("Rita answers", &comments, &rita, &json!({ "body": "Only smoking now." })).await?;
        let resolution = json!({ "resolution": "Extinguished and replaced." });
        self.command("Theo resolves it", &format!("{number}/resolve"), &theo, &resolution, "resolved").await?;

        self.notified("Rita is notified", number, "resolved", &rita).await?;
        self.command("Rita closes it", &format!("{number}/close"), &rita, &json!({}), "closed").await?;
        self.notified("Theo is notified", number, "closed", &theo).await?;
        self.assert_no_own_notification(number, &rita, &requester).await?;
        self.show_events(number, &rita).await?;
        self.repeat_and_conflict(&rita, &theo).await?;
        self.program(&admin, &rita, &requester).await?;
        println!(
            "\nDone. A ticket was opened, assigned, commented, resolved and closed; a request was repeated, a stale edit was \
             refused, a log was verified, and a program acted for a person."
        );
        Ok(())
    }

    /// Repeats a request, sends two edits of one version, and verifies the log.
    async fn repeat_and_conflict(&self, rita: &str, theo: &str) -> Result<()> {
        let key = random(12)?;
        let ticket = json!({ "title": "No coffee", "description": "The machine is cold." });
        let header = Some(("idempotency-key", key.as_str()));
        let open = ApiRequest { header, ..ApiRequest::post("/v1/tickets", Some(rita), &ticket) };
        let first = self.api.step("Rita opens another ticket, with an Idempotency-Key", open).await?;
        let again = self.api.step_to("The same request again gets the same response", open, 201).await?;
        if again.json()? != first || again.headers.get("idempotency-replayed").is_none() {
            return Err(Error::new("The same request again did not get the same response."));
        }

        let path = format!("/v1/tickets/{}", first["number"]);
        let (high, low) = (json!({ "priority": "high" }), json!({ "priority": "low" }));
        let edit = |body, version| ApiRequest {
            method: &Method::PATCH,
            header: Some(("if-match", version)),
            ..ApiRequest::post(&path, Some(theo), body)
        };
        self.api.step("Theo raises the priority in version 1", edit(&high, "\"1\"")).await?;
        self.api.step_to("A second edit of version 1 is refused", edit(&low, "\"1\""), 412).await?;
        self.api.step("An edit of version 2 is accepted", edit(&low, "\"2\"")).await?;

        let path = format!("{path}/verify");
        let verified = self.api.step("Rita verifies the ticket's log", ApiRequest::get(&path, Some(rita))).await?;
        if verified["intact"] == true { Ok(()) } else { Err(Error::new("The log is not intact.")) }
    }

    /// Lets a program with an account of its own open a ticket for Rita.
    async fn program(&self, admin: &str, rita: &str, requester: &Person) -> Result<()> {
        let account = json!({ "name": "Mail gateway", "role": "user" });
        let account = self.post("The admin creates an account for a program", "/v1/service-accounts", admin, &account);
        let path = format!("/v1/users/{}/tokens", text(&account.await?["id"]));
        let scopes = json!({ "name": "Demo", "scopes": ["act_for", "open_tickets"] });
        let made = self.post("The admin makes an API token for it", &path, admin, &scopes).await?;
        let token = text(&made["token"]);

        let ticket = json!({ "title": "The printer again", "description": "Sent as a mail." });
        let open = ApiRequest {
            header: Some(("helpdesk-on-behalf-of", requester.id.as_str())),
            ..ApiRequest::post("/v1/tickets", Some(&token), &ticket)
        };
        let opened = self.api.step("The program opens a ticket for Rita", open).await?;
        let path = format!("/v1/tickets/{}/events", opened["number"]);
        let log = self.api.step("The log names both", ApiRequest::get(&path, Some(rita))).await?;
        let (actor, via) = (text(&log["items"][0]["actor"]["name"]), text(&log["items"][0]["via"]["name"]));
        println!("in short: {actor} via {via}");
        if (actor.as_str(), via.as_str()) == ("Rita", "Mail gateway") {
            return Ok(());
        }
        Err(Error::new("The log should name Rita and the mail gateway."))
    }

    async fn register(&self, name: &str) -> Result<Person> {
        let unique = random(6)?.to_lowercase().replace(['-', '_'], "0");
        let (email, password) = (format!("{}-{unique}@example.com", name.to_lowercase()), random(18)?);
        let body = json!({ "name": name, "email": email });
        self.api.step(&format!("{name} registers"), ApiRequest::post("/v1/auth/register", None, &body)).await?;
        let body = json!({ "token": self.mailed_token(&email).await?, "password": password });
        let request = ApiRequest::post("/v1/auth/password/reset", None, &body);
        self.api.step(&format!("{name} chooses a password with the mailed token"), request).await?;
        let body = json!({ "email": email, "password": password });
        let tokens = self.api.quietly(ApiRequest::post("/v1/auth/login", None, &body)).await?;
        let user = self.api.quietly(ApiRequest::get("/v1/me", tokens["access_token"].as_str())).await?;
        let id = user["id"].as_str().ok_or_else(|| Error::new("The registered user has no id."))?;
        Ok(Person { id: id.to_owned(), email, password })
    }

    /// Waits for the mail to this address and returns the token in its link.
    async fn mailed_token(&self, email: &str) -> Result<String> {
        let (mails, path) = (Api::new(&self.mails), format!("/to/{email}"));
        let begun = Instant::now();
        while begun.elapsed() < NOTIFIED_WITHIN {
            let mail = mails.text(&path).await?;
            if let Some((_, token)) = mail.split_once("#token=") {
                return Ok(token.split_whitespace().next().unwrap_or_default().to_owned());
            }
            sleep(POLL_EVERY).await;
        }
        Err(Error::new(format!("No mail to {email} arrived within {} s.", NOTIFIED_WITHIN.as_secs())))
    }

    async fn sign_in(&self, who: &str, email: &str, password: &str) -> Result<String> {
        let body = json!({ "email": email, "password": password });
        let request = ApiRequest::post("/v1/auth/login", None, &body);
        let tokens = self.api.step(&format!("{who} signs in"), request).await?;
        let token = tokens["access_token"].as_str();
        token.map(str::to_owned).ok_or_else(|| Error::new("The response to the sign-in has no access token."))
    }

    async fn post(&self, title: &str, path: &str, token: &str, body: &Value) -> Result<Value> {
        self.api.step(title, ApiRequest::post(path, Some(token), body)).await
    }

    /// Sends a command, `<number>/<verb>`, and fails if the ticket's status is not `status` after
    /// it.
    async fn command(&self, title: &str, command: &str, token: &str, body: &Value, status: &str) -> Result<()> {
        let ticket = self.post(title, &format!("/v1/tickets/{command}"), token, body).await?;
        if ticket["status"] == status {
            return Ok(());
        }
        Err(Error::new(format!("After {command}, the ticket's status is {}, not {status}.", ticket["status"])))
    }

    async fn inbox(&self, token: &str, number: u64) -> Result<Vec<Value>> {
        let page = self.api.quietly(ApiRequest::get("/v1/notifications?limit=100", Some(token))).await?;
        let items = page["items"].as_array().cloned().unwrap_or_default();
        Ok(items.into_iter().filter(|item| item["event"]["ticket"] == number).collect())
    }

    /// Reads the inbox until it contains a notification of this type.
    async fn notified(&self, title: &str, number: u64, kind: &str, token: &str) -> Result<()> {
        println!("\n── {title}\nwaiting for {kind:?} in GET /v1/notifications …");
        let begun = Instant::now();
        while begun.elapsed() < NOTIFIED_WITHIN {
            let inbox = self.inbox(token, number).await?;
            if let Some(item) = inbox.iter().find(|item| item["event"]["type"] == kind) {
                println!("arrived after {} ms", begun.elapsed().as_millis());
                show(item);
                return Ok(());
            }
            sleep(POLL_EVERY).await;
        }
        Err(Error::new(format!("No notification {kind:?} arrived within {} s.", NOTIFIED_WITHIN.as_secs())))
    }

    /// Fails if a notification is about the person's own action. All have arrived, because the
    /// queue keeps the order within a ticket.
    async fn assert_no_own_notification(&self, number: u64, token: &str, person: &Person) -> Result<()> {
        let inbox = self.inbox(token, number).await?;
        if let Some(own) = inbox.iter().find(|item| item["event"]["actor"]["id"] == person.id) {
            return Err(Error::new(format!("Rita was notified of her own action: {}.", own["event"]["type"])));
        }
        println!("\n── Rita has {} notifications about the ticket, none about her own actions", inbox.len());
        for item in inbox.iter().rev() {
            println!("{} by {}", text(&item["event"]["type"]), text(&item["event"]["actor"]["name"]));
        }
        Ok(())
    }

    async fn show_events(&self, number: u64, token: &str) -> Result<()> {
        let path = format!("/v1/tickets/{number}/events");
        let page = self.api.step("The ticket's log", ApiRequest::get(&path, Some(token))).await?;
        let events: Vec<String> =
            page["items"].as_array().into_iter().flatten().map(|event| text(&event["type"])).collect();
        println!("in short: {}", events.join(", "));
        if events == ["opened", "assigned", "resolved", "closed"] {
            return Ok(());
        }
        Err(Error::new("The log should contain opened, assigned, resolved and closed, in this order."))
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or("?").to_owned()
}
