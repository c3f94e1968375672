use aws_sdk_dynamodb::types::AttributeValue;
use domain::text::Category;
use domain::user::Role;
use edges::store::{Store, TicketFilter};
use serde_json::json;

use crate::people::{account, opening};
use crate::table::{Item, Table, by_engine};

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

fn padded(number: u64) -> String {
    format!("{number:012}")
}

fn text(text: &str) -> AttributeValue {
    AttributeValue::S(text.to_owned())
}

/// Returns the head of another ticket that was opened like that of `model`.
fn head_like(model: &Item, number: u64) -> Item {
    let mut head = model.clone();
    let own = model["sk"].as_s().unwrap();
    for value in head.values_mut() {
        if let AttributeValue::S(key) = value {
            *key = key.replace(own.as_str(), &padded(number));
        }
    }
    head.insert("pk".to_owned(), text(&format!("TICKETS#{}", number / 1_000)));
    head.insert("number".to_owned(), AttributeValue::N(number.to_string()));
    head
}

#[tokio::test]
async fn a_filter_with_few_matches_finds_them_all() {
    let table = Table::new().await;
    let ana = account(&table.store, "Ana", Role::User).await;
    let is_rare = |number: u64| number % 1_100 == 3;
    let mut models = Vec::new();
    for (number, category) in [(1, "common"), (3, "rare")] {
        table.store.commit(&opening(number, &ana, &json!({"category": category})), None).await.unwrap();
        let heads = table.items("TICKETS#0").await;
        models.extend(heads.into_iter().find(|head| head["sk"] == text(&padded(number))));
    }
    let opened = (by_engine(1, 3)..=2_500).step_by(by_engine(1, 10));
    table.put_all(opened.map(|number| head_like(&models[usize::from(is_rare(number))], number))).await;
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
