//! The compiled patterns give what the resolver of Fluent gives.

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource};

use super::{POLISH, VERDICTS, language, scored, site};
use crate::{
    score::{Basis, ScoreLabel, Share},
    translations::{BUILTIN, Translations},
};

fn bundle(tag: &str, text: &str) -> FluentBundle<FluentResource> {
    let locale = tag.parse().expect("the tag is valid");
    let mut bundle = FluentBundle::new(vec![locale]);
    bundle.set_use_isolating(false);
    bundle.add_builtins().expect("there is no other NUMBER");
    let resource = FluentResource::try_new(text.to_owned()).expect("the text is valid");
    bundle
        .add_resource(resource)
        .expect("no message is doubled");
    bundle
}

fn resolve(bundle: &FluentBundle<FluentResource>, name: &str, args: &FluentArgs<'_>) -> String {
    let message = bundle.get_message(name).expect("the message exists");
    let pattern = message.value().expect("the message has a text");
    let mut errors = Vec::new();
    let text = bundle.format_pattern(pattern, Some(args), &mut errors);
    assert!(errors.is_empty(), "{errors:?}");
    text.into_owned()
}

/// The resolver doesn't group digits, so the numbers are below 1,000.
#[test]
fn labels_are_those_of_the_resolver() {
    let translations = Translations::new(&site(&[("pl", POLISH)])).expect("Polish is valid");
    for (tag, text) in BUILTIN.into_iter().chain([("pl", POLISH)]) {
        let language = language(&translations, tag);
        let bundle = bundle(tag, text);
        for number in 0..1_000_u32 {
            let other = (7 * number) % 1_000;
            let verdict = VERDICTS[number as usize % VERDICTS.len()];
            let mut args = FluentArgs::new();
            args.set("verdict", language.verdict_label(verdict).to_string());
            args.set("count", number);
            args.set("total", other);
            args.set("counted", number);
            args.set("wanted", other);
            let share = Share {
                count: number,
                total: other,
            };
            let unscored = ScoreLabel::Unscored {
                counted: number,
                wanted: other,
            };
            for (name, label) in [
                ("film-score", scored(verdict, number, Basis::Critics)),
                ("reviewer-score", scored(verdict, number, Basis::Reviews)),
                ("no-score", unscored),
            ] {
                let expected = resolve(&bundle, name, &args);
                assert_eq!(language.score_label(label).to_string(), expected);
            }
            let expected = resolve(&bundle, "share", &args);
            assert_eq!(language.share_label(share).to_string(), expected);
        }
    }
}
