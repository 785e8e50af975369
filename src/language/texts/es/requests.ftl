### Lo que se pide aceptar, lo que se pide y lo que se concede.

## Condiciones de uso

terms-about = Versión { $version }. { $site } le pide que lo lea y lo acepte.
terms-accepted-on = Versión { $version }. La aceptó el { $at }.
terms-kept = Versión { $version }, tal como la aceptó el { $at }.
terms-check = He leído este texto y lo acepto.
terms-accept = Aceptar y continuar
terms-small = Si no quiere aceptarlo, cierre esta página: no cambia nada, y no puede usar aquello de lo que trata. Lo que ha aceptado, con una prueba, está en la página de su cuenta.
terms-tick = Marque la casilla para aceptar, o cierre esta página.
terms-changed = El texto ha cambiado desde que abrió esta página. Vuelva a leerlo.
terms-back = Volver
account-terms = Condiciones que ha aceptado
account-terms-line = { $terms }, versión { $version }
account-terms-read = Leer
account-terms-proof = Descargar la prueba
to-account = Su cuenta
to-home = Sus aplicaciones

## Inscribirse

signup-title = Pedir acceso
signup-intro = Muestre primero que lee su correo: enviamos un código a su dirección. No hay contraseña.
signup-address = Su dirección de correo del trabajo
signup-known = ¿Le han invitado, o ya tiene acceso?
signup-domain = Las direcciones de este dominio no pueden inscribirse aquí. Use la de su organización.
signup-form-title = Cuéntenos de usted
signup-proved = { $address } está confirmada.
signup-owners = Quienes llevan la aplicación leen lo que escriba y deciden.
signup-name = Su nombre
signup-name-wrong = Escriba su nombre, con { $most } caracteres como máximo.
signup-optional = (opcional)
signup-send = Enviar
signup-wrong = { $n ->
    [one] Hay que revisar una respuesta.
   *[other] Hay que revisar { $n } respuestas.
}
signup-member-title = No necesita inscribirse
signup-member-why = Esta dirección es de un miembro de la organización que lleva la aplicación. Los miembros no se inscriben aquí.
signup-has-title = Ya tiene acceso
signup-has-why = Esta dirección tiene acceso a la aplicación. Simplemente inicie sesión.
signup-guest-title = Ya le conocemos
signup-guest-why = Inicie sesión con esta dirección; después podrá pedir acceso en su propia página.
signup-late-title = Esta página es demasiado antigua
signup-late-why = Ha pasado demasiado tiempo desde que confirmó su dirección. Empiece de nuevo.
signup-again = Empezar de nuevo
answer-missing = Responda, por favor.
answer-most = Use { $max } caracteres como máximo.
answer-length = Use de { $min } a { $max } caracteres.
answer-form = No tiene la forma esperada.
answer-choice = Elija una opción de la lista.
answer-date = Escriba un día como 2026-12-31.
answer-email = Escriba una dirección como nombre@example.com.

## Esperar una decisión

waiting-title = A la espera de una decisión
waiting-checking = Se está comprobando lo que ha escrito. Tarda un momento.
waiting-approval = Se ha pedido a quienes llevan la aplicación que le dejen entrar ahora.
waiting-mail = Deciden quienes llevan la aplicación. Recibirá un correo en { $address }.
waiting-since = Lo pidió el { $at }. Se puede decidir hasta el { $until }.
waiting-page = Esta página se actualiza sola. Puede cerrarla y volver.
waiting-look = Mirar ahora
waiting-granted-title = Se ha concedido lo que pidió
waiting-granted = Un correo a { $address } tiene un enlace que le deja entrar. Prueba que la dirección es suya.
waiting-denied-title = No se ha concedido lo que pidió
waiting-denied = No se ha concedido lo que pidió sobre { $app }.
waiting-over-title = Esta petición ha terminado
waiting-over = Nadie decidió a tiempo, o usted la retiró. Puede pedirlo otra vez.

## Pedir una aplicación, o más tiempo

wish-access = Pedir acceso
wish-access-about = Deciden quienes llevan la aplicación.
wish-time = Pedir más tiempo
wish-time-about = Su acceso termina el { $until }.
wish-reason = ¿Para qué la necesita?
wish-reason-wrong = Diga con 5 a 500 caracteres para qué la necesita.
wish-none-title = No hay nada que pedir
wish-none = Ya tiene acceso, y no tiene fin.

## Un motivo, y entrar con permiso

justify-title = ¿Por qué la usa ahora?
justify-about = Esta aplicación quiere saber por qué la usa. Lo que escriba se guarda, y la aplicación lo ve.
justify-label = Su motivo
justify-go = Continuar
approval-title = Alguien tiene que dejarle entrar
approval-about = Se pregunta ahora por correo a un responsable de esta aplicación. Puede esperar en la página siguiente.
approval-label = ¿Qué debería saber?
approval-go = Preguntar ahora

## Aplicaciones

tiles-offered = Puede pedir
tile-from = Desde el { $from }
tile-ended = Su acceso terminó el { $until }.
tile-asked = Lo pidió el { $at }; nadie ha decidido todavía.
tile-closed = Cerrada para usted ahora mismo.
tile-needs = Pide { $needs }
tile-need-email-code = un código por correo
tile-need-passkey = una llave de acceso
tile-need-totp = una aplicación de autenticación
tile-need-federated = iniciar sesión en { $provider }
tile-need-federated-any = iniciar sesión en su organización
tile-need-certificate = un certificado en su dispositivo
tile-need-second-factor = una segunda forma de iniciar sesión
tile-need-fresh-sign-in = iniciar sesión de nuevo
tile-need-terms = aceptar unas condiciones
tile-need-known-device = un dispositivo que ya haya usado aquí
tile-need-approval = que alguien le deje entrar
tile-need-justification = un motivo

