### Lo que una aplicación pide a quien ha iniciado sesión, un paso tras otro.

step-email-code = un código por correo
steps-after = Después: { $steps }.

step-code-title = Muestre que es usted
step-code-why = Antes de seguir, { $app } le pide que muestre que sigue siendo usted. Enviamos un código a { $address }, y usted lo escribe en la página siguiente.
step-code-send = Enviarme un código
