mod create_admin;
mod list;
mod set_role;
