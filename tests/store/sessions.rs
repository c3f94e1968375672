//! Refresh tokens: when using one replaces it, and which others are still answered.

use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};

use domain::id::{SessionId, UserId};
use domain::time::Timestamp;
use domain::user::{Person, Role};
use edges::auth::refresh::{OVERLAP_SECONDS, REST_SECONDS, RefreshToken, RotationNonce, SESSION_SECONDS};
use edges::clock;
use edges::store::{RotationResult, Session};
use futures_util::future::join_all;

use crate::numbers::Numbers;
use crate::people::user;
use crate::table::{Table, by_engine};

const OVERLAP: i64 = OVERLAP_SECONDS * 1_000;
const REST: i64 = REST_SECONDS * 1_000;

/// Returns the first token of a session that is not stored yet.
fn new_token(now: Timestamp) -> RefreshToken {
    RefreshToken::begin(UserId::new(now, clock::id_bytes()), SessionId::new(now, clock::id_bytes()))
}

fn owner_of(token: &RefreshToken) -> Person {
    Person { id: token.user_id, ..user("Ana", Role::User).person() }
}

/// A table with one session, and the moment at which it began.
struct Device {
    table: Table,
    begun: Timestamp,
}

impl Device {
    /// Begins a session and returns its first token.
    async fn new() -> (Self, RefreshToken) {
        let (table, begun) = (Table::new().await, clock::now());
        let token = new_token(begun);
        table.store.begin_session(&Session::begin(&token, 1, begun), owner_of(&token)).await.unwrap();
        (Self { table, begun }, token)
    }

    /// Uses a token that many milliseconds after the session began.
    async fn use_at(&self, milliseconds: i64, token: &RefreshToken) -> RotationResult {
        self.use_with(milliseconds, token, 1).await
    }

    async fn use_with(&self, milliseconds: i64, token: &RefreshToken, credential_version: u64) -> RotationResult {
        let now = self.begun.plus_milliseconds(milliseconds);
        self.table.store.rotate(token, RotationNonce::random(), credential_version, now).await.unwrap()
    }

    /// Uses a token and returns the one that the session continues with.
    async fn next_at(&self, milliseconds: i64, token: &RefreshToken) -> RefreshToken {
        match self.use_at(milliseconds, token).await {
            RotationResult::Rotated(next) => next,
            refused => panic!("at {milliseconds} ms: {refused:?}"),
        }
    }
}

#[track_caller]
fn assert_same(one: &RefreshToken, other: &RefreshToken) {
    assert_eq!(one.to_text(), other.to_text());
}

#[tokio::test]
async fn the_token_before_is_answered_with_the_current_one_for_ten_seconds() {
    let (device, first) = Device::new().await;
    let second = device.next_at(0, &first).await;
    assert_ne!(second.to_text(), first.to_text(), "a session's first token is replaced at once");
    for milliseconds in [0, 1, OVERLAP - 1, OVERLAP] {
        assert_same(&device.next_at(milliseconds, &first).await, &second);
    }
    // The clock of another function is behind.
    assert_same(&device.next_at(-50, &first).await, &second);
    let late = device.use_at(OVERLAP + 1, &first).await;
    assert!(matches!(late, RotationResult::Reused), "{late:?}");
}

#[tokio::test]
async fn the_current_token_rests_for_twenty_seconds() {
    let (device, first) = Device::new().await;
    let second = device.next_at(0, &first).await;
    for milliseconds in [0, OVERLAP, OVERLAP + 1, REST] {
        assert_same(&device.next_at(milliseconds, &second).await, &second);
    }
    let third = device.next_at(REST + 1, &second).await;
    assert_ne!(third.to_text(), second.to_text());
    // Of those that were replaced, only the one before the current one is answered.
    assert_same(&device.next_at(REST + 2, &second).await, &third);
    let older = device.use_at(REST + 2, &first).await;
    assert!(matches!(older, RotationResult::Reused), "{older:?}");
}

#[tokio::test]
async fn of_64_concurrent_uses_one_replaces_the_token_and_all_get_the_same_next_one() {
    let (device, first) = Device::new().await;
    let nexts = join_all((0..64).map(|_| device.next_at(0, &first))).await;
    let nexts: BTreeSet<String> = nexts.iter().map(RefreshToken::to_text).collect();
    assert_eq!(nexts.len(), 1);
    let next = RefreshToken::parse(nexts.first().unwrap()).unwrap();
    assert_same(&device.next_at(0, &next).await, &next);
}

#[tokio::test]
async fn nothing_is_answered_after_the_end_or_a_password_change() {
    let (device, first) = Device::new().await;
    let end = SESSION_SECONDS * 1_000;
    for (what, result) in [
        ("another password", device.use_with(0, &first, 2).await),
        ("the end", device.use_at(end, &first).await),
        ("another session", device.use_at(0, &new_token(device.begun)).await),
    ] {
        assert!(matches!(result, RotationResult::Refused), "{what}: {result:?}");
    }
    let late = end - 2_000;
    let second = device.next_at(late, &first).await;
    for token in [&first, &second] {
        device.next_at(end - 1_001, token).await;
        for result in [device.use_at(end, token).await, device.use_with(late, token, 2).await] {
            assert!(matches!(result, RotationResult::Refused), "within the overlap: {result:?}");
        }
    }
}

