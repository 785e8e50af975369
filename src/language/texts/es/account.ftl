### La primera página y la cuenta de quien ha iniciado sesión.

home-title = Sus aplicaciones
home-empty = Ahora mismo no tiene nada abierto. Si esperaba algo aquí, pregunte a la persona que le invitó.
home-until = Hasta el { $until }
home-no-end = Sin fecha de fin
home-signed-in = Sesión iniciada como { $address }.
home-sign-out = Cerrar sesión

account-title = Su cuenta
account-address = Dirección
account-name = Nombre
account-invitation = Invitación
account-accepted-from = { $apps }, de { $inviter }, aceptada el { $at }
account-accepted = { $apps }, aceptada el { $at }
account-signed-in = Dónde tiene la sesión iniciada
account-here = Este navegador
account-elsewhere = Otro navegador
account-since = Desde el { $since }, desde { $place }
account-end = Cerrar esta sesión
account-sign-out = Cerrar sesión aquí
account-sign-out-everywhere = Cerrar sesión en todas partes

language-label = Idioma
language-change = Cambiar
