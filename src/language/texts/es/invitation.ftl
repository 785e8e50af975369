### La página de una invitación, y lo que dice cuando ya no se puede aceptar.

invitation-eyebrow = Invitación
invitation-title = { $inviter } le invita a usar { $apps }
invitation-message = { $inviter } escribe:
invitation-get = Lo que recibe
invitation-lasts = { $app }, durante { $lasts }
invitation-lasts-on = { $app }, hasta nuevo aviso
invitation-asked = Lo que se le pide
invitation-asked-mailed = Para aceptar, solo un clic. Este enlace llegó a su buzón, y eso basta para probar que es usted.
invitation-asked-direct = Este enlace no llegó por correo, así que enviamos un código a la dirección que fue invitada. Lo escribirá en la página siguiente.
invitation-asked-own = Solo un clic: ha iniciado sesión aquí con la dirección invitada.
invitation-asked-later = Más adelante iniciará sesión con un código que enviaremos a su buzón. No hay contraseña.
invitation-asked-app = { $app } pide además:
invitation-learns = La aplicación conocerá su dirección de correo. Puede aceptar hasta el { $expires }.
invitation-accept = Aceptar la invitación
invitation-accept-and-send = Aceptar y enviarme el código
invitation-decline = Rechazar
invitation-unexpected = ¿No la esperaba?
invitation-unexpected-next = Puede cerrar esta página: no pasa nada. Si alguien le molesta con esta invitación, denúnciela. Así la rechaza y avisa a quienes llevan este sitio.
invitation-report = Denunciar esta invitación

other-person-title = ¿Es para usted esta invitación?
other-person-why = La invitación es para { $invited }, pero tiene aquí una sesión como { $address }.
other-person-mine = Si las dos direcciones son suyas, siga. Al aceptar se cerrará aquí la sesión de { $address }.
other-person-not-mine = Si la invitación es para otra persona, déjela como está y avise a quien le envió el enlace.
other-person-go-on = Mostrar la invitación
other-person-stay = Ir a mis aplicaciones

accepted-before-title = Esta invitación ya se ha aceptado
accepted-before-next = Inicie sesión con la dirección que fue invitada.
accepted-before-alarm = Si no la aceptó usted, dígaselo a la persona que le invitó.
revoked-title = Esta invitación se ha retirado
revoked-why = Ya no se puede aceptar.
revoked-next = Si esperaba otra cosa, pregunte a { $inviter }.
declined-title = Ha rechazado esta invitación
declined-next = Ya no se puede aceptar. Si ha cambiado de idea, pida una nueva a { $inviter }.
expired-title = Esta invitación ha caducado
expired-why = Se podía aceptar hasta el { $expires }.
expired-next = Pida a { $inviter } que la envíe otra vez.
reported-title = Gracias por avisarnos
reported-done = La invitación queda rechazada, y quienes llevan este sitio están avisados.
gone-title = Este enlace no funciona
gone-why = Puede que lo haya sustituido uno más nuevo, o que no se copiara entero.
gone-next = Si ya aceptó la invitación, simplemente inicie sesión. Si no, pida a la persona que le invitó que la envíe otra vez.

need-passkey = una llave de acceso: su huella, su cara o el PIN de su dispositivo en lugar de una contraseña
need-totp = un código de una aplicación de autenticación en su teléfono
need-second-factor = una segunda prueba de que es usted, como una llave de acceso o una aplicación de autenticación
need-federated = iniciar sesión con la cuenta de su organización
need-certificate = un certificado en su dispositivo
need-terms = aceptar unas condiciones de uso
need-known-device = un dispositivo que ya haya usado aquí
need-approval = que una persona responsable le deje entrar
need-justification = el motivo de su visita
excluded-title = Este acceso excluye otro
excluded-why = Algo que usted tiene, o que se le ofreció, no se puede tener junto con esto.
excluded-next = Pregunte a { $inviter } cuál necesita.
