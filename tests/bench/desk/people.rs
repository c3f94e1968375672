//! The help desk under measurement: who uses it, and which tickets are in which state.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use domain::id::UserId;
use domain::text::PersonName;
use domain::user::{EmailAddress, Password, Role, User};
use edges::clock;
use http::{Method, StatusCode};
use local::Stack;
use local::http::Client;
use serde_json::{Value, json};

use crate::operation::Operation;
use crate::store;

/// The number of people who open tickets.
const REQUESTERS: usize = 20;
const PASSWORD: &str = "correct horse battery";
/// How long tokens are used. They are valid for ten minutes.
const TOKENS_USED: Duration = Duration::from_mins(5);
/// The tickets with a timeline of ten entries: opened, assigned, and eight comments.
const TIMELINES: usize = 20;
const COMMENTS: usize = 8;
/// The distance between tickets that are read one after the other: a prime, so that all get a turn.
const STRIDE: usize = 7_919;
/// A request that takes longer has failed.
const WITHIN: Duration = Duration::from_secs(30);

pub(crate) struct Desk {
    url: String,
    state: Mutex<State>,
}

/// The tokens of the people, and the numbers of tickets. A ticket is in one list at most while a
/// request changes it.
#[derive(Default)]
struct State {
    signed_in: Option<Instant>,
    technician: String,
    requesters: VecDeque<String>,
    created: usize,
    read: usize,
    open: VecDeque<usize>,
    assigned: VecDeque<usize>,
    resolved: VecDeque<usize>,
    timelines: VecDeque<usize>,
}

/// Takes the oldest of a list and puts it at the end.
fn turn<T: Clone>(list: &mut VecDeque<T>) -> T {
    list.rotate_left(1);
    list.back().unwrap().clone()
}

impl Desk {
    pub(crate) async fn open(stack: &Stack) -> Self {
        let store = store::of(stack);
        let hash = edges::auth::password::hash(&Password::parse(PASSWORD).unwrap()).unwrap();
        for number in 0..=REQUESTERS {
            let role = if number == 0 { Role::Technician } else { Role::User };
            let id = UserId::new(clock::now(), clock::id_bytes());
            let name = PersonName::parse(format!("Person {number}")).unwrap();
            let user = User::register(id, name, EmailAddress::parse(&address(number)).unwrap(), role, clock::now());
            store.register(&user, hash.clone()).await.unwrap();
        }
        let desk = Self { url: stack.base_url().to_owned(), state: Mutex::default() };
        desk.sign_in().await;
        desk
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub(crate) fn created(&self) -> usize {
        self.state().created
    }

    /// Signs everyone in, unless their tokens are still valid for a while.
    pub(crate) async fn sign_in(&self) {
        if self.state().signed_in.is_some_and(|at| at.elapsed() < TOKENS_USED) {
            return;
        }
        let signed_in = Some(Instant::now());
        let client = Client::default();
        let mut tokens = VecDeque::new();
        for number in 0..=REQUESTERS {
            let body = json!({"email": address(number), "password": PASSWORD});
            let (_, answer) = self.send(&client, Method::POST, "/v1/auth/login", None, body).await;
            tokens.push_back(answer["access_token"].as_str().unwrap().to_owned());
        }
        let mut state = self.state();
        state.technician = tokens.pop_front().unwrap();
        state.requesters = tokens;
        state.signed_in = signed_in;
    }

    /// Makes the tickets whose timeline is read.
    pub(crate) async fn prepare_timelines(&self) {
        let client = Client::default();
        for _ in 0..TIMELINES {
            self.perform(&client, Operation::Create).await;
            let (number, technician) = {
                let mut state = self.state();
                (state.open.pop_back().unwrap(), state.technician.clone())
            };
            let comments = std::iter::repeat_n(Operation::Comment, COMMENTS);
            for operation in std::iter::once(Operation::Assign).chain(comments) {
                let (method, path, body) = operation.request(number);
                self.send(&client, method, &path, Some(&technician), body).await;
            }
            self.state().timelines.push_back(number);
        }
    }

    /// Performs an operation on the next ticket that it can be performed on, and returns how long
    /// the request took.
    pub(crate) async fn perform(&self, client: &Client, operation: Operation) -> Duration {
        let (token, number) = self.next(operation);
        let (method, path, body) = operation.request(number);
        let (elapsed, answer) = self.send(client, method, &path, Some(&token), body).await;
        let mut state = self.state();
        match operation {
            Operation::Get | Operation::List | Operation::Timeline | Operation::Comment => {}
            Operation::Create => {
                state.created += 1;
                state.open.push_back(usize::try_from(answer["number"].as_u64().unwrap()).unwrap());
            }
            Operation::Assign | Operation::Reopen => state.assigned.push_back(number),
            Operation::Resolve => state.resolved.push_back(number),
        }
        elapsed
    }

    /// Returns the token of the caller and the number of the ticket.
    fn next(&self, operation: Operation) -> (String, usize) {
        let mut state = self.state();
        let number = match operation {
            Operation::Get => {
                state.read += STRIDE;
                state.read % state.created + 1
            }
            Operation::Comment => turn(&mut state.assigned),
            Operation::List | Operation::Create => 0,
            Operation::Timeline => turn(&mut state.timelines),
            Operation::Assign => state.open.pop_front().unwrap(),
            Operation::Resolve => state.assigned.pop_front().unwrap(),
            Operation::Reopen => state.resolved.pop_front().unwrap(),
        };
        let token = if operation == Operation::Create { turn(&mut state.requesters) } else { state.technician.clone() };
        (token, number)
    }

    async fn send(
        &self,
        client: &Client,
        method: Method,
        path: &str,
        token: Option<&str>,
        body: Value,
    ) -> (Duration, Value) {
        let authorization = token.map(|token| format!("Bearer {token}"));
        let mut headers = vec![("content-type", "application/json")];
        headers.extend(authorization.as_deref().map(|value| ("authorization", value)));
        let bytes = if body.is_null() { Vec::new() } else { body.to_string().into_bytes() };
        let url = format!("{}{path}", self.url);
        let begun = Instant::now();
        let answer = client.send(method, &url, &headers, bytes, WITHIN).await.unwrap();
        let elapsed = begun.elapsed();
        let ok = [StatusCode::OK, StatusCode::CREATED].contains(&answer.status);
        assert!(ok, "{url}: {} {}", answer.status, String::from_utf8_lossy(&answer.body));
        (elapsed, answer.json().unwrap())
    }
}

fn address(number: usize) -> String {
    format!("person-{number}@example.org")
}
