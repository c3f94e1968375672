//! The desk: every use case, once. The front doors translate what they get into a call of it, and what it answers into a
//! reply or a message; none of them decides.

pub mod auto_close;
pub mod change;
pub mod deliveries;
mod told;

pub use told::note_told;
