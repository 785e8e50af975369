### Mensajes. El asunto ocupa una línea.

mail-hello = Buenos días:
mail-hello-name = Buenos días, { $name }:
mail-support = ¿Preguntas? Escriba a { $address }.

mail-invitation-subject = { $inviter } le invita a usar { $apps }
mail-invitation-what = { $inviter } le invita a usar { $apps }.
mail-invitation-lasts = Su acceso durará { $lasts }.
mail-invitation-message = { $inviter } escribe:
mail-invitation-button = Ver la invitación y aceptarla
mail-invitation-expires = El enlace es solo para usted y sirve una vez, hasta el { $expires }. No hace falta contraseña.
mail-invitation-unexpected = Si no la esperaba, no haga caso de este mensaje: no pasa nada si no acepta.

mail-copy-subject = Copia: { $inviter } invita a { $invited } a usar { $apps }
mail-copy-what = { $inviter } ha invitado a { $invited } a usar { $apps }.
mail-copy-why = Recibe esta copia porque { $inviter } ha indicado su dirección. No contiene ningún enlace: solo { $invited } puede aceptar la invitación.

mail-code-subject = Su código para { $app }
mail-code-is = Su código es
mail-code-use = Escríbalo en la página que lo pidió. Sirve durante { $lifetime }, una sola vez.
mail-code-asked = Lo que lo pidió:
mail-code-app = Aplicación: { $app }
mail-code-time = Hora: { $at }
mail-code-place = Lugar: dirección de red { $place }
mail-code-warning = Nadie de { $site } le pedirá nunca este código. Si usted no lo pidió, no haga caso de este mensaje: nadie entra sin el código.

mail-suspended-subject = { $site }: su acceso está suspendido
mail-suspended-what = Su acceso se ha suspendido, y se han cerrado todas sus sesiones.
mail-suspended-asked = Alguien quiere iniciar sesión en { $site } con su dirección. En este mensaje no hay ningún código, porque su acceso está suspendido.
mail-ended-subject = { $site }: su acceso a { $app } ha terminado
mail-ended-what = Su acceso a { $app } ha terminado.
mail-ask-inviter = Si todavía lo necesita, pregunte a la persona que le invitó.
mail-copy-link = Si el botón no funciona, copie esto en su navegador:
mail-reported-subject = { $site }: se ha denunciado una invitación
mail-reported-what = { $inviter } ha invitado a { $invited }. Quien recibió esa invitación la ha rechazado y denunciado.
mail-reported-id = Invitación: { $id }
mail-reported-next = Mire quién fue invitado y por qué: puede ser un error, o que alguien abuse del derecho a invitar.
