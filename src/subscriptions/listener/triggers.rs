//! The triggers that send notifications.

use std::collections::BTreeMap;

/// The triggers of the schema, and whether all of those that send notifications are there and enabled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Triggers {
    /// The state of each trigger: whether it is enabled, its OID and the transaction that changed it last.
    states: BTreeMap<String, String>,
}

impl Triggers {
    /// Parses lines with the name, the mode and other properties of a trigger.
    pub(super) fn parse(text: &str) -> Self {
        let states = text.lines().filter_map(|line| line.split_once(' '));
        Self {
            states: states
                .map(|(name, state)| (name.to_owned(), state.to_owned()))
                .collect(),
        }
    }

    /// Returns whether every trigger that sends notifications fires.
    pub(super) fn are_complete(&self) -> bool {
        self.missing().is_empty()
    }

    /// Logs the triggers that are missing or disabled.
    pub(super) fn report(&self) {
        let missing = self.missing();
        if !missing.is_empty() {
            tracing::warn!(
                triggers = missing.join(", "),
                "triggers are missing or disabled, so that changes are not notified: nothing is cached until they are back"
            );
        }
    }

    fn missing(&self) -> Vec<String> {
        let fires = |name: &String| {
            let state = self.states.get(name);
            state.is_some_and(|state| state.starts_with(['O', 'A']))
        };
        let mut names = migration::notification_triggers();
        names.retain(|name| !fires(name));
        names
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_disabled_triggers_are_found_and_a_change_of_any_is_noticed() {
        let names = migration::notification_triggers();
        let all = |mode: &str| -> String {
            let lines = names
                .iter()
                .map(|name| format!("{name} {mode} 17000 800\n"));
            lines.collect()
        };
        let complete = Triggers::parse(&all("O"));
        assert!(complete.are_complete());
        assert!(Triggers::parse(&all("A")).are_complete());
        for mode in ["D", "R"] {
            assert_eq!(Triggers::parse(&all(mode)).missing(), names);
        }
        assert_eq!(Triggers::parse("").missing(), names);
        let toggled = Triggers::parse(&all("O").replacen(" 800", " 801", 1));
        assert!(toggled.are_complete() && toggled != complete);
    }
}
