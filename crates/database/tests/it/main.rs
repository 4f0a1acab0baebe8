//! Tests of settings, sessions and the embedded server, against real servers.

#![allow(clippy::unwrap_used, reason = "helpers of tests are not seen as tests")]

mod embedded;
mod session;
mod settings;
mod tls;

use std::collections::HashMap;

/// An environment with these variables and no others.
fn env(variables: &[(&str, &str)]) -> impl Fn(&str) -> Option<String> + use<> {
    let variables: HashMap<String, String> =
        variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    move |name| variables.get(name).cloned()
}