## Decidir

decide-sign-in-title = Inicie sesión para decidir
decide-sign-in-why = Este enlace lleva a algo que espera su decisión. No muestra quién es usted, así que inicie sesión primero como miembro.
decide-sign-in-next = El correo también dice cómo decidir en la máquina de la pasarela.
decide-access = { $who } pide acceso
decide-time = { $who } pide más tiempo
decide-approval = { $who } espera para entrar
decide-address = Dirección
decide-asked = Pedido el
decide-reason = Motivo
decide-ends = Termina el
decide-grant-of = El acceso de { $who }
decide-yes = Conceder
decide-longer = Prolongar
decide-message = Lo que se le dirá si lo rechaza
decide-no = No conceder
decide-granted = Concedido el { $at } por { $by }.
decide-denied = Rechazado el { $at } por { $by }.
decide-by-nobody = la pasarela
decide-withdrawn = Retirado el { $at }.
decide-late = Nadie decidió a tiempo.
decide-ended = Este acceso ha terminado.

## Correos

matter-access = { $who } pide acceso a { $app }
matter-time = { $who } pide usar { $app } más tiempo
matter-approval = { $who } espera para entrar en { $app }
matter-writes = Escribe: { $reason }
matter-until = No pasa nada si usted no decide, hasta el { $until }.
matter-machine = En la máquina de la pasarela: guestgate requests approve { $id }, o guestgate requests deny { $id }
matter-look = Mirarlo y decidir
granted-access = Ya puede usar { $app }
granted-access-line = Se ha concedido lo que pidió: tiene abierta { $app }.
granted-time = Puede usar { $app } más tiempo
granted-time-line = Se ha concedido lo que pidió: puede usar { $app } más tiempo.
granted-approval = Puede entrar en { $app }
granted-approval-line = Le han dejado entrar en { $app }. Vuelva a la página que espera, o abra otra vez la aplicación.
granted-go = Continuar
denied-title = Sobre su petición de { $app }
denied-answer = La respuesta: { $message }
reminder-title = Su invitación a { $apps } termina pronto
reminder-line = Le invitaron a { $apps } y todavía no ha aceptado.
reminder-until = La invitación se puede aceptar hasta el { $expires }. No hace falta contraseña.
reminder-ignore = Si no la quiere, no haga caso de este correo: no pasa nada si no acepta.
reminder-go = Ver la invitación y aceptarla
ending-title = Su acceso a { $app } termina pronto
ending-line = Su acceso a { $app } termina el { $until }.
ending-next = Si lo necesita más tiempo, pídalo en su página.
guest-ending-title = El acceso de { $guest } a { $app } termina pronto
guest-ending-line = El acceso de { $guest } a { $app } termina el { $until }.
guest-ending-next = Usted es responsable de este invitado. Si el acceso aún hace falta, prolónguelo; si no, no haga nada.
guest-ending-machine = En la máquina de la pasarela: guestgate grants extend { $grant }
access-over-title = Su acceso a { $app } ha terminado
access-over-line = Su acceso a { $app } ha terminado.
access-over-next = Si aún lo necesita, pregunte a quien le invitó.
unused-line = No ha usado { $app } desde hace { $time }, así que su acceso ha terminado.
unused-next = Si vuelve a necesitarlo, pídalo en su página.
suspended-subject = Su acceso está suspendido
suspended-decision = Su acceso se ha suspendido.
suspended-inactive = No ha usado su acceso desde hace mucho, así que se ha suspendido.
suspended-sponsor = Quien era responsable de su acceso se ha ido, así que se ha suspendido.
suspended-domain = Las direcciones de su organización ya no se pueden usar aquí, así que su acceso se ha suspendido.
removed-subject = Su cuenta se ha eliminado
removed-line = Desde hace mucho no tiene nada abierto aquí, así que su cuenta se ha eliminado.
removed-next = Si vuelve a necesitar acceso, pregunte a quien le invitó; durante 30 días la cuenta puede volver tal como era.
sponsor-title = { $guest } necesita a alguien responsable
sponsor-line = { $sponsor }, responsable del invitado { $guest }, ya no es miembro.
sponsor-until = Si nadie más se hace responsable, el invitado se suspende el { $at }.
sponsor-machine = En la máquina de la pasarela: guestgate guests set { $guest } --sponsor ADDRESS
review-title = ¿Siguen haciendo falta los accesos a { $app }?
review-line = Invitados con acceso a { $app }: { $n }. Diga de cada uno si sigue haciendo falta.
review-next = Lo que nadie haya contestado el { $until } termina.
review-reminder-title = Accesos a { $app } esperan una respuesta
review-left = Accesos a { $app } por los que nadie ha contestado: { $n }.
review-over-title = La revisión de los accesos a { $app } ha terminado
review-over-line = Conservados: { $kept }. Retirados: { $removed }. Terminados por falta de respuesta: { $lapsed }.
review-over-look = Ver el informe
