//! Accounts: a profile, a password hash, and the address that leads to them.

use aws_sdk_dynamodb::types::{KeysAndAttributes, Put, ReturnValue, TransactWriteItem};
use domain::id::UserId;
use domain::time::Timestamp;
use domain::user::{Role, User};
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::keys::{self, BY_STATUS, Item, Key};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError, from_item, text, to_item};

/// What an address leads to.
#[derive(Serialize, Deserialize)]
struct Address {
    user_id: UserId,
}

/// What a password is compared with.
#[derive(Serialize, Deserialize)]
struct Credential {
    password_hash: String,
}

/// What a sign-in is decided on.
#[derive(Debug)]
pub struct Login {
    /// Whose account it is.
    pub user: User,
    /// The PHC string of their password.
    pub password_hash: String,
}

/// Why an account was not made.
#[derive(Debug)]
pub enum RegisterError {
    /// Somebody has an account with that address.
    EmailTaken,
    /// The table could not be written.
    Store(StoreError),
}

impl From<StoreError> for RegisterError {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl Store {
    /// Makes an account, if its address is free.
    ///
    /// # Errors
    /// [`RegisterError`].
    pub async fn register(&self, user: &User, password_hash: String) -> Result<(), RegisterError> {
        let mut address = to_item(&Address { user_id: user.id })?;
        address.extend(Key::email(&user.email.normalised()).to_item());
        let mut profile = to_item(user)?;
        profile.extend(keys::profile_keys(user.id, user.role));
        let mut credential = to_item(&Credential { password_hash })?;
        credential.extend(Key::credential(user.id).to_item());
        // The address comes first: only its condition can fail.
        let writes = [address, profile, credential].map(|item| self.put_new(item));
        let request = self.client.transact_write_items();
        let request = request.set_transact_items(Some(writes.into_iter().collect::<Result<_, _>>()?));
        match request.send().await.map_err(Cancelled::from) {
            Ok(_) => Ok(()),
            Err(Cancelled::ConditionFailed(_) | Cancelled::Contended) => Err(RegisterError::EmailTaken),
            Err(Cancelled::Failed(error)) => Err(error.into()),
        }
    }

    /// A put that a transaction makes only if there is no such item yet.
    pub(super) fn put_new(&self, item: Item) -> Result<TransactWriteItem, StoreError> {
        let put = Put::builder()
            .table_name(&self.table)
            .set_item(Some(item))
            .condition_expression("attribute_not_exists(pk)")
            .build()
            .map_err(StoreError::corrupt)?;
        Ok(TransactWriteItem::builder().put(put).build())
    }

    /// The account of that id.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn user(&self, id: UserId) -> Result<Option<User>, StoreError> {
        self.get(&Key::profile(id)).await?.map(from_item).transpose()
    }

    /// The accounts of these ids, in no order; those that do not exist are left out. At most 100 (DynamoDB's `BatchGetItem`).
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn users(&self, ids: &[UserId]) -> Result<Vec<User>, StoreError> {
        let keys = ids.iter().map(|id| Key::profile(*id)).collect();
        let items = self.batch_get(keys).await?;
        items.into_iter().map(from_item).collect()
    }

