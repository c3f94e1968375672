mod create_admin;
mod get;
mod list;
mod set_role;
