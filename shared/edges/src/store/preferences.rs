//! Notification preferences, the read mark, and the key that lets the holder of a mail unsubscribe
//! from all mails.

use std::collections::{BTreeSet, HashMap};

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{EventId, UserId};
use domain::language::Language;
use domain::notification::{Preferences, ReadMark};
use domain::time::Timestamp;
use domain::user::User;
use serde::{Deserialize, Serialize};

use super::account_items::active;
use super::condition::{Changes, is, lacks};
use super::item::{from_item, text};
use super::keys::{Item, Key};
use super::transaction::Transaction;
use super::write::Write;
use super::{Store, StoreError};
use crate::auth::UnsubscribeKey;

/// The attribute that holds the time up to which the whole inbox was read.
pub(super) const READ_UP_TO: &str = "read_up_to";
/// The attribute that holds the ids of late notifications since then, each as its bytes.
pub(super) const LATE_IDS: &str = "late";

/// The attribute that holds the key of the links to unsubscribe.
const UNSUBSCRIBE_KEY: &str = "unsubscribe_key";
/// The attribute that says that the user unsubscribed from all mails.
const MAILS_ENDED: &str = "mails_ended";

/// The item. It exists once the user chose preferences, was mailed, or read their whole inbox.
#[derive(Default, Serialize, Deserialize)]
struct PreferencesItem {
    #[serde(default)]
    read_up_to: Option<Timestamp>,
    #[serde(default)]
    chosen: Option<Preferences>,
    #[serde(default)]
    unsubscribe_key: Option<UnsubscribeKey>,
    /// Whether the user unsubscribed from all mails, whatever they chose before.
    #[serde(default)]
    mails_ended: bool,
}

impl PreferencesItem {
    fn preferences(self) -> Preferences {
        let chosen = self.chosen.unwrap_or_default();
        if self.mails_ended { chosen.without_mail() } else { chosen }
    }
}

/// Returns the item of a new service account, which has no address to mail.
pub(super) fn of_service_account(user: UserId) -> Item {
    let mut item = Key::preferences(user).to_item();
    item.insert(MAILS_ENDED.to_owned(), AttributeValue::Bool(true));
    item
}

/// A user's preferences and read mark.
#[derive(Clone, Debug, Default)]
pub struct InboxState {
    /// The preferences.
    pub preferences: Preferences,
    /// The read mark.
    pub mark: ReadMark,
}

impl InboxState {
    pub(super) fn of(mut item: Item) -> Result<Self, StoreError> {
        let late = item.remove(LATE_IDS);
        let stored: PreferencesItem = from_item(item)?;
        let mark = ReadMark { up_to: stored.read_up_to, late: late.map(late_in).transpose()?.unwrap_or_default() };
        Ok(Self { mark, preferences: stored.preferences() })
    }
}

fn late_in(attribute: AttributeValue) -> Result<BTreeSet<EventId>, StoreError> {
    let AttributeValue::Bs(ids) = attribute else {
        return Err(StoreError::corrupt("the late notifications are not a set of ids"));
    };
    let id = |bytes: Vec<u8>| <[u8; 16]>::try_from(bytes).ok().map(EventId::from_bytes);
    let ids: Option<BTreeSet<EventId>> = ids.into_iter().map(|blob| id(blob.into_inner())).collect();
    ids.ok_or_else(|| StoreError::corrupt("the late notifications are not a set of ids"))
}

/// A recipient of notifications, with their preferences.
#[derive(Clone, Debug)]
pub struct Subscriber {
    /// The account.
    pub user: User,
    /// The preferences and the read mark.
    pub inbox_state: InboxState,
}

impl<R> Transaction<R> {
    /// Adds the language in which a new person is written to until they choose one, if it is known.
    pub(super) fn written_to_in(self, user: UserId, language: Option<Language>) -> Result<Self, StoreError> {
        let Some(language) = language else { return Ok(self) };
        let chosen = Preferences { language, ..Preferences::default() };
        let mut item = Key::preferences(user).to_item();
        item.insert("chosen".to_owned(), serde_dynamo::to_attribute_value(chosen).map_err(StoreError::corrupt)?);
        Ok(self.put(item).unconditionally())
    }
}

