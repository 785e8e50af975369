### Was auf jeder Seite und in jeder Mail steht.

language-name = Deutsch
language-direction = ltr

moment = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }, { $clock } Uhr UTC
moment-never = ohne Ende
length-days = { $n ->
    [one] 1 Tag
   *[other] { $n } Tage
}
length-hours = { $n ->
    [one] 1 Stunde
   *[other] { $n } Stunden
}
length-minutes = { $n ->
    [one] 1 Minute
   *[other] { $n } Minuten
}
length-seconds = { $n ->
    [one] 1 Sekunde
   *[other] { $n } Sekunden
}
list-more = { $first }, { $next }
list-last = { $first } und { $last }

page-skip = Zum Inhalt springen
page-support = Fragen? Schreiben Sie an
continue-title = Sie sind angemeldet
continue-signin-title = Bitte melden Sie sich an
continue-going = Sie werden zu { $name } weitergeleitet.
continue-button = Weiter zu { $name }
sign-in-button = Anmelden
