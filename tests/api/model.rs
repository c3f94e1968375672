//! Compares the API with a small model: random requests from five people, with current and stale
//! versions and with new and used idempotency keys, one after the other. Each response and each
//! ticket must match the model.
//!
//! `MODEL_SEED` and `MODEL_STEPS` repeat or prolong a run. A failure names its seed and step.

use http::Method;
use serde_json::{Value, json};

use crate::support::{Caller, Desk, Numbers, Response, setting};

const SEED: u64 = 2026;
const STEPS: usize = 400;
/// The maximum number of tickets, low enough that each has a long life.
const TICKETS_MAX: usize = 12;

/// Rita and Otto are users, Tina and Tom technicians, Ada the admin.
const TECHNICIANS: [usize; 2] = [2, 3];
const ADA: usize = 4;

/// A ticket in the model. People are indexes into the list of callers.
#[derive(Clone, Debug)]
struct Ticket {
    requester: usize,
    assignee: Option<usize>,
    status: &'static str,
    title: String,
    priority: &'static str,
    version: u64,
    comments: usize,
    notes: usize,
}

/// A request in the model.
#[derive(Clone, Debug)]
enum Action {
    Assign(usize),
    Release,
    Resolve,
    Reopen,
    Close,
    Withdraw,
    Comment,
    Note,
    Retitle(String),
    Classify(&'static str),
}

impl Ticket {
    fn is_staff(actor: usize) -> bool {
        actor == ADA || TECHNICIANS.contains(&actor)
    }

    /// Returns whether the actor is the assignee or the admin.
    fn works(&self, actor: usize) -> bool {
        actor == ADA || (TECHNICIANS.contains(&actor) && self.assignee == Some(actor))
    }

    fn asked(&self, actor: usize) -> bool {
        self.requester == actor
    }

    fn sees(&self, actor: usize) -> bool {
        Self::is_staff(actor) || self.asked(actor)
    }

    /// Applies the request, or returns the status of its refusal.
    fn take(&mut self, action: &Action, actor: usize) -> Result<(), u16> {
        let (works, asked) = (self.works(actor), self.asked(actor));
        let allowed = |allowed: bool| if allowed { Ok(()) } else { Err(403_u16) };
        match action {
            Action::Assign(to) => return self.assign(*to, actor),
            Action::Release => {
                allowed(works)?;
                self.go("in_progress", "open")?;
                self.assignee = None;
            }
            Action::Resolve => {
                allowed(works)?;
                self.go("in_progress", "resolved")?;
            }
            Action::Reopen => {
                allowed(works || asked)?;
                self.go("resolved", "in_progress")?;
            }
            Action::Close => {
                allowed(asked || actor == ADA)?;
                self.go("resolved", "closed")?;
            }
            Action::Withdraw => {
                allowed(asked || actor == ADA)?;
                self.go("open", "closed")?;
            }
            Action::Comment => {
                self.not_closed()?;
                allowed(works || asked)?;
                self.comments += 1;
                if self.status == "resolved" && asked && self.assignee != Some(actor) {
                    self.status = "in_progress";
                    self.version += 1;
                }
            }
            Action::Note => {
                allowed(Self::is_staff(actor))?;
                self.notes += 1;
                return Ok(());
            }
            Action::Retitle(title) => {
                self.not_closed()?;
                allowed(works || asked)?;
                if !works && self.status != "open" {
                    return Err(409);
                }
                self.title.clone_from(title);
            }
            Action::Classify(priority) => {
                self.not_closed()?;
                allowed(Self::is_staff(actor))?;
                if self.priority == *priority {
                    return Ok(());
                }
                self.priority = priority;
            }
        }
        self.version += 1;
        Ok(())
    }

    fn assign(&mut self, to: usize, actor: usize) -> Result<(), u16> {
        let takes = to == actor && TECHNICIANS.contains(&actor);
        let may = takes || actor == ADA || (self.status != "open" && self.works(actor));
        if !may {
            return Err(403);
        }
        if self.status == "in_progress" && self.assignee == Some(to) {
            return Ok(());
        }
        if self.status != "open" && (takes || self.status != "in_progress") {
            return Err(409);
        }
        if !TECHNICIANS.contains(&to) {
            return Err(422);
        }
        self.assignee = Some(to);
        self.status = "in_progress";
        self.version += 1;
        Ok(())
    }

    fn go(&mut self, from: &str, to: &'static str) -> Result<(), u16> {
        if self.status != from {
            return Err(409);
        }
        self.status = to;
        Ok(())
    }