impl Store {
    /// Returns a user's preferences, or the defaults if they chose none.
    pub async fn preferences(&self, user: UserId) -> Result<Preferences, StoreError> {
        Ok(self.inbox_state(user).await?.preferences)
    }

    /// Returns a user's preferences and read mark.
    pub(super) async fn inbox_state(&self, user: UserId) -> Result<InboxState, StoreError> {
        Ok(self.get(&Key::preferences(user)).await?.map(InboxState::of).transpose()?.unwrap_or_default())
    }

    /// Stores a user's preferences if their account is active, and returns whether it is. If they
    /// unsubscribed from all mails before, that stays so unless they state which mails they want
    /// again.
    pub async fn choose(&self, user: UserId, chosen: &Preferences, says_which_mails: bool) -> Result<bool, StoreError> {
        struct Inactive;
        let chosen = serde_dynamo::to_attribute_value(chosen).map_err(StoreError::corrupt)?;
        let changes = Changes::new().set("chosen", chosen);
        let changes = if says_which_mails { changes.remove(MAILS_ENDED) } else { changes };
        let writes = Transaction::new()
            .check(Key::profile(user))
            .when(active())
            .or(Inactive)
            .update(Key::preferences(user), changes)
            .unconditionally();
        Ok(writes.commit(self).await?.is_ok())
    }

    /// Returns the key that unsubscribes a user from all mails. Stores `fresh` if they have none.
    pub async fn unsubscribe_key(&self, user: UserId, fresh: UnsubscribeKey) -> Result<UnsubscribeKey, StoreError> {
        let stored = self.get(&Key::preferences(user)).await?.map(from_item::<PreferencesItem>).transpose()?;
        if let Some(key) = stored.and_then(|stored| stored.unsubscribe_key) {
            return Ok(key);
        }
        let changes = Changes::new().set(UNSUBSCRIBE_KEY, text(fresh.to_string()));
        let write = Write::update(Key::preferences(user), changes);
        if self.write_if(write, lacks(UNSUBSCRIBE_KEY)).await?.is_made() {
            return Ok(fresh);
        }
        // A concurrent mail was faster, or the response to a first try was lost.
        let stored = self.get(&Key::preferences(user)).await?.map(from_item::<PreferencesItem>).transpose()?;
        stored
            .and_then(|stored| stored.unsubscribe_key)
            .ok_or_else(|| StoreError::corrupt("a key that existed is missing"))
    }

    /// Unsubscribes a user from all mails if the key is theirs. Returns false if it is not.
    pub async fn unsubscribe(&self, user: UserId, key: &UnsubscribeKey) -> Result<bool, StoreError> {
        let changes = Changes::new().set(MAILS_ENDED, AttributeValue::Bool(true));
        let write = Write::update(Key::preferences(user), changes);
        Ok(self.write_if(write, is(UNSUBSCRIBE_KEY, text(key.to_string()))).await?.is_made())
    }

    /// Returns the accounts of these ids with their preferences and read marks, in no particular
    /// order. Ids without an account are left out. Takes at most 50 ids (100 keys in a
    /// `BatchGetItem`, DynamoDB API reference).
    pub async fn subscribers(&self, ids: &[UserId]) -> Result<Vec<Subscriber>, StoreError> {
        let keys = ids.iter().flat_map(|id| [Key::profile(*id), Key::preferences(*id)]).collect();
        let (mut users, mut readings): (Vec<User>, HashMap<UserId, InboxState>) = (Vec::new(), HashMap::new());
        for item in self.batch_get(keys).await? {
            match ids.iter().find(|id| Key::preferences(**id).is_of(&item)) {
                Some(id) => drop(readings.insert(*id, InboxState::of(item)?)),
                None => users.push(from_item(item)?),
            }
        }
        let subscriber = |user: User| {
            let inbox_state = readings.remove(&user.id).unwrap_or_default();
            Subscriber { user, inbox_state }
        };
        Ok(users.into_iter().map(subscriber).collect())
    }
}
