//! Phrases for synopses.

/// Main characters.
pub(in crate::generate) const HEROES: &[&str] = &[
    "A retired ferry pilot",
    "A young clockmaker",
    "Two estranged sisters",
    "A disgraced land surveyor",
    "The night nurse of a closed hospital",
    "An out-of-work puppeteer",
    "A widowed beekeeper",
    "The last telegraph operator",
    "A choir of schoolchildren",
    "An insurance clerk with perfect pitch",
    "A café owner who can’t taste",
    "A reluctant translator",
    "Three brothers and their grandmother",
    "A bus driver on her final route",
    "A forger of stamps",
    "An archivist who never travels",
    "A half-deaf piano tuner",
    "The mayor’s least favourite nephew",
];

/// Phrases for how the main character came to a town.
pub(in crate::generate) const DEEDS: &[&str] = &[
    "arrived too early in",
    "came back to",
    "set out for",
    "got stranded in",
    "inherited a house in",
    "got sent to",
    "moved to the edge of",
    "took the slow train to",
    "had one week in",
    "bet everything on",
];

/// Aims of the main character.
pub(in crate::generate) const AIMS: &[&str] = &[
    "to sell what is left of the family’s boats",
    "to find the author of an unsigned letter",
    "to reopen the old picture house",
    "to bury an uncle whom nobody liked",
    "to learn why the bells stopped",
    "to repay a debt of forty years",
    "to film the last market day",
    "to win back a stolen recipe",
    "to bring home a runaway horse",
    "to deliver a piano by hand",
    "to hide from a very small scandal",
    "to prove that the map is wrong",
];

/// Obstacles.
pub(in crate::generate) const TROUBLES: &[&str] = &[
    "the river has other plans",
    "an old friend recognizes the coat",
    "the whole street turns out to be in on it",
    "the first snow closes the road",
    "a stranger answers to the same name",
    "the money is counted twice",
    "everybody remembers a different summer",
    "the lighthouse goes dark",
    "a wedding gets in the way",
    "somebody digs up the garden",
    "a child asks the right question",
    "the strike begins a day early",
];
