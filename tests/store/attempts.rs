//! Attempts that are counted concurrently by instances whose clocks differ.

use domain::throttle::Wait;
use domain::time::Timestamp;
use edges::clock;
use edges::store::{Admission, AttemptError, ResetRequest, SignIn, Store};
use futures_util::future::join_all;

use crate::table::Table;

#[tokio::test]
async fn concurrent_attempts_are_admitted_up_to_the_limit_with_any_clock_skew() {
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
async fn successful_attempts_are_subtracted_while_others_are_counted() {
    let table = Table::new().await;
    let now = clock::now();
    let attempts = (0..40).map(|place| {
        let store = &table.store;
        async move {
            let mut sign_in = SignIn::new(&format!("person-{place}@example.org"), Some("192.0.2.1".to_owned()));
            let admission = store.count_sign_in(&mut sign_in, 50, now).await.unwrap();
            store.complete_sign_in(&sign_in, admission, now).await;
        }
    });
    join_all(attempts).await;
    // None of them counts any longer: all fifty are free again.
    for place in 0..50 {
        let mut sign_in = SignIn::new(&format!("other-{place}@example.org"), Some("192.0.2.1".to_owned()));
        let admission = table.store.count_sign_in(&mut sign_in, 50, now).await.unwrap();
        assert_eq!(admission, Admission::Unthrottled, "{place}");
    }
}

/// Requests a reset for this person in the office, where three are free.
async fn request_reset_in_the_office(store: &Store, email: &str, at: Timestamp) -> Result<ResetRequest, AttemptError> {
    store.count_reset(email.to_owned(), Some("192.0.2.1".to_owned()), 3, at).await
}

/// Makes an account known in the office, as a successful sign-in does.
async fn make_known_in_the_office(store: &Store, email: &str, at: Timestamp) {
    let mut sign_in = SignIn::new(email, Some("192.0.2.1".to_owned()));
    let admission = store.count_sign_in(&mut sign_in, 50, at).await.unwrap();
    store.complete_sign_in(&sign_in, admission, at).await;
}

#[tokio::test]
async fn too_many_resets_from_a_network_stop_only_unknown_accounts() {
    let table = Table::new().await;
    let (store, now) = (&table.store, clock::now());
    make_known_in_the_office(store, "ana@example.org", now).await;
    make_known_in_the_office(store, "once@example.org", now.plus_seconds(-31 * 24 * 3_600)).await;
    for place in 0..3 {
        let request = request_reset_in_the_office(store, &format!("stranger-{place}@example.org"), now).await.unwrap();
        assert!(request.may_be_mailed(), "{place} is free");
    }
    for (email, may_be_mailed) in
        [("ana@example.org", true), ("once@example.org", false), ("nobody@example.org", false)]
    {
        let request = request_reset_in_the_office(store, email, now).await.unwrap();
        assert_eq!(request.may_be_mailed(), may_be_mailed, "{email}");
        store.request_reset(request, now).await.unwrap();
    }
    // An ignored request has an item with the same number of attributes, but with a key that does
    // not pass the relay's filter.
    let requests = table.items_of("RESET_REQUEST#").await;
    let shown = requests.iter().filter(|item| item["sk"].as_s().unwrap().starts_with("EVENT#")).count();
    assert_eq!((requests.len(), shown), (3, 1));
    assert!(requests.iter().all(|item| item.len() == requests[0].len()), "{requests:?}");
    assert!(requests.iter().all(|item| !item.contains_key("network")), "no item has the network");
    // The counter of the address stops both alike.
    for email in ["ana@example.org", "nobody@example.org"] {
        for _ in 0..2 {
            request_reset_in_the_office(store, email, now).await.unwrap();
        }
        let refused = request_reset_in_the_office(store, email, now).await;
        assert!(matches!(refused, Err(AttemptError::TooMany(Wait { seconds: 60 }))), "{email}: {refused:?}");
    }
    // A minute later there is room for one.
    let later = now.plus_seconds(60);
    assert!(request_reset_in_the_office(store, "one@example.org", later).await.unwrap().may_be_mailed());
    assert!(!request_reset_in_the_office(store, "two@example.org", later).await.unwrap().may_be_mailed());
}
