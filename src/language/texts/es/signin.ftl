### Inicio de sesión con un código por correo.

signin-title = Iniciar sesión
signin-intro = No hay contraseña. Enviamos un código a la dirección que fue invitada.
signin-address = Su dirección de correo
signin-address-wrong = Esto no parece una dirección de correo. Escríbala como nombre@example.com.
signin-send = Enviarme un código
signin-not-invited = ¿Todavía no tiene invitación? Pregunte a quienes llevan la aplicación. Solo puede iniciar sesión después de aceptar una invitación.

code-title = Escriba el código
code-sent-if-known = Si { $address } ha aceptado aquí una invitación, un correo con un código está en camino.
code-sent = Un correo con un código está en camino a { $address }.
code-lasts = Sirve durante { $lifetime }, y solo en esta página.
code-label = Código del correo
code-left = { $n ->
    [1] Queda 1 intento.
   *[other] Quedan { $n } intentos.
}
code-continue = Continuar
code-nothing-came = ¿No ha llegado nada? Mire en la carpeta de correo no deseado. Podrá pedir un código nuevo después de { $wait }.
code-again = Enviar un código nuevo
code-other-address = Usar otra dirección
code-wait = Espere { $wait } antes de pedir un código nuevo.
code-too-old = Este código es demasiado antiguo. Pida uno nuevo abajo.
code-too-many = Ha habido demasiados intentos. Pida un código nuevo o espere un rato.
code-wrong = Este no es el código del último correo.
code-used = Este código ya se ha usado. Pida uno nuevo abajo.

no-entry-title = Su acceso está suspendido
no-entry-why = Su dirección es correcta, pero su acceso está suspendido o se ha eliminado.
no-entry-next = Si todavía lo necesita, pregunte a la persona que le invitó.

rounds-signed-in = Tiene aquí una sesión como { $address }, desde el { $since }.
rounds-asked = { $host } ha pedido iniciar sesión tres veces en un minuto, así que no conserva su propia cookie.
rounds-asked-more = { $host } pide más una y otra vez, aunque usted ha mostrado todo lo que pedía.
rounds-cookies = Puede que las cookies de { $host } estén bloqueadas, o que el reloj de este dispositivo no vaya bien.
rounds-clock = Aquí es el { $now }.
rounds-no-access = Ahora mismo no tiene allí un acceso válido.