#[tokio::test]
async fn a_token_that_the_previous_version_replaced_is_not_answered() {
    let table = Table::new().await;
    let now = clock::now();
    let first = new_token(now);
    // The previous version replaced `second` by a random token, and left the rest as it was.
    let nonce = RotationNonce::random();
    let (second, third) = (first.next(&nonce), first.next(&RotationNonce::random()));
    let session = Session {
        token_hash: third.token_hash(),
        previous_hash: Some(first.token_hash()),
        nonce: Some(nonce),
        ..Session::begin(&first, 1, now)
    };
    table.store.begin_session(&session, owner_of(&first)).await.unwrap();
    for token in [&first, &second] {
        let result = table.store.rotate(token, RotationNonce::random(), 1, now).await.unwrap();
        assert!(matches!(result, RotationResult::Reused), "{result:?}");
    }
    let result = table.store.rotate(&third, RotationNonce::random(), 1, now.plus_seconds(REST_SECONDS + 1)).await;
    assert!(matches!(result.unwrap(), RotationResult::Rotated(_)));
}

/// What happens in a tab's exchange, with the number of its answers that were lost in a row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    /// The tab sends the token of the jar.
    Sends { tab: u8, lost: u32 },
    /// The request with that token arrives.
    Arrives { tab: u8, lost: u32, token: String },
    /// The answer to the token arrives, with the next one.
    Answered { tab: u8, token: String, next: String },
}

/// The longest way of a request or an answer, in milliseconds. With more, a token whose answers are
/// lost as often as they may be could be used after the overlap.
const WAY: usize = 1_600;
/// The largest number of answers to one tab that are lost in a row.
const LOST_MAX: u32 = 2;
/// The longest pauses of a tab between two refreshes, in milliseconds: after a reload, about as
/// long as the overlap, and any.
const PAUSES: [usize; 3] = [1_500, 12_000, 60_000];
const HOUR: i64 = 3_600_000;

/// Returns a random time up to `most` milliseconds.
fn wait(numbers: &mut Numbers, most: usize) -> i64 {
    i64::try_from(numbers.below(most + 1)).unwrap()
}

/// Lets two tabs with one cookie jar refresh for an hour of virtual time. Answers are lost, late,
/// and overtake each other. A tab whose answer is lost asks again at once, as after a reload.
/// Returns the number of requests, and the tokens that the jar held with the time of the last
/// change.
async fn refresh_for_an_hour(device: &Device, first: RefreshToken, seed: u64) -> (usize, Vec<(i64, String)>) {
    let mut numbers = Numbers(seed);
    let mut jar = vec![(0, first.to_text())];
    let mut next_events = BinaryHeap::new();
    for tab in [1, 2] {
        next_events.push(Reverse((wait(&mut numbers, PAUSES[0]), Happens::Sends { tab, lost: 0 })));
    }
    let mut requests = 0;
    while let Some(Reverse((now, event))) = next_events.pop() {
        let (after, next_event) = match event {
            Happens::Sends { .. } if now > HOUR => continue,
            Happens::Sends { tab, lost } => {
                let token = jar.last().unwrap().1.clone();
                (wait(&mut numbers, WAY), Happens::Arrives { tab, lost, token })
            }
            Happens::Arrives { tab, lost, token } => {
                let next = device.next_at(now, &RefreshToken::parse(&token).unwrap()).await.to_text();
                requests += 1;
                if lost < LOST_MAX && numbers.below(3) == 0 {
                    (wait(&mut numbers, WAY), Happens::Sends { tab, lost: lost + 1 })
                } else {
                    (wait(&mut numbers, WAY), Happens::Answered { tab, token, next })
                }
            }
            Happens::Answered { tab, token, next } => {
                // An answer with the token that was sent sets no cookie.
                if next != token {
                    jar.push((now, next));
                }
                let longest = PAUSES[numbers.below(PAUSES.len())];
                let pause = wait(&mut numbers, longest);
                (pause, Happens::Sends { tab, lost: 0 })
            }
        };
        next_events.push(Reverse((now + after, next_event)));
    }
    (requests, jar)
}

#[tokio::test]
async fn two_tabs_refresh_for_an_hour() {
    for seed in 1..=by_engine(3, 1) {
        let (device, first) = Device::new().await;
        let (requests, jar) = refresh_for_an_hour(&device, first, seed).await;
        let distinct: BTreeSet<&String> = jar.iter().map(|(_, token)| token).collect();
        assert!(requests > 200 && distinct.len() > 50, "seed {seed}: {requests} requests, {} tokens", distinct.len());
    }
}

#[tokio::test]
async fn a_copy_used_after_the_overlap_ends_the_session() {
    let (device, stolen) = Device::new().await;
    let (_, jar) = refresh_for_an_hour(&device, stolen.clone(), 1).await;
    let (changed, current) = jar.last().unwrap();
    let after = changed.max(&HOUR) + REST + 1;
    let current = RefreshToken::parse(current).unwrap();
    let next = device.next_at(after, &current).await;
    for copy in [&stolen, &current] {
        let result = device.use_at(after + OVERLAP + 1, copy).await;
        assert!(matches!(result, RotationResult::Reused), "{result:?}");
    }
    device.table.store.end_session(&current).await.unwrap();
    let result = device.use_at(after + OVERLAP + 2, &next).await;
    assert!(matches!(result, RotationResult::Refused), "{result:?}");
}
