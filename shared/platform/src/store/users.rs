//! Accounts: a profile, a password hash, and the address that leads to them.

use std::time::Duration;

use aws_sdk_dynamodb::operation::update_item::UpdateItemError;
use aws_sdk_dynamodb::types::ReturnValue;
use domain::id::UserId;
use domain::text::PersonName;
use domain::time::Timestamp;
use domain::user::{Role, User};
use serde::{Deserialize, Serialize};

use super::error::Cancelled;
use super::item::{from_item, is_refused, text, to_item, unless_refused};
use super::keys::{self, BY_STATUS, Item, Key};
use super::query::{Filter, Stretch};
use super::{Page, Store, StoreError};

/// How often an account is written again because another transaction was at work on it.
const ATTEMPTS_MAX: u32 = 4;
/// How long such a transaction is given to end: DynamoDB's take milliseconds.
const CONTENTION: Duration = Duration::from_millis(25);

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

/// What is changed about an account.
#[derive(Clone, Debug)]
pub enum UserChange {
    /// What the person is called.
    Name(PersonName),
    /// What the person is to the help desk.
    Role(Role),
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
        let writes: Vec<_> =
            [address, profile, credential].into_iter().map(|item| self.put_new(item)).collect::<Result<_, _>>()?;
        for _ in 0..ATTEMPTS_MAX {
            let request = self.client.transact_write_items().set_transact_items(Some(writes.clone()));
            match request.send().await.map_err(Cancelled::from) {
                Ok(_) => return Ok(()),
                Err(Cancelled::ConditionFailed(_)) => return Err(RegisterError::EmailTaken),
                Err(Cancelled::Contended) => tokio::time::sleep(CONTENTION).await,
                Err(Cancelled::Failed(error)) => return Err(error.into()),
            }
        }
        Err(StoreError::Unavailable("others kept registering this address".into()).into())
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
        let address = self.get(&Key::email(normalised_email)).await?;
        let found: Option<Address> = address.map(from_item).transpose()?;
        // For an address that leads nowhere nobody's account is looked up: the same calls, the same time.
        let user_id = found.as_ref().map_or(UserId::from_bytes([0; 16]), |address| address.user_id);
        let (profile, credential) = (Key::profile(user_id), Key::credential(user_id));
        let mut items = self.batch_get(vec![profile.clone(), credential.clone()]).await?;
        if found.is_none() {
            return Ok(None);
        }
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

    /// The PHC string of somebody's password. None if there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn password_hash(&self, id: UserId) -> Result<Option<String>, StoreError> {
        let item = self.get(&Key::credential(id)).await?;
        let credential: Option<Credential> = item.map(from_item).transpose()?;
        Ok(credential.map(|credential| credential.password_hash))
    }

    /// Replaces somebody's password, if it still is the one of that hash. False if it is not.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_password(&self, id: UserId, old_hash: &str, new_hash: &str) -> Result<bool, StoreError> {
        let request = self.client.update_item().table_name(&self.table);
        let sent = request
            .set_key(Some(Key::credential(id).to_item()))
            .condition_expression("password_hash = :old")
            .update_expression("SET password_hash = :new")
            .expression_attribute_values(":old", text(old_hash))
            .expression_attribute_values(":new", text(new_hash))
            .send()
            .await;
        Ok(unless_refused(sent)?.is_some())
    }

    /// Changes an account. None if there is no such account.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn change_user(
        &self,
        id: UserId,
        change: &UserChange,
        now: Timestamp,
    ) -> Result<Option<User>, StoreError> {
        let values = match change {
            UserChange::Name(name) => vec![("name", name.as_str().to_owned())],
            UserChange::Role(role) => vec![("role", role.as_str().to_owned()), (BY_STATUS.hash, keys::role_key(*role))],
        };
        let sets: Vec<String> = values.iter().map(|(attribute, _)| format!("#{attribute} = :{attribute}")).collect();
        for _ in 0..ATTEMPTS_MAX {
            let mut request = self
                .client
                .update_item()
                .table_name(&self.table)
                .set_key(Some(Key::profile(id).to_item()))
                .condition_expression("attribute_exists(pk)")
                .update_expression(format!("SET updated_at = :now, {}", sets.join(", ")))
                .expression_attribute_values(":now", text(now.to_string()))
                .return_values(ReturnValue::AllNew);
            for (attribute, value) in &values {
                request = request
                    .expression_attribute_names(format!("#{attribute}"), *attribute)
                    .expression_attribute_values(format!(":{attribute}"), text(value));
            }
            let error = match request.send().await {
                Ok(answer) => return answer.attributes.map(from_item).transpose(),
                Err(error) if is_refused(&error) => return Ok(None),
                Err(error) => error,
            };
            // A ticket may be on its way to this very person, in a transaction that holds the account.
            if !error.as_service_error().is_some_and(UpdateItemError::is_transaction_conflict_exception) {
                return Err(error.into());
            }
            tokio::time::sleep(CONTENTION).await;
        }
        Err(StoreError::Unavailable("others kept changing this account".into()))
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
        let after = after.map(|after| UserPosition::parse(after, roles)).transpose()?;
        let skipped = after.as_ref().map_or(0, |position| position.place);
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
}

/// Where a list of accounts goes on: behind an account, among the roles of the list.
struct UserPosition {
    place: usize,
    role: Role,
    id: UserId,
}

impl UserPosition {
    fn parse(text: &str, roles: &[Role]) -> Result<Self, StoreError> {
        let parsed = text.split_once('#').and_then(|(role, id)| {
            let role = Role::named(role)?;
            let place = roles.iter().position(|other| *other == role)?;
            Some(Self { place, role, id: id.parse().ok()? })
        });
        parsed.ok_or(StoreError::InvalidPosition)
    }

    fn start_key(&self) -> Item {
        keys::profile_keys(self.id, self.role)
    }
}
