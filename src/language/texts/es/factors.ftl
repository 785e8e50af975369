### Passkeys, authenticator apps and recovery codes: showing them, setting them up, and the account's part about them.

## A passkey is asked for

step-passkey-title = Use su llave de acceso
step-passkey-why = { $app } pide más que un código por correo.
step-passkey-how = Su dispositivo le pide la huella, el rostro o el PIN; nada de eso sale del dispositivo.
step-passkey-button = Usar una llave de acceso
step-passkey-failed = No ha funcionado. Inténtelo de nuevo o use otro medio.
passkey-without-script = Las llaves de acceso necesitan un navegador que ejecute scripts. El suyo no lo hace, o no conoce las llaves de acceso.
signin-passkey = Iniciar sesión con una llave de acceso
signin-passkey-failed = No ha funcionado. Inténtelo de nuevo o deje que le enviemos un código.

## A passkey is not taken

passkey-refused-title = No aceptada
passkey-not-taken = Esta llave de acceso no se ha aceptado. Inténtelo de nuevo o inicie sesión de otra manera.
passkey-too-late = Ha tardado demasiado o ya se había hecho. Inténtelo otra vez.
passkey-not-now = Primero demuestre de nuevo que es usted: abra su cuenta y confírmelo allí.
passkey-too-many = Hay demasiadas llaves de acceso. Quite una que ya no use.
passkey-no-entry = Su acceso está suspendido o ha terminado. Si todavía lo necesita, pregunte a quien le invitó.
passkey-page-too-old = Esta página es demasiado antigua o no es de aquí. Vuelva a cargarla.

## A passkey is set up

add-passkey-title = Configure una llave de acceso
add-passkey-what = Con una llave de acceso entra con su huella, su rostro o el PIN de su dispositivo: sin códigos por correo y sin nada que le puedan robar en una página falsa. Son diez segundos.
add-asked = { $app } la pide.
add-passkey-name = Cómo llama a este dispositivo
add-passkey-button = Configurar una llave de acceso
add-passkey-failed = No se ha creado ninguna llave de acceso. Inténtelo de nuevo o hágalo más tarde.
add-not-now = Ahora no
add-back = Volver a su cuenta
machine-android = Teléfono Android
machine-iphone = iPhone
machine-ipad = iPad
machine-windows = Ordenador con Windows
machine-mac = Mac
machine-linux = Ordenador con Linux
machine-other = Mi llave de acceso

## A code of the authenticator app

step-totp-title = El código de su aplicación de autenticación
step-totp-how = Abra su aplicación de autenticación y escriba las seis cifras que muestra para { $site }.
step-totp-label = Código de la aplicación
step-continue = Continuar
step-own-why = Demuestre que es usted antes de cambiar cómo inicia sesión.
step-other-way = Usar otro medio
totp-wrong = No es el código que la aplicación muestra ahora. Compruebe que el reloj de su teléfono está en hora.
totp-used = Este código ya se ha usado. Espere a que la aplicación muestre el siguiente.
totp-too-many = Ha habido demasiados intentos. Espere un rato o use otro medio.

## An authenticator app is set up

add-totp-title = Configure una aplicación de autenticación
add-totp-why = { $app } la pide. La configura una vez y después escribe el código que muestra.
add-totp-open = Abra en su teléfono una aplicación de autenticación, por ejemplo la que usa en el trabajo, y añada una cuenta.
add-totp-scan = Apunte la cámara aquí:
add-totp-picture = Código QR para la aplicación de autenticación; la misma clave está debajo como texto
add-totp-type = o escriba esta clave para { $address }:
add-totp-code = Escriba las seis cifras que la aplicación muestra ahora:
add-totp-wrong = No es el código que la aplicación muestra para esta cuenta. Escriba el más reciente.

## Recovery codes

