# The labels in English. Every message is described in docs/languages.md.

## The verdicts, from the best to the worst.

verdict-universal-acclaim = Universal acclaim
verdict-generally-favorable = Generally favorable reviews
verdict-mixed-or-average = Mixed or average reviews
verdict-generally-unfavorable = Generally unfavorable reviews
verdict-overwhelming-dislike = Overwhelming dislike

## The labels of scores.

film-score = { $verdict } - based on { NUMBER($count, useGrouping: "false") } { $count ->
        [one] Critic
       *[other] Critics
    }
reviewer-score = { $verdict } - based on { NUMBER($count, useGrouping: "false") } { $count ->
        [one] Review
       *[other] Reviews
    }
no-score = No score yet - { NUMBER($counted, useGrouping: "false") } of { NUMBER($wanted, useGrouping: "false") } { $wanted ->
        [one] review
       *[other] reviews
    }

## The shares of a distribution.

share = { NUMBER($count, useGrouping: "false") } out of { NUMBER($total, useGrouping: "false") }
share-positive = Positive
share-mixed = Mixed
share-negative = Negative
share-unrated = Unrated

## The sentiment of one review.

sentiment-positive = Positive
sentiment-mixed = Mixed
sentiment-negative = Negative