    fn not_closed(&self) -> Result<(), u16> {
        if self.status == "closed" { Err(409) } else { Ok(()) }
    }
}

/// A request that can be sent again.
#[derive(Clone, Debug)]
struct Sent {
    actor: usize,
    method: Method,
    path: String,
    if_match: Option<String>,
    key: Option<String>,
    body: Value,
}

struct Run {
    desk: Desk,
    people: Vec<Caller>,
    tickets: Vec<Ticket>,
    numbers: Numbers,
    /// Requests with an idempotency key that changed something, and their responses.
    kept: Vec<(Sent, u16, Value)>,
}

impl Run {
    async fn send(&self, sent: &Sent) -> Response {
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(sent.if_match.as_deref().map(|tag| ("if-match", tag)));
        headers.extend(sent.key.as_deref().map(|key| ("idempotency-key", key)));
        let body = sent.body.to_string().into_bytes();
        self.people[sent.actor].send(sent.method.clone(), &sent.path, &headers, body).await
    }

    async fn step(&mut self, step: usize) {
        if !self.kept.is_empty() && self.numbers.one_in(8) {
            return self.repeat().await;
        }
        if self.tickets.is_empty() || (self.tickets.len() < TICKETS_MAX && self.numbers.one_in(12)) {
            return self.open(step).await;
        }
        let place = self.numbers.below(self.tickets.len());
        let actor = self.numbers.below(self.people.len());
        let action = self.random_action(step);
        let (method, verb, body) = self.request(&action);
        let path = format!("/v1/tickets/{}{verb}", place + 1);
        let version = self.tickets[place].version;
        let (if_match, stale) = match self.numbers.below(6) {
            0 => (Some(format!("\"{version}\"")), false),
            1 => (Some(format!("\"{}\"", version + 1)), true),
            _ if method == Method::PATCH => (Some("*".to_owned()), false),
            _ => (None, false),
        };
        let key = (method == Method::POST && self.numbers.one_in(3)).then(|| format!("key-{step}"));
        let sent = Sent { actor, method, path, if_match, key, body };
        let mut after = self.tickets[place].clone();
        let expected = match (after.sees(actor), stale) {
            (false, _) => Err(404),
            // A caller who may not read notes does not learn about versions either.
            (true, true) if matches!(action, Action::Note) => Err(after.take(&action, actor).err().unwrap_or(412)),
            (true, true) => Err(412),
            (true, false) => after.take(&action, actor),
        };
        let response = self.send(&sent).await;
        let created = matches!(action, Action::Comment | Action::Note);
        let status = expected.map_or_else(|status| status, |()| if created { 201 } else { 200 });
        assert_eq!(response.status.as_u16(), status, "{sent:?} on {:?}: {}", self.tickets[place], response.body);
        assert_eq!(response.header("idempotency-replayed"), None, "{sent:?}");
        if expected.is_ok() {
            self.tickets[place] = after;
            self.kept.extend(sent.key.is_some().then(|| (sent.clone(), status, response.body)));
        }
        self.compare(place, &sent).await;
    }

    async fn open(&mut self, step: usize) {
        // Technicians open tickets too.
        let requester = self.numbers.below(3);
        let title = format!("Ticket of step {step}");
        let body = json!({"title": title, "description": "It does not work."});
        let key = self.numbers.one_in(2).then(|| format!("key-{step}"));
        let sent =
            Sent { actor: requester, method: Method::POST, path: "/v1/tickets".to_owned(), if_match: None, key, body };
        let response = self.send(&sent).await.expect(201);
        self.tickets.push(Ticket {
            requester,
            assignee: None,
            status: "open",
            title,
            priority: "normal",
            version: 1,
            comments: 0,
            notes: 0,
        });
        assert_eq!(response.body["number"], self.tickets.len());
        self.kept.extend(sent.key.is_some().then(|| (sent.clone(), 201, response.body)));
        self.compare(self.tickets.len() - 1, &sent).await;
    }

    /// Repeats an earlier request, which must get the same response and change nothing, or its key
    /// with another body, which must be refused.
    async fn repeat(&mut self) {
        let place = self.numbers.below(self.kept.len());
        let (sent, status, body) = self.kept[place].clone();
        if self.numbers.one_in(4) {
            let other = Sent { body: json!({"title": "x", "description": "x", "body": "x"}), ..sent.clone() };
            let response = self.send(&other).await;
            assert_eq!(response.status, 422, "{other:?}: {}", response.body);
        } else {
            let response = self.send(&sent).await;
            assert_eq!((response.status.as_u16(), &response.body), (status, &body), "{sent:?}");
            assert_eq!(response.header("idempotency-replayed"), Some("true"), "{sent:?}");
        }
        for ticket in 0..self.tickets.len() {
            self.compare(ticket, &sent).await;
        }
    }

