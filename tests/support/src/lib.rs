//! What tests put around the local stack.
