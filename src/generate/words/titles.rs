//! Words for titles of films.

/// Nouns.
pub(in crate::generate) const NOUNS: &[&str] = &[
    "Orchard", "Lantern", "Harbour", "Ferry", "Mirror", "Winter", "Ledger", "Engine", "Garden",
    "Cellar", "Bridge", "Tunnel", "Kettle", "Violin", "Anchor", "Feather", "Signal", "Station",
    "Island", "Quarry", "Chapel", "Balcony", "Thimble", "Meadow", "Canal", "Attic", "Comet",
    "Echo", "Furnace", "Glacier", "Hinge", "Ivory", "Jacket", "Kiln", "Ladder", "Market", "Needle",
    "Oracle", "Parade", "Quilt", "Ribbon", "Saddle", "Teapot", "Umbrella", "Valley", "Whistle",
    "Yard", "Almanac", "Beacon", "Candle", "Dagger", "Envelope", "Fiddle", "Gallery", "Hammer",
    "Inlet", "Keyhole", "Lagoon", "Magnet", "Notebook", "Oyster", "Paddle", "Rooftop", "Sparrow",
    "Tailor", "Uniform", "Verdict", "Walnut", "Archive", "Bellows", "Drummer", "Elevator",
    "Foghorn", "Granary", "Heron", "Icehouse", "Juggler", "Lullaby", "Mosaic", "Nomad", "Orphan",
    "Piano", "Rampart", "Scaffold", "Viaduct", "Weather", "Windmill", "Pasture", "Causeway",
    "Marsh", "Pilgrim", "Surveyor", "Locket", "Carousel", "Postcard", "Bakery", "Barge",
    "Dictator", "Debt", "Eclipse", "Ferryman", "Gardener", "Handrail", "Inventor", "Janitor",
    "Kitchen", "Letter", "Marriage", "Neighbor", "Overcoat", "Painter", "Question", "Sister",
    "Telegram", "Usher", "Visitor", "Widow", "Yeoman", "Zeppelin", "Alphabet", "Curtain",
    "Doorbell", "Evening", "Fountain",
];

/// Adjectives for the nouns.
pub(in crate::generate) const ADJECTIVES: &[&str] = &[
    "Copper", "Silent", "Borrowed", "Crooked", "Distant", "Hollow", "Paper", "Salted", "Second",
    "Wooden", "Velvet", "Amber", "Bitter", "Careful", "Drowned", "Eastern", "Faded", "Gentle",
    "Honest", "Idle", "Jagged", "Kindly", "Lonely", "Marble", "Narrow", "Obedient", "Painted",
    "Quiet", "Restless", "Scarlet", "Tender", "Unseen", "Vacant", "Wicked", "Yellow", "Ashen",
    "Blind", "Cobalt", "Dusty", "Electric", "Frozen", "Golden", "Humble", "Indigo", "Lucky",
    "Midnight", "Northern", "Ordinary", "Patient", "Rented", "Stubborn", "Thirsty", "Uneven",
    "Violet", "Winding", "Absent", "Brittle", "Clever", "Double", "Emerald", "Fragile", "Grateful",
    "Hidden", "Inland", "Jealous", "Late", "Modest", "Nameless", "Opaque", "Pale", "Reckless",
    "Shallow", "Upper", "Vanished", "Whole", "Woven", "Sunken", "Tidal", "Rusted", "Mended",
    "Leaden", "Feral", "Folded", "Gilded", "Silver", "Unsent", "Forgiven", "Muddy", "Stolen",
    "Twelfth", "Weary", "Burning", "Useful", "Third", "Western",
];

/// Verbs for places and nouns, in the -ing form.
pub(in crate::generate) const DEEDS: &[&str] = &[
    "Leaving",
    "Finding",
    "Burying",
    "Crossing",
    "Painting",
    "Stealing",
    "Waking",
    "Haunting",
    "Mapping",
    "Selling",
    "Guarding",
    "Losing",
    "Fleeing",
    "Mourning",
    "Courting",
    "Robbing",
    "Drawing",
    "Sailing",
    "Building",
    "Outliving",
    "Naming",
    "Feeding",
    "Watching",
    "Counting",
];

/// Beginnings of invented words.
pub(in crate::generate) const COMPOUND_BEGINNINGS: &[&str] = &[
    "Salt", "Lantern", "Iron", "Moth", "Ember", "Frost", "Tallow", "Wren", "Cinder", "Loam",
    "Brine", "Gull", "Thorn", "Ash", "Tin", "Hazel", "Fog", "Flint", "Rook", "Dew",
];

/// Endings of invented words.
pub(in crate::generate) const COMPOUND_ENDINGS: &[&str] = &[
    "glass", "moor", "wick", "hollow", "ferry", "mouth", "gate", "stead", "latch", "wright",
    "song", "fare", "keep", "thread", "reach", "bell", "hearth", "borne",
];

/// Parts of titles in other languages: for each language, nouns and their complements.
pub(in crate::generate) const FOREIGN: &[(&[&str], &[&str])] = &[
    (
        &[
            "La Lanterne",
            "La Cloche",
            "Le Jardin",
            "Le Pêcheur",
            "L’Horloge",
            "La Brodeuse",
            "Le Guéridon",
            "La Marée",
        ],
        &[
            "d’hiver",
            "sans nom",
            "de minuit",
            "d’en face",
            "du dimanche",
            "oubliée à Élobray",
            "de mon père",
            "d’après",
        ],
    ),
    (
        &[
            "El Río",
            "La Campana",
            "El Muñeco",
            "La Sombra",
            "El Tranvía",
            "La Niñera",
            "El Caracol",
            "La Señal",
        ],
        &[
            "sin orillas",
            "de ceniza",
            "de Ñarossa",
            "y la lluvia",
            "de los domingos",
            "que no vuelve",
            "del sur",
            "en la niebla",
        ],
    ),
    (
        &[
            "Der Fährmann",
            "Die Mühle",
            "Das Zimmer",
            "Der Lötkolben",
            "Die Brücke",
            "Das Gehör",
            "Der Kürbis",
            "Die Übung",
        ],
        &[
            "von Veldholm",
            "im Schnee",
            "ohne Türen",
            "für später",
            "der Großmutter",
            "aus Papier",
            "vor Mitternacht",
            "über Törin",
        ],
    ),
    (
        &[
            "Łódka",
            "Żuraw",
            "Świeca",
            "Zegarek",
            "Dom",
            "Ścieżka",
            "Pociąg",
            "Źródło",
        ],
        &[
            "o świcie",
            "bez końca",
            "na wzgórzu",
            "z Kaldońska",
            "mojej siostry",
            "po burzy",
            "dla nikogo",
            "w śniegu",
        ],
    ),
    (
        &[
            "Fløjten",
            "Søstrene",
            "Broen",
            "Kærlighed",
            "Ærten",
            "Natten",
            "Fyret",
            "Gården",
        ],
        &[
            "på Ågrøy",
            "uten navn",
            "i regnen",
            "før jul",
            "og havet",
            "bag døren",
            "ved åen",
            "uden ende",
        ],
    ),
];