    /// What a sign-in with that normalised address is decided on, if there is such an account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn login(&self, normalised_email: &str) -> Result<Option<Login>, StoreError> {
        let Some(address) = self.get(&Key::email(normalised_email)).await? else {
            return Ok(None);
        };
        let Address { user_id } = from_item(address)?;
        let (profile, credential) = (Key::profile(user_id), Key::credential(user_id));
        let mut items = self.batch_get(vec![profile.clone(), credential.clone()]).await?;
        let mut take = |key: &Key| {
            let place = items.iter().position(|item| item.get(keys::SK) == Some(&text(&key.sk)));
            place.map(|index| items.swap_remove(index))
        };
        let (Some(user), Some(credential)) = (take(&profile), take(&credential)) else {
            return Err(StoreError::corrupt(format!("the account {user_id} is not whole")));
        };
        let Credential { password_hash } = from_item(credential)?;
        Ok(Some(Login { user: from_item(user)?, password_hash }))
    }

    /// Gives an account another role. None if there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn set_role(&self, id: UserId, role: Role, now: Timestamp) -> Result<Option<User>, StoreError> {
        let sent = self
            .client
            .update_item()
            .table_name(&self.table)
            .set_key(Some(Key::profile(id).to_item()))
            .condition_expression("attribute_exists(pk)")
            .update_expression("SET #role = :role, #status_key = :status_key, updated_at = :now")
            .expression_attribute_names("#role", "role")
            .expression_attribute_names("#status_key", BY_STATUS.hash)
            .expression_attribute_values(":role", text(role.as_str()))
            .expression_attribute_values(":status_key", text(keys::role_key(role)))
            .expression_attribute_values(":now", text(now.to_string()))
            .return_values(ReturnValue::AllNew)
            .send()
            .await;
        match sent {
            Ok(answer) => answer.attributes.map(from_item).transpose(),
            Err(error) if is_condition_failed(&error) => Ok(None),
            Err(error) => Err(error.into()),
        }
    }

    /// Up to `limit` accounts of these roles, role after role, each in the order they were made.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn list_users(
        &self,
        roles: &[Role],
        after: Option<&str>,
        limit: usize,
    ) -> Result<Page<User>, StoreError> {
        let after = after.and_then(UserPosition::parse);
        let skipped =
            after.as_ref().map_or(0, |position| roles.iter().take_while(|role| **role != position.role).count());
        let mut start = after.map(|position| position.start_key());
        let mut users: Vec<User> = Vec::new();
        for role in &roles[skipped.min(roles.len())..] {
            let stretch = Stretch {
                index: Some(BY_STATUS),
                hash: keys::role_key(*role),
                prefix: "",
                ascending: true,
                consistent: false,
            };
            let wanted = limit + 1 - users.len();
            let (items, _) = self.query(&stretch, &Filter::default(), start.take(), wanted).await?;
            for item in items {
                users.push(from_item(item)?);
            }
            if users.len() > limit {
                break;
            }
        }
        let more = users.len() > limit;
        users.truncate(limit);
        let last = users.last().filter(|_| more);
        Ok(Page { next: last.map(|user| format!("{}#{}", user.role.as_str(), user.id)), items: users })
    }

    pub(super) async fn get(&self, key: &Key) -> Result<Option<Item>, StoreError> {
        let request = self.client.get_item().table_name(&self.table);
        let request = request.set_key(Some(key.to_item())).consistent_read(true);
        Ok(request.send().await?.item)
    }

    /// The items of these keys, in no order, as they were written last.
    pub(super) async fn batch_get(&self, keys: Vec<Key>) -> Result<Vec<Item>, StoreError> {
        if keys.is_empty() {
            return Ok(Vec::new());
        }
        let wanted = KeysAndAttributes::builder()
            .set_keys(Some(keys.iter().map(Key::to_item).collect()))
            .consistent_read(true)
            .build()
            .map_err(StoreError::corrupt)?;
        let answer = self.client.batch_get_item().request_items(&self.table, wanted).send().await?;
        // DynamoDB leaves keys unprocessed only when the table is throttled.
        if answer.unprocessed_keys.is_some_and(|keys| !keys.is_empty()) {
            return Err(StoreError::Unavailable("keys were left unprocessed".into()));
        }
        let mut answers = answer.responses.unwrap_or_default();
        Ok(answers.remove(&self.table).unwrap_or_default())
    }
}

/// Where a list of accounts goes on.
struct UserPosition {
    role: Role,
    id: UserId,
}

impl UserPosition {
    fn parse(text: &str) -> Option<Self> {
        let (role, id) = text.split_once('#')?;
        Some(Self { role: Role::named(role)?, id: id.parse().ok()? })
    }

    fn start_key(&self) -> Item {
        keys::profile_keys(self.id, self.role)
    }
}

/// Whether a write did not happen because its condition did not hold.
pub(super) fn is_condition_failed<E>(error: &aws_sdk_dynamodb::error::SdkError<E>) -> bool
where
    E: aws_sdk_dynamodb::error::ProvideErrorMetadata,
{
    error
        .as_service_error()
        .and_then(aws_sdk_dynamodb::error::ProvideErrorMetadata::code)
        .is_some_and(|code| code == "ConditionalCheckFailedException")
}
