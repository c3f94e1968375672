use domain::text::Category;
use domain::user::Role;
use edges::store::{Store, TicketFilter};
use serde_json::json;

use crate::people::{account, opening};
use crate::table::Table;

/// Reads a list in pages of this size and returns its numbers and the number of pages.
async fn numbers(store: &Store, filter: &TicketFilter, limit: usize) -> (Vec<u64>, usize) {
    let (mut numbers, mut pages, mut after) = (Vec::new(), 0, None);
    loop {
        let page = store.list_tickets(filter, after.as_deref(), limit).await.unwrap();
        assert!(page.items.len() <= limit);
        numbers.extend(page.items.iter().map(|head| head.number.get()));
        pages += 1;
        assert!(pages < 1_000, "a list ends");
        let Some(next) = page.next else {
            return (numbers, pages);
        };
        after = Some(next);
    }
}

#[tokio::test]
async fn all_tickets_are_listed_once_newest_first_across_partitions_and_gaps() {
    let table = Table::new().await;
    let ana = account(&table.store, "Ana", Role::User).await;
    // A partition has a thousand heads. The numbers 2501 to 8000 were given out, but their tickets
    // were never opened.
    let all = [1, 2, 998, 999, 1_000, 1_001, 2_000, 2_500, 8_001, 8_999, 9_000];
    for number in all {
        table.store.commit(&opening(number, &ana, &json!({})), None).await.unwrap();
    }
    table.set_ticket_counter(9_003).await;
    let expected: Vec<u64> = all.into_iter().rev().collect();
    for limit in 1..=12 {
        let (listed, _) = numbers(&table.store, &TicketFilter::default(), limit).await;
        assert_eq!(listed, expected, "in pages of {limit}");
    }
}

#[tokio::test]
async fn a_page_that_ends_early_continues_to_the_rest() {
    let table = Table::new().await;
    let ana = account(&table.store, "Ana", Role::User).await;
    // Each thousand takes a call, and a page has twelve calls. The list crosses three page ends,
    // one of them between two neighbours.
    let all = [1, 999, 1_000, 12_999, 13_000, 13_001, 24_999, 25_000, 36_500];
    for number in all {
        table.store.commit(&opening(number, &ana, &json!({})), None).await.unwrap();
    }
    table.set_ticket_counter(36_500).await;
    let expected: Vec<u64> = all.into_iter().rev().collect();
    for limit in [1, 3, 100] {
        let (listed, pages) = numbers(&table.store, &TicketFilter::default(), limit).await;
        assert_eq!(listed, expected, "in pages of {limit}");
        assert!(limit < all.len() || pages > 1, "everything would fit on one page, but it ends early");
    }
}

#[tokio::test]
async fn a_filter_with_few_matches_finds_them_all() {
    let table = Table::new().await;
    let ana = account(&table.store, "Ana", Role::User).await;
    for number in 1..=2_500 {
        let category = if number % 1_100 == 3 { "rare" } else { "common" };
        table.store.commit(&opening(number, &ana, &json!({"category": category})), None).await.unwrap();
    }
    table.set_ticket_counter(2_500).await;
    let rare = Category::parse("rare".to_owned()).ok();
    for filter in [
        TicketFilter { category: rare.clone(), ..TicketFilter::default() },
        TicketFilter { category: rare, requester: Some(ana.id), ..TicketFilter::default() },
    ] {
        assert_eq!(numbers(&table.store, &filter, 10).await, (vec![2_203, 1_103, 3], 1));
        assert_eq!(numbers(&table.store, &filter, 1).await, (vec![2_203, 1_103, 3], 3));
    }
}
