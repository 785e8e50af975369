### Lo que una aplicación pide a quien ha iniciado sesión, un paso tras otro.

step-passkey = su llave de acceso
step-totp = un código de su aplicación de autenticación
step-certificate = su certificado
step-email-code = un código por correo
step-add-passkey = una llave de acceso, que se configura una vez
step-add-authenticator = una aplicación de autenticación, que se configura una vez
step-recovery = un código de recuperación
steps-after = Después: { $steps }.

step-code-title = Muestre que es usted
step-code-why = Antes de continuar, { $app } le pide que demuestre que sigue siendo usted.
step-code-how = Enviamos un código a { $address } y usted lo escribe en la página siguiente.
step-code-send = Enviarme un código
