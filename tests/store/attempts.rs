//! Attempts counted at once, by instances whose clocks differ.

use edges::clock;
use edges::store::{AttemptError, SignIn};
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
