//! The API's view of each resource, field by field. No internal field reaches a caller just because
//! it is stored. docs/openapi.yaml describes the fields.

mod account;
mod audit;
mod notification;
mod ticket;
mod timeline;
mod token;
mod webhook;

pub use account::{AccessTokenView, ChangedUserView, InvitedView, SessionView, TokensView, UserView};
pub use audit::AuditView;
pub use notification::{NotificationView, PreferencesView, UnreadView};
pub use ticket::{HeadView, TicketView, VerificationView};
pub use timeline::{ChangeView, CommentView, EventView, NoteView, TimelineItem};
pub use token::{NewTokenView, TokenView};
pub use webhook::{DeliveryView, WebhookSecretView, WebhookView};
