### Lo que los invitados hacen con su propia cuenta: llevarse lo que se guarda sobre ellos, y marcharse.

own-title = Lo que se guarda sobre usted
own-export-about = Un archivo con todo lo que aquí se guarda sobre usted: invitaciones, accesos, sesiones, formas de iniciar sesión, condiciones aceptadas, solicitudes y lo que se registró sobre usted.
own-export = Descargar todo
own-leave-about = Puede abandonar { $site } definitivamente. Entonces ya no tendrá nada abierto aquí.
own-leave = Abandonar { $site }
own-others-end = Cerrar sesión en todos los demás sitios
own-device = { $browser } en { $system }
own-last = Último uso el { $at }

leave-title = ¿Abandonar { $site }?
leave-what = Su acceso termina y se cierra su sesión en todos los dispositivos. La persona responsable de usted recibe un aviso por correo.
leave-apps = Esto termina: { $apps }
leave-back = Durante 30 días, quien le invitó puede restablecer su cuenta tal como estaba. Lo que hay en las propias aplicaciones se queda allí.
leave-go = Abandonar ahora
leave-stay = Quedarse
left-title = Se ha marchado
left-line = Ya no tiene nada abierto en { $site } y su sesión está cerrada en todas partes. Un correo a { $address } lo confirma.

## Mails

mail-left-subject = Ha abandonado { $site }
mail-left-line = Como pidió el { $at } desde la dirección de red { $place }, su acceso ha terminado y se ha cerrado su sesión en todas partes.
mail-left-back = Si fue un error, o si no fue usted, responda a quien le invitó: durante 30 días se puede restablecer su cuenta tal como estaba.
mail-guest-left-subject = { $guest } se ha marchado
mail-guest-left-line = El invitado { $guest }, de quien usted es responsable, se ha marchado. Esto ha terminado: { $apps }
mail-guest-left-nothing = El invitado { $guest }, de quien usted es responsable, se ha marchado. No tenía nada abierto.
mail-guest-left-machine = Durante 30 días, en la máquina de la pasarela: guestgate guests restore { $guest }
unused-soon-title = Su acceso a { $app } está por terminar
unused-soon-line = Hace tiempo que no usa { $app }. Si no lo abre antes del { $at }, su acceso se suspenderá.
unused-soon-next = Basta con abrirlo una vez. Si ya no lo necesita, no haga nada.
unused-soon-go = Abrir { $app }
longer-line = Su acceso a { $app } dura ahora hasta el { $until }.
back-subject = Puede volver
back-line = Su acceso está abierto de nuevo, tal como estaba antes.
back-go = Ver sus aplicaciones