    fn random_action(&mut self, step: usize) -> Action {
        match self.numbers.below(14) {
            0 | 1 => Action::Assign(self.numbers.below(5)),
            2 | 3 => Action::Assign(TECHNICIANS[self.numbers.below(2)]),
            4 => Action::Release,
            5 | 6 => Action::Resolve,
            7 => Action::Reopen,
            8 => Action::Close,
            9 if self.numbers.one_in(3) => Action::Withdraw,
            10 => Action::Note,
            11 => Action::Retitle(format!("Title of step {step}")),
            12 => Action::Classify(["low", "normal", "high", "urgent"][self.numbers.below(4)]),
            _ => Action::Comment,
        }
    }

    fn request(&self, action: &Action) -> (Method, &'static str, Value) {
        match action {
            Action::Assign(to) => (Method::POST, "/assign", json!({"assignee_id": self.people[*to].id})),
            Action::Release => (Method::POST, "/release", json!({})),
            Action::Resolve => (Method::POST, "/resolve", json!({"resolution": "Done."})),
            Action::Reopen => (Method::POST, "/reopen", json!({})),
            Action::Close => (Method::POST, "/close", json!({})),
            Action::Withdraw => (Method::POST, "/withdraw", json!({})),
            Action::Comment => (Method::POST, "/comments", json!({"body": "Hello."})),
            Action::Note => (Method::POST, "/notes", json!({"body": "Between us."})),
            Action::Retitle(title) => (Method::PATCH, "", json!({"title": title})),
            Action::Classify(priority) => (Method::PATCH, "", json!({"priority": priority})),
        }
    }

    /// Compares the ticket in the API with the model.
    async fn compare(&self, place: usize, after: &Sent) {
        let ticket = &self.tickets[place];
        let shown = self.people[ADA].get(&format!("/v1/tickets/{}", place + 1)).await.expect(200).body;
        let expected = json!({
            "status": ticket.status, "title": ticket.title, "priority": ticket.priority, "version": ticket.version,
            "requester": self.people[ticket.requester].id, "assignee": ticket.assignee.map(|place| &self.people[place].id),
        });
        let found = json!({
            "status": shown["status"], "title": shown["title"], "priority": shown["priority"], "version": shown["version"],
            "requester": shown["requester"]["id"], "assignee": shown["assignee"]["id"],
        });
        assert_eq!(found, expected, "ticket {} after {after:?}", place + 1);
    }

    /// Compares the final state with the model.
    async fn compare_all(&self) {
        let ada = &self.people[ADA];
        for (place, ticket) in self.tickets.iter().enumerate() {
            let path = format!("/v1/tickets/{}", place + 1);
            let timeline = ada.all_pages(&format!("{path}/timeline"), 7).await;
            let of_kind = |kind: &str| timeline.iter().filter(|item| item["kind"] == kind).count();
            assert_eq!((of_kind("comment"), of_kind("note")), (ticket.comments, ticket.notes));
            let seqs: Vec<u64> = timeline.iter().filter_map(|item| item["seq"].as_u64()).collect();
            assert_eq!(seqs, (1..=ticket.version).collect::<Vec<_>>(), "no gaps and no duplicates");
            assert_eq!(ada.get(&format!("{path}/verify")).await.expect(200).body["intact"], true);
        }
        assert_eq!(ada.all_pages("/v1/tickets", 5).await.len(), self.tickets.len());
    }
}

#[tokio::test]
async fn random_requests_are_answered_as_the_model_predicts() {
    let (seed, steps) = (setting("MODEL_SEED", SEED), setting("MODEL_STEPS", STEPS));
    let desk = Desk::open().await;
    let ada = desk.admin().await;
    let people = vec![
        desk.user("Rita").await,
        desk.user("Otto").await,
        desk.technician(&ada, "Tina").await,
        desk.technician(&ada, "Tom").await,
        ada,
    ];
    let mut run = Run { desk, people, tickets: Vec::new(), numbers: Numbers(seed), kept: Vec::new() };
    for step in 0..steps {
        // Shown only when the test fails.
        println!("MODEL_SEED={seed}, step {step}");
        run.step(step).await;
    }
    run.compare_all().await;
    run.desk.assert_no_process_died();
}