step-recovery-title = Use un código de recuperación
step-recovery-how = Escriba uno de los códigos que anotó. Cada uno sirve una vez; le avisamos por correo de que se ha usado.
step-recovery-label = Código de recuperación
recovery-wrong = No es ninguno de sus códigos de recuperación, o ya se ha usado.
recovery-title = Sus códigos de recuperación
recovery-keep = Anótelos o imprímalos y guárdelos con sus papeles importantes. Cada uno sirve una vez, en lugar de su llave de acceso o de su aplicación de autenticación.
recovery-once = Solo se muestran ahora; los códigos anteriores ya no sirven.
recovery-kept = Los he guardado

## The account

factors-title = Cómo inicia sesión
# A link in these words follows the first text.
factors-confirm = Para cambiar algo aquí,
factors-confirm-link = demuestre de nuevo que es usted
factors-passkeys = Llaves de acceso
factors-no-passkey = Todavía ninguna. Con una llave de acceso entra con su huella, su rostro o el PIN de su dispositivo.
factors-passkey-since = Añadida el { $since }, usada por última vez el { $used }
factors-other-name = Otro nombre
factors-rename = Cambiar el nombre
factors-remove = Quitar { $name }
factors-add-passkey = Añadir una llave de acceso
factors-app = Aplicación de autenticación
factors-app-since = Configurada el { $since }
factors-no-app = Todavía ninguna. Muestra un código de seis cifras que algunas aplicaciones piden.
factors-remove-app = Quitar la aplicación de autenticación
factors-recovery = Códigos de recuperación
factors-no-codes = No tiene ninguno. Le permiten entrar cuando ha perdido su llave de acceso o su teléfono.
factors-codes = { $n ->
    [one] Uno de ellos no se ha usado.
   *[other] { $n } de ellos no se han usado.
}
factors-make-codes = Crear códigos de recuperación
factors-renew-codes = Crear códigos de recuperación nuevos; los anteriores dejan de servir

## Mails

mail-factors-subject = { $site }: ha cambiado cómo inicia sesión
mail-factors-passkey-added = Se ha añadido una llave de acceso a su cuenta.
mail-factors-passkey-removed = Se ha quitado una llave de acceso de su cuenta.
mail-factors-app-added = Se ha añadido una aplicación de autenticación a su cuenta.
mail-factors-app-removed = Se ha quitado la aplicación de autenticación de su cuenta.
mail-factors-codes-made = Se han creado códigos de recuperación para su cuenta. Los anteriores ya no sirven.
mail-factors-code-used = Se ha usado uno de sus códigos de recuperación. Ya no sirve.
mail-factors-when = Fue el { $at }, desde la dirección de red { $place }.
mail-factors-signed-out = Se ha cerrado la sesión en los demás navegadores que la usaban.
mail-factors-not-you = Si no fue usted, avise enseguida a quienes llevan este sitio: quizá otra persona lee su correo.
mail-factors-reset = Quienes llevan este sitio han quitado sus llaves de acceso, su aplicación de autenticación y sus códigos de recuperación, y se ha cerrado su sesión en todas partes.
mail-factors-reset-next = Inicie sesión de nuevo con un código que enviamos aquí y vuelva a configurar una llave de acceso o una aplicación de autenticación.
mail-factors-reset-unasked = Si no lo ha pedido, dígaselo.

step-certificate-title = Muestre su certificado
step-certificate-why = { $app } lo pide.
step-certificate-how = Su navegador pregunta qué certificado quiere mostrar. Debe llevar la dirección { $address }.
step-certificate-button = Mostrar mi certificado
signin-certificate = Iniciar sesión con un certificado
certificate-title = Su certificado no se ha aceptado
certificate-none = Su navegador no ha mostrado ningún certificado. Si tiene uno, cierre todas las ventanas del navegador antes de volver a intentarlo: quizá recuerde que no eligió ninguno.
certificate-refused = El certificado ha caducado, se ha retirado o no viene de nadie conocido aquí. Pida uno nuevo a quien se lo dio.
certificate-stranger = El certificado no nombra a nadie que pueda entrar aquí, o nombra a otra persona que la que ha iniciado sesión.
