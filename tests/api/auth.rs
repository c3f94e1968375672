mod access;
mod login;
mod logout;
mod normal;
mod password;
mod refresh;
mod register;
mod throttle;
