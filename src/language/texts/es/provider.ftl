### Signing in with the account that somebody has at their own organisation.

step-provider = iniciar sesión otra vez en su organización
step-provider-title = Inicie sesión con su organización
step-provider-why = { $app } le pide que inicie sesión otra vez con su cuenta de { $provider }.
step-provider-own = Antes de cambiar cómo inicia sesión aquí, iníciela otra vez con su cuenta de { $provider }.
provider-button = Continuar a { $provider }
provider-choice-title = Inicie sesión con su organización
provider-choice-why = Usted tiene una cuenta en { $provider }. Inicie sesión con ella, o pida que le enviemos un código por correo.
invitation-asked-provider = Para aceptar, inicie sesión con su cuenta de { $provider }. Debe ser la cuenta de la dirección invitada.
invitation-accept-and-go = Aceptar e iniciar sesión
passkey-at-provider = Su organización identifica ella misma a su personal. Escriba su dirección de correo y le llevaremos allí.

provider-again = Intentarlo de nuevo
provider-go-on = Mostrar otro medio
provider-away-title = El inicio de sesión de su organización no responde
provider-away-why = No podemos llegar a { $provider } en este momento, así que nadie puede iniciar sesión allí.
provider-away-next = Inténtelo de nuevo en unos minutos. Si continúa, avise al servicio de asistencia de su organización.
provider-declined-title = No ha iniciado sesión
provider-declined-why = En { $provider } el inicio de sesión fue rechazado o interrumpido.
provider-declined-next = Inténtelo de nuevo. Si vuelve a ser rechazado, pregunte al servicio de asistencia de su organización si su cuenta puede usarse aquí.
provider-late-title = Este inicio de sesión no puede continuar
provider-late-why = Ha tardado demasiado, ya se completó o se empezó en otro navegador.
provider-late-next = Empiece de nuevo desde aquí, o desde la página a la que iba.
provider-wrong-title = Este inicio de sesión no se ha aceptado
provider-wrong-why = Lo que nos ha dicho { $provider } no es correcto, así que no ha iniciado sesión.
provider-wrong-next = Inténtelo de nuevo. Si vuelve a ocurrir, avise a quien le invitó: lo tienen que arreglar los responsables de ambos sitios.
provider-address-title = Esta cuenta no puede usarse aquí
provider-address-why = { $provider } no nos indica para esta cuenta una dirección de correo verificada de su organización.
provider-address-next = Pida al servicio de asistencia de su organización que anote y verifique la dirección de correo de su cuenta, e inténtelo de nuevo.
provider-person-title = Esta es otra cuenta
provider-person-why = La cuenta que ha usado en { $provider } no es la que corresponde aquí a la dirección.
provider-person-next = Cierre la sesión allí e inicie sesión con la cuenta de esa dirección. Si su cuenta allí es nueva, pida a quien le invitó que restablezca su inicio de sesión.
provider-not-enough-title = Un paso más
provider-not-enough-why = { $provider } no nos ha dicho que acaba de iniciar sesión de nuevo, ni con un segundo factor.
provider-not-enough-next = Por eso hace falta algo más antes de continuar.
