//! Phrases for excerpts of reviews.

/// Subjects of sentences, in lower case.
pub(in crate::generate) const SUBJECTS: &[&str] = &[
    "the script",
    "the lead performance",
    "the first hour",
    "the final act",
    "the photography",
    "the editing",
    "the score",
    "the dialogue",
    "the supporting cast",
    "the direction",
    "the premise",
    "the pacing",
    "its sense of humour",
    "its naïve charm",
    "the sound design",
    "the long opening shot",
    "the romance",
    "the mystery",
    "the set design",
    "this adaptation",
    "the café scene",
    "the ending",
    "the voice-over",
    "the whole façade",
];

/// Predicates of praise.
pub(in crate::generate) const MERITS: &[&str] = &[
    "earns every minute of its length",
    "finds something new in an old story",
    "trusts us to keep up",
    "is a quiet marvel",
    "never once raises its voice, and doesn’t have to",
    "has the weight of lived experience",
    "turns small gestures into suspense",
    "is better than it had to be",
    "moves with the confidence of a much older hand",
    "gets funnier and sadder at the same time",
    "looks ravishing without showing off",
    "lands a last line worth the wait",
    "makes room for everybody on screen",
    "stays in the mind for days",
];

/// Predicates that neither praise nor blame.
pub(in crate::generate) const SHRUGS: &[&str] = &[
    "works about half of the time",
    "means well and shows it",
    "has more ideas than it can carry",
    "is pleasant while it lasts",
    "never quite decides what it is",
    "holds together, just about",
    "starts better than it ends",
    "does what is expected, no more",
    "is saved by its actors more than once",
    "comes alive in places and dozes in others",
    "would have made a fine short",
    "looks fine and says little",
];

/// Predicates of blame.
pub(in crate::generate) const FAULTS: &[&str] = &[
    "falls apart after twenty minutes",
    "mistakes volume for feeling",
    "explains every joke twice",
    "goes nowhere, slowly",
    "recycles what wasn’t fresh the first time",
    "wastes a cast that deserved more",
    "is a cliché in a better coat",
    "has all the tension of a waiting room",
    "seems embarrassed by its own story",
    "confuses gloom with depth",
    "looks as if it was cut by committee",
    "wears out its welcome early",
];

/// Sentences of praise.
pub(in crate::generate) const VERDICTS_FOR: &[&str] = &[
    "See it with somebody you want to argue with afterwards.",
    "One of the season’s real pleasures.",
    "I left wanting to start again from the beginning.",
    "A film of rare patience and warmth.",
    "It is hard to imagine it done better.",
    "Go early, stay for the credits.",
    "A small story, told with great care.",
    "What a relief to be surprised again!",
    "Confident, odd and deeply felt.",
    "Few films this year have been so alive to their places.",
];

/// Sentences that neither praise nor blame.
pub(in crate::generate) const VERDICTS_BETWEEN: &[&str] = &[
    "It is neither the triumph nor the disaster that you may have heard of.",
    "Fans will be content; nobody else needs to hurry.",
    "There is a good film in here somewhere.",
    "Worth an evening, if not the parking fee.",
    "I admired it more than I liked it.",
    "A curious mixture, and a likeable one on the right day.",
    "You may forget it by breakfast.",
    "Half charming, half tiresome.",
    "It has its moments… and its hours.",
];

/// Sentences of blame.
pub(in crate::generate) const VERDICTS_AGAINST: &[&str] = &[
    "Two hours that feel like a very long weekend.",
    "There is nobody in it to care about.",
    "Even the posters look tired.",
    "A misfire from the first reel to the last.",
    "I kept looking for the exit sign, and found it well lit.",
    "The less said about the third act, the better.",
    "It asks for patience and gives nothing in return.",
    "A waste of good weather.",
    "Somebody should have stopped after the first draft.",
];

/// Lines of dialogue of a film.
pub(in crate::generate) const LINES: &[&str] = &[
    "Leave the lamp on",
    "We were never properly introduced",
    "It was always going to rain",
    "Count again",
    "Nobody drives here at night",
    "I have kept the receipt",
    "Ask me tomorrow",
    "You are standing on the map",
    "That isn’t my piano",
    "Not before the tide",
];

/// Phrases that follow a dash.
pub(in crate::generate) const ASIDES: &[&str] = &[
    "and that is no faint praise",
    "or so it would like us to think",
    "at least until the lights come up",
    "which is rarer than it should be",
    "for better and for worse",
    "as anybody from a small town will know",
    "much like its hero",
    "a matter of taste, admittedly",
    "déjà vu included",
    "and the audience knew it",
    "if you let it",
];
