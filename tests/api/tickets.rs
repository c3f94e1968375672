mod assign;
mod commands;
mod create;
mod get;
mod list;
mod update;
mod verify;
