mod create_admin;
mod deactivate;
mod get;
mod list;
mod set_role;
mod update;
