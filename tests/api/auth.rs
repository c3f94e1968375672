mod access;
mod login;
mod logout;
mod password;
mod refresh;
mod register;
mod throttle;
