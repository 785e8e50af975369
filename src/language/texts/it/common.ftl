### Ciò che sta in ogni pagina e in ogni messaggio.

language-name = Italiano
language-direction = ltr

moment = { $day } { $month ->
    [1] gennaio
    [2] febbraio
    [3] marzo
    [4] aprile
    [5] maggio
    [6] giugno
    [7] luglio
    [8] agosto
    [9] settembre
    [10] ottobre
    [11] novembre
   *[12] dicembre
} { $year }, ore { $clock } UTC
moment-never = senza fine
length-days = { $n ->
    [1] 1 giorno
   *[other] { $n } giorni
}
length-hours = { $n ->
    [1] 1 ora
   *[other] { $n } ore
}
length-minutes = { $n ->
    [1] 1 minuto
   *[other] { $n } minuti
}
length-seconds = { $n ->
    [1] 1 secondo
   *[other] { $n } secondi
}
list-more = { $first }, { $next }
list-last = { $first } e { $last }

page-skip = Vai al contenuto
page-support = Domande? Scriva a
continue-title = Accesso effettuato
continue-signin-title = Effettui l’accesso
continue-going = La portiamo a { $name }.
continue-button = Continua verso { $name }
sign-in-button = Accedi
