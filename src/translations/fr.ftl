# The labels in French. Every message is described in docs/languages.md.
#
# French counts 0 and 1 as singular. From a million on, round numbers take "de": "1 000 000 de critiques".

## The verdicts, from the best to the worst.

verdict-universal-acclaim = Éloges unanimes
verdict-generally-favorable = Critiques généralement favorables
verdict-mixed-or-average = Critiques mitigées
verdict-generally-unfavorable = Critiques généralement défavorables
verdict-overwhelming-dislike = Rejet quasi unanime

## The labels of scores.

film-score = { $verdict } – { $count } { $count ->
        [one] critique
        [many] de critiques
       *[other] critiques
    }
reviewer-score = { $verdict } – { $count } { $count ->
        [one] critique
        [many] de critiques
       *[other] critiques
    }
no-score = Pas encore de note – { $counted } { $counted ->
        [one] critique
        [many] de critiques
       *[other] critiques
    } sur { $wanted }

## The shares of a distribution.

share = { $count } sur { $total }
share-positive = Positives
share-mixed = Mitigées
share-negative = Négatives
share-unrated = Sans avis

## The sentiment of one review.

sentiment-positive = Positive
sentiment-mixed = Mitigée
sentiment-negative = Négative
