### Lo que se dice a quien la puerta no deja pasar.

refused-rule = Regla
refused-reference = Referencia
refused-help = Si cree que es un error, pida ayuda e indique la referencia de abajo.
refused-ask = Pida ayuda e indique la referencia de abajo.
refused-later = Inténtelo otra vez dentro de un momento. Si no mejora, pida ayuda e indique la referencia de abajo.

blocked-title = Esto no está permitido ahora
blocked-why = Una regla de esta aplicación no lo permite.

beyond-title = Se pide más de lo que puede mostrar aquí
beyond-why = Esta aplicación pide lo siguiente, y todavía no hay manera de mostrarlo aquí. Iniciar sesión otra vez no serviría.

no-grant-title = No tiene acceso a esta aplicación
no-grant-why = Ha iniciado sesión, pero nadie le ha dado acceso a esta aplicación.
no-grant-next = Pida a una de estas personas que le invite:
ended-title = Su acceso ha terminado
ended-why = Ha iniciado sesión, pero su acceso a esta aplicación era para un tiempo determinado, que ya ha pasado.
ended-next = Si todavía lo necesita, pregunte a una de estas personas:
not-yet-title = Su acceso aún no ha empezado
not-yet-why = Ha iniciado sesión, pero su acceso a esta aplicación empieza otro día.
not-yet-next = Si lo necesita antes, pregunte a una de estas personas:
suspended-title = Su acceso está suspendido
suspended-why = Alguien ha suspendido su acceso, así que ahora no tiene abierta ninguna aplicación. Iniciar sesión otra vez no serviría.
suspended-next = Estas personas pueden decirle más y volver a dejarle entrar:

need-title = Primero inicie sesión
need-why = Su sesión ha terminado, o se pide algo más. Lo que envió no se ha entregado.
need-next = Inicie sesión en otra pestaña, vuelva al formulario y envíelo otra vez. No cierre esta página: si va hacia atrás, verá lo que escribió.
framed-title = Inicie sesión
framed-why = Esta parte de la página necesita que inicie sesión.
framed-next = La sesión se inicia en toda la ventana.

rounds-title = El inicio de sesión no termina
rounds-why = En un minuto se le ha enviado varias veces a iniciar sesión. Para que no dé vueltas, esto es lo que hemos visto.
rounds-next = Espere un minuto e inténtelo otra vez. Si vuelve a pasar, pida ayuda e indique la referencia de abajo.

unreadable-title = Esta petición no se puede leer
unreadable-why = Algo no está bien en la dirección o en el formulario, así que no se ha hecho nada. Vuelva atrás e inténtelo otra vez.
unreadable-detail = En términos técnicos:
broken-form-title = Este formulario no se puede leer
broken-form-why = Falta un campo del formulario, o no es un formulario.
broken-form-next = Vuelva atrás, recargue la página y envíe otra vez el formulario.
cross-site-title = Este formulario no se envió desde aquí
cross-site-why = El formulario viene de otro sitio, o su navegador no dijo de dónde venía. No se ha cambiado nada.
cross-site-next = Vuelva atrás, recargue la página y envíe otra vez el formulario.
not-found-title = Esta página no existe
not-found-why = En esta dirección no hay nada.
method-title = Esto no funciona aquí
method-why = Esta dirección no acepta este tipo de petición.
too-large-title = Esto es demasiado grande
too-large-why = Lo que envió es más grande de lo que acepta esta aplicación.
too-large-next = Envíe un archivo más pequeño.
misdirected-title = Esta petición llegó por el camino equivocado
misdirected-why = La conexión se abrió para otro nombre.
misdirected-next = Recargue la página.
too-many-title = Demasiados intentos
too-many-why = Ha habido demasiados intentos desde su red.
too-many-next = Espere un rato e inténtelo otra vez.
head-title = Esta petición trae demasiado
head-why = La dirección o las cookies de esta petición son demasiado largas.
head-next = Borre las cookies de este sitio e inténtelo otra vez.

internal-title = Algo ha salido mal aquí
internal-why = Es culpa nuestra, no suya.
bad-gateway-title = La aplicación no responde
bad-gateway-why = No se puede llegar a la aplicación que hay detrás de esta página.
slow-title = La aplicación es demasiado lenta
slow-why = La aplicación no respondió a tiempo.
unavailable-title = No disponible en este momento
unavailable-why = Ahora no se puede comprobar el acceso, así que no se deja pasar nada.
overloaded-title = La aplicación está ocupada
overloaded-why = La aplicación que hay detrás de esta página no puede atender más peticiones en este momento.
