//! Functions behind API Gateway.
//!
//! [`serve`] passes each request to the endpoint and turns every outcome into a response, including
//! a refusal or a panic. The runtime never sees an error, so no caller ever sees the gateway's own
//! 5xx.

mod acting_for;
mod changes;
pub mod cors;
mod cursor;
mod filter;
mod gateway;
mod network;
mod page;
mod preconditions;
mod problem;
mod reply;
mod request;
mod routes;
mod serve;
mod token_transport;
mod view;
mod weights;

pub use changes::{as_stored, execute_command, reply_or_replay, ticket_reply};
pub use cursor::Paging;
pub use filter::{TICKET_FILTERS, ticket_filter};
pub use page::{language_of, unsubscribe_page, unsubscribed, verification_page, verified};
pub use preconditions::VersionConditions;
pub use problem::Problem;
pub use reply::{FOREVER, Reply};
pub use request::{Query, Request};
pub use routes::{ROUTES, Route};
pub use serve::{serve, serve_queries};
pub use token_transport::{SessionCookie, TokenTransport};
pub use view::{
    AccessTokenView, AuditView, ChangeView, ChangedUserView, CommentView, DeliveryView, EventView, HeadView,
    InvitedView, NewTokenView, NoteView, NotificationView, PreferencesView, SessionView, TicketView, TimelineItem,
    TokenView, TokensView, UnreadView, UserView, VerificationView, WebhookSecretView, WebhookView,
};

/// The result of an endpoint.
pub type Result<T> = std::result::Result<T, Problem>;
