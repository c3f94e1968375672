//! The urgent tickets that technicians are mailed about. Any registered user may open urgent
//! tickets, and each may cause a mail to every technician, so their number is limited.
//!
//! One item for each hour holds the tickets opened in it that technicians are mailed about, and who
//! opened each. A ticket that is already in it is mailed again whenever its message is redelivered:
//! the limit never stops the mails of a ticket halfway.

use aws_sdk_dynamodb::types::AttributeValue;
use domain::id::{TicketNumber, UserId};
use domain::time::Timestamp;

use super::item::{number, text, unless_refused};
use super::keys::{EXPIRES_AT, Key};
use super::{NEW_TICKET_SECONDS, Store, StoreError};

/// The maximum number of urgent tickets per hour that technicians are mailed about. More in an hour
/// are an outage or a flood, and both are visible in the queue.
pub const URGENT_MAILED_MAX: usize = 12;
/// The maximum number of them that one person opened. No one can use up the hour alone.
pub const URGENT_MAILED_OF_ONE_MAX: usize = 3;

const HOUR_SECONDS: i64 = 60 * 60;

/// The attribute that holds the numbers of all tickets.
const ALL: &str = "mailed_of";

impl Store {
    /// Reserves the mails to technicians about an urgent ticket that this person opened then.
    /// Returns whether there was room for them. The result for a ticket never changes.
    pub async fn reserve_urgent_mail(
        &self,
        ticket: TicketNumber,
        opener: UserId,
        at: Timestamp,
    ) -> Result<bool, StoreError> {
        let hour = at.unix_seconds().div_euclid(HOUR_SECONDS);
        // Kept as long as technicians are notified of a new ticket. A later message counts again.
        let expiry = at.plus_seconds(NEW_TICKET_SECONDS).unix_seconds();
        let has_room = |set: &str, max: &str| format!("(attribute_not_exists({set}) OR size({set}) < {max})");
        let request = self.client.update_item().table_name(&self.table);
        let sent = request
            .set_key(Some(Key::urgent_mails(hour).to_item()))
            .condition_expression(format!(
                "contains({ALL}, :ticket) OR ({} AND {})",
                has_room(ALL, ":all_max"),
                has_room("#own", ":own_max")
            ))
            .update_expression(format!("SET {EXPIRES_AT} = :expiry ADD {ALL} :tickets, #own :tickets"))
            .expression_attribute_names("#own", format!("of_{opener}"))
            .expression_attribute_values(":ticket", text(ticket.to_string()))
            .expression_attribute_values(":tickets", AttributeValue::Ss(vec![ticket.to_string()]))
            .expression_attribute_values(":all_max", number(URGENT_MAILED_MAX))
            .expression_attribute_values(":own_max", number(URGENT_MAILED_OF_ONE_MAX))
            .expression_attribute_values(":expiry", number(expiry))
            .send()
            .await;
        Ok(unless_refused(sent)?.is_some())
    }
}
