//! Attempts counted at once, by instances whose clocks differ.

use domain::throttle::Wait;
use domain::time::Timestamp;
use edges::clock;
use edges::store::{AttemptError, ResetRequest, SignIn, Store};
use futures_util::future::join_all;

use crate::table::Table;

#[tokio::test]
async fn of_many_at_once_as_many_are_counted_as_are_free_whatever_the_clocks_say() {
    let table = Table::new().await;
    let now = clock::now();
    for (network, free) in [("192.0.2.1", 40), ("192.0.2.2", 60)] {
        // Clocks between five seconds behind and five seconds ahead.
        let counted = join_all((0..60).map(|place: i64| {
            let now = now.plus_milliseconds(place * 7_919 % 10_000 - 5_000);
            table.store.count_registration(Some(network), free, now)
        }));
        let counted = counted.await;
        let refused = counted.iter().filter(|counted| matches!(counted, Err(AttemptError::TooMany(_)))).count();
        let made = counted.iter().filter(|counted| counted.is_ok()).count();
        assert_eq!((made, refused), (free as usize, 60 - free as usize), "{counted:?}");
    }
}

#[tokio::test]
async fn right_ones_are_taken_back_while_others_count() {
    let table = Table::new().await;
    let now = clock::now();
    let attempts = (0..40).map(|place| {
        let store = &table.store;
        async move {
            let mut sign_in = SignIn::new(&format!("person-{place}@example.org"), Some("192.0.2.1".to_owned()));
            let admission = store.count_sign_in(&mut sign_in, 50, now).await.unwrap();
            store.end_sign_in(&sign_in, admission, now).await;
        }
    });
    join_all(attempts).await;
    // Nothing of them is left: all fifty are free again.
    for place in 0..50 {
        let mut sign_in = SignIn::new(&format!("other-{place}@example.org"), Some("192.0.2.1".to_owned()));
        let admission = table.store.count_sign_in(&mut sign_in, 50, now).await.unwrap();
        assert_eq!(admission, edges::store::Admission::Anybody, "{place}");
    }
}

/// A request for a reset by that person in the office, of which three are free.
async fn asked(store: &Store, email: &str, at: Timestamp) -> Result<ResetRequest, AttemptError> {
    store.count_reset(email.to_owned(), Some("192.0.2.1".to_owned()), 3, at).await
}

/// Makes an account known in the office, as a right sign-in does.
async fn known_in_the_office(store: &Store, email: &str, at: Timestamp) {
    let mut sign_in = SignIn::new(email, Some("192.0.2.1".to_owned()));
    let admission = store.count_sign_in(&mut sign_in, 50, at).await.unwrap();
    store.end_sign_in(&sign_in, admission, at).await;
}

#[tokio::test]
async fn a_network_that_asked_for_too_many_resets_stops_strangers_and_no_account_known_there() {
    let table = Table::new().await;
    let (store, now) = (&table.store, clock::now());
    known_in_the_office(store, "ana@example.org", now).await;
    known_in_the_office(store, "once@example.org", now.plus_seconds(-31 * 24 * 3_600)).await;
    for place in 0..3 {
        let request = asked(store, &format!("stranger-{place}@example.org"), now).await.unwrap();
        assert!(request.is_heard(), "{place} is free");
    }
    for (email, is_heard) in [("ana@example.org", true), ("once@example.org", false), ("nobody@example.org", false)] {
        let request = asked(store, email, now).await.unwrap();
        assert_eq!(request.is_heard(), is_heard, "{email}");
        store.request_reset(request, now).await.unwrap();
    }
    // What is not heard is nothing that the stream would show, and else the same item.
    let requests = table.items_of("RESET_REQUEST#").await;
    let shown = requests.iter().filter(|item| item["sk"].as_s().unwrap().starts_with("EVENT#")).count();
    assert_eq!((requests.len(), shown), (3, 1));
    assert!(requests.iter().all(|item| item.len() == requests[0].len()), "{requests:?}");
    assert!(requests.iter().all(|item| !item.contains_key("network")), "the network's counter has none of them");
    // The address' own counter stops both alike.
    for email in ["ana@example.org", "nobody@example.org"] {
        for _ in 0..2 {
            asked(store, email, now).await.unwrap();
        }
        let refused = asked(store, email, now).await;
        assert!(matches!(refused, Err(AttemptError::TooMany(Wait { seconds: 60 }))), "{email}: {refused:?}");
    }
    // A minute later there is room for one.
    let later = now.plus_seconds(60);
    assert!(asked(store, "one@example.org", later).await.unwrap().is_heard());
    assert!(!asked(store, "two@example.org", later).await.unwrap().is_heard());
}
