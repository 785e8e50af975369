### Ce qui figure sur chaque page et dans chaque message.

language-name = Français
language-direction = ltr

moment = { $day ->
    [1] 1er
   *[other] { $day }
} { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year } à { $clock } UTC
moment-never = sans fin
length-days = { $n ->
    [1] 1 jour
   *[other] { $n } jours
}
length-hours = { $n ->
    [1] 1 heure
   *[other] { $n } heures
}
length-minutes = { $n ->
    [1] 1 minute
   *[other] { $n } minutes
}
length-seconds = { $n ->
    [1] 1 seconde
   *[other] { $n } secondes
}
list-more = { $first }, { $next }
list-last = { $first } et { $last }

page-skip = Aller au contenu
page-support = Des questions ? Écrivez à
continue-title = Vous êtes connecté
continue-signin-title = Veuillez vous connecter
continue-going = Vous allez être dirigé vers { $name }.
continue-button = Continuer vers { $name }
sign-in-button = Se connecter
