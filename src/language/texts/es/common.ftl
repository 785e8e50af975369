### Lo que hay en cada página y en cada mensaje.

language-name = Español
language-direction = ltr

moment = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }, { $clock } UTC
moment-never = sin fin
length-days = { $n ->
    [1] 1 día
   *[other] { $n } días
}
length-hours = { $n ->
    [1] 1 hora
   *[other] { $n } horas
}
length-minutes = { $n ->
    [1] 1 minuto
   *[other] { $n } minutos
}
length-seconds = { $n ->
    [1] 1 segundo
   *[other] { $n } segundos
}
list-more = { $first }, { $next }
list-last = { $first } y { $last }

page-skip = Ir al contenido
page-support = ¿Preguntas? Escriba a
continue-title = Ha iniciado sesión
continue-signin-title = Inicie sesión
continue-going = Le llevamos a { $name }.
continue-button = Continuar a { $name }
sign-in-button = Iniciar sesión
