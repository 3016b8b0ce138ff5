# The labels in German. Every message is described in docs/languages.md.

## The verdicts, from the best to the worst.

verdict-universal-acclaim = Einhelliges Lob
verdict-generally-favorable = Überwiegend positiv
verdict-mixed-or-average = Gemischt
verdict-generally-unfavorable = Überwiegend negativ
verdict-overwhelming-dislike = Einhellige Ablehnung

## The labels of scores.

film-score = { $verdict } – { $count } { $count ->
        [one] Kritik
       *[other] Kritiken
    }
reviewer-score = { $verdict } – { $count } { $count ->
        [one] Kritik
       *[other] Kritiken
    }
no-score = Noch keine Wertung – { $counted } von { $wanted } { $wanted ->
        [one] Kritik
       *[other] Kritiken
    }

## The shares of a distribution.

share = { $count } von { $total }
share-positive = Positiv
share-mixed = Gemischt
share-negative = Negativ
share-unrated = Ohne Wertung

## The sentiment of one review.

sentiment-positive = Positiv
sentiment-mixed = Gemischt
sentiment-negative = Negativ
