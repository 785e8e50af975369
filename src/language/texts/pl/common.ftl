### To, co jest na każdej stronie i w każdej wiadomości.

language-name = Polski
language-direction = ltr

moment = { $day } { $month ->
    [1] stycznia
    [2] lutego
    [3] marca
    [4] kwietnia
    [5] maja
    [6] czerwca
    [7] lipca
    [8] sierpnia
    [9] września
    [10] października
    [11] listopada
   *[12] grudnia
} { $year }, { $clock } UTC
moment-never = bez końca
# Biernik, jak po „przez”.
length-days = { $n ->
    [one] 1 dzień
   *[other] { $n } dni
}
length-hours = { $n ->
    [one] 1 godzinę
    [few] { $n } godziny
   *[other] { $n } godzin
}
length-minutes = { $n ->
    [one] 1 minutę
    [few] { $n } minuty
   *[other] { $n } minut
}
length-seconds = { $n ->
    [one] 1 sekundę
    [few] { $n } sekundy
   *[other] { $n } sekund
}
list-more = { $first }, { $next }
list-last = { $first } i { $last }

page-skip = Przejdź do treści
page-support = Masz pytania? Napisz na adres
continue-title = Jesteś po zalogowaniu
continue-signin-title = Zaloguj się
continue-going = Za chwilę otworzy się { $name }.
continue-button = Przejdź do { $name }
sign-in-button = Zaloguj się
