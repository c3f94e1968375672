//! The urgent tickets that technicians are mailed about. Any registered user may open urgent
//! tickets, and each may cause a mail to every technician, so their number is limited.
//!
//! One item for each hour holds the tickets opened in it that technicians are mailed about, and who
//! opened each. A ticket that is already in it is mailed again whenever its message is received
//! again: the limit never stops the mails of a ticket halfway.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::time::Timestamp;

use super::condition::{Attribute, Changes, all, any, contains, has_fewer_than, lacks};
use super::item::{number, text};
use super::keys::{EXPIRES_AT, Key};
use super::write::Write;
use super::{NEW_TICKET_SECONDS, Store, StoreError};

/// The maximum number of urgent tickets per hour that technicians are mailed about. More in an hour
/// are an outage or a flood, and both are visible in the ticket queue.
pub const URGENT_MAILED_MAX: usize = 12;
/// The maximum number of them that one account opened, for itself or for people. No account can use
/// up the hour alone.
pub const URGENT_MAILED_OF_ONE_MAX: usize = 3;

const HOUR_SECONDS: i64 = 60 * 60;

/// The attribute that holds the numbers of all tickets.
const ALL: &str = "mailed_of";

impl Store {
    /// Reserves the mails to technicians about an urgent ticket that this account opened then.
    /// Returns whether there was room for them. The result for a ticket never changes.
    pub async fn reserve_urgent_mail(
        &self,
        ticket: TicketNumber,
        opener: UserId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let hour = at.unix_seconds().div_euclid(HOUR_SECONDS);
        // Kept as long as technicians are notified of a new ticket. A message that comes later
        // counts again.
        let expiry = at.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
        let own = format!("of_{opener}");
        let has_room = |set: Attribute, max: usize| any([lacks(set.clone()), has_fewer_than(set, number(max))]);
        let room =
            all([has_room(ALL.into(), URGENT_MAILED_MAX), has_room(own.clone().into(), URGENT_MAILED_OF_ONE_MAX)]);
        let tickets = || AttributeValue::Ss(vec![ticket.to_string()]);
        let changes = Changes::new().set(EXPIRES_AT, number(expiry)).add(ALL, tickets()).add(own, tickets());
        let write = Write::update(Key::urgent_mails(hour), changes);
        let condition = any([contains(ALL, text(ticket.to_string())), room]);
        Ok(self.write_if(write, condition).await?.is_made())
    }
}
