//! The lifecycle of a ticket: four statuses, and the table of commands that lead from one to
//! another.
//!
//! | command | from | to | recorded as |
//! |---|---|---|---|
//! | take | open | `in_progress` | assigned |
//! | give | open | `in_progress` | assigned |
//! | hand over | `in_progress` | `in_progress` | `handed_over` |
//! | release | `in_progress` | open | released |
//! | resolve | `in_progress` | resolved | resolved |
//! | reopen | resolved | `in_progress` | reopened |
//! | close | resolved | closed | closed |
//! | withdraw | open | closed | withdrawn |
//!
//! A ticket whose assignee is no longer an active technician is reopened into the ticket queue
//! instead: open, with no assignee.
//!
//! Closed is final: a follow-up is a new ticket that refers to the old one. The table in
//! [`crate::permission`], not this one, says who may execute a command.

mod event_type;

use serde::{Deserialize, Serialize};

pub use event_type::EventType;

/// The status of a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Waits for a technician to take it. There is no assignee.
    Open,
    /// Has an assignee who works on it.
    InProgress,
    /// Has a resolution. The requester may still reopen it.
    Resolved,
    /// Is finished. No command leads out of it.
    Closed,
}

impl Status {
    /// Every status, in the order a ticket goes through them.
    pub const ALL: [Self; 4] = [Self::Open, Self::InProgress, Self::Resolved, Self::Closed];

    /// Returns its name in requests, responses and keys.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::InProgress => "in_progress",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// Returns its name in a sentence.
    #[must_use]
    pub const fn display_name(self) -> &'static str {
        match self {
            Self::InProgress => "in progress",
            Self::Open | Self::Resolved | Self::Closed => self.as_str(),
        }
    }

    /// Returns the status with that name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == name)
    }
}

/// A command that moves a ticket from one status to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Command {
    /// A technician assigns an open ticket to themselves.
    Take,
    /// An open ticket is assigned to a technician other than the actor.
    Give,
    /// A ticket in progress gets another assignee.
    HandOver,
    /// The assignee puts the ticket back into the ticket queue.
    Release,
    /// A ticket in progress gets a resolution.
    Resolve,
    /// A resolved ticket is reopened, because the resolution did not work.
    Reopen,
    /// A resolved ticket is closed, because the resolution worked.
    Close,
    /// An open ticket is withdrawn, because the help is no longer needed.
    Withdraw,
}

impl Command {
    /// Every command.
    pub const ALL: [Self; 8] = [
        Self::Take,
        Self::Give,
        Self::HandOver,
        Self::Release,
        Self::Resolve,
        Self::Reopen,
        Self::Close,
        Self::Withdraw,
    ];
}

/// One row of the table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transition {
    pub command: Command,
    /// The status before.
    pub from: Status,
    /// The status after.
    pub to: Status,
    /// The event type in the log.
    pub recorded_as: EventType,
}

/// The table. A status change that is not in it is impossible.
pub const TRANSITIONS: [Transition; 8] = {
    use Command as C;
    use EventType as E;
    use Status as S;
    [
        row(C::Take, S::Open, S::InProgress, E::Assigned),
        row(C::Give, S::Open, S::InProgress, E::Assigned),
        row(C::HandOver, S::InProgress, S::InProgress, E::HandedOver),
        row(C::Release, S::InProgress, S::Open, E::Released),
        row(C::Resolve, S::InProgress, S::Resolved, E::Resolved),
        row(C::Reopen, S::Resolved, S::InProgress, E::Reopened),
        row(C::Close, S::Resolved, S::Closed, E::Closed),
        row(C::Withdraw, S::Open, S::Closed, E::Withdrawn),
    ]
};

const fn row(command: Command, from: Status, to: Status, recorded_as: EventType) -> Transition {
    Transition { command, from, to, recorded_as }
}

/// Returns the status change of a command from a status, if there is one.
#[must_use]
pub fn transition(command: Command, from: Status) -> Option<Transition> {
    TRANSITIONS.iter().find(|row| row.command == command && row.from == from).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The documented table, cell by cell: the target of every command from every status, or `-` if
    /// there is none.
    const EXPECTED: &str = "
        command   open         in_progress  resolved     closed
        Take      in_progress  -            -            -
        Give      in_progress  -            -            -
        HandOver  -            in_progress  -            -
        Release   -            open         -            -
        Resolve   -            resolved     -            -
        Reopen    -            -            in_progress  -
        Close     -            -            closed       -
        Withdraw  closed       -            -            -";

    #[test]
    fn every_cell_of_the_table_is_as_documented() {
        let mut lines = EXPECTED.trim().lines().map(str::split_whitespace);
        let statuses: Vec<Status> = lines.next().unwrap().skip(1).map(|name| Status::named(name).unwrap()).collect();
        assert_eq!(statuses, Status::ALL);
        let mut commands = Vec::new();
        for mut cells in lines {
            let name = cells.next().unwrap();
            let command = *Command::ALL.iter().find(|command| format!("{command:?}") == name).unwrap();
            commands.push(command);
            for (from, expected) in statuses.iter().zip(cells) {
                let to = transition(command, *from).map_or("-", |row| row.to.as_str());
                assert_eq!(to, expected, "{command:?} from {from:?}");
            }
        }
        assert_eq!(commands, Command::ALL);
    }

    #[test]
    fn the_documented_table_matches_the_code() {
        let printed: Vec<String> = include_str!("lifecycle.rs")
            .lines()
            .filter_map(|line| line.strip_prefix("//! | "))
            .skip(1)
            .map(|line| line.replace(" |", "").replace('`', ""))
            .collect();
        let actual: Vec<String> = TRANSITIONS
            .iter()
            .map(|row| {
                let command = match row.command {
                    Command::HandOver => "hand over".to_owned(),
                    other => format!("{other:?}").to_lowercase(),
                };
                format!("{command} {} {} {}", row.from.as_str(), row.to.as_str(), row.recorded_as.as_str())
            })
            .collect();
        assert_eq!(printed, actual);
    }
}
