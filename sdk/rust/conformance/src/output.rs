//! Lines of one case on standard output.
use std::io::{Write, stdout};

use serde_json::{Value, json};

#[derive(Clone)]
pub struct Output {
    case: String,
}

impl Output {
    pub fn of(case: &str) -> Self {
        Self {
            case: case.to_owned(),
        }
    }

    /// Prints one line; values that are null are left out.
    pub fn print(&self, key: &str, mut value: Value) {
        if let Value::Object(object) = &mut value {
            object.retain(|_, value| !value.is_null());
        }
        let line = json!({ "case": self.case, key: value });
        // Who reads has gone away when this fails, and then there is nobody to tell.
        let _ = writeln!(stdout().lock(), "{line}");
    }
}
