mod access;
mod login;
mod logout;
mod refresh;
mod register;
